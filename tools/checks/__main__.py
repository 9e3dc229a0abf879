"""Run every check of the project, or those that are named, and list what is wrong."""

import sys
from pathlib import Path

from tools.checks import clock, iam, imports, providers, requirements, sql, vocabulary

ROOT = Path(__file__).resolve().parent.parent.parent
CHECKS = (imports, sql, requirements, iam, clock, vocabulary, providers)


def main(names: list[str]) -> int:
    """Print the findings of every check, or of those that are named; 1 if there are any."""
    chosen = [check for check in CHECKS if not names or check.__name__.rpartition(".")[2] in names]
    findings = [finding for check in chosen for finding in check.findings(ROOT)]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Run every check of the project and list what is wrong."""

import sys
from pathlib import Path

from tools.checks import clock, iam, imports, requirements, sql, vocabulary

ROOT = Path(__file__).resolve().parent.parent.parent
CHECKS = (imports, sql, requirements, iam, clock, vocabulary)


def main() -> int:
    """Print the findings; 1 if there are any."""
    findings = [finding for check in CHECKS for finding in check.findings(ROOT)]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

"""Run checkov over the templates and compare with what may fail: ``python -m tools.checks.checkov``.

checkov pins old versions of what the project uses new ones of, so it lives in an environment of its own
(``make checkov`` makes it, from requirements-checkov.txt).
"""

import fnmatch
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.checks.iam import TEMPLATES

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".venv-checkov/bin/checkov"
ACCEPTED = Path(__file__).parent / "accepted/checkov.yaml"


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that a resource fails."""

    check: str
    resource: str
    """Type and logical id, joined by a dot."""
    title: str


def failures(template: Path, program: Path = PROGRAM) -> list[Failure]:
    """Ask checkov about a template, without the network; ``RuntimeError``: it could not look at it."""
    finished = subprocess.run(
        [
            str(program), "--file", str(template), "--framework", "cloudformation", "--skip-download",
            "--quiet", "--compact", "--output", "json",
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    try:
        report = json.loads(finished.stdout)
        summary = report["summary"]
    except (ValueError, TypeError, KeyError) as error:
        raise RuntimeError(f"checkov failed: {finished.stdout[-500:]}{finished.stderr[-2000:]}") from error
    if summary["parsing_errors"] or not summary["passed"]:
        raise RuntimeError(f"checkov could not read {template}: {summary}")
    return [
        Failure(one["check_id"], one["resource"], one["check_name"])
        for one in report["results"]["failed_checks"]
    ]


def compare(found: Iterable[Failure], entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Failures that no entry explains, and patterns of entries that explain none."""
    left = list(found)
    complaints = []
    for entry in entries:
        if len(str(entry.get("reason", "")).split()) < 4:
            complaints.append(f"{entry['check']}: no reason is given")
        for pattern in entry["resources"]:
            explained = [
                one for one in left if one.check == entry["check"] and fnmatch.fnmatch(one.resource, pattern)
            ]
            if not explained:
                complaints.append(f"{entry['check']} {pattern}: nothing fails it any more")
            left = [one for one in left if one not in explained]
    return [*(f"{one.check} {one.resource}: {one.title}" for one in left), *complaints]


def main() -> int:
    """Print what is wrong; 1 if anything is."""
    found = [failure for name in TEMPLATES for failure in failures(ROOT / name)]
    complaints = compare(found, yaml.safe_load(ACCEPTED.read_text()))
    for complaint in complaints:
        print(complaint)
    print(f"checkov: {len(found)} failed checks, {len(complaints)} of them unexplained or explained in vain")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())

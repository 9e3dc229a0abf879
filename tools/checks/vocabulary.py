"""Names are the field's terms: words that were given up do not come back.

They were metaphors, or a second word for what has one: take, delete, retain or revoke; minimum and maximum.
"""

import re
import subprocess
from pathlib import Path

GIVEN_UP = re.compile(
    r"\b(purse|quests?|hunt|flights?|take_off|crew|bench|dut(?:y|ies)|departures?|see_off|let_go|told_by|wish"
    r"|forget_\w+|keep_\w+|MOST_\w+|LEAST_\w+)\b",
    re.IGNORECASE,
)
OF_OTHERS = {"keep_blank_values", "keep_default_na", "most_common"}
"""Names of the standard library and of pandas."""
HERE = "tools/checks/vocabulary.py"


def findings(root: Path) -> list[str]:
    """List every such name in Python, SQL and TypeScript, as ``path:line: why``."""
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.sql", "*.ts", "*.tsx"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    return [
        f"{path}:{number}: {word} was given up, take the term of the field: CONTRIBUTING.md, Names"
        for path in listed.stdout.splitlines()
        if path != HERE and (root / path).exists()
        for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1)
        for word in given_up(line)
    ]


def given_up(line: str) -> list[str]:
    """Find the words in a line."""
    return [match[0] for match in GIVEN_UP.finditer(line) if match[0] not in OF_OTHERS]

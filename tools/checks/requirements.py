"""The pinned requirements name packages, versions and hashes, and no host to get them from."""

import re
from collections.abc import Iterator
from pathlib import Path

_ALLOWED = re.compile(
    r"""
    \s* --hash=sha256:[0-9a-f]{64} (\s \\)?                     # a hash
    | [A-Za-z0-9._-]+ (\[[\w,.-]+\])? == [^\s;@]+ (\s;\s[^\\]+)? (\s \\)?   # a pinned package
    | \s* (\#.*)?                                               # nothing, or a comment
    """,
    re.VERBOSE,
)
_HOST = re.compile(r"://|@\s")


def findings(root: Path) -> list[str]:
    """Every line that says more than that, as ``path:line: text``."""
    return [
        f"{path.relative_to(root)}:{number}: neither a pinned package nor a hash: {line.strip()}"
        for path in _files(root)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if not _ALLOWED.fullmatch(line) or _HOST.search(line)
    ]


def _files(root: Path) -> Iterator[Path]:
    yield from sorted(root.glob("requirements-*.txt"))
    for folder in ("layers", "functions"):
        yield from sorted((root / folder).rglob("requirements*.txt"))

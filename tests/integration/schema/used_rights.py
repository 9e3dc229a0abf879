"""What the functions of each role do with tables, read from the SQL of every store that they can import.

It errs on the side of use: a store counts with all of its statements, whoever calls them. So a right that is
not found here is used by nobody.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.integration.schema.rights import DELETE, INSERT, SELECT, UPDATE
from tests.support import ROOT
from tests.support.functions import SERVICE_ROLES

LAYER = ROOT / "layers/musicconnect"
_TABLE = r"((?:core|providers|search|migrations|changes|exports|trends|outbox|notices|operators)\.\w+)\b"
_NAME = rf"{_TABLE}(?!\s*\()"
_VERBS = (
    (re.compile(rf"INSERT\s+INTO\s+{_TABLE}"), (INSERT,)),
    # What stands in a condition, is returned, or decides on a conflict is read, too.
    (re.compile(rf"UPDATE\s+(?:ONLY\s+)?{_NAME}"), (UPDATE, SELECT)),
    (re.compile(rf"DELETE\s+FROM\s+(?:ONLY\s+)?{_NAME}"), (DELETE, SELECT)),
    (re.compile(_NAME), (SELECT,)),
)
_CONFLICT = re.compile(rf"INSERT\s+INTO\s+{_TABLE}.*?ON\s+CONFLICT", re.DOTALL)
_UPSERT = re.compile(rf"INSERT\s+INTO\s+{_TABLE}.*?ON\s+CONFLICT.*?DO\s+UPDATE", re.DOTALL)
_LOCKS = re.compile(r"FOR\s+(?:NO\s+KEY\s+)?(?:UPDATE|SHARE)")


def statements(text: str) -> Iterator[tuple[str, str]]:
    """Give tables and what is done with them, of a text with SQL."""
    for pattern, verbs in _VERBS:
        for table in pattern.findall(text):
            yield from ((table, verb) for verb in verbs)
    yield from ((table, SELECT) for table in _CONFLICT.findall(text))
    yield from ((table, UPDATE) for table in _UPSERT.findall(text))
    if _LOCKS.search(text):
        # A row is locked with the right to change it.
        yield from ((table, UPDATE) for table in re.findall(_NAME, text))


@cache
def used_by(role: str) -> frozenset[tuple[str, str]]:
    """Give tables and verbs that the functions of a role can come to use."""
    found: set[tuple[str, str]] = set()
    for capability in (name for name, one in SERVICE_ROLES.items() if one == role):
        for path in _reachable(ROOT / f"functions/{capability}/app.py"):
            found |= _used_in(path)
    return frozenset(found)


@cache
def _used_in(path: Path) -> frozenset[tuple[str, str]]:
    texts = [
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    if not (path.stem == "store" or path.stem.endswith("_store")):
        return frozenset()
    # A statement may be put together of parts, so that a lock stands apart from its table.
    return frozenset(pair for text in [*texts, "\n".join(texts)] for pair in statements(text))


def _reachable(start: Path) -> set[Path]:
    seen, waiting = set[Path](), [start]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += _imports(path)
    return seen


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    found: list[Path] = []
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            base = LAYER if name.startswith("musicconnect") else ROOT / "functions"
            path_of = name.replace(".", "/")
            candidates = (base / f"{path_of}.py", base / path_of / "__init__.py")
            found += [candidate for candidate in candidates if candidate.is_file()]
    return tuple(found)

"""Tests take their time from `musicconnect.platform.clock`, never from the machine.

A test that asks the machine for the hour passes at noon and fails at night. Time-outs take monotonic time.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

FORBIDDEN = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns",
}  # fmt: skip


def findings(root: Path) -> list[str]:
    """List every use of the machine's clock below ``tests``, as ``path:line: why``."""
    return [
        f"{path.relative_to(root)}:{line}: {name} is the machine's clock: take musicconnect.platform.clock"
        for path in sorted((root / "tests").rglob("*.py"))
        for line, name in machine_clock(path.read_text(encoding="utf-8"))
    ]


def machine_clock(source: str) -> Iterator[tuple[int, str]]:
    """Find the functions that a module takes the machine's time by, with their lines."""
    tree = ast.parse(source)
    meanings: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            meanings |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            meanings |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and (name := _resolved(node, meanings)) in FORBIDDEN:
            yield node.lineno, name


def _resolved(node: ast.expr, meanings: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_resolved(node.value, meanings)}.{node.attr}"
    return meanings.get(node.id, "") if isinstance(node, ast.Name) else ""

"""SQL stands in stores, and a store names the tables of its own schema only.

A store is a module called ``store`` or ``..._store``. What another schema has to tell, it tells through a
function: of its package, or of the database (``core.current_user_id()``).
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "layers/musicconnect/musicconnect"
SCHEMAS = (
    "core",
    "providers",
    "search",
    "migrations",
    "changes",
    "exports",
    "trends",
    "outbox",
    "notices",
    "operators",
)
_STATEMENT = re.compile(
    r"\b(SELECT\b.+\bFROM\b|SELECT\s+\w+\.\w+\(|INSERT\s+INTO\b|DELETE\s+FROM\b"
    r"|UPDATE\s+\w[\w.]*\s+(AS\s+)?(\w+\s+)?SET\b"
    r"|COPY\s+\w[\w.]*\s+(FROM|TO)\b|CREATE\s+(TEMP\w*\s+)?TABLE\b)",
    re.DOTALL,
)
_TABLE = re.compile(rf"\b({'|'.join(SCHEMAS)})\.(\w+)(?!\w*\s*\()")


def findings(root: Path) -> list[str]:
    """List statements outside stores, and tables of other schemas in them, as ``path:line: why``."""
    found = []
    for path in sorted((root / PACKAGE).rglob("*.py")):
        where = path.relative_to(root)
        schema = path.relative_to(root / PACKAGE).parts[0]
        is_store = path.stem == "store" or path.stem.endswith("_store")
        for line, text in _texts(ast.parse(path.read_text())):
            if not _STATEMENT.search(text):
                continue
            if not is_store:
                found.append(f"{where}:{line}: SQL outside a store")
            found += [
                f"{where}:{line}: the table {name[0]}.{name[1]} is not {schema}'s"
                for name in sorted(set(_TABLE.findall(text)))
                if is_store and name[0] != schema
            ]
    return found


def _texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every text that is no documentation, with its line; an f-string with ``{}`` for what is put in."""
    passed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            passed |= {id(part) for part in node.values}
            parts = [str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values]
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node.lineno, node.value

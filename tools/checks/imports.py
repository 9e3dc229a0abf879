"""What import contracts in ``pyproject.toml`` cannot say.

* A function imports the layer and its own folder, never another function, never the local stack or the tools.
* A store, the SQL of a schema, is imported by its own package only.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

LAYER = "layers/musicconnect"
OUTSIDE = {"local", "tools", "tests", "benchmarks"}


def findings(root: Path) -> list[str]:
    """List every import that goes the wrong way, as ``path:line: why``."""
    functions = {folder.name for folder in (root / "functions").iterdir() if folder.is_dir()}
    found = []
    for base in (root / LAYER, root / "functions"):
        for path in sorted(base.rglob("*.py")):
            package = path.relative_to(base).parts[:-1]
            for node in ast.walk(ast.parse(path.read_text(), str(path))):
                found += [
                    f"{path.relative_to(root)}:{node.lineno}: {why}"  # type: ignore[attr-defined]
                    for module in _names(node, package)
                    if (why := _objection(module, package, functions))
                ]
    return found


def _objection(module: str, package: tuple[str, ...], functions: set[str]) -> str | None:
    top, own = module.partition(".")[0], package[0] if package else ""
    if top in OUTSIDE:
        return f"deployed code imports {top}"
    if top in functions and top != own:
        return f"{own} imports the function {top}"
    parts = module.split(".")
    is_store = any(part == "store" or part.endswith("_store") for part in parts[2:] if part != "match_store")
    if parts[0] == "musicconnect" and is_store and package[:2] != tuple(parts[:2]):
        return f"{module} is for {'.'.join(parts[:2])} only"
    return None


def _names(node: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            above = package[: len(package) - level + 1] if level else ()
            base = ".".join([*above, *([module] if module else [])])
            yield from (f"{base}.{alias.name}" for alias in names)

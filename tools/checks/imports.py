"""Who may import whom (the shape of the project, docs/architecture.md).

* A function imports the layer and its own folder, never another function, never the local stack.
* The layer imports neither functions nor the local stack nor tests.
* ``musicconnect.matching`` is pure: the standard library, text tools, and the vocabulary of the providers.
* A package's ``store``, its SQL, is that package's alone.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LAYER = "layers/musicconnect"
OUTSIDE = {"local", "tests", "benchmarks"}
PURE = "musicconnect.matching"
PURE_MAY_IMPORT = {*sys.stdlib_module_names, "rapidfuzz", "anyascii"}
PURE_MAY_IMPORT_MODULES = {"musicconnect.providers.protocol"}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, and where."""

    path: str
    """Of the importing file, from the root of the project."""
    line: int
    importer: str
    """Dotted name of the importing module."""
    module: str
    """Dotted name of what is imported; names out of a module count as modules in it."""


def findings(root: Path) -> list[str]:
    """Every import that goes the wrong way, as ``path:line: why``."""
    capabilities = {folder.name for folder in (root / "functions").iterdir() if folder.is_dir()}
    return [
        f"{found.path}:{found.line}: {why}"
        for found in _imports(root)
        if (why := _objection(found, capabilities)) is not None
    ]


def _objection(found: Import, capabilities: set[str]) -> str | None:
    top = found.module.partition(".")[0]
    own = found.importer.partition(".")[0]
    if top in OUTSIDE:
        return f"deployed code imports {top}"
    if top in capabilities and top != own:
        return f"{own} imports the function {top}"
    if _within(found.importer, PURE) and not _is_pure(found.module):
        return f"{PURE} is pure and may not import {found.module}"
    package = _store_of(found.module)
    if package is not None and not _within(found.importer, package):
        return f"{found.module} is for {package} only"
    return None


def _is_pure(module: str) -> bool:
    return module.partition(".")[0] in PURE_MAY_IMPORT or any(
        _within(module, allowed) for allowed in (PURE, *PURE_MAY_IMPORT_MODULES)
    )


def _store_of(module: str) -> str | None:
    """The package of the layer whose ``store`` a module is or belongs to."""
    parts = module.split(".")
    if parts[0] == "musicconnect" and "store" in parts[2:]:
        return ".".join(parts[: parts.index("store")])
    return None


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _imports(root: Path) -> Iterator[Import]:
    for base in (root / LAYER, root / "functions"):
        for path in sorted(base.rglob("*.py")):
            parts = path.relative_to(base).with_suffix("").parts
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            package = ".".join(parts[:-1])
            where = str(path.relative_to(root))
            for node in ast.walk(ast.parse(path.read_text(), str(path))):
                for name in _names(node, package):
                    yield Import(where, node.lineno, module, name)  # type: ignore[attr-defined]


def _names(node: ast.AST, package: str) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            base = module or ""
            if level:
                above = package.split(".")[: len(package.split(".")) - level + 1]
                base = ".".join([*above, *([module] if module else [])])
            return [f"{base}.{alias.name}" for alias in names]
        case _:
            return []

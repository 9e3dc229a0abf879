"""The description as a file."""

import json
import sys
import tomllib
from collections.abc import Callable

from tools.openapi.document import describe
from tools.openapi.routes import ROOT, registered_routes, template_functions

OUTPUT = ROOT / "docs/openapi.json"


def version() -> str:
    """The project's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def text() -> str:
    """The file as it should be."""
    document = describe(registered_routes(template_functions()), version())
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main(write: Callable[[str], object] = sys.stdout.write) -> None:
    """Write the description."""
    OUTPUT.write_text(text())
    write(f"wrote {OUTPUT.relative_to(ROOT)}\n")

"""Write the hash-pinned requirements files from ``pyproject.toml``.

One resolution covers everything (``requirements-dev.txt``); the smaller files are cut from it, so
that what is tested is what is deployed. No download host is recorded.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EVERYTHING = ROOT / "requirements-dev.txt"
CHECKOV = ROOT / "requirements-checkov.txt"

PURPOSES: dict[Path, list[str]] = {
    ROOT / "layers/musicconnect/requirements.txt": [],
    ROOT / "functions/schema_migrate/requirements.txt": ["schema"],
    ROOT / "functions/web/requirements.txt": ["web"],
}
GROUPS = ("schema", "web", "local", "dev")
NOT_INSTALLED = ("pycairo", "pygobject")
"""Bindings of what Mopidy plays sound with, which would have to be compiled; its client of ListenBrainz,
which the tests run, needs none."""

_OPTIONS = (
    "pip", "compile", "--quiet", "--no-config", "--universal", "--generate-hashes", "--no-header",
    "--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--python-version", "3.13",
)  # fmt: skip


def _compile(output: Path, *arguments: str) -> None:
    uv = Path(sys.executable).parent / "uv"
    command = [str(uv), *_OPTIONS, *arguments, "--output-file", str(output)]
    subprocess.run(command, cwd=ROOT, check=True)


def _groups(names: Iterable[str]) -> list[str]:
    return [part for name in names for part in ("--group", name)]


def main() -> None:
    """Pin everything again."""
    left_out = [part for name in NOT_INSTALLED for part in ("--no-emit-package", name)]
    _compile(EVERYTHING, "pyproject.toml", *_groups(GROUPS), *left_out)
    with tempfile.TemporaryDirectory() as folder:
        # By itself: checkov wants other versions of what the project uses.
        wanted = Path(folder) / "checkov.in"
        wanted.write_text("checkov\n")
        _compile(CHECKOV, str(wanted))
    for output, groups in PURPOSES.items():
        # At the versions already chosen.
        _compile(output, *(_groups(groups) or ["pyproject.toml"]), "--constraint", str(EVERYTHING))
        print(f"pinned {output.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

"""Write the hash-pinned requirements files from ``pyproject.toml``.

One resolution covers everything (``requirements-dev.txt``); the smaller files are cut from it, so
that what is tested is what is deployed. No download host is recorded.
"""

import subprocess
import sys
import tempfile
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

_COMPILE = (
    "uv", "pip", "compile", "--quiet", "--no-config", "--universal", "--generate-hashes", "--no-header",
    "--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--python-version", "3.13",
)  # fmt: skip


def compile_everything() -> None:
    """Resolve the layer's dependencies and every group together."""
    groups = [part for group in GROUPS for part in ("--group", group)]
    _run([*_COMPILE, "pyproject.toml", *groups, "--output-file", str(EVERYTHING)])


def compile_purpose(output: Path, groups: list[str]) -> None:
    """Resolve one function's or the layer's own packages at the versions already chosen."""
    sources = [part for group in groups for part in ("--group", group)] or ["pyproject.toml"]
    output.parent.mkdir(parents=True, exist_ok=True)
    _run([*_COMPILE, *sources, "--constraint", str(EVERYTHING), "--output-file", str(output)])


def compile_checkov() -> None:
    """Resolve checkov by itself: it wants other versions of what the project uses."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "checkov.in"
        wanted.write_text("checkov\n")
        _run([*_COMPILE, str(wanted), "--output-file", str(CHECKOV)])


def _run(command: list[str]) -> None:
    executable = Path(sys.executable).parent / command[0]
    subprocess.run([str(executable), *command[1:]], cwd=ROOT, check=True)


def main() -> None:
    """Pin everything again."""
    compile_everything()
    compile_checkov()
    for output, groups in PURPOSES.items():
        compile_purpose(output, groups)
        print(f"pinned {output.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

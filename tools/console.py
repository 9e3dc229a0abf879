"""Build the console of ``functions/web/console`` into ``functions/web/built``, when its sources have changed.

``make install``, ``make up DEV=1`` and ``sam build`` call it. Node and npm come with the packages of Python,
and npm installs by ``package-lock.json``: by hash, from whichever registry the machine uses.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "functions/web/console"
BUILT = ROOT / "functions/web/built"
DESCRIPTION = ROOT / "docs/openapi.json"
GENERATED = SOURCES / "src/api/schema.d.ts"
MODULES = SOURCES / "node_modules"
BIN = Path(sys.executable).parent
POLL_S = 0.5


class BuildError(Exception):
    """A step of the build failed; what it printed is the message."""


def build() -> bool:
    """Build if anything has changed since the last time; give whether it was built.

    Raises:
        BuildError: types do not fit, or a package cannot be installed.
    """
    wanted, stamp = fingerprint(), BUILT / ".sources"
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    with (SOURCES / ".building").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:  # by whom we waited for
            return False
        _build(wanted)
    return True


def _build(wanted: str) -> None:
    _install()
    _run("openapi-typescript", str(DESCRIPTION), "--output", str(GENERATED), "--default-non-nullable=false")
    _run("tsc", "--noEmit")
    _run("vite", "build", "--logLevel", "warn")
    (BUILT / ".sources").write_text(wanted)


def watch() -> None:
    """Build again whenever a source changes, until somebody ends it. Errors are printed and waited out."""
    seen = ""
    while True:
        if (now := fingerprint()) != seen:
            seen = now
            try:
                if build():
                    print("The console was built again.", flush=True)
            except BuildError as error:
                print(error, file=sys.stderr, flush=True)
        time.sleep(POLL_S)


def fingerprint() -> str:
    """Hash everything that the build depends on."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield DESCRIPTION
    for name in (
        "package.json",
        "package-lock.json",
        ".npmrc",
        "tsconfig.json",
        "vite.config.ts",
        "index.html",
    ):
        yield SOURCES / name
    yield from sorted(path for path in (SOURCES / "src").rglob("*") if path.is_file() and path != GENERATED)


def _install() -> None:
    """Install the packages, unless those of this lock file are there."""
    lock, stamp = (SOURCES / "package-lock.json").read_text(), MODULES / ".lock"
    if stamp.exists() and stamp.read_text() == lock:
        return
    shutil.rmtree(MODULES, ignore_errors=True)
    _call(str(BIN / "npm"), "ci", "--no-progress", "--loglevel=error")
    stamp.write_text(lock)


def _run(name: str, *arguments: str) -> None:
    _call(str(BIN / "node"), str(MODULES / ".bin" / name), *arguments)


def _call(*command: str) -> None:
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(command, cwd=SOURCES, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"The console cannot be built.\n{done.stdout}{done.stderr}")


def main() -> int:
    """Build once, or with ``--watch`` whenever something changes."""
    parser = argparse.ArgumentParser(prog="python -m tools.console", description=__doc__)
    parser.add_argument("--watch", action="store_true", help="build again whenever a source changes")
    arguments = parser.parse_args()
    try:
        if arguments.watch:
            watch()
        elif build():
            print(f"built {BUILT.relative_to(ROOT)}")
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

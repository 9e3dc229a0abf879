"""What the functions print: a readable file for each, and one for all together.

A line looks like ``[12:00:01 CoreApiFunction] ...``; the time is UTC.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

ALL = "functions"


class LogWriter:
    """Appends to the log files of functions."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._files = {ALL: (folder / f"{ALL}.log").open("ab", buffering=0)}

    def write(self, function: str, text: str) -> None:
        """Add one or more lines of a function."""
        stamp = datetime.now(UTC).strftime("%H:%M:%S")
        # awslambdaric separates the lines of a traceback by carriage returns.
        lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
        block = "".join(f"[{stamp} {function}] {line}\n" for line in lines).encode()
        if function not in self._files:
            self._files[function] = (self._folder / f"{function}.log").open("ab", buffering=0)
        self._files[function].write(block)
        self._files[ALL].write(block)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()


def log_file(folder: Path, function: str | None) -> Path:
    """Where the lines of a function (or of all) are."""
    return folder / f"{function or ALL}.log"


def follow(path: Path, *, start: int = 0, pause: float = 0.2) -> Iterator[str]:
    """The text of a growing file from a byte offset on, in pieces, without end."""
    while True:
        if path.exists() and path.stat().st_size > start:
            with path.open("rb") as file:
                file.seek(start)
                piece = file.read()
            start += len(piece)
            yield piece.decode(errors="replace")
        time.sleep(pause)

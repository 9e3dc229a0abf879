"""Read lines of text files, packed with gzip or not."""

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO, cast


def open_text(path: Path) -> TextIO:
    """Open a file of UTF-8 text; its name tells whether it is packed."""
    if path.suffix == ".gz":
        return cast("TextIO", gzip.open(path, "rt", encoding="utf-8", newline=""))
    return path.open(encoding="utf-8", newline="")


def json_lines(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Read one JSON object a line."""
    for path in paths:
        with open_text(path) as file:
            for line in file:
                if line.strip():
                    yield json.loads(line)


def find(folder: Path, patterns: Iterable[str]) -> list[Path]:
    """Find the files of a set below a folder, each once, under any of its names, packed or not."""
    found = {
        path: None
        for pattern in patterns
        for ending in ("", ".gz")
        for path in sorted(folder.glob(pattern.removesuffix(".gz") + ending))
    }
    return list(found)

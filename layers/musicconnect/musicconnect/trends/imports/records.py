"""Read the records of uploaded histories in constant memory, from any record on. Pure.

A position is a byte offset into the text of one file of an upload, as `musicconnect.files` gives it.
"""

from collections.abc import Generator
from typing import IO, Any, Final

from musicconnect.files import archives, tables
from musicconnect.files.archives import Upload
from musicconnect.files.budget import Budget, Limits
from musicconnect.trends.imports.formats.detection import DetectedFormat, detect
from musicconnect.trends.imports.readers.html_blocks import read_blocks
from musicconnect.trends.imports.readers.json_values import read_values
from musicconnect.trends.imports.readers.record import CUT_OFF, Record

__all__ = ["CUT_OFF", "LIMITS", "Record", "detect_member", "open_archive", "read_records"]

LIMITS: Final = Limits(unpacked_bytes=16 * 1024**3, members=10_000, rows=30_000_000, seconds=55)
"""Of one upload; plays that are read grant more time: see `worker`. A worker reads in steps."""


def open_archive(file: IO[bytes], budget: Budget | None = None) -> Upload:
    """Open an upload (seekable): a file or an archive of files; raises UnreadableError if it is damaged."""
    return archives.open_upload(file, budget or Budget(LIMITS, packed_bytes=file.seek(0, 2)))


def detect_member(upload: Upload, member: int) -> DetectedFormat | str | None:
    """Detect the format of one of the files, see `detect`; raises UnreadableError if it is damaged."""
    one = upload.members[member]
    text = one.head_text()
    return None if one.form.is_binary else detect(text)


def read_records(
    upload: Upload, member: int, found: DetectedFormat, *, offset: int = 0, line: int = 0
) -> Generator[Record]:
    """Read the records of one file after one whose ``end`` and ``line`` are given.

    Raises:
        UnreadableError: the data ends or is damaged half-way.
    """
    facts = found.facts
    with upload.members[member].open_text(offset) as stream:
        match found.format.shape:
            case "json":
                yield from read_values(
                    stream,
                    within=facts.get("within"),
                    depth=facts.get("depth", 0),
                    is_lines=facts.get("is_lines", False),
                    first_key=facts.get("first_key"),
                    offset=offset,
                    line=line,
                )
            case "html":
                yield from read_blocks(stream, offset=offset, line=line)
            case "rows":
                yield from _rows(stream, facts, offset, line)


def _rows(stream: IO[bytes], facts: dict[str, Any], offset: int, line: int) -> Generator[Record]:
    """Read the rows behind a table's header, without blank ones and without headers that come again."""
    if offset == 0:
        for _ in range(facts.get("skip", 0)):
            offset += len(stream.readline())
            line += 1
    header, comment = facts.get("header"), facts.get("comment")
    for row in tables.read_rows(stream, tables.Dialect(**facts["dialect"]), offset=offset, line=line):
        cells = row[1]
        if cells is not None:
            if cells == header or not any(cells):
                continue
            if comment and cells[0].startswith(comment) and not _is_log_row(cells):
                continue
        yield tuple.__new__(Record, row)


def _is_log_row(cells: list[str]) -> bool:
    """Whether a line of a log is a row although it begins like a comment: so may an artist's name."""
    return len(cells) > 6 and cells[5].strip() in {"L", "S"}

"""Read tables: which sign stands between cells, how quotes are written, where a row begins and ends.

RFC 4180 is what most programs mean. What they do instead: semicolons, tabs, pipes; Excel's ``sep=;``; lines
before the header; blanks behind the separator; quotes with a backslash; a quote that is never closed.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Final, NamedTuple

SEPARATORS: Final = ",;\t|"
MAX_LINE_BYTES: Final = 1024**2
"""What is longer is taken for several lines."""
MAX_ROW_LINES: Final = 60
"""A cell that goes on for more lines was never closed: its first line is a row of its own."""
PREAMBLE_LINES: Final = 40
"""Lines in which a header may stand."""
QUIRK_CHARACTERS: Final = 65_536
"""Of a text that are looked at for how its quotes and separators are written."""
_SEP: Final = re.compile(r"\ufeff?\"?sep=([^\"\r\n])\"?", re.IGNORECASE)
_SPACED: Final = re.compile(r"[,;\t|] +\"")
_BACKSLASHED: Final = re.compile(r"[^,;\t|\"\\]\\\"(?=[^,;\t|\r\n\"])")
_DOUBLED: Final = re.compile(r"[^,;\t|\"\n]\"\"[^,;\t|\r\n\"]")
_ESCAPED_QUOTE: Final = re.compile(r"\\\"")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written."""

    separator: str = ","
    skips_blanks: bool = False
    """Whether blanks behind a separator belong to it."""
    backslashed: bool = False
    """Whether a quote within quotes has a backslash before it, and not another quote."""
    is_quoted: bool = True
    """Whether quotes mean anything at all."""


class Row(NamedTuple):
    """A row of a table."""

    line: int
    """1-based: the line it begins at."""
    cells: list[str] | None
    """None where it cannot be read."""
    end: int
    """Offset behind it, in bytes of the text."""


class HeaderLine(NamedTuple):
    """Where a table's header was found, or where its rows begin if it has none."""

    dialect: Dialect
    line: int
    """1-based line of the header; the lines before it are none of the table."""
    cells: list[str]


def find_header(text: str, score: Callable[[Sequence[str]], int]) -> HeaderLine | None:
    """Find the header of a table: the first of a text's lines whose words mean something.

    Args:
        text: The beginning of the table.
        score: How many of some cells mean something; 0 for a line that is no header. Asked for every
            separator: the one that makes most sense is the table's.
    """
    announced = ""
    for number, line in enumerate(text.split("\n")[:PREAMBLE_LINES], 1):
        if (found := _SEP.fullmatch(line.strip())) is not None:
            announced = found[1]
            continue
        if not line.strip():
            continue
        best: tuple[int, HeaderLine] | None = None
        whole = False
        for separator in announced or SEPARATORS:
            if separator not in line and separator != "\t":
                # One cell, whichever of these it is that does not stand in the line.
                if whole:
                    continue
                whole = True
            dialect = _dialect(text, separator)
            cells = split(line, dialect)
            points = score(cells)
            if points and (best is None or points > best[0]):
                best = (points, HeaderLine(dialect, number, cells))
        if best is not None:
            return best[1]
    return None


def guess_separator(lines: Sequence[str]) -> str:
    """Guess what stands between the cells of a table without a header: what is in every line as often."""

    def regularity(separator: str) -> tuple[int, int]:
        widths = [len(split(line, Dialect(separator))) for line in lines]
        several = [width for width in widths if width > 1]
        return max((several.count(width) for width in several), default=0), -SEPARATORS.index(separator)

    return max(SEPARATORS, key=regularity)


def dialect_of(text: str, separator: str) -> Dialect:
    """Tell how a table is written that has this between its cells."""
    return _dialect(text, separator)


def split(line: str, dialect: Dialect) -> list[str]:
    """Split one line into cells; a line that is no row of a table is one cell."""
    try:
        return next(_reader(iter([_unescaped(line, dialect)]), dialect), [])
    except csv.Error:
        return [line]


def read_rows(stream: IO[bytes], dialect: Dialect, *, offset: int = 0, line: int = 0) -> Iterator[Row]:
    """Read rows, with the line each begins at and the offset behind it. Blank lines are none.

    A row that cannot be read has no cells, and does not hide the next one: neither has a quote that nobody
    closes.

    Args:
        stream: UTF-8, at ``offset``.
        dialect: As `find_header` gives it.
        offset: Bytes of the text before.
        line: Lines before.
    """
    lines = _Lines(stream, dialect, offset, line)
    reader = _reader(iter(lines), dialect)
    make = tuple.__new__  # what a named tuple does, without a call of its own for each row
    while True:
        lines.first = lines.line + 1
        lines.row.clear()
        try:
            cells = next(reader, None)
        except _UnclosedError:
            # Its first line alone, quotes and all; the others are read again.
            first = lines.rewind()
            reader = _reader(iter(lines), dialect)
            alone = _alone(first, Dialect(dialect.separator, is_quoted=False))
            cells = None if alone is None else [cell.strip('"') for cell in alone]
            yield Row(lines.first, cells, lines.offset)
            continue
        except csv.Error:
            first = lines.rewind()
            reader = _reader(iter(lines), dialect)
            has_return = "\r" in first.rstrip("\r\n")
            yield Row(lines.first, _alone(first, dialect) if has_return else None, lines.offset)
            continue
        if cells is None:
            return
        if cells:
            yield make(Row, (lines.first, cells, lines.offset))


def _alone(line: str, dialect: Dialect) -> list[str] | None:
    """Split a line by itself; a CR in its midst, which outside quotes is no part of a cell, is a blank."""
    whole = _unescaped(line.rstrip("\r\n").replace("\r", " "), dialect)
    try:
        return next(_reader(iter([whole]), dialect), None)
    except csv.Error:
        return None


class _UnclosedError(Exception):
    """A quote is never closed."""


class _Lines:
    """The lines of a text, counted, of which the last row's can be read again."""

    def __init__(self, stream: IO[bytes], dialect: Dialect, offset: int, line: int) -> None:
        self._stream = stream
        self._backslashed = dialect.backslashed
        self.offset = offset
        self.line = line
        self.first = line + 1
        self.row: list[bytes] = []
        """The lines of the row that is being read."""
        self._again: list[bytes] = []

    def rewind(self) -> str:
        """Go back behind the first line of the row, and give that."""
        first, *others = self.row
        self.offset -= sum(map(len, others))
        self.line = self.first
        self._again = others + self._again
        return first.decode("utf-8", "replace")

    def __iter__(self) -> Iterator[str]:
        row, readline = self.row, self._stream.readline
        while True:
            if self._again:
                raw = self._again.pop(0)
            else:
                raw = readline(MAX_LINE_BYTES)
                if not raw:
                    if row:  # within a row nobody asks for another line unless a quote is open
                        raise _UnclosedError
                    return
            self.offset += len(raw)
            self.line += 1
            row.append(raw)
            if len(row) > MAX_ROW_LINES:
                raise _UnclosedError
            text = raw.decode("utf-8", "replace")
            yield _ESCAPED_QUOTE.sub('""', text) if self._backslashed else text


def _reader(lines: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
    return csv.reader(
        lines,
        delimiter=dialect.separator,
        skipinitialspace=dialect.skips_blanks,
        quoting=csv.QUOTE_MINIMAL if dialect.is_quoted else csv.QUOTE_NONE,
    )


def _unescaped(line: str, dialect: Dialect) -> str:
    return _ESCAPED_QUOTE.sub('""', line) if dialect.backslashed else line


def _dialect(text: str, separator: str) -> Dialect:
    spaced, backslashed = _quirks(text[:QUIRK_CHARACTERS])
    return Dialect(separator, skips_blanks=separator != "\t" and spaced, backslashed=backslashed)


@lru_cache(maxsize=4)
def _quirks(text: str) -> tuple[bool, bool]:
    """Tell whether blanks stand behind separators, and backslashes before quotes. Asked once a line."""
    return (
        _SPACED.search(text) is not None,
        _BACKSLASHED.search(text) is not None and _DOUBLED.search(text) is None,
    )

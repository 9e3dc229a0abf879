"""Read MusicBrainz' core dump (``mbdump.tar.bz2``): which videos are named for which recordings. No database.

The tables lie in the archive one after the other, as text of PostgreSQL's COPY. What a load needs of each
line is picked out here; the tables are joined in the database, since none of them fits into memory.
"""

import re
import tarfile
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, cast

from tools.seed.discogs import CutError

SCHEMA_SEQUENCE: Final = "31"
"""The form of the tables that the columns below are read by."""
_VIDEO: Final = re.compile(
    r"https?://(?:www\.|music\.|m\.)?youtube\.com/watch\?v=([\w-]{11})(?![\w-])", re.ASCII
)
_ISRC: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
MAX_ID: Final = 2**62

type Row = tuple[str | int | None, ...]


class UnknownFormError(Exception):
    """The dump is of another form than the one that is known."""


class BadRowError(ValueError):
    """A line is none of its table."""


def tables(stream: BinaryIO) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Read the tables that a load needs, in the order in which they lie there: name, and lines.

    Raises:
        CutError: the archive ends in the middle.
        UnknownFormError: it is of another form.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r|bz2") as archive:
            for member in archive:
                name = member.name.rpartition("/")[2]
                content = archive.extractfile(member)
                if content is None:
                    continue
                if name == "SCHEMA_SEQUENCE":
                    found = content.read(20).decode("ascii", "replace").strip()
                    if found != SCHEMA_SEQUENCE:
                        raise UnknownFormError(f"the dump's form is {found}, and {SCHEMA_SEQUENCE} is known")
                elif name in TABLES:
                    yield name, iter(cast("BinaryIO", content))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise CutError(f"the archive is cut or damaged: {error}") from None


def read(table: str, line: bytes) -> Row | None:
    """Read what a load needs of a line; None where it needs nothing of it. Pure.

    Raises:
        BadRowError: it is no line of this table.
    """
    try:
        return TABLES[table](line.decode("utf-8").rstrip("\n").split("\t"))
    except (IndexError, ValueError) as error:
        raise BadRowError(str(error)) from None


def _recording(cells: list[str]) -> Row:
    return _id(cells[0]), _text(cells[2]), _id(cells[3]), None if cells[4] == r"\N" else _id(cells[4])


def _credit(cells: list[str]) -> Row | None:
    return (_id(cells[0]), _text(cells[3])) if int(cells[1]) == 0 else None


def _isrc(cells: list[str]) -> Row | None:
    isrc = cells[2].upper()
    return (_id(cells[1]), isrc) if _ISRC.fullmatch(isrc) else None


def _url(cells: list[str]) -> Row | None:
    match = _VIDEO.match(_text(cells[2]))
    return (_id(cells[0]), match[1]) if match else None


def _link(cells: list[str]) -> Row | None:
    """Give only what no longer holds: few of many."""
    return (_id(cells[0]),) if cells[10] == "t" else None


def _relation(cells: list[str]) -> Row:
    return _id(cells[2]), _id(cells[3]), _id(cells[1])


TABLES: Final[dict[str, Callable[[list[str]], Row | None]]] = {
    "recording": _recording,
    "artist_credit_name": _credit,
    "isrc": _isrc,
    "url": _url,
    "link": _link,
    "l_recording_url": _relation,
}
"""What is read of each table."""


def _id(cell: str) -> int:
    value = int(cell)
    if not 0 <= value < MAX_ID:
        raise ValueError("an id out of bounds")
    return value


def _text(cell: str) -> str:
    text = _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), cell)
    if cell == r"\N" or "\0" in text:
        raise ValueError("no text")
    return text

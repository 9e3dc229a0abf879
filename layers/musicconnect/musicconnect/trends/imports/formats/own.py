"""This service's own table of plays: what was exported comes back as it was."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final, Literal, cast

from musicconnect.files import tables
from musicconnect.playlist_files.csv_safety import unescape_formula
from musicconnect.trends.imports.formats.base import (
    NO_NAME,
    NO_TIME,
    Format,
    ParseContext,
    Parsed,
    any_ms,
    record_parser,
)
from musicconnect.trends.plays.model import SOURCES, listen

COLUMNS: Final = (
    "played_at", "title", "artist", "album", "provider", "provider_track_id", "ms_played", "duration_ms",
    "kind", "source", "precision_s",
)  # fmt: skip
"""Those that are read; ``local_time`` says the same as ``played_at``."""
MAX_MS: Final = 2**31 - 1


def find(text: str) -> dict[str, Any] | None:
    """Find the facts of a table of ours by its head."""

    def is_ours(cells: Sequence[str]) -> int:
        return len(cells) if set(COLUMNS) <= {cell.strip() for cell in cells} else 0

    header = tables.find_header(text, is_ours)
    if header is None:
        return None
    names = [cell.strip() for cell in header.cells]
    # Blanks are part of names, and a backslash is a backslash: we write RFC 4180.
    dialect = tables.Dialect(header.dialect.separator)
    return {
        "dialect": asdict(dialect), "skip": header.line, "header": header.cells, "is_own": True,
        "columns": {name: names.index(name) for name in COLUMNS},
    }  # fmt: skip


@record_parser
def exported(record: Sequence[str], context: ParseContext) -> Parsed:
    """Parse a play as `musicconnect.exports` writes it."""
    columns = context.facts["columns"]
    cells = {name: record[at] for name, at in columns.items()}
    title, artist, album, track_id = (
        unescape_formula(cells[name]) for name in ("title", "artist", "album", "provider_track_id")
    )
    if not title.strip() or not artist.strip():
        return NO_NAME
    played_at = any_ms(cells["played_at"])
    if played_at is None:
        return NO_TIME
    source, kind, provider = cells["source"], cells["kind"], cells["provider"]
    precision = int(cells["precision_s"] or 1)
    if (
        source not in SOURCES
        or kind not in {"play", "skip", "start"}
        or provider not in {"spotify", "youtube", "other"}
        or precision not in {1, 60}
    ):
        raise ValueError("not as we export it")
    return listen(
        played_at=played_at,
        title=title,
        artist=artist,
        album=album or None,
        source=source,
        provider=provider,
        provider_track_id=track_id or None,
        ms_played=_number(cells["ms_played"]),
        duration_ms=_number(cells["duration_ms"]),
        precision_s=precision,
        kind=cast("Literal['play', 'skip', 'start']", kind),
    )


def _number(cell: str) -> int | None:
    if not cell:
        return None
    number = int(cell)
    if not 0 <= number <= MAX_MS:
        raise ValueError("not as we export it")
    return number


PLAYS = Format("musicconnect", "Our own export of plays (CSV)", "rows", exported)

"""Rows of plays as the columns of a statement."""

import json
from collections.abc import Sequence
from typing import Any, Final

from musicconnect.trends.plays.deduplication import PlayRef
from musicconnect.trends.plays.model import Listen

REPORT_COLUMNS: Final = (
    "played_at, track_key, artist_key, import_id, inserted_at, ms_played, duration_ms, precision_s, kind, "
    "source, provider, provider_track_id, title, artist, album, details"
)
"""What one source reports: the columns that plays and alternate reports share."""

TIME = "'epoch'::timestamptz + {} * interval '1 ms'"

_COLUMN_TYPES = {
    "played_at": "bigint", "track_key": "bigint", "artist_key": "bigint", "ms_played": "integer",
    "duration_ms": "integer", "precision_s": "smallint", "kind": "text", "source": "text", "provider": "text",
    "provider_track_id": "text", "title": "text", "artist": "text", "album": "text", "details": "jsonb",
}  # fmt: skip


class ReportColumns:
    """Listens as the columns of a statement: one value where all rows have the same, otherwise an array."""

    def __init__(self, listens: Sequence[Listen]) -> None:
        columns = dict(zip(Listen._fields, zip(*listens, strict=True), strict=True))
        columns["details"] = tuple(
            details and json.dumps(details, ensure_ascii=False) for details in columns["details"]
        )
        same = {
            name
            for name, column in columns.items()
            if name != "played_at" and column[0] == column[-1] and column.count(column[0]) == len(column)
        }
        varied = [name for name in _COLUMN_TYPES if name not in same]
        self.names = ", ".join(varied)
        """Of the arrays, for an alias."""
        self.arrays = ", ".join(f"%({name})s::{_COLUMN_TYPES[name]}[]" for name in varied)
        """As arguments of ``unnest``."""
        ours = {
            "played_at": TIME.format("played_at"),
            "import_id": "%(import_id)s::bigint",
            "inserted_at": "%(at)s::timestamptz",
        }
        self.selected = ", ".join(
            ours.get(name) or (f"%({name})s::{_COLUMN_TYPES[name]}" if name in same else name)
            for name in REPORT_COLUMNS.split(", ")
        )
        """`REPORT_COLUMNS` as a select list."""
        self.parameters: dict[str, Any] = {name: columns[name][0] for name in same}
        for name in varied:
            is_text = _COLUMN_TYPES[name] in {"text", "jsonb"}
            self.parameters[name] = texts(columns[name]) if is_text else numbers(columns[name])


def of_plays(refs: Sequence[PlayRef]) -> dict[str, str]:
    """Give the references to plays as the columns ``of_...``."""
    columns = zip(PlayRef._fields, zip(*refs, strict=True), strict=True)
    return {f"of_{name}": numbers(column) for name, column in columns}


# Three times as fast as the driver's lists, which call a Python function for each element of fourteen
# columns.


def numbers(values: Sequence[int | None]) -> str:
    """Write an array literal of numbers."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def texts(values: Sequence[str | None]) -> str:
    """Write an array literal of texts."""
    quoted = _Quoted()
    return "{" + ",".join([quoted[value] for value in values]) + "}"


class _Quoted(dict[str | None, str]):
    """Elements of an array literal, each quoted once: most columns repeat their values."""

    def __missing__(self, value: str | None) -> str:
        element = "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        self[value] = element
        return element

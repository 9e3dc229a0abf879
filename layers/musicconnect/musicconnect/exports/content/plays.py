"""Plays as CSV, and in ListenBrainz's shape."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from psycopg import Connection
from psycopg.rows import tuple_row
from pydantic_core import to_json

from musicconnect.exports.content import store
from musicconnect.exports.content.filters import (
    BEGINNING,
    END,
    Batch,
    CsvSource,
    Cursor,
    ExportFilters,
    Source,
)
from musicconnect.exports.model import Job
from musicconnect.trends.listenbrainz.codec import to_listenbrainz
from musicconnect.trends.plays import export
from musicconnect.trends.plays.model import StoredPlay


def _span(connection: Connection[Any], values: dict[str, Any], cursor: Cursor, rows: int) -> Cursor:
    """Narrow ``values`` to the next plays, so many and those of the same moment as the last.

    Gives the cursor of the last; None where nothing follows.

    A batch has both ends, so that it touches the partitions that it lies in and no other.
    """
    values["after"] = BEGINNING if cursor is None else datetime.fromisoformat(cursor[0])
    found = connection.execute(export.LAST_PLAYED_AT, values | {"rows": rows}).fetchone()
    values["upto"] = found[0] if found else END
    return [found[0].isoformat()] if found else None


def count_kinds(connection: Connection[Any], job: Job) -> dict[str, int]:
    """Count the plays, skips and starts of a history."""
    values = ExportFilters.of(job).values(job.user_id)
    return dict(connection.execute(export.COUNT_KINDS, values).fetchall())


class PlaysCsv(CsvSource):
    """Plays as CSV, oldest first. Not one of them is looked at here."""

    batch = 20_000
    columns = (
        "played_at", "local_time", "title", "artist", "album", "provider", "provider_track_id", "ms_played",
        "duration_ms", "kind", "source", "precision_s",
    )  # fmt: skip
    texts = frozenset({"title", "artist", "album", "provider_track_id"})
    counting = export.COUNT_PLAYS

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Read lines of plays."""
        values = dict(self._values)
        end = _span(connection, values, cursor, self.batch)
        return Batch(*self._lines(connection, export.PLAYS, values), end)


class PlaysJson(Source):
    """Plays in ListenBrainz's shape, oldest first, as ``POST /1/submit-listens`` takes them."""

    batch = 10_000

    def __init__(self, job: Job, *, is_array: bool) -> None:
        self._values = ExportFilters.of(job).values(job.user_id)
        self._is_array = is_array

    def count(self, connection: Connection[Any]) -> int:
        """Count the plays."""
        return store.count(connection, export.COUNT_PLAYS, self._values)

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """Open an array."""
        return b"[" if self._is_array else b""

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Read listens."""
        values = dict(self._values)
        end = _span(connection, values, cursor, self.batch)
        listens = store.write_values(connection, export.LISTENS, values)
        if None in listens:
            detailed = _with_details(connection, values)
            listens = [next(detailed) if one is None else one for one in listens]
        written = cast("list[bytes]", listens)
        if not self._is_array:
            return Batch(b"".join([part for one in written for part in (one, b"\n")]), len(written), end)
        start = b"\n" if cursor is None else b",\n"
        return Batch(start + b",\n".join(written) if written else b"", len(written), end)

    def end(self) -> bytes:
        """Close an array."""
        return b"\n]\n" if self._is_array else b""


def _with_details(connection: Connection[Any], values: dict[str, Any]) -> Iterator[bytes]:
    """Write the plays of a batch that have details, members of their own among those that we add."""
    with connection.cursor(row_factory=tuple_row, binary=True) as rows:
        plays = rows.execute(export.DETAILED_PLAYS, values).fetchall()
    return (to_json(submittable(StoredPlay(*play))) for play in plays)


def submittable(play: StoredPlay) -> dict[str, Any]:
    """Give a play as a client would submit it, without what only the server may say."""
    listen = to_listenbrainz(play)
    return {"listened_at": listen["listened_at"], "track_metadata": listen["track_metadata"]}

"""Plays as CSV, and in ListenBrainz's shape."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

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

ROWS_AHEAD: Final = 100_000
"""Rows in whose batches the ends are asked for at once. Fewer, and partitions are looked through more often;
more, and plays that come in meanwhile make a batch larger than it should be."""


class _BatchEnds:
    """Where the batches of a document's plays end, asked for several at a time.

    A batch has both ends, so that it touches the partitions that it lies in and no other.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._after: Cursor = None
        self._ends: list[datetime] = []
        """The next one last."""

    def narrow(self, connection: Connection[Any], values: dict[str, Any], cursor: Cursor) -> Cursor:
        """Narrow ``values`` to the next plays, so many and those of the same moment as the last.

        Gives the cursor of the last; None where nothing follows.
        """
        values["after"] = BEGINNING if cursor is None else datetime.fromisoformat(cursor[0])
        if not self._ends or cursor != self._after:
            number = max(ROWS_AHEAD // self._rows, 1)
            ends = store.list_every(connection, export.PLAYED_AT, values, rows=self._rows, number=number)
            # As many may have been played at the same moment as fill more than a batch.
            self._ends = sorted(set(ends), reverse=True)
        values["upto"] = end = self._ends.pop() if self._ends else END
        self._after = None if end is END else [end.isoformat()]
        return self._after


def count_kinds(connection: Connection[Any], job: Job) -> dict[str, int]:
    """Count the plays, skips and starts of a history."""
    values = ExportFilters.of(job).values(job.user_id)
    return dict(connection.execute(export.COUNT_KINDS, values).fetchall())


class PlaysCsv(CsvSource):
    """Plays as CSV, oldest first. Not one of them is looked at here."""

    batch = 50_000
    columns = (
        "played_at", "local_time", "title", "artist", "album", "provider", "provider_track_id", "ms_played",
        "duration_ms", "kind", "source", "precision_s",
    )  # fmt: skip
    texts = frozenset({"title", "artist", "album", "provider_track_id"})
    counting = export.COUNT_PLAYS

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self._ends = _BatchEnds(self.batch)

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Read lines of plays."""
        values = dict(self._values)
        end = self._ends.narrow(connection, values, cursor)
        return Batch(*self._lines(connection, export.PLAYS, values), end)


class PlaysJson(Source):
    """Plays in ListenBrainz's shape, oldest first, as ``POST /1/submit-listens`` takes them."""

    batch = 10_000

    def __init__(self, job: Job, *, is_array: bool) -> None:
        self._values = ExportFilters.of(job).values(job.user_id)
        self._is_array = is_array
        self._ends = _BatchEnds(self.batch)

    def count(self, connection: Connection[Any]) -> int:
        """Count the plays."""
        return store.count(connection, export.COUNT_PLAYS, self._values)

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """Open an array."""
        return b"[" if self._is_array else b""

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Read listens."""
        values = dict(self._values)
        following = self._ends.narrow(connection, values, cursor)
        end = b",\n" if self._is_array else b"\n"
        pieces, count = store.write_values(connection, export.LISTENS, values, end=end)
        if any(piece.startswith(end) or b"\n" + end in piece for piece in pieces):
            detailed = _with_details(connection, values)
            pieces = [
                b"".join([(one or next(detailed)) + end for one in piece.split(end)[:-1]]) for piece in pieces
            ]
        if self._is_array and pieces:
            # Between two listens, not behind the last.
            pieces[0] = (b"\n" if cursor is None else b",\n") + pieces[0]
            pieces[-1] = pieces[-1][: -len(end)]
        return Batch(b"".join(pieces), count, following)

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

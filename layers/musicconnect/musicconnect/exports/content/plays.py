"""Plays as CSV, and in ListenBrainz's shape."""

from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import tuple_row
from pydantic_core import to_json

from musicconnect.exports.content import sql_csv
from musicconnect.exports.content.filters import Batch, CsvSource, Cursor, ExportFilters, count_rows
from musicconnect.exports.model import Job
from musicconnect.trends.listenbrainz.codec import to_listenbrainz
from musicconnect.trends.plays.model import KEY_PREFIX, StoredPlay

_PLAYS_WANTED: Final = """
    p.user_id = %(user)s AND p.played_at >= %(since)s AND p.played_at < %(until)s
    AND p.played_at > %(after)s AND p.played_at <= %(upto)s
    AND (%(provider)s::text IS NULL OR p.provider = %(provider)s)
"""
_ROWS: Final = f"trends.plays p WHERE {_PLAYS_WANTED}"
_PLAYS_ORDER: Final = "ORDER BY p.played_at, p.track_key, p.ordinal"
_PLAYS_END: Final = f"""
    SELECT p.played_at FROM {_ROWS}
    ORDER BY p.played_at OFFSET %(rows)s - 1 LIMIT 1
"""  # noqa: S608 - constants
PLAY_COLUMNS: Final = (
    "played_at", "local_time", "title", "artist", "album", "provider", "provider_track_id", "ms_played",
    "duration_ms", "kind", "source", "precision_s",
)  # fmt: skip
_ID: Final = f"""
    CASE WHEN starts_with(p.provider_track_id, '{KEY_PREFIX}') THEN '' ELSE {{}} END
"""
"""What stands for an id where the source gave none is ours."""
_LINE: Final = sql_csv.line(
    sql_csv.plain("p.played_at"),
    sql_csv.plain("p.played_at AT TIME ZONE %(zone)s"),
    sql_csv.text("p.title"),
    sql_csv.text("p.artist"),
    sql_csv.text("p.album"),
    sql_csv.plain("p.provider"),
    ('"', _ID.format(sql_csv.escaped("p.provider_track_id")), '"'),
    *(sql_csv.plain(f"p.{name}") for name in PLAY_COLUMNS[7:]),
)
_FROM: Final = f"FROM {_ROWS} {_PLAYS_ORDER}"
PLAY_LINES: Final = f"SELECT {_LINE} AS line {_FROM}"
PLAY_ROWS: Final = f"""
    SELECT p.played_at, p.played_at AT TIME ZONE %(zone)s, {sql_csv.escape_formula("p.title")},
        {sql_csv.escape_formula("p.artist")}, {sql_csv.escape_formula("p.album")}, p.provider,
        {_ID.format(sql_csv.escape_formula("p.provider_track_id"))},
        p.ms_played, p.duration_ms, p.kind, p.source, p.precision_s
    {_FROM}
"""
"""The same cells one by one, for comparing."""


def _span(connection: Connection[Any], values: dict[str, Any], cursor: Cursor, rows: int) -> Cursor:
    """Narrow ``values`` to the next plays, so many and those of the same moment as the last.

    Gives the cursor of the last; None where nothing follows.

    A batch has both ends, so that it touches the partitions that it lies in and no other.
    """
    if cursor is not None:
        values["after"] = datetime.fromisoformat(cursor[0])
    found = connection.execute(_PLAYS_END, values | {"rows": rows}).fetchone()
    if found is None:
        return None
    values["upto"] = found[0]
    return [found[0].isoformat()]


class PlaysCsv(CsvSource):
    """Plays as CSV, oldest first. Postgres writes the lines; not one of them is looked at here."""

    batch = 10_000
    columns = PLAY_COLUMNS
    rows = _ROWS

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Read lines of plays."""
        values = dict(self._values)
        end = _span(connection, values, cursor, self.batch)
        return Batch(*sql_csv.lines(connection, PLAY_LINES, values), end)


class PlaysJson:
    """Plays in ListenBrainz's shape, oldest first, as ``POST /1/submit-listens`` takes them."""

    batch = 2_000

    def __init__(self, job: Job, *, is_array: bool) -> None:
        self._values = ExportFilters.of(job).values(job.user_id)
        self._is_array = is_array

    def count(self, connection: Connection[Any]) -> int:
        """How many plays."""
        return count_rows(connection, _ROWS, self._values)

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """The beginning of an array."""
        return b"[" if self._is_array else b""

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Listens."""
        values = dict(self._values)
        end = _span(connection, values, cursor, self.batch)
        with connection.cursor(row_factory=tuple_row, binary=True) as rows:
            plays = rows.execute(
                f"""
                SELECT played_at, track_key, ordinal, import_id, inserted_at, ms_played, duration_ms,
                       precision_s, kind, source, provider, provider_track_id, title, artist, album, details,
                       NULL
                {_FROM}
                """,
                values,
            ).fetchall()
        listens = [to_json(submittable(StoredPlay(*play))) for play in plays]
        if not self._is_array:
            data = b"".join([part for one in listens for part in (one, b"\n")])
            return Batch(data, len(plays), end)
        start = b"\n" if cursor is None else b",\n"
        return Batch(start + b",\n".join(listens) if listens else b"", len(plays), end)

    def end(self) -> bytes:
        """The end of an array."""
        return b"\n]\n" if self._is_array else b""


def submittable(play: StoredPlay) -> dict[str, Any]:
    """A play as a client would submit it: `exported` without what only the server may say."""
    listen = to_listenbrainz(play)
    return {"listened_at": listen["listened_at"], "track_metadata": listen["track_metadata"]}

"""Where the content of files comes from: rows of Postgres, batch by batch, as bytes.

Batches are read by key, so that reading goes on at exactly the row where it stopped, in whatever transaction,
invocation or process: a row that is there all the time is told exactly once. Every batch ends with a row.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import tuple_row
from pydantic_core import to_json

from musicconnect.exchange import cells, fields
from musicconnect.exchange.writers import writer
from musicconnect.exports import sql_cells, tables
from musicconnect.exports.plan import Document
from musicconnect.exports.store import Job
from musicconnect.providers import registry
from musicconnect.providers.base import ItemType
from musicconnect.trends.formats.listenbrainz import exported
from musicconnect.trends.plays import KEY_PREFIX, Play

BOM: Final = b"\xef\xbb\xbf"
type Cursor = list[Any] | None
"""The key of the last row that was read, as JSON; None: none was."""


class Batch(NamedTuple):
    """Some rows."""

    data: bytes
    rows: int
    cursor: Cursor
    """Of the last of them; None: no row follows."""


class Source(Protocol):
    """One document's rows."""

    batch: int
    """Rows of a batch, some megabytes at most."""

    def begin(self, connection: Connection[Any]) -> bytes:
        """What stands before the first row."""
        ...

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """The rows behind a cursor."""
        ...

    def end(self) -> bytes:
        """What stands behind the last row."""
        ...


def source_of(job: Job, document: Document) -> Source:
    """The rows of a document; of all but the manifest."""
    match document.kind:
        case "plays_csv":
            return PlaysCsv(job)
        case "plays_json":
            return PlaysJson(job, is_array=document.format == "array")
        case "pins_csv":
            return PinsCsv(job)
        case "migrations_csv":
            return MigrationsCsv(job)
        case "playlist":
            return PlaylistEntries(job, document)
        case "table":
            return Lines(tables.TABLES[document.format], {})
        case "playlist_list":
            return Lines(tables.PLAYLISTS, {"job": job.id})
        case "manifest":
            raise ValueError("the manifest is written by whoever has built the rest")


def expected_rows(connection: Connection[Any], job: Job, documents: list[Document]) -> int:
    """How many rows all documents together have at this moment."""
    counted: dict[tuple[str, str, int], int] = {}
    total = 0
    for document in documents:
        key = (
            document.kind.partition("_")[0],
            document.format if document.kind == "table" else "",
            document.playlist_id,
        )
        if key not in counted:
            counted[key] = _count(connection, job, document)
        total += counted[key]
    return total


def _count(connection: Connection[Any], job: Job, document: Document) -> int:
    values = Scope.of(job).values(job)
    match document.kind:
        case "plays_csv" | "plays_json":
            query = f"SELECT count(*) FROM trends.plays p WHERE {_PLAYS_WANTED}"  # noqa: S608 - constants
        case "pins_csv":
            query = f"SELECT count(*) FROM search.pinned_items p WHERE {_PINS_WANTED}"  # noqa: S608
        case "migrations_csv":
            query = f"SELECT count(*) FROM {_MIGRATED} WHERE {_MIGRATED_WANTED}"  # noqa: S608
        case "playlist":
            query = "SELECT read_count FROM exports.playlists WHERE id = %(playlist)s"
            values |= {"playlist": document.playlist_id}
        case "table":
            query = f"SELECT count(*) FROM ({tables.TABLES[document.format]}) t"  # noqa: S608 - constants
        case "playlist_list":
            query = f"SELECT count(*) FROM ({tables.PLAYLISTS}) t"  # noqa: S608 - constants
            values |= {"job": job.id}
        case "manifest":
            return 0
    row = connection.execute(query, values).fetchone()
    return int(row[0]) if row else 0


@dataclass(frozen=True, slots=True)
class Scope:
    """What the filters of an export come to."""

    provider: str | None
    since: datetime | None
    until: datetime | None
    """Not included."""
    zone: str

    @classmethod
    def of(cls, job: Job) -> "Scope":
        """Days are the filters' time zone's, from midnight to midnight, however long they are."""
        filters = job.filters
        zone = filters.get("time_zone", "UTC")
        first, last = filters.get("from"), filters.get("to")
        return cls(
            provider=filters.get("provider"),
            since=_midnight(date.fromisoformat(first), zone) if first else None,
            until=_midnight(date.fromisoformat(last) + timedelta(days=1), zone) if last else None,
            zone=zone,
        )

    def values(self, job: Job) -> dict[str, Any]:
        """Parameters of the statements below."""
        return {
            "user": job.user_id,
            "provider": self.provider,
            "zone": self.zone,
            "since": self.since or _BEGINNING,
            "until": self.until or _END,
            # Between which rows a batch lies.
            "after": _BEGINNING,
            "upto": _END,
        }


# Of time, as far as anybody has listened to anything.
_BEGINNING: Final = datetime(1900, 1, 1, tzinfo=UTC)
_END: Final = datetime(2300, 1, 1, tzinfo=UTC)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


# -- Plays ---------------------------------------------------------------------------------------------------

_PLAYS_WANTED: Final = """
    p.user_id = %(user)s AND p.played_at >= %(since)s AND p.played_at < %(until)s
    AND p.played_at > %(after)s AND p.played_at <= %(upto)s
    AND (%(provider)s::text IS NULL OR p.provider = %(provider)s)
"""
_PLAYS_ORDER: Final = "ORDER BY p.played_at, p.track_key, p.ordinal"
_PLAYS_END: Final = f"""
    SELECT p.played_at FROM trends.plays p WHERE {_PLAYS_WANTED}
    ORDER BY p.played_at OFFSET %(rows)s - 1 LIMIT 1
"""  # noqa: S608 - constants
PLAY_COLUMNS: Final = (
    "played_at", "local_time", "title", "artist", "album", "provider", "provider_track_id", "ms_played",
    "duration_ms", "kind", "source", "precision_s",
)  # fmt: skip
PLAY_ROWS: Final = f"""
    SELECT p.played_at, p.played_at AT TIME ZONE %(zone)s, {sql_cells.harmless("p.title")},
        {sql_cells.harmless("p.artist")}, {sql_cells.harmless("p.album")}, p.provider,
        -- What stands for an id where the source gave none is ours.
        CASE WHEN NOT starts_with(p.provider_track_id, '{KEY_PREFIX}') THEN p.provider_track_id END,
        p.ms_played, p.duration_ms, p.kind, p.source, p.precision_s
    FROM trends.plays p WHERE {_PLAYS_WANTED} {_PLAYS_ORDER}
"""  # noqa: S608 - constants


def _span(connection: Connection[Any], values: dict[str, Any], cursor: Cursor, rows: int) -> Cursor:
    """Narrow ``values`` to the next plays, so many and those of the same moment as the last; gives its cursor.

    A batch has both ends, so that it touches the partitions that it lies in and no other.
    """
    if cursor is not None:
        values["after"] = datetime.fromisoformat(cursor[0])
    found = connection.execute(_PLAYS_END, values | {"rows": rows}).fetchone()
    if found is None:
        return None
    values["upto"] = found[0]
    return [found[0].isoformat()]


class PlaysCsv:
    """Plays as CSV, oldest first. Postgres writes the lines; not one of them is looked at here."""

    batch = 20_000

    def __init__(self, job: Job) -> None:
        self._values = Scope.of(job).values(job)
        self._bom = bool(job.options["bom"])

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """The header."""
        return (BOM if self._bom else b"") + sql_cells.header(PLAY_COLUMNS)

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Lines of plays."""
        values = dict(self._values)
        end = _span(connection, values, cursor, self.batch)
        return Batch(*sql_cells.copied(connection, PLAY_ROWS, values), end)

    def end(self) -> bytes:
        """Nothing."""
        return b""


class PlaysJson:
    """Plays in ListenBrainz's shape, oldest first, as ``POST /1/submit-listens`` takes them."""

    batch = 5_000

    def __init__(self, job: Job, *, is_array: bool) -> None:
        self._values = Scope.of(job).values(job)
        self._is_array = is_array

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
                FROM trends.plays p WHERE {_PLAYS_WANTED} {_PLAYS_ORDER}
                """,  # noqa: S608 - constants
                values,
            ).fetchall()
        listens = [to_json(submittable(Play(*play))) for play in plays]
        if not self._is_array:
            data = b"".join([part for one in listens for part in (one, b"\n")])
            return Batch(data, len(plays), end)
        start = b"\n" if cursor is None else b",\n"
        return Batch(start + b",\n".join(listens) if listens else b"", len(plays), end)

    def end(self) -> bytes:
        """The end of an array."""
        return b"\n]\n" if self._is_array else b""


def submittable(play: Play) -> dict[str, Any]:
    """A play as a client would submit it: `exported` without what only the server may say."""
    listen = exported(play)
    return {"listened_at": listen["listened_at"], "track_metadata": listen["track_metadata"]}


# -- Pins and migrations -------------------------------------------------------------------------------------

_PINS_WANTED: Final = """
    p.user_id = %(user)s AND p.pinned_at >= %(since)s AND p.pinned_at < %(until)s
    AND (%(provider)s::text IS NULL OR p.provider = %(provider)s)
"""
PIN_COLUMNS: Final = ("pinned_at", "local_time", "provider", "type", "id", "title", "subtitle", "url")


class PinsCsv:
    """Pins as CSV, in the order in which they were made."""

    batch = 5_000

    def __init__(self, job: Job) -> None:
        self._values = Scope.of(job).values(job)
        self._bom = bool(job.options["bom"])

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """The header."""
        return (BOM if self._bom else b"") + sql_cells.header(PIN_COLUMNS)

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Lines of pins."""
        rows = connection.execute(
            f"""
            SELECT p.id, p.provider, p.item_type, p.provider_item_id, p.title, p.subtitle, p.pinned_at,
                p.pinned_at AT TIME ZONE %(zone)s
            FROM search.pinned_items p WHERE {_PINS_WANTED} AND p.id > %(after)s ORDER BY p.id LIMIT %(limit)s
            """,  # noqa: S608 - constants
            self._values | {"after": cursor[0] if cursor else 0, "limit": self.batch},
        ).fetchall()
        lines = [
            csv_line(at, local, provider, kind, item_id, shown, subtitle, _address(provider, kind, item_id))
            for _, provider, kind, item_id, shown, subtitle, at, local in rows
        ]
        return Batch(b"".join(lines), len(rows), [rows[-1][0]] if len(rows) == self.batch else None)

    def end(self) -> bytes:
        """Nothing."""
        return b""


def _address(provider: str, kind: str, item_id: str) -> str | None:
    entry = registry.PROVIDERS.get(provider)
    if entry is None or kind not in {known.value for known in entry.addresses}:
        return None
    return entry.address(ItemType(kind), item_id)


def csv_line(*values: str | datetime | None) -> bytes:
    """A line of a CSV, texts in quotes and harmless."""
    return ",".join(map(_cell, values)).encode("utf-8", "replace") + b"\r\n"


def _cell(value: str | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        text = value.astimezone(UTC) if value.tzinfo else value
        return text.isoformat(" ").replace("+00:00", "+00")  # as Postgres writes it
    return f'"{cells.harmless(value).replace('"', '""')}"'


_MIGRATED: Final = """
    migrations.tracks t JOIN migrations.playlists l ON l.id = t.playlist_migration_id
    JOIN migrations.jobs j ON j.id = l.job_id
"""
_MIGRATED_WANTED: Final = """
    j.user_id = %(user)s AND j.created_at >= %(since)s AND j.created_at < %(until)s
    AND (%(provider)s::text IS NULL OR %(provider)s IN (j.source_provider, j.target_provider))
"""
_MIGRATED_SPAN: Final = """
    (t.playlist_migration_id, t.position) > (%(playlist)s, %(position)s)
    AND (t.playlist_migration_id, t.position) <= (%(last_playlist)s, %(last_position)s)
"""
_MIGRATED_END: Final = f"""
    SELECT t.playlist_migration_id, t.position FROM {_MIGRATED}
    WHERE {_MIGRATED_WANTED} AND (t.playlist_migration_id, t.position) > (%(playlist)s, %(position)s)
    ORDER BY t.playlist_migration_id, t.position OFFSET %(rows)s - 1 LIMIT 1
"""  # noqa: S608 - constants
LAST: Final = (2**63 - 1, 2**31 - 1)
MIGRATION_COLUMNS: Final = (
    "migration_id", "migrated_at", "local_time", "source_provider", "target_provider", "source_playlist_id",
    "source_playlist", "target_playlist_id", "target_playlist", "position", "source_track_id",
    "source_title", "source_artist", "target_track_id", "target_title", "target_artist", "score", "status",
    "outcome", "reason", "written",
)  # fmt: skip
_MIGRATED_TEXTS: Final = ", ".join(
    sql_cells.harmless(name)
    for name in (
        "t.source_title",
        "t.source_artist",
        "t.target_track_id",
        "t.target_title",
        "t.target_artist",
    )
)
MIGRATION_ROWS: Final = f"""
    SELECT j.id, j.created_at, j.created_at AT TIME ZONE %(zone)s, j.source_provider, j.target_provider,
        {sql_cells.harmless("l.source_playlist_id")}, {sql_cells.harmless("l.source_name")},
        {sql_cells.harmless("l.target_playlist_id")}, {sql_cells.harmless("l.target_name")}, t.position,
        {sql_cells.harmless("t.source_track_id")}, {_MIGRATED_TEXTS}, t.match_score, t.status, t.outcome,
        {sql_cells.harmless("t.error_message")}, (t.write_state = 'written')::text
    FROM {_MIGRATED} WHERE {_MIGRATED_WANTED} AND {_MIGRATED_SPAN}
    ORDER BY t.playlist_migration_id, t.position
"""  # noqa: S608 - constants


class MigrationsCsv:
    """What became of every track that was migrated, as CSV."""

    batch = 10_000

    def __init__(self, job: Job) -> None:
        self._values = Scope.of(job).values(job)
        self._bom = bool(job.options["bom"])

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """The header."""
        return (BOM if self._bom else b"") + sql_cells.header(MIGRATION_COLUMNS)

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Lines of tracks, playlist by playlist, in order."""
        playlist, position = cursor or (0, -1)
        values = self._values | {"playlist": playlist, "position": position, "rows": self.batch}
        end = connection.execute(_MIGRATED_END, values).fetchone()
        values["last_playlist"], values["last_position"] = end or LAST
        return Batch(*sql_cells.copied(connection, MIGRATION_ROWS, values), list(end) if end else None)

    def end(self) -> bytes:
        """Nothing."""
        return b""


# -- Playlists and tables --------------------------------------------------------------------------------


class PlaylistEntries:
    """A playlist as it was read, in one of the formats of `musicconnect.exchange`."""

    batch = 2_000

    def __init__(self, job: Job, document: Document) -> None:
        self._writer = writer(document.format, bom=bool(job.options["bom"]))  # type: ignore[arg-type]
        self._id = document.playlist_id

    def begin(self, connection: Connection[Any]) -> bytes:
        """The head."""
        row = connection.execute("SELECT head FROM exports.playlists WHERE id = %s", [self._id]).fetchone()
        return self._writer.begin(fields.head({}, row[0] if row else None))

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Entries."""
        rows = connection.execute(
            "SELECT position, entry FROM exports.entries WHERE playlist_id = %s AND position > %s "
            "ORDER BY position LIMIT %s",
            [self._id, cursor[0] if cursor else -1, self.batch],
        ).fetchall()
        data = b"".join(self._writer.entry(fields.entry(position, {}, entry)) for position, entry in rows)
        return Batch(data, len(rows), [rows[-1][0]] if len(rows) == self.batch else None)

    def end(self) -> bytes:
        """What closes the format."""
        return self._writer.end()


class Lines:
    """A table as JSON lines, in the order of its key."""

    batch = 5_000

    def __init__(self, query: str, values: dict[str, Any]) -> None:
        self._query = query
        self._values = values

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """Nothing."""
        return b""

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Lines."""
        rows = connection.execute(
            f"SELECT key, row FROM ({self._query}) t WHERE key > %(after)s ORDER BY key LIMIT %(limit)s",  # noqa: S608
            self._values | {"after": cursor[0] if cursor else 0, "limit": self.batch},
        ).fetchall()
        dump: Callable[[Any], str] = lambda row: json.dumps(row, ensure_ascii=False)  # noqa: E731
        data = "".join(f"{dump(row)}\n" for _, row in rows).encode("utf-8", "replace")
        return Batch(data, len(rows), [rows[-1][0]] if len(rows) == self.batch else None)

    def end(self) -> bytes:
        """Nothing."""
        return b""

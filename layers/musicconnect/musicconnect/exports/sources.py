"""Where the content of files comes from: rows of Postgres, batch by batch, as bytes.

Batches are read by key, so that reading goes on at exactly the row where it stopped, in whatever transaction,
invocation or process: a row that is there all the time is told exactly once. Every batch ends with a row.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
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
            # Without bounds, those of time as far as anybody has listened to anything.
            "since": self.since or datetime(1900, 1, 1, tzinfo=ZoneInfo("UTC")),
            "until": self.until or datetime(2300, 1, 1, tzinfo=ZoneInfo("UTC")),
        }


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def in_zone(connection: Connection[Any], zone: str) -> None:
    """Let this transaction write times in a time zone."""
    connection.execute("SELECT set_config('TimeZone', %s, true)", [zone])


# -- Plays ---------------------------------------------------------------------------------------------------

_PLAYS_WANTED: Final = """
    p.user_id = %(user)s AND p.played_at >= %(since)s AND p.played_at < %(until)s
    AND (%(provider)s::text IS NULL OR p.provider = %(provider)s)
"""
_PLAYS_BEHIND: Final = """
    AND p.played_at >= %(at)s AND (p.played_at, p.track_key, p.ordinal) > (%(at)s, %(key)s, %(ordinal)s)
"""
_PLAYS_ORDER: Final = "ORDER BY p.played_at, p.track_key, p.ordinal LIMIT %(limit)s"
PLAY_COLUMNS: Final = (
    "played_at", "title", "artist", "album", "provider", "provider_track_id", "ms_played", "duration_ms",
    "kind", "source", "precision_s",
)  # fmt: skip
_PLAY_LINE: Final = sql_cells.line(
    sql_cells.moment("p.played_at"),
    sql_cells.quoted("p.title"),
    sql_cells.quoted("p.artist"),
    sql_cells.maybe("p.album"),
    "p.provider",
    # What stands for an id where the source gave none is nobody else's business.
    f"CASE WHEN starts_with(p.provider_track_id, '{KEY_PREFIX}') THEN '' "
    f"ELSE {sql_cells.quoted('p.provider_track_id')} END",
    sql_cells.number("p.ms_played"),
    sql_cells.number("p.duration_ms"),
    "p.kind",
    "p.source",
    "p.precision_s::text",
)


def _play_key(cursor: Cursor) -> dict[str, Any]:
    if cursor is None:
        return {}
    at, key, ordinal = cursor
    return {"at": datetime.fromisoformat(at), "key": int(key), "ordinal": ordinal}


def _play_cursor(at: datetime, key: int, ordinal: int) -> list[Any]:
    return [at.isoformat(), str(key), ordinal]


class PlaysCsv:
    """Plays as CSV, oldest first. Postgres writes the lines; not one of them is looked at here."""

    batch = 20_000

    def __init__(self, job: Job) -> None:
        self._scope = Scope.of(job)
        self._values = self._scope.values(job)
        self._bom = bool(job.options["bom"])

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """The header."""
        return (BOM if self._bom else b"") + sql_cells.header(PLAY_COLUMNS)

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Lines of plays."""
        in_zone(connection, self._scope.zone)
        values = self._values | _play_key(cursor) | {"limit": self.batch}
        behind = "" if cursor is None else _PLAYS_BEHIND
        with connection.cursor(row_factory=tuple_row, binary=True) as rows:
            row = rows.execute(
                f"""
                WITH page AS MATERIALIZED (
                    SELECT p.played_at, p.track_key, p.ordinal, {_PLAY_LINE} AS line
                    FROM trends.plays p WHERE {_PLAYS_WANTED} {behind} {_PLAYS_ORDER})
                SELECT a.data, a.rows, l.played_at, l.track_key, l.ordinal
                FROM (SELECT convert_to(string_agg(line, ''), 'UTF8') AS data, count(*) AS rows FROM page) a
                LEFT JOIN (SELECT * FROM page ORDER BY played_at DESC, track_key DESC, ordinal DESC LIMIT 1) l
                    ON true
                """,  # noqa: S608 - constants
                values,
            ).fetchone()
        data, count, *last = row or (None, 0)
        return Batch(data or b"", count, _play_cursor(*last) if count == self.batch else None)

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
        values = self._values | _play_key(cursor) | {"limit": self.batch}
        behind = "" if cursor is None else _PLAYS_BEHIND
        with connection.cursor(row_factory=tuple_row, binary=True) as rows:
            plays = rows.execute(
                f"""
                SELECT played_at, track_key, ordinal, import_id, inserted_at, ms_played, duration_ms,
                       precision_s, kind, source, provider, provider_track_id, title, artist, album, details,
                       NULL
                FROM trends.plays p WHERE {_PLAYS_WANTED} {behind} {_PLAYS_ORDER}
                """,  # noqa: S608 - constants
                values,
            ).fetchall()
        listens = [to_json(submittable(Play(*play))) for play in plays]
        last = _play_cursor(*plays[-1][:3]) if len(plays) == self.batch else None
        if not self._is_array:
            return Batch(b"".join([part for one in listens for part in (one, b"\n")]), len(plays), last)
        start = b"\n" if cursor is None else b",\n"
        return Batch(start + b",\n".join(listens) if listens else b"", len(plays), last)

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
PIN_COLUMNS: Final = ("provider", "type", "id", "title", "subtitle", "url", "pinned_at")


class PinsCsv:
    """Pins as CSV, in the order in which they were made."""

    batch = 5_000

    def __init__(self, job: Job) -> None:
        self._scope = Scope.of(job)
        self._values = self._scope.values(job)
        self._bom = bool(job.options["bom"])

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """The header."""
        return (BOM if self._bom else b"") + sql_cells.header(PIN_COLUMNS)

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Lines of pins."""
        rows = connection.execute(
            f"""
            SELECT p.id, p.provider, p.item_type, p.provider_item_id, p.title, p.subtitle, p.pinned_at
            FROM search.pinned_items p WHERE {_PINS_WANTED} AND p.id > %(after)s ORDER BY p.id LIMIT %(limit)s
            """,  # noqa: S608 - constants
            self._values | {"after": cursor[0] if cursor else 0, "limit": self.batch},
        ).fetchall()
        zone = ZoneInfo(self._scope.zone)
        lines = [
            csv_line(
                provider,
                kind,
                item_id,
                shown,
                subtitle,
                _address(provider, kind, item_id),
                at.astimezone(zone),
            )
            for _, provider, kind, item_id, shown, subtitle, at in rows
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


def csv_line(*values: object) -> bytes:
    """A line of a CSV, texts in quotes and harmless."""
    return ",".join(map(_cell, values)).encode("utf-8", "replace") + b"\r\n"


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return f'"{value.isoformat()}"'
        case str():
            return f'"{cells.harmless(value).replace('"', '""')}"'
        case _:
            return str(value).lower()


_MIGRATED: Final = """
    migrations.tracks t JOIN migrations.playlists l ON l.id = t.playlist_migration_id
    JOIN migrations.jobs j ON j.id = l.job_id
"""
_MIGRATED_WANTED: Final = """
    j.user_id = %(user)s AND j.created_at >= %(since)s AND j.created_at < %(until)s
    AND (%(provider)s::text IS NULL OR %(provider)s IN (j.source_provider, j.target_provider))
"""
MIGRATION_COLUMNS: Final = (
    "migration_id", "migrated_at", "source_provider", "target_provider", "source_playlist_id",
    "source_playlist", "target_playlist_id", "target_playlist", "position", "source_track_id",
    "source_title", "source_artist", "target_track_id", "target_title", "target_artist", "score", "status",
    "outcome", "reason", "written",
)  # fmt: skip
_MIGRATION_LINE: Final = sql_cells.line(
    "j.id::text",
    sql_cells.moment("j.created_at"),
    sql_cells.quoted("j.source_provider"),
    sql_cells.quoted("j.target_provider"),
    sql_cells.quoted("l.source_playlist_id"),
    sql_cells.quoted("l.source_name"),
    sql_cells.maybe("l.target_playlist_id"),
    sql_cells.maybe("l.target_name"),
    "t.position::text",
    sql_cells.maybe("t.source_track_id"),
    sql_cells.quoted("t.source_title"),
    sql_cells.quoted("t.source_artist"),
    sql_cells.maybe("t.target_track_id"),
    sql_cells.maybe("t.target_title"),
    sql_cells.maybe("t.target_artist"),
    sql_cells.number("t.match_score"),
    "t.status",
    "coalesce(t.outcome, '')",
    sql_cells.maybe("t.error_message"),
    "(t.write_state = 'written')::text",
)


class MigrationsCsv:
    """What became of every track that was migrated, as CSV."""

    batch = 10_000

    def __init__(self, job: Job) -> None:
        self._scope = Scope.of(job)
        self._values = self._scope.values(job)
        self._bom = bool(job.options["bom"])

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """The header."""
        return (BOM if self._bom else b"") + sql_cells.header(MIGRATION_COLUMNS)

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Lines of tracks, playlist by playlist, in order."""
        in_zone(connection, self._scope.zone)
        playlist, position = cursor or (0, -1)
        row = connection.execute(
            f"""
            WITH page AS MATERIALIZED (
                SELECT l.id, t.position, {_MIGRATION_LINE} AS line FROM {_MIGRATED}
                WHERE {_MIGRATED_WANTED}
                  AND (t.playlist_migration_id, t.position) > (%(playlist)s, %(position)s)
                ORDER BY t.playlist_migration_id, t.position LIMIT %(limit)s)
            SELECT a.data, a.rows, l.id, l.position
            FROM (SELECT string_agg(line, '') AS data, count(*) AS rows FROM page) a
            LEFT JOIN (SELECT id, position FROM page ORDER BY id DESC, position DESC LIMIT 1) l ON true
            """,  # noqa: S608 - constants
            self._values | {"playlist": playlist, "position": position, "limit": self.batch},
        ).fetchone()
        data, count, *last = row or (None, 0)
        return Batch((data or "").encode(), count, last if count == self.batch else None)

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

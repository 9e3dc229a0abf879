"""Pins, migrated tracks, playlists and the archive's tables on their way out."""

import json
from datetime import UTC, datetime
from typing import Any, Final

from psycopg import Connection

from musicconnect.exports.content import sql_csv
from musicconnect.exports.content.filters import BOM, Batch, Cursor, ExportFilters, count_rows
from musicconnect.exports.plan import Document
from musicconnect.exports.store import Job
from musicconnect.music.model import ItemType
from musicconnect.playlist_files import csv_safety, json_fields
from musicconnect.playlist_files.writers import writer
from musicconnect.providers import registry

_PINS_WANTED: Final = """
    p.user_id = %(user)s AND p.pinned_at >= %(since)s AND p.pinned_at < %(until)s
    AND (%(provider)s::text IS NULL OR p.provider = %(provider)s)
"""
PIN_COLUMNS: Final = ("pinned_at", "local_time", "provider", "type", "id", "title", "subtitle", "url")


class PinsCsv:
    """Pins as CSV, in the order in which they were made."""

    batch = 5_000

    def __init__(self, job: Job) -> None:
        self._values = ExportFilters.of(job).values(job.user_id)
        self._bom = bool(job.options["bom"])

    def count(self, connection: Connection[Any]) -> int:
        """How many pins."""
        return count_rows(connection, f"search.pinned_items p WHERE {_PINS_WANTED}", self._values)

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """The header."""
        return (BOM if self._bom else b"") + sql_csv.header(PIN_COLUMNS)

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
    return f'"{csv_safety.escape_formula(value).replace('"', '""')}"'


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
_MIGRATION_LINE: Final = sql_csv.line(
    sql_csv.plain("j.id"),
    sql_csv.plain("j.created_at"),
    sql_csv.plain("j.created_at AT TIME ZONE %(zone)s"),
    sql_csv.plain("j.source_provider"),
    sql_csv.plain("j.target_provider"),
    sql_csv.text("l.source_playlist_id"),
    sql_csv.text("l.source_name"),
    sql_csv.text("l.target_playlist_id"),
    sql_csv.text("l.target_name"),
    sql_csv.plain("t.position"),
    sql_csv.text("t.source_track_id"),
    sql_csv.text("t.source_title"),
    sql_csv.text("t.source_artist"),
    sql_csv.text("t.target_track_id"),
    sql_csv.text("t.target_title"),
    sql_csv.text("t.target_artist"),
    sql_csv.plain("t.match_score"),
    sql_csv.plain("t.status"),
    sql_csv.plain("t.outcome"),
    sql_csv.text("t.error_message"),
    sql_csv.plain("(t.write_state = 'written')::text"),
)
_MIGRATION_LINES: Final = f"""
    SELECT {_MIGRATION_LINE} AS line FROM {_MIGRATED} WHERE {_MIGRATED_WANTED} AND {_MIGRATED_SPAN}
    ORDER BY t.playlist_migration_id, t.position
"""  # noqa: S608 - constants


class MigrationsCsv:
    """What became of every track that was migrated, as CSV."""

    batch = 10_000

    def __init__(self, job: Job) -> None:
        self._values = ExportFilters.of(job).values(job.user_id)
        self._bom = bool(job.options["bom"])

    def count(self, connection: Connection[Any]) -> int:
        """How many tracks."""
        return count_rows(connection, f"{_MIGRATED} WHERE {_MIGRATED_WANTED}", self._values)

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """The header."""
        return (BOM if self._bom else b"") + sql_csv.header(MIGRATION_COLUMNS)

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Lines of tracks, playlist by playlist, in order."""
        playlist, position = cursor or (0, -1)
        values = self._values | {"playlist": playlist, "position": position, "rows": self.batch}
        end = connection.execute(_MIGRATED_END, values).fetchone()
        values["last_playlist"], values["last_position"] = end or LAST
        return Batch(*sql_csv.lines(connection, _MIGRATION_LINES, values), list(end) if end else None)

    def end(self) -> bytes:
        """Nothing."""
        return b""


class PlaylistEntries:
    """A playlist as it was read, in one of the formats of `musicconnect.playlist_files`."""

    batch = 2_000

    def __init__(self, job: Job, document: Document) -> None:
        self._writer = writer(document.format, bom=bool(job.options["bom"]))  # type: ignore[arg-type]
        self._id = document.playlist_id

    def count(self, connection: Connection[Any]) -> int:
        """How many entries."""
        return count_rows(connection, "exports.entries WHERE playlist_id = %(id)s", {"id": self._id})

    def begin(self, connection: Connection[Any]) -> bytes:
        """The head."""
        row = connection.execute("SELECT head FROM exports.playlists WHERE id = %s", [self._id]).fetchone()
        return self._writer.begin(json_fields.make_header({}, row[0] if row else None))

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Entries."""
        rows = connection.execute(
            "SELECT position, entry FROM exports.entries WHERE playlist_id = %s AND position > %s "
            "ORDER BY position LIMIT %s",
            [self._id, cursor[0] if cursor else -1, self.batch],
        ).fetchall()
        data = b"".join(
            self._writer.entry(json_fields.make_entry(position, {}, entry)) for position, entry in rows
        )
        return Batch(data, len(rows), [rows[-1][0]] if len(rows) == self.batch else None)

    def end(self) -> bytes:
        """What closes the format."""
        return self._writer.end()


class TableLines:
    """A table as JSON lines, in the order of its key."""

    batch = 5_000

    def __init__(self, query: str, values: dict[str, Any]) -> None:
        self._query = query
        self._values = values

    def count(self, connection: Connection[Any]) -> int:
        """How many lines."""
        return count_rows(connection, f"({self._query}) t", self._values)

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """Nothing."""
        return b""

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Lines."""
        rows = connection.execute(
            f"SELECT key, row FROM ({self._query}) t WHERE key > %(after)s ORDER BY key LIMIT %(limit)s",  # noqa: S608
            self._values | {"after": cursor[0] if cursor else 0, "limit": self.batch},
        ).fetchall()
        text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for _, row in rows)
        data = text.encode("utf-8", "replace")
        return Batch(data, len(rows), [rows[-1][0]] if len(rows) == self.batch else None)

    def end(self) -> bytes:
        """Nothing."""
        return b""

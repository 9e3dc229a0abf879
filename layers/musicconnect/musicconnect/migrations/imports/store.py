"""Run the SQL of playlist imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row, tuple_row
from psycopg.types.json import Jsonb

from musicconnect.migrations.engine.store import ADD_TRACKS
from musicconnect.migrations.imports.model import PlaylistImportStatus
from musicconnect.platform.status import Status
from musicconnect.platform.text import storable_value
from musicconnect.platform.work.lease import Lease, LeaseLostError

_IMPORTS: LiteralString = """
    SELECT i.id, i.target_provider, i.as_copy, i.remove_missing, i.dry_run, i.status, i.status_code AS code,
        i.status_params AS params, i.file_name, i.size_bytes, i.storage_key, i.etag, i.formats,
        i.playlist_count AS playlists, i.entry_count AS entries, i.failed_count AS failed, i.failures,
        i.created_at, i.started_at, i.finished_at, i.attempts,
        (SELECT j.id FROM migrations.jobs j WHERE j.import_id = i.id AND j.source_provider = 'file')
            AS migration_id,
        ARRAY(SELECT j.id FROM migrations.jobs j WHERE j.import_id = i.id ORDER BY j.id) AS migration_ids
    FROM migrations.imports i WHERE i.user_id = core.current_user_id()"""

_PLAYLISTS_HELD: LiteralString = """
    WITH held AS (SELECT id, user_id FROM migrations.playlists WHERE job_id = %(job)s)"""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An import as it is stored."""

    id: int
    target_provider: str
    as_copy: bool
    remove_missing: bool
    dry_run: bool
    status: PlaylistImportStatus
    code: str
    params: dict[str, Any]
    file_name: str
    size_bytes: int
    storage_key: str
    etag: str | None
    formats: list[str]
    playlists: int
    entries: int
    failed: int
    failures: list[dict[str, Any]]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    migration_id: int | None
    migration_ids: list[int]


def insert_import(connection: Connection[Any], values: Mapping[str, Any]) -> int:
    """Add an import, whose file is yet to come; gives its id."""
    row = connection.execute(
        """
        INSERT INTO migrations.imports (user_id, target_provider, as_copy, remove_missing, dry_run,
            file_name, size_bytes, storage_key, created_at)
        VALUES (core.current_user_id(), %(target_provider)s, %(as_copy)s, %(remove_missing)s, %(dry_run)s,
            %(file_name)s, %(size_bytes)s, %(storage_key)s, %(at)s)
        RETURNING id
        """,
        values,
    ).fetchone()
    assert row is not None  # INSERT without a conflict clause returns its row
    return int(row[0])


def count_unfinished(connection: Connection[Any], since: datetime) -> int:
    """Count the person's imports that are being read, or may still be uploaded."""
    row = connection.execute(
        """
        SELECT count(*) FROM migrations.imports
        WHERE user_id = core.current_user_id()
          AND (status IN ('pending', 'running') OR status = 'awaiting_upload' AND created_at > %s)
        """,
        [since],
    ).fetchone()
    return int(row[0]) if row else 0


def get_import(connection: Connection[Any], import_id: int) -> ImportRow | None:
    """Give an import of the user."""
    with connection.cursor(row_factory=class_row(ImportRow)) as cursor:
        return cursor.execute(_IMPORTS + " AND i.id = %s", [import_id]).fetchone()


def list_imports(connection: Connection[Any], *, before: int | None, limit: int) -> list[ImportRow]:
    """List imports with ids below ``before``, newest first; one more than ``limit`` if there are more."""
    with connection.cursor(row_factory=class_row(ImportRow)) as cursor:
        return cursor.execute(
            _IMPORTS
            + " AND (%(before)s::bigint IS NULL OR i.id < %(before)s) ORDER BY i.id DESC LIMIT %(limit)s + 1",
            {"before": before, "limit": limit},
        ).fetchall()


def make_due(connection: Connection[Any], import_id: int, etag: str, at: datetime) -> bool:
    """Hand an import to the worker; False if somebody did before."""
    cursor = connection.execute(
        """
        UPDATE migrations.imports
        SET status = 'pending', status_code = 'import-pending', etag = %(etag)s,
            due_at = %(at)s, enqueued_at = %(at)s
        WHERE user_id = core.current_user_id() AND id = %(id)s AND status = 'awaiting_upload'
        """,
        {"id": import_id, "etag": etag, "at": at},
    )
    return cursor.rowcount == 1


def delete_import(connection: Connection[Any], import_id: int) -> str | None:
    """Delete an import; gives the key of its file, None if there is no such import."""
    row = connection.execute(
        "DELETE FROM migrations.imports WHERE user_id = core.current_user_id() AND id = %s "
        "RETURNING storage_key",
        [import_id],
    ).fetchone()
    return None if row is None else str(row[0])


def claim(connection: Connection[Any], lease: Lease, at: datetime) -> ImportRow | None:
    """Begin reading a file; None if there is nothing to do, or it or another one of the user's is being read.

    The workers are few: a person's imports take turns at one of them.
    """
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('migrations.imports', core.current_user_id()))"
    )
    row = connection.execute(
        """
        UPDATE migrations.imports
        SET status = 'running', status_code = 'import-running',
            started_at = coalesce(started_at, %(at)s), lease_token = %(token)s,
            lease_until = %(until)s, attempts = attempts + 1
        WHERE user_id = core.current_user_id() AND id = %(id)s AND status IN ('pending', 'running')
          AND (lease_until IS NULL OR lease_until <= %(at)s)
          AND NOT EXISTS (
            SELECT FROM migrations.imports other
            WHERE other.user_id = core.current_user_id() AND other.id <> %(id)s
              AND other.lease_until > %(at)s)
        RETURNING id
        """,
        {"id": lease.id, "token": lease.token, "at": at, "until": lease.until},
    ).fetchone()
    return None if row is None else get_import(connection, lease.id)


def find_waiting(connection: Connection[Any], at: datetime) -> int | None:
    """Find the user's oldest import that is due and leased to nobody."""
    row = connection.execute(
        """
        SELECT id FROM migrations.imports
        WHERE user_id = core.current_user_id() AND status IN ('pending', 'running') AND due_at <= %(at)s
          AND (lease_until IS NULL OR lease_until <= %(at)s)
        ORDER BY id LIMIT 1
        """,
        {"at": at},
    ).fetchone()
    return int(row[0]) if row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of reading a file."""

    status: PlaylistImportStatus
    state: Status
    formats: Sequence[str] = ()
    playlists: int = 0
    entries: int = 0
    failed: int = 0
    failures: Sequence[Mapping[str, Any]] = ()


def finish(connection: Connection[Any], lease: Lease, result: Result, at: datetime) -> None:
    """Save the result and release the lease. Raises `LeaseLostError`."""
    cursor = connection.execute(
        """
        UPDATE migrations.imports
        SET status = %(status)s, status_code = %(code)s, status_params = %(params)s,
            formats = %(formats)s, playlist_count = %(playlists)s, entry_count = %(entries)s,
            failed_count = %(failed)s,
            failures = %(failures)s, finished_at = %(at)s, due_at = NULL, enqueued_at = NULL,
            lease_token = NULL, lease_until = NULL
        WHERE id = %(id)s AND lease_token = %(token)s
        """,
        {
            "id": lease.id, "token": lease.token, "status": result.status, "code": result.state.code,
            "params": Jsonb(storable_value(dict(result.state.params))),
            "formats": list(result.formats), "playlists": result.playlists, "entries": result.entries,
            "failed": result.failed, "failures": Jsonb(storable_value(list(result.failures))), "at": at,
        },
    )  # fmt: skip
    if cursor.rowcount != 1:
        raise LeaseLostError


def extend_lease(connection: Connection[Any], lease: Lease) -> bool:
    """Save how long the lease lasts; False if it was lost."""
    cursor = connection.execute(
        "UPDATE migrations.imports SET lease_until = %s WHERE id = %s AND lease_token = %s",
        [lease.until, lease.id, lease.token],
    )
    return cursor.rowcount == 1


def release(connection: Connection[Any], lease: Lease, at: datetime) -> None:
    """Release the lease after a failure of ours, or a step that was too short, for another attempt."""
    connection.execute(
        """
        UPDATE migrations.imports SET lease_token = NULL, lease_until = NULL, due_at = %s, enqueued_at = %s
        WHERE id = %s AND lease_token = %s
        """,
        [at, at, lease.id, lease.token],
    )


def add_tracks(
    connection: Connection[Any], job_id: int, rows: Sequence[Mapping[str, Any]], at: datetime
) -> None:
    """Add entries as the engine's first stage adds those that it reads from a provider."""
    connection.execute(
        _PLAYLISTS_HELD + ADD_TRACKS,
        {"job": job_id, "rows": Jsonb(storable_value(list(map(dict, rows)))), "_at": at},
    )


def skip_reading(
    connection: Connection[Any],
    playlist_id: int,
    *,
    description: str,
    entries: int,
    failed: int,
    has_links: bool,
) -> None:
    """Let a playlist begin with matching: its tracks are read, but for what links alone name."""
    connection.execute(
        """
        UPDATE migrations.playlists
        SET stage = CASE WHEN %(links)s THEN 'read' ELSE 'match' END, source_description = %(description)s,
            source_version = 'file', read_count = %(entries)s, track_count = %(entries)s,
            failed_count = %(failed)s
        WHERE id = %(id)s
        """,
        {
            "links": has_links, "description": storable_value(description), "entries": entries,
            "failed": failed, "id": playlist_id,
        },
    )  # fmt: skip


def claim_due(connection: Connection[Any], at: datetime, most: int) -> list[tuple[int, int]]:
    """Claim imports whose message was lost, anybody's, as pairs of import id and user id."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            "SELECT import_id, user_id FROM migrations.claim_due_imports(%s, %s)", [at, most]
        ).fetchall()

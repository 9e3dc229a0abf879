"""The SQL of export jobs and their files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row, tuple_row
from psycopg.types.json import Jsonb

from musicconnect.exports.model import ExportStatus, File, Job
from musicconnect.platform import clock
from musicconnect.platform.logging import correlation_id
from musicconnect.platform.status import Reader, Status
from musicconnect.platform.work.lease import Lease, LeaseLostError

COLUMNS = (
    "id, user_id, export_type, status, status_code, status_params, requested_at, started_at, completed_at, "
    "filters, options, storage_token, rows_done, rows_expected, bytes_done, notes, position, attempts, "
    "request_hash"
)
FILE_COLUMNS = (
    "id, export_job_id, storage_bucket, storage_key, mime_type, size_bytes, created_at, expires_at, name, "
    "row_count"
)


def lock_user(connection: Connection[Any], user_id: int) -> None:
    """Let nobody else begin an export of the same user until the transaction ends."""
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('exports.person.' || %s, 0))", [user_id]
    )


def count_unfinished(connection: Connection[Any], user_id: int) -> int:
    """Count a user's exports that wait or are being built."""
    row = connection.execute(
        "SELECT count(*) FROM exports.jobs WHERE user_id = %s AND status IN ('pending', 'running')", [user_id]
    ).fetchone()
    return int(row[0]) if row else 0


def find_by_key(connection: Connection[Any], user_id: int, key: str) -> Job | None:
    """Find the export that a request with this ``Idempotency-Key`` asked for."""
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(
            f"SELECT {COLUMNS} FROM exports.jobs WHERE user_id = %s AND idempotency_key = %s",  # noqa: S608
            [user_id, key],
        ).fetchone()


def insert_job(
    connection: Connection[Any],
    user_id: int,
    *,
    export_type: str,
    filters: dict[str, Any],
    options: dict[str, Any],
    key: str | None,
    request_hash: str | None,
    storage_token: str,
    at: datetime,
) -> Job:
    """Insert an export, whose first message is about to be sent."""
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        row = cursor.execute(
            f"""
            INSERT INTO exports.jobs (user_id, export_type, status_message, requested_at, idempotency_key,
                request_hash, filters, options, storage_token, due_at, enqueued_at, correlation_id)
            VALUES (%(user)s, %(type)s, 'Waiting for its turn.', %(at)s, %(key)s, %(hash)s, %(filters)s,
                %(options)s, %(token)s, %(at)s, %(at)s, %(cause)s)
            RETURNING {COLUMNS}
            """,  # noqa: S608 - a constant
            {
                "user": user_id, "type": export_type, "at": at, "key": key, "hash": request_hash,
                "filters": Jsonb(filters), "options": Jsonb(options), "token": storage_token,
                "cause": correlation_id(),
            },
        ).fetchone()  # fmt: skip
    assert row is not None  # INSERT without a conflict clause returns its row
    return row


def get_job(connection: Connection[Any], user_id: int, export_id: int) -> Job | None:
    """Get an export of a user."""
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(
            f"SELECT {COLUMNS} FROM exports.jobs WHERE user_id = %s AND id = %s",  # noqa: S608 - a constant
            [user_id, export_id],
        ).fetchone()


def list_jobs(connection: Connection[Any], user_id: int, *, before: int | None, limit: int) -> list[Job]:
    """List exports with ids below ``before``, newest first; one more than ``limit`` if there are more."""
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(
            f"""
            SELECT {COLUMNS} FROM exports.jobs
            WHERE user_id = %(user)s AND id < coalesce(%(before)s, 9223372036854775807)  -- the largest bigint
            ORDER BY id DESC LIMIT %(limit)s + 1
            """,  # noqa: S608 - a constant
            {"user": user_id, "before": before, "limit": limit},
        ).fetchall()


def files_of(connection: Connection[Any], job_ids: Sequence[int], at: datetime) -> list[File]:
    """List the unexpired files of exports, in the order in which they were made."""
    with connection.cursor(row_factory=class_row(File)) as cursor:
        return cursor.execute(
            f"""
            SELECT {FILE_COLUMNS} FROM exports.files
            WHERE export_job_id = ANY (%s) AND user_id = core.current_user_id() AND expires_at > %s
            ORDER BY id
            """,  # noqa: S608 - a constant
            [list(job_ids), at],
        ).fetchall()


def cancel(connection: Connection[Any], user_id: int, export_id: int, at: datetime) -> str | None:
    """End an export that is under way; gives its storage token, None if it is not under way."""
    row = connection.execute(
        """
        UPDATE exports.jobs
        SET status = 'failed', status_code = 'cancelled', status_params = '{}', status_message = 'Cancelled.',
            completed_at = %(at)s, lease_token = NULL, lease_until = NULL, due_at = NULL, enqueued_at = NULL,
            position = '{}'
        WHERE user_id = %(user)s AND id = %(id)s AND status IN ('pending', 'running') RETURNING storage_token
        """,
        {"user": user_id, "id": export_id, "at": at},
    ).fetchone()
    if row is None:
        return None
    discard(connection, export_id, row[0], at)
    return str(row[0])


def discard(connection: Connection[Any], export_id: int, storage_token: str, at: datetime) -> None:
    """Delete what an export that came to nothing has made; what it stored is recorded for deletion."""
    connection.execute("DELETE FROM exports.files WHERE export_job_id = %s", [export_id])
    connection.execute("DELETE FROM exports.playlists WHERE export_job_id = %s", [export_id])
    connection.execute(
        "INSERT INTO exports.leftovers (storage_token, recorded_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [storage_token, at],
    )


def delete_job(connection: Connection[Any], user_id: int, export_id: int) -> str | None:
    """Delete an export in whatever state; gives its storage token, None if there is none."""
    row = connection.execute(
        "DELETE FROM exports.jobs WHERE user_id = %s AND id = %s RETURNING storage_token",
        [user_id, export_id],
    ).fetchone()
    return None if row is None else str(row[0])


def claim(connection: Connection[Any], user_id: int, lease: Lease, at: datetime) -> Job | None:
    """Begin or go on working on an export; None if nothing is due or somebody else does it."""
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(
            f"""
            UPDATE exports.jobs
            SET status = 'running', started_at = coalesce(started_at, %(at)s), lease_token = %(token)s,
                lease_until = %(until)s, attempts = attempts + 1
            WHERE user_id = %(user)s AND id = %(id)s AND status IN ('pending', 'running') AND due_at <= %(at)s
              AND (lease_until IS NULL OR lease_until <= %(at)s)
            RETURNING {COLUMNS}
            """,  # noqa: S608 - a constant
            {"user": user_id, "id": lease.id, "token": lease.token, "at": at, "until": lease.until},
        ).fetchone()


def save_progress(
    connection: Connection[Any],
    lease: Lease,
    job: Job,
    state: Status,
    *,
    rows_done: int = 0,
    bytes_done: int = 0,
) -> None:
    """Save how far an export is: its attempts count from here, and its lease lasts longer.

    Raises:
        LeaseLostError: it is no longer ours.
    """
    _update(
        connection,
        lease,
        """
        UPDATE exports.jobs
        SET position = %(position)s, rows_done = %(done)s, rows_expected = %(expected)s,
            bytes_done = %(bytes)s, notes = %(notes)s, attempts = 0, status_code = %(code)s,
            status_params = %(params)s, status_message = %(message)s, lease_until = %(until)s
        WHERE id = %(id)s AND lease_token = %(token)s AND status = 'running'
        """,
        position=Jsonb(job.position),
        done=rows_done,
        expected=job.rows_expected,
        bytes=bytes_done,
        notes=Jsonb(job.notes),
        **_columns(state),
    )


def extend_lease(connection: Connection[Any], lease: Lease) -> None:
    """Make the lease last longer, and hold its row until the transaction ends.

    Raises:
        LeaseLostError: the export is no longer ours.
    """
    _update(
        connection,
        lease,
        """
        UPDATE exports.jobs SET lease_until = %(until)s
        WHERE id = %(id)s AND lease_token = %(token)s AND status = 'running'
        """,
    )


def release(
    connection: Connection[Any],
    lease: Lease,
    *,
    due_at: datetime,
    enqueued_at: datetime | None,
    state: Status | None = None,
) -> None:
    """Give the lease back, to be gone on with.

    Raises:
        LeaseLostError: it is no longer ours.
    """
    _update(
        connection,
        lease,
        """
        UPDATE exports.jobs
        SET due_at = %(due)s, enqueued_at = %(enqueued)s, lease_token = NULL, lease_until = NULL,
            status_code = coalesce(%(code)s, status_code),
            status_params = coalesce(%(params)s, status_params),
            status_message = coalesce(%(message)s, status_message)
        WHERE id = %(id)s AND lease_token = %(token)s
        """,
        due=due_at,
        enqueued=enqueued_at,
        **_columns(state),
    )


def finish(
    connection: Connection[Any], lease: Lease, *, status: ExportStatus, state: Status, at: datetime
) -> None:
    """Finish an export, one way or the other. What was read for it is no longer needed.

    Raises:
        LeaseLostError: it is no longer ours.
    """
    _update(
        connection,
        lease,
        """
        UPDATE exports.jobs
        SET status = %(status)s, status_code = %(code)s, status_params = %(params)s,
            status_message = %(message)s, completed_at = %(at)s, due_at = NULL, enqueued_at = NULL,
            lease_token = NULL, lease_until = NULL, position = '{}'
        WHERE id = %(id)s AND lease_token = %(token)s
        """,
        status=status,
        at=at,
        **_columns(state),
    )
    connection.execute("DELETE FROM exports.playlists WHERE export_job_id = %s", [lease.id])


def add_file(
    connection: Connection[Any],
    job: Job,
    *,
    bucket: str,
    key: str,
    mime_type: str,
    size_bytes: int,
    name: str,
    row_count: int,
    at: datetime,
    expires_at: datetime,
) -> None:
    """Record a file that is in its place; one recorded before under the same key was replaced."""
    connection.execute(
        """
        INSERT INTO exports.files (export_job_id, user_id, storage_bucket, storage_key, mime_type, size_bytes,
            created_at, expires_at, name, row_count)
        VALUES (%(job)s, %(user)s, %(bucket)s, %(key)s, %(mime)s, %(size)s, %(at)s, %(expires)s, %(name)s,
            %(rows)s)
        ON CONFLICT (storage_bucket, storage_key) DO UPDATE
        SET size_bytes = excluded.size_bytes, created_at = excluded.created_at,
            expires_at = excluded.expires_at, row_count = excluded.row_count
        """,
        {
            "job": job.id, "user": job.user_id, "bucket": bucket, "key": key, "mime": mime_type,
            "size": size_bytes, "at": at, "expires": expires_at, "name": name, "rows": row_count,
        },
    )  # fmt: skip


def claim_due(connection: Connection[Any], at: datetime, limit: int) -> list[tuple[int, int, str]]:
    """Claim anybody's due exports: export id, user id, and the request's correlation id."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            "SELECT export_id, user_id, correlation_id FROM exports.claim_due_jobs(%s, %s)", [at, limit]
        ).fetchall()


def list_expired_files(connection: Connection[Any], at: datetime, limit: int) -> list[tuple[int, str, str]]:
    """List anybody's expired files: id, bucket, key."""
    return connection.execute(
        "SELECT file_id, storage_bucket, storage_key FROM exports.expired_files(%s, %s)", [at, limit]
    ).fetchall()


def delete_expired_files(connection: Connection[Any], ids: Sequence[int], at: datetime) -> None:
    """Delete the rows of expired files, and say so in their exports."""
    connection.execute("SELECT exports.delete_expired_files(%s, %s)", [list(ids), at])


def list_leftovers(connection: Connection[Any], limit: int) -> list[tuple[str, datetime]]:
    """List what may be left in object storage of exports that are gone: storage token, since when."""
    return connection.execute(
        "SELECT storage_token, recorded_at FROM exports.leftovers ORDER BY recorded_at LIMIT %s", [limit]
    ).fetchall()


def delete_leftover(connection: Connection[Any], storage_token: str) -> None:
    """Delete the record of an export of which nothing is left."""
    connection.execute("DELETE FROM exports.leftovers WHERE storage_token = %s", [storage_token])


def _update(connection: Connection[Any], lease: Lease, query: LiteralString, **values: Any) -> None:
    values |= {"id": lease.id, "token": lease.token, "until": lease.extended().until}
    if connection.execute(query, values).rowcount != 1:
        raise LeaseLostError


def _columns(state: Status | None) -> dict[str, Any]:
    """Give a status's columns. Its words there are in UTC; the API writes its own, in the reader's zone."""
    if state is None:
        return {"code": None, "params": None, "message": None}
    from musicconnect.exports import status_text  # noqa: PLC0415 - with the providers' titles

    message = status_text.text_of(state, Reader(clock.now()))
    return {"code": state.code, "params": Jsonb(dict(state.params)), "message": message}

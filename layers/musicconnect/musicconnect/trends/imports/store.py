"""The SQL of imports of histories."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg import Connection
from psycopg.rows import class_row, tuple_row
from psycopg.types.json import Jsonb

from musicconnect.platform.status import Status
from musicconnect.platform.work.lease import Lease

if TYPE_CHECKING:
    from musicconnect.trends.imports.schemas import HistoryImportStatus

_COLUMNS = (
    "id, status, status_code, status_params, file_name, size_bytes, storage_key, formats, created_at, "
    "started_at, finished_at, total, accepted, duplicate, skipped, failed, reasons, failures, "
    "first_played_at, last_played_at, position, attempts"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProgress:
    """What a batch changes of an import."""

    formats: list[str]
    accepted: int
    duplicate: int
    skipped: int
    failed: int
    reasons: dict[str, dict[str, int]]
    failures: list[dict[str, Any]]
    first_played_at: datetime | None
    last_played_at: datetime | None
    position: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow(ImportProgress):
    """A row of ``trends.imports``."""

    id: int
    status: "HistoryImportStatus"
    status_code: str
    status_params: dict[str, Any]
    file_name: str
    size_bytes: int
    storage_key: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    total: int
    attempts: int


def insert_import(
    connection: Connection[Any],
    user_id: int,
    *,
    file_name: str,
    size_bytes: int,
    storage_key: str,
    at: datetime,
) -> ImportRow:
    """Insert an import whose file is yet to be uploaded."""
    with connection.cursor(row_factory=class_row(ImportRow)) as cursor:
        row = cursor.execute(
            f"""
            INSERT INTO trends.imports (user_id, file_name, size_bytes, storage_key, created_at)
            VALUES (%s, %s, %s, %s, %s)
            RETURNING {_COLUMNS}
            """,  # noqa: S608 - a constant
            [user_id, file_name, size_bytes, storage_key, at],
        ).fetchone()
    assert row is not None  # INSERT without a conflict clause returns its row
    return row


def count_active(connection: Connection[Any], user_id: int) -> int:
    """Count a user's imports that wait for their file or are being worked on."""
    row = connection.execute(
        """
        SELECT count(*) FROM trends.imports
        WHERE user_id = %s AND status IN ('awaiting_upload', 'pending', 'running', 'deleting')
        """,
        [user_id],
    ).fetchone()
    return int(row[0]) if row else 0


def get_import(connection: Connection[Any], user_id: int, import_id: int) -> ImportRow | None:
    """Get an import."""
    with connection.cursor(row_factory=class_row(ImportRow)) as cursor:
        return cursor.execute(
            f"SELECT {_COLUMNS} FROM trends.imports WHERE user_id = %s AND id = %s",  # noqa: S608 - a constant
            [user_id, import_id],
        ).fetchone()


def list_imports(
    connection: Connection[Any], user_id: int, *, before: int | None, limit: int
) -> list[ImportRow]:
    """List imports with ids below ``before``, newest first; one more than ``limit`` if there are more."""
    with connection.cursor(row_factory=class_row(ImportRow)) as cursor:
        return cursor.execute(
            f"""
            SELECT {_COLUMNS} FROM trends.imports
            WHERE user_id = %(user_id)s
              AND id < coalesce(%(before)s, 9223372036854775807)  -- the largest bigint
            ORDER BY id DESC LIMIT %(limit)s + 1
            """,  # noqa: S608 - a constant
            {"user_id": user_id, "before": before, "limit": limit},
        ).fetchall()


def make_due(
    connection: Connection[Any], user_id: int, import_id: int, *, position: dict[str, Any], at: datetime
) -> None:
    """Hand an import to the worker."""
    connection.execute(
        """
        UPDATE trends.imports
        SET status = 'pending', status_code = 'queued', position = %(position)s, due_at = %(at)s,
            enqueued_at = %(at)s, attempts = 0
        WHERE user_id = %(user_id)s AND id = %(id)s
        """,
        {"user_id": user_id, "id": import_id, "position": Jsonb(position), "at": at},
    )


def claim(connection: Connection[Any], user_id: int, lease: Lease, at: datetime) -> ImportRow | None:
    """Lease an import that needs work; None if it needs none, is leased, or another one of the user's is.

    The workers are few: a person's imports take turns at one of them.
    """
    connection.execute("SELECT trends.lock_user(%s)", [user_id])
    with connection.cursor(row_factory=class_row(ImportRow)) as cursor:
        return cursor.execute(
            f"""
            UPDATE trends.imports
            SET status = CASE status WHEN 'pending' THEN 'running' ELSE status END,
                started_at = coalesce(started_at, %(at)s), lease_token = %(token)s, lease_until = %(until)s,
                attempts = attempts + 1
            WHERE user_id = %(user_id)s AND id = %(id)s AND status IN ('pending', 'running', 'deleting')
              AND (lease_until IS NULL OR lease_until <= %(at)s)
              AND NOT EXISTS (
                SELECT FROM trends.imports other
                WHERE other.user_id = %(user_id)s AND other.id <> %(id)s AND other.lease_until > %(at)s)
            RETURNING {_COLUMNS}
            """,  # noqa: S608 - a constant
            {"user_id": user_id, "id": lease.id, "token": lease.token, "at": at, "until": lease.until},
        ).fetchone()


def find_waiting(connection: Connection[Any], user_id: int, at: datetime) -> int | None:
    """Find the user's oldest import that is due and leased to nobody."""
    row = connection.execute(
        """
        SELECT id FROM trends.imports
        WHERE user_id = %(user_id)s AND status IN ('pending', 'running', 'deleting') AND due_at <= %(at)s
          AND (lease_until IS NULL OR lease_until <= %(at)s)
        ORDER BY id LIMIT 1
        """,
        {"user_id": user_id, "at": at},
    ).fetchone()
    return int(row[0]) if row else None


def commit_lazily(connection: Connection[Any]) -> None:
    """Do not wait for the disk when this transaction commits.

    A crash of the server can lose the last batches, with their counts and position, so they are read again.
    The commit that ends an import waits for all of them.
    """
    connection.execute("SELECT set_config('synchronous_commit', 'off', true)")


def save_progress(connection: Connection[Any], lease: Lease, progress: ImportProgress) -> bool:
    """Save counts and position after a batch and extend the lease; False if it was lost."""
    changed = connection.execute(
        """
        UPDATE trends.imports
        SET formats = %(formats)s, accepted = %(accepted)s, duplicate = %(duplicate)s,
            skipped = %(skipped)s, failed = %(failed)s,
            total = %(accepted)s::bigint + %(duplicate)s + %(skipped)s + %(failed)s,
            reasons = %(reasons)s, failures = %(failures)s, position = %(position)s,
            first_played_at = %(first_played_at)s, last_played_at = %(last_played_at)s,
            attempts = 0, lease_until = %(until)s, status_code = 'reading',
            status_params = jsonb_build_object('accepted', %(accepted)s::bigint)
        WHERE id = %(id)s AND lease_token = %(token)s AND status = 'running'
        """,
        asdict(progress)
        | {
            "id": lease.id, "token": lease.token, "until": lease.until,
            "reasons": Jsonb(progress.reasons), "failures": Jsonb(progress.failures),
            "position": Jsonb(progress.position),
        },
    )  # fmt: skip
    return changed.rowcount == 1


def release_lease(
    connection: Connection[Any],
    lease: Lease,
    *,
    status: "HistoryImportStatus | None",
    detail: Status | None,
    at: datetime,
    due_at: datetime | None,
    spent: Mapping[str, float] | None = None,
) -> bool:
    """Release the lease; what is None stays unchanged, but for when it is due. False if it was lost."""
    changed = connection.execute(
        """
        UPDATE trends.imports
        SET status = coalesce(%(status)s, status), status_code = coalesce(%(code)s, status_code),
            status_params = coalesce(%(params)s, status_params),
            finished_at = CASE WHEN %(status)s IN ('completed', 'failed') THEN %(at)s
                               ELSE finished_at END,
            position = position || coalesce(%(spent)s::jsonb, '{}'),
            due_at = %(due_at)s, enqueued_at = %(due_at)s, lease_token = NULL, lease_until = NULL
        WHERE id = %(id)s AND lease_token = %(token)s
        """,
        {
            "id": lease.id, "token": lease.token, "status": status, "code": detail and detail.code,
            "spent": None if spent is None else Jsonb({"spent": dict(spent)}),
            "params": detail and Jsonb(dict(detail.params)), "at": at, "due_at": due_at,
        },
    )  # fmt: skip
    return changed.rowcount == 1


def start_deleting(connection: Connection[Any], user_id: int, import_id: int, at: datetime) -> None:
    """Take an import from its worker, for deletion."""
    connection.execute(
        """
        UPDATE trends.imports
        SET status = 'deleting', status_code = 'deleting', lease_token = NULL, lease_until = NULL,
            due_at = %(at)s, enqueued_at = %(at)s
        WHERE user_id = %(user_id)s AND id = %(id)s
        """,
        {"user_id": user_id, "id": import_id, "at": at},
    )


def delete_import(connection: Connection[Any], user_id: int, import_id: int) -> None:
    """Delete an import whose reports have been deleted."""
    connection.execute("DELETE FROM trends.imports WHERE user_id = %s AND id = %s", [user_id, import_id])


def delete_awaiting(connection: Connection[Any], user_id: int, import_id: int) -> bool:
    """Delete an import that was never started; False if it was."""
    changed = connection.execute(
        "DELETE FROM trends.imports WHERE user_id = %s AND id = %s AND status = 'awaiting_upload'",
        [user_id, import_id],
    )
    return changed.rowcount > 0


def claim_due(connection: Connection[Any], at: datetime, limit: int) -> list[tuple[int, int]]:
    """Claim due imports of all users, as pairs of import id and user id."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            "SELECT import_id, user_id FROM trends.claim_due_imports(%s, %s)", [at, limit]
        ).fetchall()

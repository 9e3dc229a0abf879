"""The SQL that brings a job up to date with its playlists, in the caller's transaction, as its owner."""

from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from musicconnect.migrations import status_text
from musicconnect.migrations.engine.job_state import PlaylistState, job_state
from musicconnect.migrations.engine.news import news
from musicconnect.outbox import service as outbox
from musicconnect.platform.status import Reader, Status
from musicconnect.platform.text import storable_value


def refresh_job(connection: Connection[Any], job_id: int, now: datetime) -> None:
    """Bring a job's status up to date with its playlists.

    The job's row is locked first: of two playlists that end at once, the second to get here sees both.
    """
    job = connection.execute(
        """
        SELECT target_provider, stop, dry_run, is_rollback, status, user_id FROM migrations.jobs
        WHERE id = %s FOR UPDATE""",
        [job_id],
    ).fetchone()
    if job is None:
        return
    target, stop, dry_run, is_rollback, before, user_id = job
    if stop is not None:
        _stop_idle(connection, job_id, is_cancelled=stop == "cancel", now=now)
    with connection.cursor(row_factory=class_row(PlaylistState)) as cursor:
        states = cursor.execute(
            """
            SELECT source_name, kind, status, status_code, status_params, waiting_for, due_at, track_count,
                   matched_count, failed_count, review_count, written_count, finished_at
            FROM migrations.playlists WHERE job_id = %s ORDER BY id
            """,
            [job_id],
        ).fetchall()
    status, state = job_state(states, target, stop=stop, dry_run=dry_run, is_rollback=is_rollback)
    message = status_text.render(state, Reader(now))
    connection.execute(
        """
        UPDATE migrations.jobs
        SET status = %(status)s, status_code = %(code)s, status_params = %(params)s,
            status_message = %(message)s,
            finished_at = CASE WHEN %(status)s IN ('completed', 'failed') THEN %(now)s::timestamptz END
        WHERE id = %(id)s
        """,
        {
            "status": status, "code": state.code, "message": message,
            "params": Jsonb(storable_value(dict(state.params))), "now": now, "id": job_id,
        },
    )  # fmt: skip
    for one in news(
        job_id, target, states, before=before, after=status, state=state, now=now,
        kind="rollback" if is_rollback else "dry-run" if dry_run else "migration",
    ):  # fmt: skip
        outbox.record(connection, user_id, one.code, one.params, key=one.key, at=now)


def _stop_idle(connection: Connection[Any], job_id: int, *, is_cancelled: bool, now: datetime) -> None:
    """Stop the playlists that no worker is at; a worker stops its own."""
    state = Status("cancelled")
    connection.execute(
        """
        UPDATE migrations.playlists
        SET due_at = NULL, enqueued_at = NULL, waiting_for = NULL,
            status = CASE WHEN %(cancel)s THEN 'failed' ELSE status END,
            status_code = CASE WHEN %(cancel)s THEN %(code)s ELSE status_code END,
            status_params = CASE WHEN %(cancel)s THEN '{}' ELSE status_params END,
            error_message = CASE WHEN %(cancel)s THEN %(message)s ELSE error_message END,
            finished_at = CASE WHEN %(cancel)s THEN %(now)s END
        WHERE job_id = %(job)s AND status IN ('pending', 'running')
          AND (lease_until IS NULL OR lease_until <= %(now)s)
        """,
        {
            "job": job_id, "cancel": is_cancelled, "code": state.code, "now": now,
            "message": status_text.render(state, Reader(now)),
        },
    )  # fmt: skip

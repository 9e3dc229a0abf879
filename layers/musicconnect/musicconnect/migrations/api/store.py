"""Run the API's SQL, in transactions of the migrations' owner."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import DictRow, class_row, dict_row

from musicconnect.platform.logging import correlation_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Playlists of a job that have stage and status in common, added up."""

    job_id: int
    status: str
    stage: str
    waiting_for: str | None
    count: int
    due_at: datetime | None
    """The first time at which one of them goes on."""
    progressed_at: datetime | None
    """When one of them last did."""
    total: int
    matched: int
    failed: int
    needs_review: int
    written: int


# -- migrations -------------------------------------------------------------------------------------------

_JOB: LiteralString = """
    SELECT id, source_provider, source_file, import_id, target_provider, status, status_code AS code,
           status_params AS params, created_at, started_at, finished_at,
           coalesce(stop = 'pause', false) AS is_paused, dry_run, is_rollback, privacy, liked_as,
           preview_id AS from_preview,
           ARRAY(SELECT p.source_name FROM migrations.playlists p WHERE p.job_id = jobs.id AND p.part = 1
                 ORDER BY p.id LIMIT 3) AS playlist_names
    FROM migrations.jobs WHERE user_id = core.current_user_id()"""


def find_by_key(connection: Connection[Any], key: str) -> tuple[int, str] | None:
    """Give id and request hash of the job that was made with an idempotency key."""
    return connection.execute(
        "SELECT id, request_hash FROM migrations.jobs "
        "WHERE user_id = core.current_user_id() AND idempotency_key = %s",
        [key],
    ).fetchone()


def get_job(connection: Connection[Any], job_id: int) -> DictRow | None:
    """Give a job as the API shows it."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_JOB + " AND id = %s", [job_id]).fetchone()


def sources(connection: Connection[Any], job_id: int) -> list[tuple[str, str, str]]:
    """List the sources of a job, in its order: the id, what kind of list it is, and what it is called."""
    return connection.execute(
        "SELECT source_playlist_id, kind, source_name FROM migrations.playlists "
        "WHERE job_id = %s AND part = 1 ORDER BY id",
        [job_id],
    ).fetchall()


def file_playlists(connection: Connection[Any], job_id: int) -> list[tuple[str, str]]:
    """List the playlists of a file's job, by their ids and names, in its order."""
    return connection.execute(
        """
        SELECT source_playlist_id, source_name FROM migrations.playlists
        WHERE job_id = %s AND part = 1 AND user_id = core.current_user_id() ORDER BY id""",
        [job_id],
    ).fetchall()


def copy_file_tracks(connection: Connection[Any], preview_id: int, job_id: int) -> None:
    """Give a job's playlists what the preview's held, unmatched: files are kept no longer than they are read.

    What cannot be moved stays so. Parts of what was too large come together again, to be divided anew.
    """
    connection.execute(
        """
        WITH held AS (
            SELECT n.id AS copy_id, o.id, o.source_description
            FROM migrations.playlists n
            JOIN migrations.playlists o ON o.source_playlist_id = n.source_playlist_id
            WHERE n.job_id = %(job)s AND o.job_id = %(preview)s AND o.user_id = core.current_user_id()
        ), copied AS (
            INSERT INTO migrations.tracks (playlist_migration_id, user_id, position, source_track_id,
                source_title, source_artist, source_kind, source, source_fetched_at, outcome, status,
                error_code, error_params, error_message, created_at)
            SELECT h.copy_id, t.user_id, t.position, t.source_track_id, t.source_title, t.source_artist,
                t.source_kind, t.source, t.source_fetched_at, f.outcome, coalesce(f.status, 'pending'),
                f.error_code, f.error_params, f.error_message, t.created_at
            FROM held h JOIN migrations.tracks t ON t.playlist_migration_id = h.id
            LEFT JOIN migrations.tracks f ON f.id = t.id AND f.outcome = 'not_transferable'
            RETURNING playlist_migration_id, status)
        UPDATE migrations.playlists p
        SET source_version = 'file', source_description = c.description, track_count = c.tracks,
            read_count = c.tracks, failed_count = c.failed
        FROM (
            SELECT h.copy_id, max(h.source_description) AS description,
                (SELECT count(*) FROM copied d WHERE d.playlist_migration_id = h.copy_id) AS tracks,
                (SELECT count(*) FROM copied d WHERE d.playlist_migration_id = h.copy_id
                   AND d.status = 'failed') AS failed
            FROM held h GROUP BY h.copy_id) c
        WHERE p.id = c.copy_id""",
        {"preview": preview_id, "job": job_id},
    )


def list_jobs(connection: Connection[Any], *, before: int | None, limit: int) -> list[DictRow]:
    """List jobs, the latest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            _JOB + " AND (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s",
            {"before": before, "limit": limit},
        ).fetchall()


def summaries(connection: Connection[Any], job_ids: Sequence[int]) -> dict[int, list[Summary]]:
    """Add up the playlists of jobs, by job."""
    found: dict[int, list[Summary]] = {}
    with connection.cursor(row_factory=class_row(Summary)) as cursor:
        for entry in cursor.execute(
            """
            SELECT job_id, status, stage, waiting_for, count(*)::int AS count, min(due_at) AS due_at,
                   sum(track_count)::int AS total, sum(matched_count)::int AS matched,
                   sum(failed_count)::int AS failed, sum(review_count)::int AS needs_review,
                   sum(written_count)::int AS written, max(progressed_at) AS progressed_at
            FROM migrations.playlists
            WHERE job_id = ANY (%s)
            GROUP BY job_id, status, stage, waiting_for
            """,
            [list(job_ids)],
        ):
            found.setdefault(entry.job_id, []).append(entry)
    return found


def list_playlists(
    connection: Connection[Any], job_id: int, *, after: int | None, limit: int
) -> list[DictRow]:
    """List the playlists of a job in the order in which they were asked for."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            SELECT id, starts_with(source_playlist_id, 'file:') AS is_from_file, kind, source_playlist_id,
                   source_name, part, coalesce(parts, 1) AS parts, target_playlist_id, target_name, status,
                   stage, status_code AS code,
                   status_params AS params, waiting_for, created_at, finished_at,
                   CASE WHEN waiting_for IS NOT NULL THEN due_at END AS waiting_until,
                   track_count AS total, matched_count AS matched, failed_count AS failed,
                   review_count AS needs_review, written_count AS written
            FROM migrations.playlists
            WHERE job_id = %(job)s AND (%(after)s::bigint IS NULL OR id > %(after)s)
            ORDER BY id LIMIT %(limit)s
            """,
            {"job": job_id, "after": after, "limit": limit},
        ).fetchall()


def current_jobs(connection: Connection[Any], *, failed_since: datetime, limit: int) -> list[DictRow]:
    """List the person's jobs that are under way, and those that failed lately; the latest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            _JOB
            + """
              AND (status IN ('pending', 'running')
                   OR (status = 'failed' AND status_code <> 'cancelled' AND finished_at >= %(since)s))
            ORDER BY id DESC LIMIT %(limit)s""",
            {"since": failed_since, "limit": limit},
        ).fetchall()


def open_reviews(connection: Connection[Any]) -> list[tuple[int, int, str]]:
    """List jobs with tracks that wait for a decision: the job, how many, a playlist's name; the most first.

    Of several migrations of a playlist the newest counts.
    """
    return connection.execute(
        """
        SELECT job_id, sum(review_count)::integer AS tracks, min(source_name) FROM (
            SELECT DISTINCT ON (p.source_playlist_id, j.target_provider, p.part)
                p.job_id, p.review_count, p.source_name
            FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
            WHERE p.user_id = core.current_user_id() AND NOT j.is_rollback AND p.stage <> 'read'
            ORDER BY p.source_playlist_id, j.target_provider, p.part, p.id DESC) newest
        WHERE review_count > 0
        GROUP BY job_id ORDER BY tracks DESC, job_id
        """
    ).fetchall()


def work_ahead(connection: Connection[Any], target: str) -> list[tuple[int, int, int, int, int]]:
    """Give what everybody waits for: user, job, searches, tracks to write, playlists to make."""
    return connection.execute(
        "SELECT user_id, job_id, searches::bigint, unwritten::bigint, uncreated "
        "FROM migrations.work_ahead(%s)",
        [target],
    ).fetchall()


# -- control ----------------------------------------------------------------------------------------------


def lock_job(connection: Connection[Any], job_id: int) -> tuple[str, str | None] | None:
    """Lock a job; gives its status and what its person wants: ``pause``, ``cancel`` or nothing."""
    return connection.execute(
        "SELECT status, stop FROM migrations.jobs WHERE id = %s FOR UPDATE", [job_id]
    ).fetchone()


def stop(connection: Connection[Any], job_id: int, kind: str) -> None:
    """Ask for a pause or a cancel; a cancel stays one."""
    connection.execute(
        "UPDATE migrations.jobs SET stop = CASE WHEN stop = 'cancel' THEN stop ELSE %s END WHERE id = %s",
        [kind, job_id],
    )


def resume(connection: Connection[Any], job_id: int, now: datetime) -> list[int]:
    """Let a paused job go on; gives the ids of its unfinished playlists, which are due now."""
    connection.execute(
        "UPDATE migrations.jobs SET stop = NULL, correlation_id = %s WHERE id = %s",
        [correlation_id(), job_id],
    )
    rows = connection.execute(
        """
        UPDATE migrations.playlists SET due_at = %(now)s, enqueued_at = %(now)s
        WHERE job_id = %(job)s AND status IN ('pending', 'running') RETURNING id
        """,
        {"job": job_id, "now": now},
    ).fetchall()
    return _ids(rows)


def reopen(connection: Connection[Any], job_id: int, *, is_rollback: bool = False) -> None:
    """Let an ended job go on."""
    connection.execute(
        "UPDATE migrations.jobs SET stop = CASE WHEN stop = 'cancel' THEN NULL ELSE stop END, "
        "is_rollback = %s, correlation_id = %s WHERE id = %s",
        [is_rollback, correlation_id(), job_id],
    )


def retry_failed(connection: Connection[Any], job_id: int, now: datetime) -> list[int]:
    """Clear what failed and let its playlists begin again; gives their ids."""
    connection.execute(
        """
        UPDATE migrations.tracks t
        SET status = CASE WHEN t.write_state = 'refused' THEN 'matched' ELSE 'pending' END,
            outcome = CASE WHEN t.write_state = 'refused' THEN t.outcome END,
            candidates = CASE WHEN t.write_state = 'refused' THEN t.candidates END,
            write_state = 'none', search = NULL, error_code = NULL, error_params = NULL, error_message = NULL
        FROM migrations.playlists p
        WHERE p.job_id = %s AND t.playlist_migration_id = p.id AND t.status = 'failed'
          AND (t.write_state = 'refused' OR t.outcome IN ('no_match', 'needs_review'))
        """,
        [job_id],
    )
    # What is pending has to be matched first; the rest goes on where it stood.
    rows = connection.execute(
        """
        UPDATE migrations.playlists p
        SET status = 'running', due_at = %(now)s, enqueued_at = %(now)s, attempts = 0, look_count = 0,
            repair_count = 0, error_message = NULL, finished_at = NULL, target_read = NULL,
            status_code = 'starting', status_params = '{}',
            stage = CASE WHEN p.stage = 'read' THEN 'read' WHEN c.pending > 0 OR j.dry_run THEN 'match'
                         WHEN p.stage IN ('done', 'verify') THEN 'create' ELSE p.stage END,
            matched_count = c.matched, failed_count = c.failed, review_count = c.review
        FROM (
            SELECT l.id, count(t.id) FILTER (WHERE t.status = 'pending') AS pending,
                   count(t.id) FILTER (WHERE t.status = 'matched') AS matched,
                   count(t.id) FILTER (WHERE t.status = 'matched' AND t.write_state = 'none') AS unwritten,
                   count(t.id) FILTER (WHERE t.status = 'failed') AS failed,
                   count(t.id) FILTER (WHERE t.outcome = 'needs_review') AS review
            FROM migrations.playlists l LEFT JOIN migrations.tracks t ON t.playlist_migration_id = l.id
            WHERE l.job_id = %(job)s GROUP BY l.id) c, migrations.jobs j
        WHERE c.id = p.id AND j.id = p.job_id
          AND (p.status = 'failed' OR c.pending > 0 OR (c.unwritten > 0 AND NOT j.dry_run))
        RETURNING p.id
        """,
        {"job": job_id, "now": now},
    ).fetchall()
    return _ids(rows)


def begin_rollback(connection: Connection[Any], job_id: int, now: datetime) -> list[int]:
    """Make the playlists that have a target due for taking out what was written; gives their ids."""
    # What was to be replaced stands there still.
    connection.execute(
        """
        UPDATE migrations.tracks t
        SET target_track_id = t.replaced ->> 'id', target_item_id = t.replaced ->> 'item_id',
            write_state = 'written', replaced = NULL
        FROM migrations.playlists p
        WHERE p.job_id = %s AND t.playlist_migration_id = p.id AND t.replaced IS NOT NULL
        """,
        [job_id],
    )
    rows = connection.execute(
        """
        UPDATE migrations.playlists
        SET stage = 'undo', status = 'running', due_at = %(now)s, enqueued_at = %(now)s, attempts = 0,
            error_message = NULL, finished_at = NULL, target_read = NULL, change_set_id = NULL,
            status_code = 'rolling-back',
            status_params = '{}'
        WHERE job_id = %(job)s AND target_playlist_id IS NOT NULL
        RETURNING id
        """,
        {"job": job_id, "now": now},
    ).fetchall()
    return _ids(rows)


def _ids(rows: Iterable[tuple[Any, ...]]) -> list[int]:
    return [int(row[0]) for row in rows]

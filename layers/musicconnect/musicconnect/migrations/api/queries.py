"""Reading migrations for the API. Every function runs as the owner; row-level security hides the rest."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from musicconnect.migrations.api import estimates
from musicconnect.migrations.api.schemas import (
    ListQuery,
    MigratedPlaylist,
    MigratedPlaylistList,
    MigratedTrack,
    MigratedTrackList,
    Migration,
    MigrationList,
    Progress,
    TrackCounts,
    TracksQuery,
)
from musicconnect.platform import pagination, problems
from musicconnect.platform.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """A job as the API shows it."""

    id: int
    source_provider: str
    source_file: str | None
    import_id: int | None
    target_provider: str
    status: str
    status_message: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    is_paused: bool
    dry_run: bool


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
    review: int
    written: int


_JOB = """
    SELECT id, source_provider, source_file, import_id, target_provider, status, status_message, created_at,
           started_at, finished_at, coalesce(stop = 'pause', false) AS is_paused, dry_run
    FROM migrations.jobs"""


def migrations(database: Database, user_id: int, query: ListQuery) -> MigrationList:
    """A person's migrations, the latest first."""
    key = pagination.decode(query.cursor, int)
    with database.transaction(user_id) as connection:
        with connection.cursor(row_factory=class_row(JobRow)) as cursor:
            rows = cursor.execute(
                _JOB
                + " WHERE user_id = %(user)s AND (%(after)s::bigint IS NULL OR id < %(after)s)"
                + " ORDER BY id DESC LIMIT %(limit)s",
                {"user": user_id, "after": key and key[0], "limit": query.limit + 1},
            ).fetchall()
        page, cursor_after = pagination.page(rows, query.limit, lambda row: (row.id,))
        summaries = _summaries(connection, [row.id for row in page])
    return MigrationList(
        items=[as_migration(row, summaries.get(row.id, [])) for row in page], next_cursor=cursor_after
    )


def migration(database: Database, user_id: int, migration_id: int) -> Migration:
    """One migration, with its finish date. Raises `Problem` 404."""
    with database.transaction(user_id) as connection:
        shown = find(connection, migration_id)
        ahead = estimates.work_ahead(connection, shown)
    return estimates.told(database, user_id, shown, ahead)


def find(connection: Connection[Any], migration_id: int) -> Migration:
    """One migration, in a transaction of its owner. Raises `Problem` 404."""
    with connection.cursor(row_factory=class_row(JobRow)) as cursor:
        row = cursor.execute(_JOB + " WHERE id = %s", [migration_id]).fetchone()
    if row is None:
        raise problems.not_found("migration")
    return as_migration(row, _summaries(connection, [row.id]).get(row.id, []))


def playlists(database: Database, user_id: int, migration_id: int, query: ListQuery) -> MigratedPlaylistList:
    """The playlists of a migration. Raises `Problem` 404."""
    key = pagination.decode(query.cursor, int)
    with database.transaction(user_id) as connection:
        _must_exist(connection, migration_id)
        with connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                """
                SELECT id, starts_with(source_playlist_id, 'file:') AS is_from_file, source_playlist_id,
                       source_name, target_playlist_id, target_name, status, stage,
                       stage_message AS message, error_message, waiting_for, created_at, finished_at,
                       CASE WHEN waiting_for IS NOT NULL THEN due_at END AS waiting_until,
                       track_count, matched_count, failed_count, review_count, written_count
                FROM migrations.playlists
                WHERE job_id = %(job)s AND (%(after)s::bigint IS NULL OR id > %(after)s)
                ORDER BY id LIMIT %(limit)s
                """,
                {"job": migration_id, "after": key and key[0], "limit": query.limit + 1},
            ).fetchall()
    page, cursor_after = pagination.page(rows, query.limit, lambda row: (row["id"],))
    return MigratedPlaylistList(items=[_as_playlist(row) for row in page], next_cursor=cursor_after)


def tracks(database: Database, user_id: int, migration_id: int, query: TracksQuery) -> MigratedTrackList:
    """The tracks of a migration. Raises `Problem` 404."""
    key = pagination.decode(query.cursor, int, int)
    with database.transaction(user_id) as connection:
        _must_exist(connection, migration_id)
        with connection.cursor(row_factory=dict_row) as cursor:
            # The rows of one job lie in as many ranges of the index as it has playlists: each is read in
            # order, and the first so many of all are what the page needs.
            rows = cursor.execute(
                """
                SELECT t.*
                FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
                CROSS JOIN LATERAL (
                    SELECT id, playlist_migration_id AS playlist_id, position,
                           coalesce(source ->> 'provider', j.source_provider) AS source_provider,
                           source_track_id, source_title, source_artist, source_kind, target_track_id,
                           target_title, target_artist, status, outcome,
                           match_score::float8 AS match_score, match_parts,
                           coalesce(match_reasons, '[]') AS match_reasons,
                           coalesce(candidates, '[]') AS candidates, error_message,
                           write_state = 'written' AS written
                    FROM migrations.tracks
                    WHERE playlist_migration_id = p.id
                      AND (p.id > %(playlist)s OR position > %(position)s)
                      AND (%(status)s::text IS NULL OR status = %(status)s)
                    ORDER BY position LIMIT %(limit)s
                ) t
                WHERE p.job_id = %(job)s AND p.id >= %(playlist)s
                  AND (%(only)s::bigint IS NULL OR p.id = %(only)s)
                ORDER BY t.playlist_id, t.position LIMIT %(limit)s
                """,
                {
                    "job": migration_id,
                    "playlist": key[0] if key else 0,
                    "position": key[1] if key else -1,
                    "only": query.playlist_id,
                    "status": query.status,
                    "limit": query.limit + 1,
                },
            ).fetchall()
    page, cursor_after = pagination.page(rows, query.limit, lambda row: (row["playlist_id"], row["position"]))
    return MigratedTrackList(
        items=[MigratedTrack.model_validate(row) for row in page], next_cursor=cursor_after
    )


def as_migration(job: JobRow, summaries: Sequence[Summary]) -> Migration:
    """A job with its progress."""
    return Migration(
        **{name: getattr(job, name) for name in JobRow.__dataclass_fields__},
        progress=progress_of(summaries, job.started_at),
    )


def progress_of(summaries: Sequence[Summary], started_at: datetime | None = None) -> Progress:
    """How far a job is, from its playlists added up."""
    by_status: Counter[Any] = Counter(dict.fromkeys(("pending", "running", "completed", "failed"), 0))
    stages: Counter[Any] = Counter()
    for entry in summaries:
        by_status[entry.status] += entry.count
        if entry.status in ("pending", "running"):
            stages[entry.stage] += entry.count
    unfinished = [entry for entry in summaries if entry.status in ("pending", "running")]
    all_wait = bool(unfinished) and all(entry.waiting_for is not None for entry in unfinished)
    first = min(unfinished, key=lambda entry: (entry.due_at is None, entry.due_at)) if all_wait else None
    counts = _added_up(summaries)
    progressed = [entry.progressed_at for entry in summaries if entry.progressed_at is not None]
    progressed_at = max(progressed, default=None)
    return Progress.model_validate(
        {
            "percent": _percent_of_all(summaries),
            "playlists": by_status,
            "stages": stages,
            "tracks": counts,
            "waiting_for": first and first.waiting_for,
            "waiting_until": first and first.due_at,
            "progressed_at": progressed_at,
            "tracks_per_hour": rate(counts, started_at, progressed_at),
        }
    )


def rate(counts: TrackCounts, started_at: datetime | None, progressed_at: datetime | None) -> float | None:
    """Tracks per hour that were done with, so far; None before there are any.

    Measured up to the last progress, so that it stays the same while nothing happens.
    """
    done = max(counts.written + counts.failed, counts.matched + counts.failed if counts.written == 0 else 0)
    if started_at is None or progressed_at is None or done == 0:
        return None
    hours = max((progressed_at - started_at).total_seconds(), 1.0) / 3600
    return round(done / hours, 1)


def percent(*, status: str, total: int, matched: int, failed: int, written: int) -> int:
    """How much of the work on some tracks is done: finding counts as much as writing, 100 only at the end."""
    if status in ("completed", "failed"):
        return 100
    if total <= 0:
        return 0
    # A track that has failed needs no writing.
    done = (matched + failed) + (written + failed)
    return max(0, min(99, done * 50 // total))


def _percent_of_all(summaries: Sequence[Summary]) -> int:
    weights = [(max(entry.total, entry.count), _percent(entry)) for entry in summaries]
    whole = sum(weight for weight, _ in weights)
    share = sum(weight * part for weight, part in weights) // whole if whole else 0
    return share if all(part == 100 for _, part in weights) else min(share, 99)


def _percent(entry: Summary) -> int:
    return percent(
        status=entry.status,
        total=entry.total,
        matched=entry.matched,
        failed=entry.failed,
        written=entry.written,
    )


def _added_up(summaries: Iterable[Summary]) -> TrackCounts:
    total = matched = failed = review = written = 0
    for entry in summaries:
        total += entry.total
        matched += entry.matched
        failed += entry.failed
        review += entry.review
        written += entry.written
    return TrackCounts(total=total, matched=matched, failed=failed, needs_review=review, written=written)


def _summaries(connection: Connection[Any], job_ids: Sequence[int]) -> dict[int, list[Summary]]:
    found: dict[int, list[Summary]] = {}
    with connection.cursor(row_factory=class_row(Summary)) as cursor:
        for entry in cursor.execute(
            """
            SELECT job_id, status, stage, waiting_for, count(*)::int AS count, min(due_at) AS due_at,
                   sum(track_count)::int AS total, sum(matched_count)::int AS matched,
                   sum(failed_count)::int AS failed, sum(review_count)::int AS review,
                   sum(written_count)::int AS written, max(progressed_at) AS progressed_at
            FROM migrations.playlists
            WHERE job_id = ANY (%s)
            GROUP BY job_id, status, stage, waiting_for
            """,
            [list(job_ids)],
        ):
            found.setdefault(entry.job_id, []).append(entry)
    return found


def _as_playlist(row: dict[str, Any]) -> MigratedPlaylist:
    counts = TrackCounts(
        total=row["track_count"],
        matched=row["matched_count"],
        failed=row["failed_count"],
        needs_review=row["review_count"],
        written=row["written_count"],
    )
    done = percent(
        status=row["status"],
        total=counts.total,
        matched=counts.matched,
        failed=counts.failed,
        written=counts.written,
    )
    return MigratedPlaylist.model_validate({**row, "tracks": counts, "percent": done})


def _must_exist(connection: Connection[Any], migration_id: int) -> None:
    if connection.execute("SELECT 1 FROM migrations.jobs WHERE id = %s", [migration_id]).fetchone() is None:
        raise problems.not_found("migration")

"""Read migrations for the API."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from musicconnect.api.binding import Caller
from musicconnect.migrations import estimates, status_text
from musicconnect.migrations.api import store
from musicconnect.migrations.api.store import Summary
from musicconnect.migrations.estimates import Estimator
from musicconnect.migrations.schemas import (
    ListQuery,
    MigratedPlaylist,
    MigratedPlaylistList,
    Migration,
    MigrationList,
    Progress,
    TrackCounts,
)
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader, Status
from musicconnect.providers import registry
from musicconnect.providers.quota import ledger


def migrations(database: Database, caller: Caller, query: ListQuery) -> MigrationList:
    """List the caller's migrations, the latest first."""
    key, reader = pagination.decode(query.cursor, int), reader_of(caller)
    with database.transaction(caller.user_id) as connection:
        rows = store.list_jobs(connection, before=key[0] if key else None, limit=query.limit + 1)
        page, next_cursor = pagination.page(rows, query.limit, lambda row: (row["id"],))
        items = with_dates(connection, caller, shown(connection, page, reader), reader)
    return MigrationList(items=items, next_cursor=next_cursor)


def current(
    connection: Connection[Any], caller: Caller, reader: Reader, *, failed_since: datetime, limit: int
) -> list[Migration]:
    """List what is under way, and what failed lately, the latest first, in the caller's transaction."""
    jobs = store.current_jobs(connection, failed_since=failed_since, limit=limit)
    return with_dates(connection, caller, shown(connection, jobs, reader), reader)


def open_reviews(connection: Connection[Any]) -> list[tuple[int, int, str]]:
    """List migrations with tracks that wait for a decision: which, how many, a playlist's name."""
    return store.open_reviews(connection)


def shown(connection: Connection[Any], jobs: Sequence[DictRow], reader: Reader) -> list[Migration]:
    """Turn jobs into what the API shows, in one more statement."""
    summaries = store.summaries(connection, [row["id"] for row in jobs])
    return [to_schema(row, summaries.get(row["id"], []), reader) for row in jobs]


def with_dates(
    connection: Connection[Any], caller: Caller, found: Sequence[Migration], reader: Reader
) -> list[Migration]:
    """Add to unfinished migrations when they will be done: three statements for each target."""
    unfinished = {entry.target_provider for entry in found if entry.status in ("pending", "running")}
    estimators = {target: estimator_of(connection, target, caller.user_id, reader) for target in unfinished}
    return [
        entry.model_copy(update={"expected_at": estimators[entry.target_provider].expected_at(entry)})
        if entry.target_provider in estimators
        else entry
        for entry in found
    ]


def estimator_of(connection: Connection[Any], target: str, user_id: int, reader: Reader) -> Estimator:
    """Make what estimates about a person's migrations to a target are made from."""
    if registry.get(target).day_zone is None:
        return Estimator(user_id, [], {}, reader.now)
    left = {
        bucket.bucket: bucket
        for bucket in (
            *ledger.read_status(connection, target), *ledger.read_personal_status(connection, target, user_id)
        )
    }  # fmt: skip
    return Estimator(user_id, store.work_ahead(connection, target), left, reader.now)


def migration(database: Database, caller: Caller, migration_id: int) -> Migration:
    """Show a migration with its finish date, or what a dry run would cost. Raises `Problem` 404."""
    reader = reader_of(caller)
    with database.transaction(caller.user_id) as connection:
        found = find(connection, migration_id, reader)
        target = found.target_provider
        is_unfinished = found.status in ("pending", "running")
        if not is_unfinished and not found.dry_run:
            return found
        estimator = estimator_of(connection, target, caller.user_id, reader)
    cost, expected_at, message = estimator.cost(found), estimator.expected_at(found), found.status_message
    if cost is not None:
        message = status_text.with_cost(message, cost.units, cost.days, target)
    if expected_at is not None:
        message = status_text.with_finish(message, expected_at, reader)
    return found.model_copy(
        update={"would_cost": cost, "expected_at": expected_at, "status_message": message}
    )


def find(connection: Connection[Any], migration_id: int, reader: Reader) -> Migration:
    """Give a migration, in a transaction of its owner. Raises `Problem` 404."""
    row = store.get_job(connection, migration_id)
    if row is None:
        raise problems.not_found("migration")
    return to_schema(row, store.summaries(connection, [migration_id]).get(migration_id, []), reader)


def playlists(
    database: Database, caller: Caller, migration_id: int, query: ListQuery
) -> MigratedPlaylistList:
    """List the playlists of a migration. Raises `Problem` 404."""
    key, reader = pagination.decode(query.cursor, int), reader_of(caller)
    with database.transaction(caller.user_id) as connection:
        job = must_exist(connection, migration_id)
        rows = store.list_playlists(
            connection, migration_id, after=key[0] if key else None, limit=query.limit + 1
        )
    page, next_cursor = pagination.page(rows, query.limit, lambda row: (row["id"],))
    return MigratedPlaylistList(
        items=[_to_playlist(row, job, reader) for row in page], next_cursor=next_cursor
    )


def reader_of(caller: Caller) -> Reader:
    """Give the caller as a reader of states."""
    return Reader.of(caller.time_zone, clock.now())


def to_schema(job: DictRow, summaries: Sequence[Summary], reader: Reader) -> Migration:
    """Turn a job and its playlists into what the API shows."""
    return Migration.model_validate(
        {
            **job,
            "status": "undone" if is_undone(job) else job["status"],
            "status_message": _message(job, reader),
            "progress": progress_of(summaries, None if job["is_paused"] else job["started_at"]),
        }
    )


def is_undone(job: DictRow) -> bool:
    """Tell whether what a migration wrote was taken out again."""
    return bool(job["is_rollback"]) and job["status"] == "completed"


def progress_of(summaries: Sequence[Summary], started_at: datetime | None = None) -> Progress:
    """Give how far a job is, from its playlists added up.

    Args:
        summaries: Of its playlists.
        started_at: When work began; None: it has not, or it rests.
    """
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
            "tracks_per_hour": None if all_wait else rate(counts, started_at, progressed_at),
        }
    )


def rate(counts: TrackCounts, started_at: datetime | None, progressed_at: datetime | None) -> float | None:
    """Give the tracks per hour that were done with, up to the last progress; None before there are any."""
    done = max(counts.written + counts.failed, counts.matched + counts.failed if counts.written == 0 else 0)
    if started_at is None or progressed_at is None or done == 0:
        return None
    hours = max((progressed_at - started_at).total_seconds(), 1.0) / 3600
    return round(done / hours, 1)


def percent(status: str, counts: TrackCounts | Summary) -> int:
    """Give how much of the work is done: finding counts as much as writing, 100 only at the end."""
    if status in ("completed", "failed"):
        return 100
    # A track that has failed needs no writing.
    done = counts.matched + counts.failed + counts.written + counts.failed
    return max(0, min(99, done * 50 // counts.total)) if counts.total > 0 else 0


def _percent_of_all(summaries: Sequence[Summary]) -> int:
    weights = [(max(entry.total, entry.count), percent(entry.status, entry)) for entry in summaries]
    whole = sum(weight for weight, _ in weights)
    share = sum(weight * part for weight, part in weights) // whole if whole else 0
    return share if all(part == 100 for _, part in weights) else min(share, 99)


def _added_up(summaries: Sequence[Summary]) -> TrackCounts:
    names = TrackCounts.model_fields
    return TrackCounts(**{name: sum(getattr(entry, name) for entry in summaries) for name in names})


def _to_playlist(row: DictRow, job: DictRow, reader: Reader) -> MigratedPlaylist:
    counts = TrackCounts(**{name: row[name] for name in TrackCounts.model_fields})
    message = _message(row, reader)
    values = {
        "status_message": message,
        "error_message": message if row["status"] == "failed" else None,
        "tracks": counts,
        "percent": percent(row["status"], counts),
        "would_cost": estimates.playlist_units(job["target_provider"], counts.matched)
        if job["dry_run"] and row["status"] == "completed"
        else None,
    }
    return MigratedPlaylist.model_validate({**row, **values})


def _message(row: DictRow, reader: Reader) -> str:
    return status_text.render(Status(row["code"], row["params"]), reader)


def must_exist(connection: Connection[Any], migration_id: int) -> DictRow:
    """Give a migration of the transaction's person. Raises `Problem` 404."""
    job = store.get_job(connection, migration_id)
    if job is None:
        raise problems.not_found("migration")
    return job

"""Control a migration after its start: pause, resume, cancel, retry, rollback.

None of these works on a playlist itself. They say what is wanted and ask for a step; a worker that is at a
playlist sees it with its next commit. What a worker has under way is never taken out of its hands.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection

from musicconnect.api.binding import Caller, Repeat
from musicconnect.core import idempotency
from musicconnect.migrations.api import queries, store
from musicconnect.migrations.engine.job_store import refresh_job
from musicconnect.migrations.engine.messages import send_first
from musicconnect.migrations.schemas import Migration
from musicconnect.platform import problems
from musicconnect.platform.database import Database

UNFINISHED = ("pending", "running")


def stop(
    database: Database, caller: Caller, migration_id: int, kind: Literal["pause", "cancel"]
) -> Migration:
    """Stop until it is resumed, or for good. Raises `Problem` 404, or 409 when it has ended."""

    def act(connection: Connection[Any], _now: datetime) -> list[int]:
        if _lock(connection, migration_id)[0] not in UNFINISHED:
            raise problems.conflict("migration-ended", "The migration has ended", "There is nothing to stop.")
        store.stop(connection, migration_id, kind)
        return []

    return _change(database, caller, migration_id, act)


def resume(database: Database, caller: Caller, migration_id: int) -> Migration:
    """Resume a paused migration. Raises `Problem` 404, or 409 when it is not paused."""

    def act(connection: Connection[Any], now: datetime) -> list[int]:
        status, stop = _lock(connection, migration_id)
        if stop != "pause" or status not in UNFINISHED:
            raise problems.conflict(
                "not-paused", "The migration is not paused", "There is nothing to resume."
            )
        return store.resume(connection, migration_id, now)

    return _change(database, caller, migration_id, act)


def retry(database: Database, caller: Caller, migration_id: int, repeat: Repeat | None = None) -> Migration:
    """Try again what failed: playlists that ended early, and tracks that found no counterpart.

    Raises `Problem` 404, or 409 when it has not ended or nothing failed.
    """

    def act(connection: Connection[Any], now: datetime) -> list[int]:
        _lock_ended(connection, migration_id)
        due = store.retry_failed(connection, migration_id, now)
        if not due:
            raise problems.conflict("nothing-failed", "Nothing has failed", "There is nothing to try again.")
        store.reopen(connection, migration_id)
        return due

    return _change(database, caller, migration_id, act, repeat)


def roll_back(
    database: Database, caller: Caller, migration_id: int, repeat: Repeat | None = None
) -> Migration:
    """Take out what it wrote, and nothing else. Raises `Problem` 404, or 409 when it has not ended."""

    def act(connection: Connection[Any], now: datetime) -> list[int]:
        _lock_ended(connection, migration_id)
        due = store.begin_rollback(connection, migration_id, now)
        if not due:
            raise problems.conflict(
                "nothing-written", "Nothing was written", "There is nothing to take out again."
            )
        store.reopen(connection, migration_id, is_rollback=True)
        return due

    return _change(database, caller, migration_id, act, repeat)


def _change(
    database: Database,
    caller: Caller,
    migration_id: int,
    act: Callable[[Connection[Any], datetime], list[int]],
    repeat: Repeat | None = None,
) -> Migration:
    reader = queries.reader_of(caller)
    with database.transaction(caller.user_id) as connection:
        if idempotency.find(connection, caller.user_id, repeat) is not None:
            return queries.find(connection, migration_id, reader)
        due = act(connection, reader.now)
        refresh_job(connection, migration_id, reader.now)
        idempotency.save(connection, caller.user_id, repeat, migration_id)
        found = queries.find(connection, migration_id, reader)
    send_first(caller.user_id, due)
    return found


def _lock(connection: Connection[Any], migration_id: int) -> tuple[str, str | None]:
    job = store.lock_job(connection, migration_id)
    if job is None:
        raise problems.not_found("migration")
    return job


def _lock_ended(connection: Connection[Any], migration_id: int) -> None:
    if _lock(connection, migration_id)[0] in UNFINISHED:
        raise problems.conflict(
            "migration-running", "The migration has not ended", "Wait until it has ended, or cancel it first."
        )

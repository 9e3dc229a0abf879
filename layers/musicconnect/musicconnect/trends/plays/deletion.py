"""Taking plays back: one, a period, what a source told, what an import brought.

A play goes when nobody tells of it any more; until then the best of those who do stands for it. Done in
batches, each a transaction of its own, until the time is up.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from musicconnect.platform import clock, problems
from musicconnect.platform.database import Database
from musicconnect.trends.imports import store as imports_store
from musicconnect.trends.imports.schemas import DeletionResult
from musicconnect.trends.plays import deletion_store as store
from musicconnect.trends.plays import ingest
from musicconnect.trends.plays import store as plays_store
from musicconnect.trends.plays.deduplication import PlayRef

BATCH_SIZE: Final = 10_000
"""Plays per transaction."""
MAX_DURATION_S: Final = 15.0
"""How long a request goes on beginning new batches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFilter:
    """Which tellings: None stands for all."""

    import_id: int | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def parameters(self) -> dict[str, Any]:
        """As the store takes them."""
        return {
            "import_id": self.import_id,
            "source": self.source,
            "since": self.since,
            "until": self.until,
        }


def delete_play(database: Database, user_id: int, ref: PlayRef) -> None:
    """Delete one play for good, whoever tells of it.

    Raises:
        Problem: 404 if there is none.
    """
    with database.transaction(user_id) as connection:
        zone = ingest.lock(connection, user_id)
        if not store.delete_plays(connection, user_id, zone, most=1, tombstone_at=clock.now(), ref=ref):
            raise problems.not_found("play")


def delete_period(
    database: Database, user_id: int, since: datetime | None, until: datetime | None
) -> DeletionResult:
    """Delete all plays of a period for good, whoever tells of them."""

    def batch(connection: Connection[Any], zone: str) -> tuple[int, int]:
        deleted = store.delete_plays(
            connection, user_id, zone, most=BATCH_SIZE, tombstone_at=clock.now(), since=since, until=until
        )
        return deleted, 0

    return _in_batches(database, user_id, batch)


def delete_by_source(database: Database, user_id: int, told: SourceFilter) -> DeletionResult:
    """Delete what a source told, for good; what others tell of stays."""
    return _in_batches(database, user_id, _deleting_reports(user_id, told, tombstone_at=clock.now()))


def revert_source(database: Database, user_id: int, told: SourceFilter) -> DeletionResult:
    """Forget what was told, as if it never had been; what others tell of stays."""
    return _in_batches(database, user_id, _deleting_reports(user_id, told, tombstone_at=None))


def revert_import(database: Database, user_id: int, import_id: int) -> DeletionResult:
    """Undo an import. Nothing keeps its plays from being imported again."""
    removal = _in_batches(
        database, user_id, _deleting_reports(user_id, SourceFilter(import_id=import_id), tombstone_at=None)
    )
    if removal.complete:
        with database.transaction(user_id) as connection:
            imports_store.delete_import(connection, user_id, import_id)
    return removal


def _deleting_reports(
    user_id: int, told: SourceFilter, *, tombstone_at: datetime | None
) -> Callable[[Connection[Any], str], tuple[int, int]]:
    chosen = told.parameters()

    def batch(connection: Connection[Any], zone: str) -> tuple[int, int]:
        store.delete_alternates(connection, user_id, tombstone_at=tombstone_at, **chosen)
        taken = store.delete_primary_reports(
            connection, user_id, zone, most=BATCH_SIZE, tombstone_at=tombstone_at, **chosen
        )
        successors = [witness for _, witness in taken if witness is not None]
        if successors:
            plays_store.promote(connection, user_id, zone, successors)
        return len(taken) - len(successors), len(successors)

    return batch


def _in_batches(
    database: Database, user_id: int, batch: Callable[[Connection[Any], str], tuple[int, int]]
) -> DeletionResult:
    deleted = kept = 0
    until = time.monotonic() + MAX_DURATION_S
    while True:
        with database.transaction(user_id) as connection:
            gone, stayed = batch(connection, ingest.lock(connection, user_id))
        deleted, kept = deleted + gone, kept + stayed
        if gone + stayed < BATCH_SIZE:
            return DeletionResult(deleted=deleted, remaining=kept, complete=True)
        if time.monotonic() > until:
            return DeletionResult(deleted=deleted, remaining=kept, complete=False)

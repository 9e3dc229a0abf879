"""Delete plays and reports of plays.

A play is deleted with its last report; until then the best remaining one is its primary report. Work is done
in batches, a transaction each, until the time is up.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from musicconnect.platform import clock, problems
from musicconnect.platform.database import Database
from musicconnect.trends.plays import deletion_store as store
from musicconnect.trends.plays import ingest
from musicconnect.trends.plays import store as plays_store
from musicconnect.trends.plays.deduplication import PlayRef

BATCH_SIZE: Final = 10_000
MAX_DURATION_S: Final = 15.0
"""After this time a call begins no further batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFilter:
    """Which reports; None: any."""

    import_id: int | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deletion:
    """What was deleted."""

    deleted: int
    remaining: int
    """Plays that remain, because another source reports them."""
    complete: bool
    """False if the time was up before."""


def delete_play(database: Database, user_id: int, ref: PlayRef) -> None:
    """Delete one play for good, whatever sources report it, or raise a 404."""
    if not delete_play_if_there(database, user_id, ref):
        raise problems.not_found("play")


def delete_play_if_there(database: Database, user_id: int, ref: PlayRef) -> bool:
    """Delete one play for good, whatever sources report it; False if it is not there."""
    with database.transaction(user_id) as connection:
        zone = ingest.lock(connection, user_id)
        at = clock.now()
        return store.delete_plays(connection, user_id, zone, limit=1, tombstone_at=at, ref=ref) > 0


def delete_period(
    database: Database, user_id: int, since: datetime | None, until: datetime | None
) -> Deletion:
    """Delete all plays of a period for good, whatever sources report them, and the figures of its days.

    The roll-up recomputes days that have had plays. Figures outlive plays, so those of whole days in the
    period are deleted here, in the same transaction as its last plays.
    """

    def batch(connection: Connection[Any], zone: str) -> tuple[int, int]:
        gone = store.delete_plays(
            connection, user_id, zone, limit=BATCH_SIZE, tombstone_at=clock.now(), since=since, until=until
        )
        if gone < BATCH_SIZE:
            store.delete_days(connection, user_id, zone, since=since, until=until)
        return gone, 0

    return _in_batches(database, user_id, batch)


def delete_reports(database: Database, user_id: int, reports: SourceFilter, *, for_good: bool) -> Deletion:
    """Delete reports: ``for_good``, so that no source adds them again, or as if they had never arrived."""
    chosen = asdict(reports) | {"tombstone_at": clock.now() if for_good else None}

    def batch(connection: Connection[Any], zone: str) -> tuple[int, int]:
        store.delete_alternates(connection, user_id, chosen)
        successors = store.delete_primary_reports(connection, user_id, zone, chosen, limit=BATCH_SIZE)
        promoted = [alternate for alternate in successors if alternate is not None]
        if promoted:
            plays_store.promote(connection, user_id, zone, promoted)
        return len(successors) - len(promoted), len(promoted)

    return _in_batches(database, user_id, batch)


def _in_batches(
    database: Database, user_id: int, batch: Callable[[Connection[Any], str], tuple[int, int]]
) -> Deletion:
    deleted = remaining = 0
    until = time.monotonic() + MAX_DURATION_S
    while True:
        with database.transaction(user_id) as connection:
            gone, promoted = batch(connection, ingest.lock(connection, user_id))
        deleted, remaining = deleted + gone, remaining + promoted
        if gone + promoted < BATCH_SIZE:
            return Deletion(deleted, remaining, complete=True)
        if time.monotonic() > until:
            return Deletion(deleted, remaining, complete=False)

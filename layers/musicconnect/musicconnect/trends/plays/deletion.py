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
from musicconnect.trends.imports.schemas import Removal
from musicconnect.trends.plays import deletion_store as store
from musicconnect.trends.plays import ingest
from musicconnect.trends.plays import store as plays_store
from musicconnect.trends.plays.deduplication import PlayRef

BATCH: Final = 10_000
"""Plays per transaction."""
SECONDS: Final = 15.0
"""How long a request goes on beginning new batches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
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
        if not store.delete_plays(connection, user_id, zone, most=1, bury_at=clock.now(), ref=ref):
            raise problems.not_found("play")


def delete_period(
    database: Database, user_id: int, since: datetime | None, until: datetime | None
) -> Removal:
    """Delete all plays of a period for good, whoever tells of them."""

    def batch(connection: Connection[Any], zone: str) -> tuple[int, int]:
        deleted = store.delete_plays(
            connection, user_id, zone, most=BATCH, bury_at=clock.now(), since=since, until=until
        )
        return deleted, 0

    return _in_batches(database, user_id, batch)


def delete_source(database: Database, user_id: int, told: Told) -> Removal:
    """Delete what a source told, for good; what others tell of stays."""
    return _in_batches(database, user_id, _taking(user_id, told, bury_at=clock.now()))


def forget_told(database: Database, user_id: int, told: Told) -> Removal:
    """Forget what was told, as if it never had been; what others tell of stays."""
    return _in_batches(database, user_id, _taking(user_id, told, bury_at=None))


def take_back_import(database: Database, user_id: int, import_id: int) -> Removal:
    """Undo an import. Nothing keeps its plays from being imported again."""
    removal = _in_batches(database, user_id, _taking(user_id, Told(import_id=import_id), bury_at=None))
    if removal.complete:
        with database.transaction(user_id) as connection:
            imports_store.delete_import(connection, user_id, import_id)
    return removal


def _taking(
    user_id: int, told: Told, *, bury_at: datetime | None
) -> Callable[[Connection[Any], str], tuple[int, int]]:
    chosen = told.parameters()

    def batch(connection: Connection[Any], zone: str) -> tuple[int, int]:
        store.drop_witnesses(connection, user_id, bury_at=bury_at, **chosen)
        taken = store.take_back_shown(connection, user_id, zone, most=BATCH, bury_at=bury_at, **chosen)
        heirs = [witness for _, witness in taken if witness is not None]
        if heirs:
            plays_store.promote(connection, user_id, zone, heirs)
        return len(taken) - len(heirs), len(heirs)

    return batch


def _in_batches(
    database: Database, user_id: int, batch: Callable[[Connection[Any], str], tuple[int, int]]
) -> Removal:
    deleted = kept = 0
    until = time.monotonic() + SECONDS
    while True:
        with database.transaction(user_id) as connection:
            gone, stayed = batch(connection, ingest.lock(connection, user_id))
        deleted, kept = deleted + gone, kept + stayed
        if gone + stayed < BATCH:
            return Removal(deleted=deleted, kept=kept, complete=True)
        if time.monotonic() > until:
            return Removal(deleted=deleted, kept=kept, complete=False)

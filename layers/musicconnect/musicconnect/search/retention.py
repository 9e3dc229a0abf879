"""Delete in time: searches, cached pages, what a provider said about pins, stale matches."""

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from musicconnect.platform.config import SearchSettings
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.search import store

RUN_EVERY = 100
"""Searches between two runs, so that an installation without a timer deletes in time as well."""
BATCH_SIZE = 500
"""Rows of each kind: no search waits long for it."""


def delete_due(database: Database, now: datetime) -> int:
    """Delete some of what is due; give the number of rows. Call it again while it is not 0."""
    from musicconnect.providers.match_store import service as match_store  # noqa: PLC0415 - takes the matcher along

    with database.transaction() as connection:
        done = delete_old_queries(connection, now)
        done += delete_expired_pages(connection, now)
        done += clear_old_pin_titles(connection, now)
    with database.transaction() as connection:
        return done + match_store.delete_stale(connection, now)


def delete_old_queries(connection: Connection[Any], now: datetime) -> int:
    """Delete some of everybody's searches that are older than ``SEARCH_HISTORY_DAYS``."""
    before = now - SearchSettings.from_environment().history_for
    return store.delete_old_queries(connection, before, BATCH_SIZE)


def delete_expired_pages(connection: Connection[Any], now: datetime) -> int:
    """Delete some cached pages that have ended."""
    return store.delete_expired_pages(connection, now - timedelta(minutes=10), BATCH_SIZE)


def clear_old_pin_titles(connection: Connection[Any], now: datetime) -> int:
    """Clear some of what providers said about pins and may no longer be stored."""
    return sum(
        store.clear_old_pin_titles(connection, entry.name, now - timedelta(days=entry.fresh_days), BATCH_SIZE)
        for entry in registry.PROVIDERS.values()
        if entry.fresh_days is not None
    )

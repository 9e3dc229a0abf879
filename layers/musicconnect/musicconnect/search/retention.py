"""What is forgotten in time: searches, cached pages, what a provider said about pins, stale matches."""

from datetime import datetime, timedelta

from musicconnect.db import Database
from musicconnect.providers import registry
from musicconnect.search import store
from musicconnect.settings import SearchSettings

EVERY = 100
"""Searches between two tidyings, so that an installation without any timer keeps to its promises as well."""
AT_A_TIME = 500
"""Rows of each kind, so that no search waits long for it."""


def tidy(database: Database, now: datetime) -> int:
    """Delete some of what is due; gives the number of rows. Call it again while it is not 0."""
    from musicconnect.providers import matchstore  # noqa: PLC0415 - takes the matcher along

    settings = SearchSettings.from_environment()
    with database.transaction() as connection:
        done = store.forget_queries(connection, now - settings.history_for, AT_A_TIME)
        done += store.delete_expired(connection, now - timedelta(minutes=10), AT_A_TIME)
        for entry in registry.PROVIDERS.values():
            if entry.fresh_days is not None:
                before = now - timedelta(days=entry.fresh_days)
                done += store.forget_titles(connection, entry.name, before, AT_A_TIME)
    with database.transaction() as connection:
        return done + matchstore.forget_stale(connection, now)

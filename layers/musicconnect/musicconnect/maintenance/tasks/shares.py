"""Read what strangers are shown again, before it has to go."""

from datetime import timedelta
from typing import Final

from musicconnect.core import cursors
from musicconnect.maintenance.task import TaskContext, TaskResult, each
from musicconnect.maintenance.tasks.match_store import calls_per_day
from musicconnect.platform import config
from musicconnect.providers import registry
from musicconnect.providers.quota import ledger
from musicconnect.providers.registry import Provider
from musicconnect.providers.shares import service as shares

AGAIN_AFTER: Final = timedelta(hours=6)
"""What could not be read, for a spent allowance or a provider that is down, is tried again then."""
MAX_CALLS: Final = 20
"""Of reading one: 500 entries, 50 a page, and their lengths."""
READS_AT_A_TIME: Final = 5


def refresh(context: TaskContext) -> TaskResult:
    """Read shares again with their owners' accounts, those that end first; what cannot be read pauses.

    People's own orders come first: maintenance has a small part of a day's calls, and what is left waits
    for the next run. Where pages are not offered nothing is read, and what was shown goes at its end.
    """
    done = TaskResult()
    if config.has_playlist_pages():
        for entry in registry.PROVIDERS.values():
            done += _refresh(context, entry)
    return done


def _refresh(context: TaskContext, entry: Provider) -> TaskResult:
    done = TaskResult()
    while context.has_time():
        due = shares.claim_due(
            context.database, entry.name, context.at, context.at + AGAIN_AFTER, READS_AT_A_TIME
        )
        done += each(
            due,
            lambda one: (
                (not shares.costs_calls(one, context.at) or _may_read(context, entry))
                and shares.refresh(context.database, one, context.at)
            ),
        )
        if len(due) < READS_AT_A_TIME:
            return done
    return done + TaskResult(left=True)


def _may_read(context: TaskContext, entry: Provider) -> bool:
    """Take one of the day's reads; a provider that publishes no number is asked as its ledger allows."""
    calls = calls_per_day(entry)
    if not calls:
        return True
    with context.database.transaction() as connection:
        day = ledger.day_of(entry, context.at)
        purpose = f"shares_refreshed:{entry.name}"
        return cursors.may_spend(connection, purpose, day, max(1, calls // MAX_CALLS))

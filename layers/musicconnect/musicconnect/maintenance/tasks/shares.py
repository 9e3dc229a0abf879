"""Read what strangers are shown again, before it has to go."""

from datetime import datetime, timedelta
from typing import Final

from musicconnect.core import cursors
from musicconnect.maintenance.task import TaskContext, TaskResult, each
from musicconnect.maintenance.tasks.match_store import calls_per_day
from musicconnect.platform import config
from musicconnect.providers import registry
from musicconnect.providers.quota import ledger
from musicconnect.providers.registry import Provider
from musicconnect.providers.shares import service as shares
from musicconnect.providers.shares import store
from musicconnect.providers.shares.store import DueShare

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
    done, before = TaskResult(), context.at + shares.REFRESHED_BEFORE
    while context.has_time():
        due = _claim(context, entry, before)
        done += each(due, lambda one: _read_again(context, entry, one))
        if len(due) < READS_AT_A_TIME:
            return done
    return done + TaskResult(left=True)


def _claim(context: TaskContext, entry: Provider, before: datetime) -> list[DueShare]:
    with context.database.transaction() as connection:
        return store.claim_due(
            connection,
            entry.name,
            expires_before=before,
            now=context.at,
            again_at=context.at + AGAIN_AFTER,
            limit=READS_AT_A_TIME,
        )


def _read_again(context: TaskContext, entry: Provider, due: DueShare) -> int:
    # What is over, or cannot be read, costs no call.
    if due.expires_at > context.at and due.is_usable and due.is_own:
        limit = max(1, calls_per_day(entry) // MAX_CALLS) if calls_per_day(entry) else None
        with context.database.transaction() as connection:
            day = ledger.day_of(entry, context.at)
            if limit is not None and not cursors.may_spend(
                connection, f"shares_refreshed:{entry.name}", day, limit
            ):
                return 0
    return int(shares.refresh(context.database, due, context.at))

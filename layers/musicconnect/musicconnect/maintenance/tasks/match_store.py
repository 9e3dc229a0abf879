"""Refresh what is known of a provider's catalogue in time, or delete it."""

from datetime import timedelta
from functools import partial
from typing import Final

from musicconnect.core import cursors
from musicconnect.maintenance import store
from musicconnect.maintenance.task import BATCH_SIZE, TaskContext, TaskResult, in_batches
from musicconnect.music.model import Track
from musicconnect.platform.logging import logger
from musicconnect.providers import registry
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.candidates import channels
from musicconnect.providers.errors import (
    ConsentRevokedError,
    NoChannelError,
    NotLinkedError,
    ProviderError,
    ScopeMissingError,
)
from musicconnect.providers.match_store import names, rescoring
from musicconnect.providers.match_store import refresh as match_store_refresh
from musicconnect.providers.match_store import service as match_store
from musicconnect.providers.quota import ledger
from musicconnect.providers.registry import Provider

MAX_QUOTA_PERCENT: Final = 10
"""Percent of a day's lookups that maintenance may spend: of YouTube's 10,000, 50,000 videos a day."""
_DAY_S: Final = 86_400
MAX_REFUSALS: Final = 5
"""People in a row whose account turns out to be of no use."""


def refresh(context: TaskContext) -> TaskResult:
    """Ask again about what the match store knows, 50 recordings a call, the oldest first.

    The catalogue is everybody's and has no account of its own, so some person's is used; a call tells nothing
    about them and costs them nothing. Without anybody, or with the day's share spent, what is too old is
    deleted instead.
    """
    done = TaskResult()
    for entry in registry.PROVIDERS.values():
        if entry.fresh_days is not None:
            done += _refresh(context, entry)
    return done


def _refresh(context: TaskContext, entry: Provider) -> TaskResult:
    count = refusals = 0
    day = ledger.day_of(entry, context.at)
    limit = calls_per_day(entry)
    # One provider's calls are not another's to spend.
    purpose = f"matches_refreshed:{entry.name}"
    while context.has_time():
        with context.database.transaction() as connection:
            person = store.any_user_of(connection, entry.name)
            if person is None:
                return TaskResult(count)
        client = client_for(context.database, person, entry.name)
        with context.database.transaction() as connection:
            due = match_store_refresh.find_due(connection, entry.name, context.at, client.limits.lookup_batch)
            if not due or not cursors.may_spend(connection, purpose, day, limit):
                return TaskResult(count)
        ids = list(dict.fromkeys(match.id_on(entry.name) for match in due))
        try:
            found: dict[str, Track] = {track.id: track for track in client.tracks(ids)}
        except (ConsentRevokedError, NotLinkedError, NoChannelError, ScopeMissingError):
            refusals += 1
            if refusals == MAX_REFUSALS:
                return TaskResult(count)
            continue
        except ProviderError as error:
            logger.info("match store not refreshed", provider=entry.name, reason=error.reason)
            return TaskResult(count)
        with context.database.transaction() as connection:
            match_store_refresh.save_refreshed(connection, entry.name, due, found, context.at)
        count += len(due)
    return TaskResult(count, left=True)


def calls_per_day(entry: Provider) -> int:
    """Give the calls that maintenance may make a day of the provider's first allowance.

    Looking up draws from that one. Of a bucket of tokens it is as many as fill it so often, since a call
    costs several.
    """
    bucket = entry.buckets[0]
    if bucket.rate is not None:
        size, per_s = bucket.rate.current
        units = int(_DAY_S * per_s / size)
    else:
        units = bucket.limit or 0
    return units * MAX_QUOTA_PERCENT // 100


def rescore(context: TaskContext) -> TaskResult:
    """Score again what older versions of the matcher have found: it costs no search."""
    return in_batches(context, lambda connection: rescoring.rescore(connection, context.at, BATCH_SIZE))


def learn_names(context: TaskContext) -> TaskResult:
    """Learn which channels and names are whose from what enough people's matches have taught."""
    return in_batches(context, lambda connection: names.learn(connection, context.at, BATCH_SIZE))


def delete_names(context: TaskContext) -> TaskResult:
    """Delete old reports about names, and what nobody has confirmed for long."""
    return in_batches(context, lambda connection: names.forget(connection, context.at, BATCH_SIZE))


def delete_stale(context: TaskContext) -> TaskResult:
    """Delete matches that could not be refreshed in time, and misses that nobody believes any more."""
    return in_batches(
        context, lambda connection: match_store.delete_stale(connection, context.at, BATCH_SIZE)
    )


def delete_channels(context: TaskContext) -> TaskResult:
    """Delete artists' channels, and what they listed, before it has been here for too long."""
    done = TaskResult()
    for entry in registry.PROVIDERS.values():
        if entry.fresh_days is not None:
            before = context.at - timedelta(days=entry.fresh_days)
            step = partial(channels.delete_stale, provider=entry.name, before=before, limit=BATCH_SIZE)
            done += in_batches(context, step)
    return done

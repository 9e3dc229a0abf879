"""What is simply deleted, or emptied, when its time has come."""

from datetime import timedelta
from typing import Final

from musicconnect.core.rate_limits import KNOWN_SOURCE_LIFETIME
from musicconnect.maintenance import store
from musicconnect.maintenance.task import BATCH_SIZE, TaskContext, TaskResult, in_batches
from musicconnect.platform.logging import logger
from musicconnect.providers import registry
from musicconnect.search import retention

LEDGER_RETENTION: Final = timedelta(days=400)
"""Days of the providers' allowances are about nobody, and tell how a deployment grows."""
PLAYLISTS_AT_A_TIME: Final = 20
"""A playlist may have thousands of tracks."""


def sessions(context: TaskContext) -> TaskResult:
    """Sessions that have ended."""
    return in_batches(context, lambda connection: store.delete_sessions(connection, context.at, BATCH_SIZE))


def personal_tokens(context: TaskContext) -> TaskResult:
    """Personal tokens that have ended."""
    return in_batches(
        context, lambda connection: store.delete_personal_tokens(connection, context.at, BATCH_SIZE)
    )


def known_sources(context: TaskContext) -> TaskResult:
    """From where people signed in, long ago."""
    before = context.at - KNOWN_SOURCE_LIFETIME
    return in_batches(context, lambda connection: store.delete_sources(connection, before, BATCH_SIZE))


def sign_in_limits(context: TaskContext) -> TaskResult:
    """Counted attempts that count no more."""
    return in_batches(
        context, lambda connection: store.delete_expired_limits(connection, context.at, BATCH_SIZE)
    )


def link_states(context: TaskContext) -> TaskResult:
    """Consents that were begun and never finished."""
    return in_batches(context, lambda connection: store.delete_links(connection, context.at, BATCH_SIZE))


def searches(context: TaskContext) -> TaskResult:
    """Who searched for what (``SEARCH_HISTORY_DAYS``)."""
    return in_batches(
        context,
        lambda connection: retention.delete_old_queries(connection, context.at),
        at_a_time=retention.BATCH_SIZE,
    )


def search_pages(context: TaskContext) -> TaskResult:
    """Cached pages of the providers' searches."""
    return in_batches(
        context,
        lambda connection: retention.delete_expired_pages(connection, context.at),
        at_a_time=retention.BATCH_SIZE,
    )


def pin_titles(context: TaskContext) -> TaskResult:
    """What a provider said about pinned items, until it is asked again."""
    # One step deals with so many of every provider.
    return in_batches(
        context,
        lambda connection: retention.clear_old_pin_titles(connection, context.at),
        at_a_time=retention.BATCH_SIZE,
    )


def quota_ledger(context: TaskContext) -> TaskResult:
    """Old days of the ledger, and shares that nobody wants any more."""
    before = (context.at - LEDGER_RETENTION).date()
    return in_batches(
        context, lambda connection: store.delete_quota_usage(connection, before, context.at, BATCH_SIZE)
    )


def snapshots(context: TaskContext) -> TaskResult:
    """Playlists that could not be read again in time."""
    done = TaskResult()
    for entry in _perishable():
        before = context.at - timedelta(days=entry.fresh_days or 0)
        done += in_batches(
            context,
            lambda connection, name=entry.name, before=before: store.delete_snapshots(  # type: ignore[misc]
                connection, name, before, BATCH_SIZE
            ),
        )
    return done


def migration_facts(context: TaskContext) -> TaskResult:
    """Titles and names in migrations: ids and numbers stay, and tell what was done."""
    done = TaskResult()
    for entry in _perishable():
        done += in_batches(
            context,
            lambda connection, entry=entry: store.clear_facts(
                connection, entry, context.at, PLAYLISTS_AT_A_TIME
            ),  # type: ignore[misc]
            at_a_time=PLAYLISTS_AT_A_TIME,
        )
    return done


def rule_facts(context: TaskContext) -> TaskResult:
    """Titles in people's own choices, whose ids stay."""
    done = TaskResult()
    for entry in _perishable():
        before = context.at - timedelta(days=entry.fresh_days or 0)
        done += in_batches(
            context,
            lambda connection, name=entry.name, before=before: store.clear_rule_facts(  # type: ignore[misc]
                connection, name, before, BATCH_SIZE
            ),
        )
    return done


def _perishable() -> list[registry.Provider]:
    return [entry for entry in registry.PROVIDERS.values() if entry.fresh_days is not None]


def stuck_jobs(context: TaskContext) -> TaskResult:
    """Make it due; the dispatchers send it within a minute. What is due or leased is theirs anyway."""
    done = in_batches(context, lambda connection: store.release_stuck(connection, context.at, BATCH_SIZE))
    if done.count:
        logger.warning("stuck work freed", count=done.count)
    return done

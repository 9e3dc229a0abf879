"""What is simply deleted, or emptied, when its time has come."""

from datetime import timedelta
from typing import Final

from musicconnect.core.rate_limits import KNOWN_SOURCE_LIFETIME
from musicconnect.maintenance import store
from musicconnect.maintenance.task import AT_A_TIME, Done, Work, in_batches
from musicconnect.providers import registry
from musicconnect.search import retention

LEDGER_KEPT: Final = timedelta(days=400)
"""Days of the providers' allowances are about nobody, and tell how a deployment grows."""
PLAYLISTS_AT_A_TIME: Final = 20
"""A playlist may have thousands of tracks."""


def sessions(work: Work) -> Done:
    """Sessions that have ended."""
    return in_batches(work, lambda connection: store.delete_sessions(connection, work.at, AT_A_TIME))


def personal_tokens(work: Work) -> Done:
    """Personal tokens that have ended."""
    return in_batches(work, lambda connection: store.delete_personal_tokens(connection, work.at, AT_A_TIME))


def known_sources(work: Work) -> Done:
    """From where people signed in, long ago."""
    before = work.at - KNOWN_SOURCE_LIFETIME
    return in_batches(work, lambda connection: store.delete_sources(connection, before, AT_A_TIME))


def sign_in_limits(work: Work) -> Done:
    """Counted attempts that count no more."""
    return in_batches(work, lambda connection: store.delete_full_limits(connection, work.at, AT_A_TIME))


def link_states(work: Work) -> Done:
    """Consents that were begun and never finished."""
    return in_batches(work, lambda connection: store.delete_links(connection, work.at, AT_A_TIME))


def searches(work: Work) -> Done:
    """Who searched for what (``SEARCH_HISTORY_DAYS``)."""
    return in_batches(
        work,
        lambda connection: retention.delete_old_queries(connection, work.at),
        at_a_time=retention.BATCH_SIZE,
    )


def search_pages(work: Work) -> Done:
    """Cached pages of the providers' searches."""
    return in_batches(
        work,
        lambda connection: retention.delete_expired_pages(connection, work.at),
        at_a_time=retention.BATCH_SIZE,
    )


def pin_titles(work: Work) -> Done:
    """What a provider said about pinned items, until it is asked again."""
    # One step deals with so many of every provider.
    return in_batches(
        work,
        lambda connection: retention.clear_old_pin_titles(connection, work.at),
        at_a_time=retention.BATCH_SIZE,
    )


def quota_ledger(work: Work) -> Done:
    """Old days of the ledger, and shares that nobody wants any more."""
    before = (work.at - LEDGER_KEPT).date()
    return in_batches(
        work, lambda connection: store.delete_quota_usage(connection, before, work.at, AT_A_TIME)
    )


def snapshots(work: Work) -> Done:
    """Playlists that could not be read again in time."""
    done = Done()
    for entry in _perishable():
        before = work.at - timedelta(days=entry.fresh_days or 0)
        done += in_batches(
            work,
            lambda connection, name=entry.name, before=before: store.delete_snapshots(  # type: ignore[misc]
                connection, name, before, AT_A_TIME
            ),
        )
    return done


def migration_facts(work: Work) -> Done:
    """Titles and names in migrations: ids and numbers stay, and tell what was done."""
    done = Done()
    for entry in _perishable():
        done += in_batches(
            work,
            lambda connection, entry=entry: store.forget_facts(
                connection, entry, work.at, PLAYLISTS_AT_A_TIME
            ),  # type: ignore[misc]
            at_a_time=PLAYLISTS_AT_A_TIME,
        )
    return done


def choice_facts(work: Work) -> Done:
    """Titles in people's own choices, whose ids stay."""
    done = Done()
    for entry in _perishable():
        before = work.at - timedelta(days=entry.fresh_days or 0)
        done += in_batches(
            work,
            lambda connection, name=entry.name, before=before: store.forget_rule_facts(  # type: ignore[misc]
                connection, name, before, AT_A_TIME
            ),
        )
    return done


def _perishable() -> list[registry.Provider]:
    return [entry for entry in registry.PROVIDERS.values() if entry.fresh_days is not None]

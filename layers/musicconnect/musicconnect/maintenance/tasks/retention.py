"""Delete or empty what has reached the end of its retention, and make stuck work due again."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, LiteralString

from psycopg import Connection

from musicconnect.core.rate_limits import KNOWN_SOURCE_LIFETIME
from musicconnect.maintenance import store
from musicconnect.maintenance.task import BATCH_SIZE, TaskContext, TaskResult, in_batches
from musicconnect.platform.logging import logger
from musicconnect.providers import registry
from musicconnect.search import retention

LEDGER_RETENTION: Final = timedelta(days=400)
"""Days of the providers' allowances are about nobody, and tell how a deployment grows."""
ACT_RETENTION: Final = timedelta(days=400)
NOTICE_RETENTION: Final = timedelta(days=90)
DELIVERY_RETENTION: Final = timedelta(days=30)
MAIL_RETENTION: Final = timedelta(days=30)
"""For questions about what was sent."""
SUPPRESSION_RETENTION: Final = timedelta(days=400)
PLAYLISTS_AT_A_TIME: Final = 20
"""A playlist may have thousands of tracks."""


def sessions(context: TaskContext) -> TaskResult:
    """Delete sessions that have ended."""
    return _call(context, "core.delete_expired_sessions", context.at)


def personal_tokens(context: TaskContext) -> TaskResult:
    """Delete personal tokens that have ended."""
    return _call(context, "core.delete_expired_tokens", context.at)


def app_approvals(context: TaskContext) -> TaskResult:
    """Delete that users let programs in, once the programs can no longer use it."""
    return _call(context, "core.delete_expired_approvals", context.at)


def known_sources(context: TaskContext) -> TaskResult:
    """Delete from where users signed in, long ago."""
    return _call(context, "core.delete_known_sources", context.at - KNOWN_SOURCE_LIFETIME)


def sign_in_limits(context: TaskContext) -> TaskResult:
    """Delete token buckets that are full again."""
    return _call(context, "core.delete_expired_limits", context.at)


def verifications(context: TaskContext) -> TaskResult:
    """Delete links and codes that are old, with what they were asked for."""
    return _call(context, "core.delete_expired_verifications", context.at)


def passkey_ceremonies(context: TaskContext) -> TaskResult:
    """Delete what browsers were asked and did not answer in time."""
    return _call(context, "core.delete_expired_ceremonies", context.at)


def mail_messages(context: TaskContext) -> TaskResult:
    """Delete mail that was sent, or was not, some time ago."""
    return _call(context, "core.delete_old_mail", context.at - MAIL_RETENTION)


def mail_suppressions(context: TaskContext) -> TaskResult:
    """Delete that addresses bounced or complained, long ago: they may have other owners by now."""
    return _call(context, "core.delete_old_suppressions", context.at - SUPPRESSION_RETENTION)


def link_states(context: TaskContext) -> TaskResult:
    """Delete consents that were begun and never finished."""
    return _call(context, "providers.delete_expired_links", context.at)


def now_playing(context: TaskContext) -> TaskResult:
    """Delete what users were listening to when their players last said so."""
    return _call(context, "trends.delete_now_playing", context.at)


def notices(context: TaskContext) -> TaskResult:
    """Delete what people were told long ago."""
    return _call(context, "notices.delete_old_notices", context.at - NOTICE_RETENTION)


def webhook_deliveries(context: TaskContext) -> TaskResult:
    """Delete what was sent to webhooks, and what they answered."""
    return _call(context, "notices.delete_old_deliveries", context.at - DELIVERY_RETENTION)


def outbox(context: TaskContext) -> TaskResult:
    """Delete what could not be told: of people who stay suspended."""
    return _call(context, "outbox.delete_old_events", context.at - DELIVERY_RETENTION)


def change_sets(context: TaskContext) -> TaskResult:
    """Delete what was planned and written in playlists, once nobody can undo it any more."""
    return _call(context, "changes.delete_expired", context.at)


def repairs(context: TaskContext) -> TaskResult:
    """Delete repairs of playlists, once nobody can undo them any more."""
    return _call(context, "sync.delete_expired_repairs", context.at)


def shares(context: TaskContext) -> TaskResult:
    """Delete what strangers were shown of playlists, once it was read too long ago."""
    return _call(context, "providers.delete_expired_shares", context.at)


def pair_states(context: TaskContext) -> TaskResult:
    """Delete what pairs of playlists showed, where nobody could read it again in time."""
    done = TaskResult()
    for _, before in _perishable(context):
        done += _call(context, "sync.delete_stale_states", before)
    return done


def operator_acts(context: TaskContext) -> TaskResult:
    """Delete what operators did long ago."""
    return _call(context, "operators.delete_old_acts", context.at - ACT_RETENTION)


def searches(context: TaskContext) -> TaskResult:
    """Delete who searched for what (``SEARCH_HISTORY_DAYS``)."""
    return _search(context, retention.delete_old_queries)


def search_pages(context: TaskContext) -> TaskResult:
    """Delete cached pages of the providers' searches."""
    return _search(context, retention.delete_expired_pages)


def pin_titles(context: TaskContext) -> TaskResult:
    """Empty what a provider said about pinned items, until it is asked again."""
    return _search(context, retention.clear_old_pin_titles)


def quota_ledger(context: TaskContext) -> TaskResult:
    """Delete old days of the ledger, and shares that nobody wants any more."""
    return _call(context, "providers.delete_quota_usage", (context.at - LEDGER_RETENTION).date(), context.at)


def snapshots(context: TaskContext) -> TaskResult:
    """Delete playlists that could not be read again in time."""
    return _call_per_provider(context, "providers.delete_stale_snapshots")


def migration_facts(context: TaskContext) -> TaskResult:
    """Empty titles and names in migrations: ids and numbers stay, and tell what was done."""
    providers = [
        {
            "name": entry.name,
            "placeholder": f"a {entry.title} playlist",
            "explanation": (
                f"{entry.title} lets its titles be kept for a month only; start the migration again"
            ),
            "before": before.isoformat(),
        }
        for entry, before in _perishable(context)
    ]
    # All in one look: a playlist is marked as looked at, and may hold what two of them said.
    return _call(
        context, "migrations.clear_facts", json.dumps(providers), context.at, batch_size=PLAYLISTS_AT_A_TIME
    )


def rule_facts(context: TaskContext) -> TaskResult:
    """Empty titles in users' own choices, whose ids stay."""
    return _call_per_provider(context, "migrations.clear_rule_facts")


def stuck_jobs(context: TaskContext) -> TaskResult:
    """Make unfinished work due that nobody has in hand; the dispatchers send it within a minute."""
    done = TaskResult()
    for function in store.RELEASE_STUCK:
        done += _call(context, function, context.at)
    if done.count:
        logger.warning("stuck work released", count=done.count)
    return done


def _call(
    context: TaskContext, function: LiteralString, *parameters: object, batch_size: int = BATCH_SIZE
) -> TaskResult:
    """Repeat a function of the database, whose last parameter says how many rows it may deal with."""
    return in_batches(
        context,
        lambda connection: store.call(connection, function, *parameters, batch_size),
        batch_size=batch_size,
    )


def _call_per_provider(context: TaskContext, function: LiteralString) -> TaskResult:
    done = TaskResult()
    for entry, before in _perishable(context):
        done += _call(context, function, entry.name, before)
    return done


def _search(context: TaskContext, step: Callable[[Connection[Any], datetime], int]) -> TaskResult:
    return in_batches(
        context, lambda connection: step(connection, context.at), batch_size=retention.BATCH_SIZE
    )


def _perishable(context: TaskContext) -> list[tuple[registry.Provider, datetime]]:
    """List providers whose facts may not be kept, each with since when they have to have been fetched."""
    return [
        (entry, context.at - timedelta(days=entry.fresh_days))
        for entry in registry.PROVIDERS.values()
        if entry.fresh_days is not None
    ]

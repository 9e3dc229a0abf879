"""Confirm consents every month, warn before they end, and end what has lapsed."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from psycopg import Connection

from musicconnect.maintenance import store
from musicconnect.maintenance.task import BATCH_SIZE, TaskContext, TaskResult, each, in_batches, repeat
from musicconnect.platform import metrics
from musicconnect.platform.logging import logger
from musicconnect.providers import registry
from musicconnect.providers.accounts import consents, tokens, unlinking
from musicconnect.providers.accounts.status import consent_ends_on, months_later
from musicconnect.providers.registry import Provider

CHECK_AFTER: Final = timedelta(days=28)
"""Two days before `consents.CHECK_BY`: for doing it, and for YouTube to recover."""
DEAD_FOR: Final = timedelta(days=30)
"""YouTube's Developer Policies, III.E.4: what belongs to tokens that can no longer be refreshed."""
CHECKS_AT_A_TIME: Final = 10
TOLD_DAYS: Final = (1, 7, 30)
"""Before a consent ends by itself, when its person is told; the nearest first."""


def check(context: TaskContext) -> TaskResult:
    """Confirm consents, or find that they have ended.

    One call for each account a month. That a consent has ended is written down, and its tokens are deleted,
    by whoever asks first: by this at the latest.
    """
    done = TaskResult()
    while context.has_time():
        with context.database.transaction() as connection:
            accounts = store.claim_checks(connection, context.at, context.at - CHECK_AFTER, CHECKS_AT_A_TIME)
        done += each(
            accounts,
            lambda account: consents.check(
                context.database, account.user_id, account.account_id, account.provider, context.at
            ),
        )
        if len(accounts) < CHECKS_AT_A_TIME:
            return done
    return done + TaskResult(left=True)


def warn(context: TaskContext) -> TaskResult:
    """Write down, once for each consent, that it ends by itself soon. The API tells its person all along."""
    done = TaskResult()
    for entry, _ in _limited():
        warned = _warn(context, entry)
        metrics.emit(metrics.CONSENTS_END_SOON, warned.count, provider=entry.name)
        done += warned
    return done


def _warn(context: TaskContext, entry: Provider) -> TaskResult:
    before = context.at - timedelta(days=entry.consent_warning_days)

    def step(connection: Connection[Any]) -> int:
        ending = store.claim_warnings(connection, entry.name, before, context.at, BATCH_SIZE)
        for account_id, authorized_at in ending:
            ends_on = str(consent_ends_on(entry, authorized_at))
            logger.info("consent ends soon", provider=entry.name, account_id=account_id, ends_on=ends_on)
        return len(ending)

    return in_batches(context, step)


def tell_ending(context: TaskContext) -> TaskResult:
    """Tell people that a consent ends in 30, 7 and 1 days, each once; of several the nearest."""
    done = TaskResult()
    for entry, months in _limited():
        for days in TOLD_DAYS:
            before = lapsed_before(context.at + timedelta(days=days), months)
            done += _tell_ending(context, entry, before, days)
    return done


def _tell_ending(context: TaskContext, entry: Provider, before: datetime, days: int) -> TaskResult:
    def step() -> tuple[int, int]:
        with context.database.transaction() as connection:
            ending = store.find_ending(connection, entry.name, before, days, BATCH_SIZE)
        count = 0
        for account in ending:
            with context.database.transaction(account.user_id) as connection:
                count += consents.tell_ending(connection, entry, days, context.at, authorized_before=before)
        return len(ending), count

    return repeat(context, step, batch_size=BATCH_SIZE)


def end_lapsed(context: TaskContext) -> TaskResult:
    """End consents whose months are over: their tokens are worth nothing and go, before a call finds out."""
    return sum(
        (_end_lapsed(context, entry, lapsed_before(context.at, months)) for entry, months in _limited()),
        TaskResult(),
    )


def _end_lapsed(context: TaskContext, entry: Provider, before: datetime) -> TaskResult:
    def step() -> tuple[int, int]:
        with context.database.transaction() as connection:
            accounts = store.find_lapsed(connection, entry.name, before, BATCH_SIZE)
        count = 0
        for account in accounts:
            with context.database.transaction(account.user_id) as connection:
                count += tokens.end_consent(
                    connection, account.provider, "consent_lapsed", context.at, authorized_before=before
                )
        return len(accounts), count

    return repeat(context, step, batch_size=BATCH_SIZE)


def _limited() -> list[tuple[Provider, int]]:
    """List providers whose consents end by themselves, with after how many months."""
    return [
        (entry, entry.consent_months)
        for entry in registry.PROVIDERS.values()
        if entry.consent_months is not None
    ]


def end_unusable(context: TaskContext) -> TaskResult:
    """Delete accounts that could not be used for a month, with everything that they brought."""
    before = context.at - DEAD_FOR

    def step() -> tuple[int, int]:
        with context.database.transaction() as connection:
            accounts = store.find_unusable(connection, before, BATCH_SIZE)
        count = 0
        for account in accounts:
            with context.database.transaction(account.user_id) as connection:
                # Perhaps it was linked again a moment ago.
                if unlinking.delete_unusable(
                    connection, account.account_id, account.provider, before, context.at
                ):
                    count += 1
                    logger.info("account ended", provider=account.provider, account_id=account.account_id)
        return len(accounts), count

    return repeat(context, step, batch_size=BATCH_SIZE)


def lapsed_before(now: datetime, months: int) -> datetime:
    """Until when a consent has to have been given to be over by now, if it lasts so many months."""
    today = now.astimezone(UTC).date()
    years, month = divmod(today.month - 1 - months, 12)
    # Months differ in length: the last day whose month-later is not after today.
    day = date(today.year + years, month + 1, 1) - timedelta(days=1)
    while months_later(day + timedelta(days=1), months) <= today:
        day += timedelta(days=1)
    return datetime.combine(day, time.max, UTC)

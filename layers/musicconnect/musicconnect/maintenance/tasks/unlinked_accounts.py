"""Delete what unlinked accounts leave behind, and repeat revocations that failed."""

from datetime import timedelta
from typing import Final

from musicconnect.maintenance import store
from musicconnect.maintenance.store import UnlinkedAccount
from musicconnect.maintenance.task import BATCH_SIZE, TaskContext, TaskResult, repeat
from musicconnect.platform.logging import logger
from musicconnect.providers.accounts import revocations
from musicconnect.trends.plays import deletion

RECHECK_AFTER: Final = timedelta(hours=1)
"""After the account went: a worker that had read something before writes it, or fails to, within minutes."""
REVOCATIONS_AT_A_TIME: Final = 10
PLAYS_SOURCE: Final = {"spotify": "spotify_api"}
"""The source of plays that a provider's API reports."""


def purge_unlinked(context: TaskContext) -> TaskResult:
    """Delete what an unlinked account brought and did not take along, and look again an hour later.

    The account's own rows went with it, and so did migrations, choices and pins. Plays that its API reported
    take their time. The second look has to find nothing; until one does, there is another.
    """
    count = 0
    while context.has_time():
        with context.database.transaction() as connection:
            due = store.due_unlinked_accounts(connection, context.at, BATCH_SIZE)
        if not due:
            return TaskResult(count)
        for account in due:
            done = _purge(context, account)
            count += done.count
            if done.left or not context.has_time():
                return TaskResult(count, left=True)
    return TaskResult(count, left=True)


def _purge(context: TaskContext, account: UnlinkedAccount) -> TaskResult:
    source = PLAYS_SOURCE.get(account.provider)
    plays = 0
    if source is not None:
        reports = deletion.SourceFilter(source=source, until=account.left_at)
        removal = deletion.delete_reports(context.database, account.user_id, reports, for_good=False)
        plays = removal.deleted + removal.remaining
        if not removal.complete:
            return TaskResult(plays, left=True)
    with context.database.transaction(account.user_id) as connection:
        rows = store.call(
            connection, "providers.delete_account_data", account.user_id, account.provider, account.left_at
        )
        left = 0
        if source is not None:
            left = store.call(connection, "trends.count_reported", account.user_id, source, account.left_at)
        is_second = context.at >= account.left_at + RECHECK_AFTER
        if is_second and not (rows or plays or left):
            revocations.delete_unlinked_account(connection, account.id)
        else:
            revocations.reschedule_unlinked_account(
                connection, account.id, max(context.at, account.left_at) + RECHECK_AFTER
            )
    if rows or (is_second and plays):
        logger.warning(
            "left behind by an unlinked account", provider=account.provider, rows=rows, plays=plays
        )
    return TaskResult(rows + plays)


def retry_revocations(context: TaskContext) -> TaskResult:
    """Tell providers again to revoke tokens of accounts that are gone; delete what is too old to be kept."""
    with context.database.transaction() as connection:
        expired = revocations.delete_old_revocations(connection, context.at)

    def step() -> tuple[int, int]:
        return revocations.retry_due(context.database, context.at, REVOCATIONS_AT_A_TIME)

    return TaskResult(expired) + repeat(context, step, batch_size=REVOCATIONS_AT_A_TIME)

"""Bring everything that is encrypted under the current key."""

from typing import Final

from musicconnect.maintenance import store
from musicconnect.maintenance.task import TaskContext, TaskResult, each
from musicconnect.notices.webhooks import secrets
from musicconnect.platform.encryption import DecryptionError, KeyRing
from musicconnect.platform.logging import logger
from musicconnect.providers.accounts import revocations, tokens

ACCOUNTS_AT_A_TIME: Final = 100


def reencrypt(context: TaskContext) -> TaskResult:
    """Encrypt again what another key encrypted. What does not open stays as it is: its key may come back."""
    ring = KeyRing.from_environment(fresh=True)
    with context.database.transaction() as connection:
        done, after = TaskResult(revocations.reencrypt(connection, ring)), 0

    def reencrypt_account(account: store.Account) -> bool:
        try:
            with context.database.transaction(account.user_id) as connection:
                return tokens.reencrypt(connection, ring, account.provider, context.at)
        except DecryptionError:
            logger.error("tokens do not open under any key", account_id=account.account_id)
            return False

    while context.has_time():
        with context.database.transaction() as connection:
            accounts = store.find_outdated_tokens(connection, ring.current, after, ACCOUNTS_AT_A_TIME)
        done += each(accounts, reencrypt_account)
        if len(accounts) < ACCOUNTS_AT_A_TIME:
            return done + _webhooks(context, ring)
        after = accounts[-1].account_id
    return done + TaskResult(left=True)


def _webhooks(context: TaskContext, ring: KeyRing) -> TaskResult:
    """Encrypt the secrets of webhooks again."""

    def reencrypt_one(webhook: store.WebhookSecret) -> bool:
        try:
            with context.database.transaction(webhook.user_id) as connection:
                return secrets.reencrypt(connection, ring, webhook.user_id, webhook.webhook_id)
        except DecryptionError:
            logger.error("webhook's secret does not open under any key", webhook_id=webhook.webhook_id)
            return False

    done, after = TaskResult(), 0
    while context.has_time():
        with context.database.transaction() as connection:
            found = store.find_outdated_secrets(connection, ring.current, after, ACCOUNTS_AT_A_TIME)
        done += each(found, reencrypt_one)
        if len(found) < ACCOUNTS_AT_A_TIME:
            return done
        after = found[-1].webhook_id
    return done + TaskResult(left=True)

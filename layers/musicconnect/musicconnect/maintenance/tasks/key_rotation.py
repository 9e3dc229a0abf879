"""Bring everything that is encrypted under the current key."""

from typing import Final

from musicconnect.maintenance import store
from musicconnect.maintenance.task import TaskContext, TaskResult, each
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
            return done
        after = accounts[-1].account_id
    return done + TaskResult(left=True)

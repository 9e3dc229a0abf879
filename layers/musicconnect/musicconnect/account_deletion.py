"""Delete an account with everything that belongs to it, in every schema and at the providers."""

import time
from typing import TYPE_CHECKING, Final

import psycopg

from musicconnect.api.binding import Caller
from musicconnect.core import accounts
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger

if TYPE_CHECKING:
    from musicconnect.providers.accounts.unlinking import RevocationResult

RETRY_DELAYS_S: Final = (0.1, 0.3, 1.0)
"""Before the second and further attempts."""
_LOCK_ERRORS = (psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable)
"""A worker is writing for the user at this moment."""


def delete_account(database: Database, caller: Caller) -> None:
    """Delete the account and everything that belongs to it.

    First our access is revoked at the providers, as long as there are tokens to do it with. Then the rows go,
    all in one transaction. Then the files: maintenance deletes those that cannot be deleted now, since nobody
    owns them any more. Messages about the user find nothing to work on.
    """
    revoked = _revoke_access(database, caller.user_id)
    for delay in (*RETRY_DELAYS_S, None):
        try:
            _delete_rows(database, caller.user_id, revoked)
            break
        except _LOCK_ERRORS:
            if delay is None:
                raise
            time.sleep(delay)
    _delete_files(database, caller.user_id)
    logger.info("account deleted", revocations=[one.revocation for one in revoked])


def _delete_rows(database: Database, user_id: int, revoked: "list[RevocationResult]") -> None:
    with database.transaction(user_id) as connection:
        if accounts.delete_user(connection, user_id) and revoked:
            from musicconnect.providers.accounts import unlinking  # noqa: PLC0415 - imported already

            unlinking.save_pending(connection, revoked, clock.now())


def _revoke_access(database: Database, user_id: int) -> "list[RevocationResult]":
    from musicconnect.providers.accounts import unlinking  # noqa: PLC0415 - only deleting an account needs it

    try:
        return unlinking.revoke_all(database, user_id)
    except Exception:  # noqa: BLE001 - the account is deleted whether or not a provider hears of it
        logger.warning("provider tokens not revoked before deletion", exc_info=True)
        return []


def _delete_files(database: Database, user_id: int) -> None:
    from musicconnect.exports import retention  # noqa: PLC0415
    from musicconnect.platform.storage import uploads  # noqa: PLC0415 - as above

    try:
        uploads.delete_all(user_id)
        retention.clear_leftovers(database)
    except Exception:  # noqa: BLE001 - the user is gone; nobody could ask again
        logger.warning("files not deleted, left to maintenance", exc_info=True)

"""The end of an account: everything that is a person's goes, now and for good."""

import time
from typing import TYPE_CHECKING, Final

import psycopg

from musicconnect.api.binding import Caller
from musicconnect.core import rate_limits, store
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger

if TYPE_CHECKING:
    from musicconnect.providers.accounts.unlinking import GivenBack

PAUSES: Final = (0.1, 0.3, 1.0)
"""Seconds before the second and further attempts."""
_IN_THE_WAY = (psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable)
"""A worker is writing for the person at this moment."""


def leave(database: Database, caller: Caller) -> None:
    """Delete the account and everything that belongs to it.

    First our access is given back at the providers, as long as there are tokens to do it with. Then the rows
    go, all in one transaction. Then the files: what keeps them from going now, maintenance makes up for,
    since nobody owns them any more. Messages about the person find nothing to work on.
    """
    given = _give_tokens_back(database, caller.user_id)
    for pause in (*PAUSES, None):
        try:
            _delete(database, caller.user_id, given)
            break
        except _IN_THE_WAY:
            if pause is None:
                raise
            time.sleep(pause)
    _delete_files(database, caller.user_id)
    logger.info("account deleted", revocations=[one.revocation for one in given])


def _delete(database: Database, user_id: int, given: "list[GivenBack]") -> None:
    with database.transaction(user_id) as connection:
        known = store.address_and_sources(connection, user_id)
        if known is None:
            return
        rate_limits.forget(connection, *known)
        if given:
            from musicconnect.providers.accounts import unlinking  # noqa: PLC0415 - imported already

            unlinking.keep_for_later(connection, given, clock.now())
        store.delete_user(connection, user_id)


def _give_tokens_back(database: Database, user_id: int) -> "list[GivenBack]":
    from musicconnect.providers.accounts import unlinking  # noqa: PLC0415 - only the end of an account needs it

    try:
        return unlinking.revoke_all(database, user_id)
    except Exception:  # noqa: BLE001 - whatever keeps a provider from hearing it, the person's wish counts
        logger.warning("provider tokens not revoked before deletion", exc_info=True)
        return []


def _delete_files(database: Database, user_id: int) -> None:
    from musicconnect.exports import retention  # noqa: PLC0415
    from musicconnect.platform.storage import uploads  # noqa: PLC0415 - as above

    try:
        uploads.delete_all(user_id)
        retention.clear_leftovers(database)
    except Exception:  # noqa: BLE001 - the person is gone; nobody could ask again
        logger.warning("files not deleted, left to maintenance", exc_info=True)

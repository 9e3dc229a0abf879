"""Tell providers to revoke tokens whose accounts have gone, and delete those tokens in time."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from musicconnect.platform.database import Database
from musicconnect.platform.encryption import DecryptionError, KeyRing
from musicconnect.platform.logging import logger
from musicconnect.providers import registry
from musicconnect.providers.accounts import revocation_store
from musicconnect.providers.accounts.revocation_store import (
    Revocation,
    delete_old_revocations,
    delete_unlinked_account,
    reschedule_unlinked_account,
)
from musicconnect.providers.errors import ProviderError

__all__ = [
    "RETRY_DELAY", "delete_old_revocations", "delete_unlinked_account", "owner", "reencrypt",
    "reschedule_unlinked_account", "retry_due",
]  # fmt: skip

RETRY_DELAY: Final = timedelta(minutes=5)
MAX_BACKOFF: Final = timedelta(hours=6)


def owner(revocation_id: UUID) -> str:
    """Name the owner that a token to be revoked is encrypted for."""
    return f"revocation:{revocation_id}"


def retry_due(database: Database, now: datetime, limit: int) -> tuple[int, int]:
    """Tell providers again what is due; gives how many are due, and how many of them are revoked."""
    with database.transaction() as connection:
        due = revocation_store.claim_revocations(connection, now, RETRY_DELAY, MAX_BACKOFF, limit)
    revoked = 0
    for revocation in due:
        if _is_revoked(revocation):
            with database.transaction() as connection:
                revocation_store.delete_revocation(connection, revocation.id)
            revoked += 1
    return len(due), revoked


def reencrypt(connection: Connection[Any], ring: KeyRing) -> int:
    """Bring tokens under the ring's current key; gives how many. What does not open stays as it is."""
    count = 0
    for revocation in revocation_store.find_outdated_revocations(connection, ring.current):
        try:
            token = ring.decrypt(revocation.token, owner=owner(revocation.id))
        except DecryptionError:
            continue
        again = ring.encrypt(token, owner=owner(revocation.id))
        revocation_store.update_revocation(connection, revocation.id, again)
        count += 1
    return count


def _is_revoked(revocation: Revocation) -> bool:
    try:
        token = KeyRing.from_environment().decrypt(revocation.token, owner=owner(revocation.id))
        registry.get(revocation.provider).oauth().revoke(token)
    except DecryptionError:
        logger.error("token to be revoked does not open", provider=revocation.provider)
        return False
    except ProviderError as error:
        logger.warning("still not revoked", provider=revocation.provider, reason=error.reason)
        return False
    return True

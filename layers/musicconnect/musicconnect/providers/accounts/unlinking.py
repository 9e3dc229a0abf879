"""Unlink an account: revoke our access and delete everything that the account brought."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from psycopg import Connection

from musicconnect.api.binding import Caller
from musicconnect.music.model import ProviderName
from musicconnect.platform import clock, problems
from musicconnect.platform.database import Database
from musicconnect.platform.encryption import DecryptionError, KeyRing
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Reader, Status
from musicconnect.providers import registry
from musicconnect.providers.accounts import revocation_store, revocations, store, tokens
from musicconnect.providers.accounts.schemas import Unlinked
from musicconnect.providers.accounts.store import TokenRow
from musicconnect.providers.errors import ProviderError
from musicconnect.providers.registry import Provider
from musicconnect.providers.status_text import render

PENDING_LIFETIME: Final = timedelta(days=5)
"""A token that its provider did not hear the end of is kept no longer: the shortest of the providers' limits
(Spotify's) for deleting what an unlinked account brought."""

type Revocation = Literal["revoked", "not_offered", "failed", "nothing_to_revoke"]


@dataclass(frozen=True, slots=True)
class RevocationResult:
    """What came of revoking our access to one account."""

    entry: Provider
    revocation: Revocation
    left: revocation_store.Revocation | None = None
    """What the provider has yet to revoke."""


def unlink(database: Database, caller: Caller, provider: ProviderName) -> Unlinked:
    """Revoke our access at the provider, as far as it lets us, then delete all that the account brought.

    In this order: what is cut off in between leaves an account that can be unlinked again, and never a token
    that nobody knows of any more. What the provider did not hear, maintenance tells it again.

    Raises:
        Problem: 404, no account is linked.
    """
    entry = registry.get(provider)
    held = _stored_tokens(database, caller.user_id, provider)
    if held is None:
        raise problems.not_found("linked account")
    given = _revoke(entry, *held)
    now = clock.now()
    with database.transaction(caller.user_id) as connection:
        if delete_account(connection, provider, now):
            save_pending(connection, [given], now)
    logger.info("account unlinked", provider=provider, revocation=given.revocation)
    status = Status(f"unlinked-{given.revocation.replace('_', '-')}", {"provider": provider})
    return Unlinked(
        provider=provider,
        revocation=given.revocation,
        code=status.code,
        params=dict(status.params),
        message=render(status, Reader.of(caller.time_zone, now)),
        apps_page=entry.apps_page,
    )


def delete_account(connection: Connection[Any], provider: ProviderName, now: datetime) -> bool:
    """Delete the person's account and all that it brought; False where there is none."""
    store.delete_link_states(connection, provider)
    return revocation_store.delete_account(connection, provider, now)


def delete_unusable(
    connection: Connection[Any],
    account_id: int,
    provider: ProviderName,
    since_before: datetime,
    now: datetime,
) -> bool:
    """Delete the person's account if it still could not be used since before a moment; False if it could."""
    return store.is_unusable_since(connection, account_id, since_before) and delete_account(
        connection, provider, now
    )


def revoke_all(database: Database, user_id: int) -> list[RevocationResult]:
    """Revoke our access at every provider, before the person is deleted. Deletes nothing.

    Best effort: hand what comes back to `save_pending`, in the transaction that deletes the person.
    """
    results = []
    for entry in registry.PROVIDERS.values():
        held = _stored_tokens(database, user_id, entry.name)
        if held is not None:
            results.append(_revoke(entry, *held))
            logger.info("access given back", provider=entry.name, revocation=results[-1].revocation)
    return results


def save_pending(connection: Connection[Any], given: list[RevocationResult], now: datetime) -> None:
    """Save tokens that a provider has yet to revoke, encrypted and without naming their user."""
    for one in given:
        if one.left is not None:
            revocation_store.insert_revocation(
                connection,
                one.left,
                due_at=now + revocations.RETRY_DELAY,
                expires_at=now + PENDING_LIFETIME,
            )


def _stored_tokens(
    database: Database, user_id: int, provider: ProviderName
) -> tuple[int, TokenRow | None] | None:
    with database.transaction(user_id) as connection:
        account = store.account(connection, provider)
        return None if account is None else (account.id, store.tokens(connection, account.id))


def _revoke(entry: Provider, account_id: int, row: TokenRow | None) -> RevocationResult:
    if row is None:
        return RevocationResult(entry, "nothing_to_revoke")
    # The refresh token ends the whole consent; an access token may have ended by itself.
    encrypted = row.refresh_token or row.access_token
    try:
        ring = KeyRing.from_environment()
        token = ring.decrypt(encrypted, owner=tokens.encryption_owner(account_id))
    except DecryptionError:
        logger.warning("access not revoked", provider=entry.name, reason="decryption_failed")
        return RevocationResult(entry, "failed")
    try:
        is_revoked = entry.oauth().revoke(token)
    except ProviderError as error:
        logger.warning("access not revoked", provider=entry.name, reason=error.reason)
        left_id = uuid.uuid4()
        left = revocation_store.Revocation(
            left_id, entry.name, ring.encrypt(token, owner=revocations.owner(left_id))
        )
        return RevocationResult(entry, "failed", left)
    return RevocationResult(entry, "revoked" if is_revoked else "not_offered")

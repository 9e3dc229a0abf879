"""Decrypt and refresh the tokens of linked accounts, one function at a time."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from musicconnect.music.model import ProviderName
from musicconnect.outbox import service as outbox
from musicconnect.platform import clock, metrics
from musicconnect.platform.database import Database, Query
from musicconnect.platform.encryption import KeyRing
from musicconnect.platform.logging import logger
from musicconnect.providers import registry
from musicconnect.providers.accounts import store
from musicconnect.providers.accounts.store import AccountRow, TokenRow
from musicconnect.providers.errors import (
    ConsentRevokedError,
    NotLinkedError,
    ScopeMissingError,
    TransientError,
)
from musicconnect.providers.protocol import Access, TokenGrant

REFRESH_BEFORE = timedelta(seconds=60)
"""A token this close to its end is refreshed before it is used."""


type LinkedAccount = tuple[AccountRow, TokenRow | None]
"""An account as somebody has just read it."""


def linked_accounts() -> Query[dict[ProviderName, LinkedAccount]]:
    """Query the user's accounts and tokens, for clients that are made in a moment."""
    return store.accounts_and_tokens()


def encryption_owner(account_id: int) -> str:
    """Name the owner that an account's tokens are encrypted for."""
    return f"account:{account_id}"


def encrypt_grant(
    ring: KeyRing, account_id: int, grant: TokenGrant, *, now: datetime, keep: TokenRow | None
) -> TokenRow:
    """Encrypt a grant; ``keep``'s refresh token and scope stand where it brings none."""
    refresh_token = grant.refresh_token and ring.encrypt(
        grant.refresh_token, owner=encryption_owner(account_id)
    )
    return TokenRow(
        access_token=ring.encrypt(grant.access_token, owner=encryption_owner(account_id)),
        refresh_token=refresh_token or (_reencrypted(ring, account_id, keep.refresh_token) if keep else None),
        scope=grant.scope or (keep.scope if keep else ""),
        expires_at=now + timedelta(seconds=grant.expires_in),
    )


def reencrypt(
    connection: psycopg.Connection[Any], ring: KeyRing, provider: ProviderName, now: datetime
) -> bool:
    """Encrypt the person's tokens under the ring's current key; False where they are already, or are gone."""
    account = store.lock_account(connection, provider)
    row = None if account is None else store.tokens(connection, account.id)
    if account is None or row is None or _is_current(ring, row):
        return False
    access_token = _reencrypted(ring, account.id, row.access_token)
    assert access_token is not None
    again = TokenRow(
        access_token=access_token,
        refresh_token=_reencrypted(ring, account.id, row.refresh_token),
        scope=row.scope,
        expires_at=row.expires_at,
    )
    store.update_tokens(connection, account.id, again, now)
    return True


def end_consent(
    connection: psycopg.Connection[Any],
    provider: ProviderName,
    reason: str,
    now: datetime,
    *,
    authorized_before: datetime | None = None,
) -> bool:
    """Record that the person's consent has ended: the account needs a new one, and its tokens go.

    Gives False where there is nothing to end, or the person has consented since ``authorized_before``.
    """
    account = store.lock_account(connection, provider)
    if account is None or account.status == "consent_needed":
        return False
    if authorized_before is not None and account.authorized_at > authorized_before:
        return False
    _record_end(connection, account, reason, now)
    return True


def _record_end(connection: psycopg.Connection[Any], account: AccountRow, reason: str, now: datetime) -> None:
    logger.warning("consent ended", provider=account.provider, account_id=account.id, reason=reason)
    store.set_status(connection, account.id, "consent_needed", reason, now)
    store.delete_tokens(connection, account.id)
    outbox.record(
        connection, account.user_id, "consent-ended", {"provider": account.provider},
        key=f"consent-ended:{account.id}:{now.isoformat()}", at=now,
    )  # fmt: skip


def _reencrypted(ring: KeyRing, account_id: int, encrypted: str | None) -> str | None:
    if encrypted is None or ring.is_current(encrypted):
        return encrypted
    return ring.encrypt(
        ring.decrypt(encrypted, owner=encryption_owner(account_id)), owner=encryption_owner(account_id)
    )


def _is_current(ring: KeyRing, row: TokenRow) -> bool:
    return all(ring.is_current(token) for token in (row.access_token, row.refresh_token) if token is not None)


class AccountTokens:
    """The `Credentials` of a person's account with one provider; threads may share them.

    Not to be used inside a transaction of the same database.
    """

    def __init__(
        self,
        database: Database,
        user_id: int,
        provider: ProviderName,
        access: Access,
        known: LinkedAccount | None = None,
    ) -> None:
        self._database = database
        self._user_id = user_id
        self._provider = provider
        self._access = access
        self._lock = threading.Lock()
        self._token: str | None = None
        self._expires_at = datetime.max.replace(tzinfo=UTC)
        self._known = known

    def access_token(self) -> str:
        """Get a token that is good for another minute at least, as far as anybody knows.

        Raises:
            NotLinkedError: there is no account.
            ConsentRevokedError: its tokens are dead; the provider is not asked again.
            ScopeMissingError: the person consented to less than this is for.
            RetryableError: it had to be refreshed, and the provider did not answer.
        """
        with self._lock:
            if self._token is None:
                self._load()
            if self._token is None or self._expires_at <= clock.now() + REFRESH_BEFORE:
                self._refresh(refused=None)
            assert self._token is not None
            return self._token

    def renewed_token(self, refused: str) -> str:
        """Get another token after the provider has refused this one; raises what `access_token` does."""
        with self._lock:
            self._refresh(refused=refused)
            assert self._token is not None
            return self._token

    def no_channel(self) -> None:
        """Record that the person has to create a channel first."""
        with self._database.transaction(self._user_id) as connection:
            account = store.lock_account(connection, self._provider)
            if account is not None and account.status == "active":
                store.set_status(connection, account.id, "no_channel", "youtubeSignupRequired", clock.now())

    def _load(self) -> None:
        if self._known is not None:
            found, row = self._known
            account = self._checked(found)
        else:
            with self._database.transaction(self._user_id) as connection:
                account = self._checked(store.account(connection, self._provider))
                row = store.tokens(connection, account.id)
        if row is None:
            raise _revoked(account)
        ring = KeyRing.from_environment()
        self._use(ring, account.id, row)
        if not _is_current(ring, row):
            # Whose copy of the keys is the older one, the row's last writer's or ours?
            ring = KeyRing.from_environment(fresh=True)
        if not _is_current(ring, row):
            with self._database.transaction(self._user_id) as connection:
                reencrypt(connection, ring, self._provider, clock.now())

    def _refresh(self, refused: str | None) -> None:
        try:
            with self._database.transaction(self._user_id) as connection:
                account = self._checked(store.lock_account(connection, self._provider))
                row = store.tokens(connection, account.id)
                failure = self._refresh_held(connection, account, row, refused)
        except psycopg.errors.LockNotAvailable:
            raise TransientError(
                "The account's access is being renewed.", provider=self._provider, reason="refresh_lock"
            ) from None
        # Only now: what was written down about the failure had to be committed first.
        if failure is not None:
            raise failure

    def _refresh_held(
        self,
        connection: psycopg.Connection[tuple[object, ...]],
        account: AccountRow,
        row: TokenRow | None,
        refused: str | None,
    ) -> ConsentRevokedError | None:
        """Refresh while the account's row is locked; return the error to raise after the commit."""
        if row is None:
            return _revoked(account)
        ring, now = KeyRing.from_environment(), clock.now()
        self._use(ring, account.id, row)
        # Somebody else may have refreshed while this one waited for the row.
        if self._token != refused and row.expires_at > now + REFRESH_BEFORE:
            return None
        if row.refresh_token is None:
            return self._end_consent(connection, account, "no_refresh_token")
        try:
            refresh_token = ring.decrypt(row.refresh_token, owner=encryption_owner(account.id))
            grant = registry.get(self._provider).oauth().refresh(refresh_token)
        except ConsentRevokedError as error:
            return self._end_consent(connection, account, error.reason or "invalid_grant")
        fresh = encrypt_grant(ring, account.id, grant, now=now, keep=row)
        store.update_tokens(connection, account.id, fresh, now)
        self._token, self._expires_at = grant.access_token, fresh.expires_at
        metrics.emit(metrics.TOKEN_REFRESHES, provider=self._provider)
        return None

    def _end_consent(
        self, connection: psycopg.Connection[tuple[object, ...]], account: AccountRow, reason: str
    ) -> ConsentRevokedError:
        metrics.emit(metrics.CONSENTS_ENDED, provider=self._provider)
        _record_end(connection, account, reason, clock.now())
        self._token = None
        return _revoked(account, reason)

    def _use(self, ring: KeyRing, account_id: int, row: TokenRow) -> None:
        self._token = ring.decrypt(row.access_token, owner=encryption_owner(account_id))
        self._expires_at = row.expires_at

    def _checked(self, account: AccountRow | None) -> AccountRow:
        return check_account(account, self._provider, self._access)


def check_account(account: AccountRow | None, provider: ProviderName, access: Access) -> AccountRow:
    """Raise the `ProviderError` of an account that is none, has no consent, or one to too little."""
    name = registry.title(provider)
    if account is None:
        raise NotLinkedError(f"No {name} account is linked.", provider=provider)
    if account.status == "consent_needed":
        raise _revoked(account)
    if access == "write" and account.access != "write":
        raise ScopeMissingError(
            f"The {name} account is linked for reading only.", provider=provider, reason="read_only"
        )
    return account


def _revoked(account: AccountRow, reason: str | None = None) -> ConsentRevokedError:
    return ConsentRevokedError(
        f"{registry.title(account.provider)} no longer accepts our access; "
        "the account has to be linked again.",
        provider=account.provider,
        reason=reason or account.status_reason,
    )

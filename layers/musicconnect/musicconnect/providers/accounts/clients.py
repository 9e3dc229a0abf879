"""Make clients that act on a provider for a user."""

from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.music.model import ProviderName
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.accounts import store
from musicconnect.providers.accounts.tokens import AccountTokens, LinkedAccount, check_account
from musicconnect.providers.errors import FollowsMissingError, NoChannelError
from musicconnect.providers.protocol import Access, Client
from musicconnect.providers.quota import ledger
from musicconnect.providers.quota.prepayment import Prepayment
from musicconnect.providers.quota.reservations import QuotaReservation


def client_for(
    database: Database,
    user_id: int,
    provider: ProviderName,
    *,
    access: Access = "read",
    account: LinkedAccount | None = None,
    reservation: QuotaReservation | Prepayment | None = None,
) -> Client:
    """Make a client for a user's account with a provider.

    Nothing is read or called before its first method is. Tokens are loaded then, refreshed a minute before
    they end and once more when the provider refuses one, and every HTTP call is booked in the quota ledger
    first. All of that runs in short transactions of its own, so the client must not be used inside a
    transaction of the same ``database``.

    Args:
        database: The service's.
        user_id: Whose account.
        provider: Registry key.
        access: What the calls need; a consent to less is found out before any call.
        account: As `tokens.linked_accounts` has just read it; None: it is read when first needed.
        reservation: Pays for the calls, where they are not booked one by one.

    Raises:
        Problem: 404, there is no such provider.
    """
    entry = registry.get(provider)

    def reserve(bucket: str, cost: int) -> None:
        if reservation is None:
            ledger.reserve(database, provider, bucket, cost)
        else:
            reservation.reserve(bucket, cost)

    def exhaust(bucket: str, until: datetime | None) -> None:
        ledger.mark_exhausted(database, provider, bucket, until)

    return entry.load().make_client(
        AccountTokens(database, user_id, provider, access, account), reserve, exhaust
    )


def linked_providers(connection: Connection[Any]) -> list[ProviderName]:
    """List the providers that the person has linked, in the registry's order."""
    linked = {account.provider for account in store.accounts(connection)}
    return [name for name in registry.PROVIDERS if name in linked]


def require_follows(connection: Connection[Any], provider: ProviderName, access: Access) -> None:
    """Raise `FollowsMissingError` where the person's consent does not cover followed artists."""
    account = store.account(connection, provider)
    row = None if account is None else store.tokens(connection, account.id)
    if account is None or row is None:
        return
    if not registry.get(provider).oauth().covers_follows(row.scope, access):
        # Whoever links again is not to lose what they have agreed to.
        raise FollowsMissingError("write" if account.access == "write" else access, provider=provider)


def require_access(connection: Connection[Any], provider: ProviderName, access: Access) -> None:
    """Raise the `ProviderError` that a call would raise for want of a usable account of the person."""
    account = store.account(connection, provider)
    if account is not None and account.status == "no_channel":
        raise NoChannelError("The Google account has no YouTube channel.", provider=provider)
    check_account(account, provider, access)

"""Confirm consents month by month."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from psycopg import Connection

from musicconnect.music.model import ProviderName
from musicconnect.outbox import service as outbox
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.providers.accounts import store, tokens
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.accounts.status import consent_ends_on
from musicconnect.providers.errors import (
    ConsentRevokedError,
    NoChannelError,
    NotLinkedError,
    ProviderError,
    QuotaExhaustedError,
    RetryableError,
)
from musicconnect.providers.registry import Provider

CHECK_BY: Final = timedelta(days=30)
"""YouTube's Developer Policies, III.E.4.b."""


def tell_ending(
    connection: Connection[Any], entry: Provider, days: int, now: datetime, *, authorized_before: datetime
) -> bool:
    """Tell a person that their consent ends within days; False if they know, or have consented again.

    Args:
        connection: Of a transaction as the person.
        entry: The provider.
        days: Before the end, at most.
        now: The current time.
        authorized_before: When a consent that ends so soon was given, at the latest.
    """
    account = store.lock_account(connection, entry.name)
    if account is None or not store.mark_told(connection, account.id, days, authorized_before):
        return False
    ends_on = consent_ends_on(entry, account.authorized_at)
    assert ends_on is not None
    params = {
        "provider": entry.name,
        "days": days,
        "ends_at": datetime.combine(ends_on, time(), UTC).isoformat(),
    }
    key = f"consent-ending:{account.id}:{account.authorized_at.isoformat()}:{days}"
    outbox.record(connection, account.user_id, "consent-ending", params, key=key, at=now)
    return True


def check(database: Database, user_id: int, account_id: int, provider: ProviderName, now: datetime) -> bool:
    """Ask the provider who the person is, with their tokens: that confirms the consent, or finds it ended.

    Gives False where the provider gave no answer, or one that says neither.
    """
    name: str | None = None
    try:
        name = client_for(database, user_id, provider).profile().display_name
    except NoChannelError:
        pass  # the consent is good, and that there is no channel has been written down
    except (ConsentRevokedError, NotLinkedError):
        return True  # written down already
    except (RetryableError, QuotaExhaustedError) as error:
        # The next run tries again.
        logger.info("consent not checked", provider=provider, reason=error.reason)
        return False
    except ProviderError as error:
        # The provider refuses us the account. When the month is over, that counts as an ended consent.
        logger.warning("consent doubtful", provider=provider, reason=error.reason)
        with database.transaction(user_id) as connection:
            checked_at = store.checked_at(connection, account_id)
            if checked_at is None or checked_at > now - CHECK_BY:
                return False
            return tokens.end_consent(connection, provider, error.reason or "refused", now)
    with database.transaction(user_id) as connection:
        store.record_check(connection, account_id, name, now)
    return True

"""Keep the secrets by which messages are signed: encrypted, for their webhook only."""

from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.notices.webhooks import store
from musicconnect.notices.webhooks.model import ClaimedDelivery
from musicconnect.platform.encryption import KeyRing


def owner(webhook_id: int) -> str:
    """Name the webhook to which an encrypted secret is bound."""
    return f"webhook:{webhook_id}"


def signing(delivery: ClaimedDelivery, at: datetime) -> list[str]:
    """Open the secrets that sign a delivery: the webhook's, and the previous one for as long as it counts.

    Raises:
        DecryptionError: one does not open under any key.
    """
    ring = KeyRing.from_environment()
    wanted = [delivery.secret]
    if delivery.previous_secret and delivery.previous_secret_until and delivery.previous_secret_until > at:
        wanted.append(delivery.previous_secret)
    return [ring.decrypt(secret, owner=owner(delivery.webhook_id)) for secret in wanted]


def reencrypt(connection: Connection[Any], ring: KeyRing, user_id: int, webhook_id: int) -> bool:
    """Encrypt a webhook's secrets under the current key; False if it is gone.

    Raises:
        DecryptionError: one does not open under any key.
    """
    found = store.get_secrets(connection, user_id, webhook_id)
    if found is None:
        return False

    def again(secret: str | None) -> str | None:
        return secret and ring.encrypt(ring.decrypt(secret, owner=owner(webhook_id)), owner=owner(webhook_id))

    secret, previous = found
    store.replace_secrets(connection, webhook_id, again(secret) or "", again(previous))
    return True

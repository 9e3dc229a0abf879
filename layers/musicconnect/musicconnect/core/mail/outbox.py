"""Put messages into the outbox, in the transaction of what they speak of."""

from typing import Any

from psycopg import Connection

from musicconnect.core.mail import store
from musicconnect.core.mail.model import OutgoingMail
from musicconnect.platform import clock, config
from musicconnect.platform.logging import correlation_id


def is_enabled() -> bool:
    """Whether this deployment sends mail."""
    return config.MailSettings.from_environment().is_enabled


def enqueue(connection: Connection[Any], mail: OutgoingMail) -> int | None:
    """Enqueue a message; it is sent once the transaction has committed.

    The transaction is that of ``mail.user_id`` (nobody's if that is None), of any role that may call
    ``core.enqueue_mail``. Call `wake` after the commit; without that the timer sends it within a minute.

    Returns:
        The message's id; None if there is one of that key, or the deployment sends no mail.
    """
    if not is_enabled():
        return None
    at = clock.now()
    return store.insert(
        connection, mail, at=at, expires_at=at + mail.lifetime, correlation_id=correlation_id()
    )


def wake(message_id: int | None, user_id: int | None) -> None:
    """Wake the mail worker after the commit; a queue that is away is left to the timer."""
    from musicconnect.core.mail.messages import MailMessage, send  # noqa: PLC0415 - only who sends needs it

    if message_id is not None:
        send(MailMessage(mail_id=message_id, user_id=user_id))

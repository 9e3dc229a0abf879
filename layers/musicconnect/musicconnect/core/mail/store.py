"""The SQL of mail."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from musicconnect.core.mail.model import OutgoingMail


@dataclass(frozen=True, slots=True)
class MailRow:
    """A message that was claimed to be sent."""

    id: int
    user_id: int | None
    template: str
    params: dict[str, Any]
    address: str | None
    unsubscribe_url: str | None
    attempts: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person as a message needs to know them."""

    email: str
    display_name: str
    time_zone: str
    is_confirmed: bool


def insert(
    connection: Connection[Any],
    mail: OutgoingMail,
    *,
    at: datetime,
    expires_at: datetime,
    correlation_id: str,
) -> int | None:
    """Add a message; None if there is one of that key."""
    row = connection.execute(
        "SELECT core.enqueue_mail(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            mail.user_id, mail.key, mail.template, json.dumps(dict(mail.params)), mail.address,
            mail.unsubscribe_url, at, expires_at, correlation_id,
        ],
    ).fetchone()  # fmt: skip
    return row[0] if row else None


def claim_due(connection: Connection[Any], at: datetime, limit: int) -> list[tuple[int, int | None, str]]:
    """Claim messages that are due, anybody's: id, person, correlation id."""
    return connection.execute(
        "SELECT mail_id, user_id, correlation_id FROM core.claim_due_mail(%s, %s)", [at, limit]
    ).fetchall()


def claim(connection: Connection[Any], mail_id: int, *, at: datetime, retry_at: datetime) -> MailRow | None:
    """Record the intent to send; None if it is not due, sent, or deleted.

    Whatever happens to the worker from here on, the message is due again at ``retry_at``.
    """
    with connection.cursor(row_factory=class_row(MailRow)) as cursor:
        return cursor.execute(
            """
            UPDATE core.mail_messages SET status = 'sending', attempts = attempts + 1, due_at = %(retry_at)s
            WHERE id = %(id)s AND due_at <= %(at)s
            RETURNING id, user_id, template, params, address, unsubscribe_url, attempts, expires_at""",
            {"id": mail_id, "at": at, "retry_at": retry_at},
        ).fetchone()


def recipient(connection: Connection[Any], user_id: int) -> Recipient | None:
    """Get the person; None if they are gone."""
    with connection.cursor(row_factory=class_row(Recipient)) as cursor:
        return cursor.execute(
            """
            SELECT email, display_name, time_zone, email_confirmed_at IS NOT NULL AS is_confirmed
            FROM core.users WHERE id = %s""",
            [user_id],
        ).fetchone()


def lock(connection: Connection[Any], row: MailRow) -> bool:
    """Hold a message until the transaction ends; False if it is gone or another worker has it by now.

    Whoever deletes the person meanwhile waits, so that nothing is sent to somebody who is gone.
    """
    found = connection.execute(
        "SELECT FROM core.mail_messages WHERE id = %s AND attempts = %s AND status = 'sending' FOR UPDATE",
        [row.id, row.attempts],
    ).fetchone()
    return found is not None


def finish(
    connection: Connection[Any],
    row: MailRow,
    *,
    status: str,
    reason: str | None,
    sent_id: str | None,
    at: datetime,
) -> None:
    """Record the end of a message: ``sent`` or ``not_sent``."""
    connection.execute(
        """
        UPDATE core.mail_messages SET status = %s, reason = %s, sent_id = %s, due_at = NULL,
            finished_at = %s
        WHERE id = %s AND attempts = %s AND status = 'sending'""",
        [status, reason, sent_id, at, row.id, row.attempts],
    )


def retry(
    connection: Connection[Any], row: MailRow, *, due_at: datetime, enqueued_at: datetime | None, reason: str
) -> None:
    """Make a message due again that was certainly not sent."""
    connection.execute(
        """
        UPDATE core.mail_messages SET status = 'pending', reason = %s, due_at = %s, enqueued_at = %s
        WHERE id = %s AND attempts = %s AND status = 'sending'""",
        [reason, due_at, enqueued_at, row.id, row.attempts],
    )


def record_sent(connection: Connection[Any], mail_id: int, sent_id: str, at: datetime) -> bool:
    """Record that a message was accepted whose worker did not hear of it; False if that was known."""
    row = connection.execute("SELECT core.record_mail_sent(%s, %s, %s)", [mail_id, sent_id, at]).fetchone()
    return bool(row and row[0])


def suppress(connection: Connection[Any], address_hash: str, reason: str, at: datetime) -> None:
    """Switch an address off."""
    connection.execute(
        """
        INSERT INTO core.mail_suppressions (address_hash, reason, since) VALUES (%s, %s, %s)
        ON CONFLICT (address_hash) DO UPDATE SET reason = excluded.reason, since = excluded.since""",
        [address_hash, reason, at],
    )


def lift_suppression(connection: Connection[Any], address_hash: str) -> bool:
    """Switch an address on again; False if it was."""
    cursor = connection.execute("DELETE FROM core.mail_suppressions WHERE address_hash = %s", [address_hash])
    return cursor.rowcount == 1


def suppression(connection: Connection[Any], address_hash: str) -> str | None:
    """Get why an address is switched off; None if it is not."""
    row = connection.execute(
        "SELECT reason FROM core.mail_suppressions WHERE address_hash = %s", [address_hash]
    ).fetchone()
    return row[0] if row else None

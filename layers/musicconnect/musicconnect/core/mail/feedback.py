"""Hear from SES what became of messages, and switch addresses off that bounce or complain.

SES publishes events to a topic, which a queue is subscribed to with raw delivery. Their shape:
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

import contextlib
import hashlib
from collections.abc import Iterator
from typing import Any, Final

from pydantic import ConfigDict, Field

from musicconnect.core import emails
from musicconnect.core.mail import store
from musicconnect.core.mail.ses import MAIL_TAG
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.work.deadline import Deadline
from musicconnect.platform.work.message import BaseMessage

BOUNCED: Final = "bounced"
COMPLAINED: Final = "complained"


class MailEvent(BaseMessage):
    """What SES says of a message."""

    model_config = ConfigDict(extra="ignore", defer_build=True, populate_by_name=True)

    kind: str = Field(alias="eventType")
    mail: dict[str, Any]
    bounce: dict[str, Any] = Field(default_factory=dict)
    complaint: dict[str, Any] = Field(default_factory=dict)


def record(database: Database, event: MailEvent, _deadline: Deadline) -> None:
    """Record one event; the same one twice changes nothing."""
    at = clock.now()
    with database.transaction() as connection:
        mail_id = _mail_id(event)
        if event.kind in {"Send", "Delivery"} and mail_id is not None:
            store.record_sent(connection, mail_id, str(event.mail.get("messageId", "")), at)
        for address, reason in _switched_off(event):
            store.suppress(connection, address_hash(address), reason, at)
            logger.info("mail address switched off", reason=reason, mail_id=mail_id)


def address_hash(address: str) -> str:
    """Hash an address: what is switched off stays so without naming anybody."""
    local, _, domain = emails.normalize(address).rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return hashlib.sha256(f"{local}@{domain}".encode()).hexdigest()


def _mail_id(event: MailEvent) -> int | None:
    values = (event.mail.get("tags") or {}).get(MAIL_TAG) or [""]
    text = str(values[0])
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _switched_off(event: MailEvent) -> Iterator[tuple[str, str]]:
    # A full mailbox is no reason: it may have room tomorrow.
    if event.kind == "Bounce" and event.bounce.get("bounceType") == "Permanent":
        for one in event.bounce.get("bouncedRecipients") or []:
            yield str(one.get("emailAddress", "")), BOUNCED
    # Somebody who said that it was no complaint after all is let alone.
    if event.kind == "Complaint" and event.complaint.get("complaintFeedbackType") != "not-spam":
        for one in event.complaint.get("complainedRecipients") or []:
            yield str(one.get("emailAddress", "")), COMPLAINED

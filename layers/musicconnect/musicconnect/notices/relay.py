"""Tell people what was recorded: once each, in their list, by mail and by webhooks.

An event leaves the outbox in the transaction that makes its notice, its mail and its deliveries. So whatever
is killed, and however often a timer comes, each is made once.
"""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from musicconnect.core.mail import outbox as mail_outbox
from musicconnect.core.mail.model import OutgoingMail
from musicconnect.notices import digest, mail, service, status_text, store, unsubscribe
from musicconnect.notices.codes import KINDS
from musicconnect.notices.webhooks import deliveries_store
from musicconnect.notices.webhooks import store as webhooks_store
from musicconnect.outbox import relay
from musicconnect.outbox.relay import Event
from musicconnect.platform import clock, config
from musicconnect.platform.database import Database
from musicconnect.platform.encryption import KeyRing
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Reader, Status
from musicconnect.platform.work.deadline import Deadline

PEOPLE_PER_RUN: Final = 500
EVENTS_AT_ONCE: Final = 50
"""Of one person, in one transaction."""


def run(database: Database, deadline: Deadline) -> int:
    """Tell everybody what was recorded about them, as far as time allows; gives how many notices were made.

    One person's trouble is not everybody's: it is logged, and tried again by the next run.
    """
    with database.transaction() as connection:
        people = relay.people(connection, PEOPLE_PER_RUN)
    told = 0
    for user_id in people:
        if deadline.remaining_ms <= 0:
            break
        try:
            told += tell(database, user_id)
        except (KeyError, ValueError, TypeError):
            logger.exception("notices not told", user_id=user_id)
    return told


def tell(database: Database, user_id: int) -> int:
    """Make the notices of one person's events; gives how many."""
    at, mails = clock.now(), list[int | None]()
    with database.transaction(user_id) as connection:
        events = relay.take(connection, user_id, EVENTS_AT_ONCE)
        if not events:
            return 0
        zone = store.time_zone(connection, user_id) or "UTC"
        choices = service.choices(connection, user_id)
        webhooks = webhooks_store.list_enabled(connection, user_id)
        told = 0
        for event in events:
            choice = choices[event.code]
            notice_id = store.insert_notice(
                connection,
                user_id,
                code=event.code,
                params=event.params,
                key=event.key,
                occurred_at=event.occurred_at,
                at=at,
                digest_at=digest.next_morning(at, zone) if choice.mail == "daily" else None,
            )
            if notice_id is None:
                continue  # the person was told
            told += 1
            if choice.mail == "at_once":
                mails.append(_mail(connection, user_id, event))
            if choice.webhook and webhooks:
                _deliver(connection, user_id, event, notice_id=notice_id, webhooks=webhooks, at=at)
    for mail_id in mails:
        mail_outbox.wake(mail_id, user_id)
    return told


def _mail(connection: Connection[Any], user_id: int, event: Event) -> int | None:
    if not mail_outbox.is_enabled():
        return None
    return mail_outbox.enqueue(
        connection,
        OutgoingMail(
            template=mail.NOTICE,
            key=f"notice:{event.key}",
            user_id=user_id,
            params={"code": event.code, "params": event.params, "url": config.public_url()},
            unsubscribe_url=None
            if KINDS[event.code].is_fixed
            else unsubscribe.url(KeyRing.from_environment(), user_id, event.code),
        ),
    )


def _deliver(
    connection: Connection[Any],
    user_id: int,
    event: Event,
    *,
    notice_id: int,
    webhooks: list[int],
    at: datetime,
) -> None:
    deliveries_store.insert_deliveries(
        connection,
        user_id,
        webhooks,
        message_id=f"msg_{uuid.uuid4().hex}",
        code=event.code,
        body=body_of(notice_id, event.code, event.params, event.occurred_at),
        at=at,
        notice_id=notice_id,
    )


def body_of(notice_id: int, code: str, params: Mapping[str, Any], occurred_at: datetime) -> str:
    """Write what webhooks are sent: type, timestamp and data, as Standard Webhooks advises.

    The words are in UTC: a program reads them, and the person's zone is in no message.
    """
    return json.dumps(
        {
            "type": code,
            "timestamp": occurred_at.isoformat(),
            "data": {
                "notice_id": notice_id,
                "params": dict(params),
                "title": status_text.TITLES[code],
                "message": status_text.text_of(Status(code, params), Reader(occurred_at)),
            },
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )

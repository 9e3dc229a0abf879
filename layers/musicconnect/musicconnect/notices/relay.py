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

from musicconnect.notices import service, status_text, store
from musicconnect.notices.codes import Choice
from musicconnect.notices.webhooks import deliveries_store
from musicconnect.notices.webhooks import store as webhooks_store
from musicconnect.outbox import relay
from musicconnect.outbox.relay import Event
from musicconnect.platform import clock
from musicconnect.platform.database import Database
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
    at = clock.now()
    with database.transaction(user_id) as connection:
        events = relay.take(connection, user_id, EVENTS_AT_ONCE)
        if not events:
            return 0
        choices = service.choices(connection, user_id)
        webhooks = webhooks_store.list_enabled(connection, user_id)
        return sum(
            _tell(connection, user_id, event, choice=choices[event.code], webhooks=webhooks, at=at)
            for event in events
        )


def _tell(
    connection: Connection[Any],
    user_id: int,
    event: Event,
    *,
    choice: Choice,
    webhooks: list[int],
    at: datetime,
) -> bool:
    notice_id = store.insert_notice(
        connection,
        user_id,
        code=event.code,
        params=event.params,
        key=event.key,
        occurred_at=event.occurred_at,
        at=at,
        in_digest=choice.mail == "daily",
    )
    if notice_id is None:
        return False
    if choice.webhook and webhooks:
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
    return True


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

"""Send a person's daily digest, at their own morning."""

from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from musicconnect.core.mail import outbox as mail_outbox
from musicconnect.core.mail.model import OutgoingMail
from musicconnect.notices import mail, store, unsubscribe
from musicconnect.platform import clock, config
from musicconnect.platform.database import Database
from musicconnect.platform.encryption import KeyRing
from musicconnect.platform.logging import logger
from musicconnect.platform.work.deadline import Deadline

MORNING: Final = time(8)
PEOPLE_PER_RUN: Final = 500


def next_morning(at: datetime, zone: str) -> datetime:
    """Give the next eight o'clock in a zone, on a day on which clocks change as on any other."""
    local = at.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, ZoneInfo(zone)).astimezone(at.tzinfo)


def run(database: Database, deadline: Deadline) -> int:
    """Send every digest whose morning has come, as far as time allows; gives how many."""
    with database.transaction() as connection:
        people = store.people_with_digests(connection, clock.now(), PEOPLE_PER_RUN)
    sent = 0
    for user_id in people:
        if deadline.remaining_ms <= 0:
            break
        try:
            sent += _send(database, user_id)
        except (KeyError, ValueError, TypeError):
            logger.exception("digest not sent", user_id=user_id)
    return sent


def _send(database: Database, user_id: int) -> bool:
    at = clock.now()
    mail_id: int | None = None
    with database.transaction(user_id) as connection:
        # Taken and enqueued in one transaction: each notice is in one digest.
        rows = store.take_digest(connection, user_id, at)
        if not rows:
            return False
        params: dict[str, Any] = {
            "total": len(rows),
            "notices": [
                {"code": row.code, "params": row.params, "occurred_at": row.occurred_at.isoformat()}
                for row in rows[: mail.MAX_IN_DIGEST]
            ],
            "url": config.public_url(),
        }
        if not mail_outbox.is_enabled():
            return False
        mail_id = mail_outbox.enqueue(
            connection,
            OutgoingMail(
                template=mail.DIGEST,
                key=f"notice-digest:{rows[-1].id}",
                user_id=user_id,
                params=params,
                unsubscribe_url=unsubscribe.url(KeyRing.from_environment(), user_id, unsubscribe.DAILY),
            ),
        )
    mail_outbox.wake(mail_id, user_id)
    return mail_id is not None

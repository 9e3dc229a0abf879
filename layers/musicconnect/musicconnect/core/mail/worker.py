"""The worker that sends messages, each once.

The intent is committed before SES is called and the result after it. A worker that dies in between leaves a
message of which nobody knows: SES' own event that it was sent settles it, and if none comes for
`UNKNOWN_WAIT` it is sent again.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, cast

from psycopg import Connection

from musicconnect.core.mail import feedback, rendering, ses, store
from musicconnect.core.mail.content import MailTemplate
from musicconnect.core.mail.messages import MailMessage, send
from musicconnect.platform import clock, metrics
from musicconnect.platform.config import MailSettings
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Reader
from musicconnect.platform.work import queue, worker
from musicconnect.platform.work.backoff import exponential
from musicconnect.platform.work.deadline import Deadline

UNKNOWN_WAIT: Final = timedelta(minutes=10)
"""SES' events come within seconds, the queue's longest delays within minutes."""
INITIAL_BACKOFF_S: Final = 20.0
MAX_BACKOFF_S: Final = 3600.0

type Prepare = Callable[[Connection[Any], store.MailRow], tuple[str, Mapping[str, Any]] | None]
"""Gives template and parameters that are only known, or only secret, when it is sent; None: to nobody."""


class MailWorker:
    """Sends what is in the outbox.

    Args:
        templates: By code, of all packages.
        prepare: By the code in the outbox, for messages that are made up when they are sent. Runs in the
            transaction that records the intent.
    """

    def __init__(self, templates: Mapping[str, MailTemplate], prepare: Mapping[str, Prepare]) -> None:
        self._templates = templates
        self._prepare = prepare

    def on_timer(self, database: Database, _event: Mapping[str, Any], _deadline: Deadline) -> dict[str, Any]:
        """Send a queue message for everything that is due; gives how many."""
        sent = worker.dispatch(
            database,
            store.claim_due,
            lambda due: send(MailMessage(mail_id=due[0], user_id=due[1], correlation_id=due[2])),
            work="mail",
        )
        return {"sent": sent}

    def deliver(self, database: Database, message: MailMessage, _deadline: Deadline) -> None:
        """Send one message, unless it was sent, is not due, or its person is gone."""
        at = clock.now()
        with database.transaction(message.user_id) as connection:
            row = store.claim(connection, message.mail_id, at=at, retry_at=at + UNKNOWN_WAIT)
            if row is None:
                logger.info("no mail to send", mail_id=message.mail_id)
                return
            made = self._made(connection, row)
            if isinstance(made, str):
                _end(connection, row, made)
                return
        try:
            with database.transaction(message.user_id) as connection:
                # Held while SES is called: whoever deletes the person waits for that, or comes first.
                if not store.lock(connection, row):
                    return
                recipient, raw = made
                sent_id = ses.send(
                    MailSettings.from_environment(), recipient=recipient, raw=raw, mail_id=row.id
                )
                store.finish(connection, row, status="sent", reason=None, sent_id=sent_id, at=clock.now())
        except ses.RefusedError as error:
            metrics.emit(metrics.MAIL_REFUSED)
            logger.warning("mail refused", mail_id=row.id, reason=error.reason)
            with database.transaction(message.user_id) as connection:
                _end(connection, row, "refused")
        except ses.PostponedError as error:
            self._postpone(database, message, row, error.reason)
        except ses.UnknownOutcomeError as error:
            # As if the worker had died: due again in a while, unless SES says that it was sent.
            logger.warning("mail may have been sent", mail_id=row.id, reason=error.reason)

    def _made(self, connection: Connection[Any], row: store.MailRow) -> tuple[str, bytes] | str:
        """Write a message: to whom and what, or a reason why it is not sent."""
        settings = MailSettings.from_environment()
        if not settings.is_enabled:
            return "mail-off"
        if row.expires_at <= clock.now():
            return "too-late"
        code, params = row.template, cast("Mapping[str, Any]", row.params)
        if code in self._prepare:
            prepared = self._prepare[code](connection, row)
            if prepared is None:
                return "not-needed"
            code, params = prepared
        template = self._templates[code]
        person = store.recipient(connection, row.user_id) if row.user_id is not None else None
        address = row.address or (person.email if person else None)
        if address is None:
            return "nobody"
        if row.address is None and not template.to_unconfirmed and not (person and person.is_confirmed):
            return "not-confirmed"
        if (reason := store.suppression(connection, feedback.address_hash(address))) is not None:
            return reason
        reader = Reader.of(person.time_zone if person else params.get("time_zone"), clock.now())
        try:
            recipient = rendering.deliverable(address)
        except rendering.UndeliverableError:
            return "undeliverable"
        envelope = rendering.Envelope(
            sender=settings.sender,
            recipient=recipient,
            greeting_name=person.display_name if person else "",
            unsubscribe_url=row.unsubscribe_url,
        )
        return recipient, rendering.render(template.write(params, reader), envelope)

    def _postpone(self, database: Database, message: MailMessage, row: store.MailRow, reason: str) -> None:
        metrics.emit(metrics.MAIL_POSTPONED)
        logger.warning("mail postponed", mail_id=row.id, reason=reason)
        wait = exponential(row.attempts, initial_s=INITIAL_BACKOFF_S, max_s=MAX_BACKOFF_S, seed=str(row.id))
        due_at = clock.now() + wait
        delay = queue.delay_until(due_at)
        with database.transaction(message.user_id) as connection:
            store.retry(
                connection, row, due_at=due_at, enqueued_at=None if delay is None else due_at, reason=reason
            )
        if delay is not None:
            send(MailMessage(mail_id=row.id, user_id=row.user_id), delay=delay)


def _end(connection: Connection[Any], row: store.MailRow, reason: str) -> None:
    logger.info("mail not sent", mail_id=row.id, reason=reason)
    store.finish(connection, row, status="not_sent", reason=reason, sent_id=None, at=clock.now())

"""The worker that delivers messages to webhooks: at least once, in no promised order.

A message of the queue says only which delivery to make. The worker claims it, sends it outside of any
transaction, and writes down what was answered. Killed in between, it is sent again with the same id, by which
the receiver knows it.
"""

import time
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from psycopg import Connection

from musicconnect.notices.webhooks import deliveries_store, secrets, sender, signature
from musicconnect.notices.webhooks.messages import DeliveryMessage, send
from musicconnect.notices.webhooks.model import ClaimedDelivery, Decision, decide, log_entry
from musicconnect.outbox import service as outbox
from musicconnect.platform import clock, config
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.work import queue
from musicconnect.platform.work.deadline import Deadline
from musicconnect.platform.work.lease import Lease, LeaseLostError

MARGIN_S: Final = 8.0
"""Seconds of the invocation that are left for looking the host up and for the last commit."""
MIN_TIMEOUT_S: Final = 2.0


def deliver(database: Database, message: DeliveryMessage, deadline: Deadline) -> None:
    """Make one attempt at a delivery that is due.

    Raises:
        psycopg.OperationalError: the database was lost; the lease ends by itself.
        DecryptionError: the secret does not open under any key; the message comes again.
    """
    lease = Lease.on(message.delivery_id)
    with database.transaction(message.user_id) as connection:
        delivery = deliveries_store.claim(connection, message.user_id, lease, clock.now())
    if delivery is None:
        logger.info("nothing to deliver", delivery_id=message.delivery_id)
        return
    at, started = clock.now(), time.monotonic()
    body = delivery.body.encode()
    answer = sender.send(
        delivery.url,
        body,
        signature.headers(delivery.message_id, int(at.timestamp()), body, secrets.signing(delivery, at)),
        allow_loopback=config.is_webhook_loopback_allowed(),
        timeout_s=max(MIN_TIMEOUT_S, min(sender.TIMEOUT_S, deadline.remaining_s - MARGIN_S)),
    )
    entry = log_entry(answer, at, round((time.monotonic() - started) * 1000))
    try:
        decision = _finish(database, delivery, lease, answer, entry)
    except LeaseLostError:
        # Switched off, deleted or replayed meanwhile: that holds; the receiver knows the message by its id.
        logger.info("delivery lease lost", delivery_id=delivery.id)
        return
    logger.info(
        "delivery attempted",
        delivery_id=delivery.id,
        webhook_id=delivery.webhook_id,
        outcome=answer.outcome,
        status=answer.status,
        attempts=delivery.attempts,
    )
    if decision is not None and (delay := _delay(decision)) is not None:
        send(message, delay=delay)


def _delay(decision: Decision) -> float | None:
    """Give the seconds until the next message; None where there is none, or the timer sends it."""
    return None if decision.due_at is None else queue.delay_until(decision.due_at)


def _finish(
    database: Database,
    delivery: ClaimedDelivery,
    lease: Lease,
    answer: sender.Answer,
    entry: dict[str, Any],
) -> Decision | None:
    now = clock.now()
    with database.transaction(delivery.user_id) as connection:
        # The webhook first: two deliveries that end at once never wait for each other.
        found = deliveries_store.lock_failing_since(connection, delivery.webhook_id)
        if found is None:
            return None
        is_enabled, failing_since, name = found
        decision = decide(delivery, answer, failing_since, now)
        is_sent = _delay(decision) is not None
        deliveries_store.finish(connection, lease, decision, entry, now, is_sent=is_sent)
        if delivery.is_test or not is_enabled:
            return decision
        if decision.status == "delivered":
            deliveries_store.set_failing(connection, delivery.webhook_id, None)
        elif failing_since is None:
            failing_since = now
            deliveries_store.set_failing(connection, delivery.webhook_id, now)
        if decision.disable is not None:
            deliveries_store.switch_off(connection, delivery.webhook_id, decision.disable, now)
            _record(connection, delivery, decision.disable, name, since=failing_since, now=now)
    return decision


def _record(
    connection: Connection[Any],
    delivery: ClaimedDelivery,
    reason: str,
    name: str,
    *,
    since: datetime | None,
    now: datetime,
) -> None:
    params = {
        "webhook_id": delivery.webhook_id,
        "name": name,
        "host": urlsplit(delivery.url).hostname,  # paths of webhooks are often secrets
        "reason": reason,
        "since": since.isoformat() if since else None,
    }
    key = f"webhook-switched-off:{delivery.webhook_id}:{now.isoformat()}"
    outbox.record(connection, delivery.user_id, "webhook-switched-off", params, key=key, at=now)

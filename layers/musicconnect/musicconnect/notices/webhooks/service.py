"""Make, change, test and delete webhooks; look at what they were sent, and send it again."""

import json
import uuid
from datetime import timedelta
from typing import Any, Final

from psycopg import Connection

from musicconnect.api.binding import Caller, Repeat
from musicconnect.core import idempotency
from musicconnect.notices.webhooks import addresses, deliveries_store, secrets, signature, status_text, store
from musicconnect.notices.webhooks.messages import DeliveryMessage, send
from musicconnect.notices.webhooks.model import DeliveryRow, WebhookRow
from musicconnect.notices.webhooks.schemas import (
    Delivery,
    DeliveryList,
    NewWebhook,
    SecretRotation,
    Webhook,
    WebhookChange,
    WebhookCreate,
    WebhookList,
    WebhookListQuery,
)
from musicconnect.platform import clock, config, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.encryption import KeyRing
from musicconnect.platform.logging import correlation_id
from musicconnect.platform.problems import Problem
from musicconnect.platform.status import Reader, Status

MAX_WEBHOOKS: Final = 10
"""Of one person."""
MAX_TESTS: Final = 10
"""Of one webhook in an hour: a test must not be a way to call somebody else's endpoint without end."""


def create(database: Database, caller: Caller, body: WebhookCreate, repeat: Repeat | None) -> NewWebhook:
    """Make a webhook; this is the only time its secret is shown.

    Raises:
        Problem: 409 if the person has as many as anybody may have, 422 if the address is none for webhooks.
    """
    _check_url(body.url)
    ring, at = KeyRing.from_environment(), clock.now()
    with database.transaction(caller.user_id) as connection:
        earlier = idempotency.find(connection, caller.user_id, repeat)
        if earlier is not None:
            row = store.get_webhook(connection, caller.user_id, earlier)
            encrypted = store.lock_secret(connection, caller.user_id, earlier)
            if row is None or encrypted is None:
                raise idempotency.gone()
            return _new(row, ring.decrypt(encrypted, owner=secrets.owner(row.id)))
        row = store.insert_webhook(
            connection, caller.user_id, name=body.name, url=body.url, limit=MAX_WEBHOOKS, at=at
        )
        if row is None:
            raise problems.conflict(
                "too-many-webhooks", "There are too many webhooks", f"Delete one of the {MAX_WEBHOOKS} first."
            )
        secret = signature.new_secret()
        store.set_secret(
            connection, row.id, ring.encrypt(secret, owner=secrets.owner(row.id)),
            previous=None, previous_until=None, at=at,
        )  # fmt: skip
        idempotency.save(connection, caller.user_id, repeat, row.id)
    return _new(row, secret)


def list_webhooks(database: Database, caller: Caller, query: WebhookListQuery) -> WebhookList:
    """List the caller's webhooks, newest first."""
    key = pagination.decode(query.cursor, int)
    with database.transaction(caller.user_id) as connection:
        rows = store.list_webhooks(
            connection, caller.user_id, before=key[0] if key else None, limit=query.limit
        )
    rows, next_cursor = pagination.page(rows, query.limit, lambda row: [row.id])
    return WebhookList(items=[Webhook.model_validate(row) for row in rows], next_cursor=next_cursor)


def get(database: Database, caller: Caller, webhook_id: int) -> Webhook:
    """Get a webhook; `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        return Webhook.model_validate(_existing(connection, caller, webhook_id))


def change(database: Database, caller: Caller, webhook_id: int, body: WebhookChange) -> Webhook:
    """Change what the body names. Switched on again, a webhook begins without its history of failures.

    Raises:
        Problem: 404, 422 if the address is none for webhooks.
    """
    if body.url is not None:
        _check_url(body.url)
    at = clock.now()
    changes: dict[str, Any] = body.model_dump(exclude={"is_enabled"}, exclude_none=True) | {"updated_at": at}
    with database.transaction(caller.user_id) as connection:
        if body.is_enabled is False:
            if _existing(connection, caller, webhook_id).is_enabled:
                deliveries_store.lock_failing_since(connection, webhook_id)
                deliveries_store.switch_off(connection, webhook_id, "by-person", at)
        elif body.is_enabled:
            changes |= {
                "is_enabled": True, "disabled_reason": None, "disabled_at": None, "failing_since": None,
            }  # fmt: skip
        row = store.update_webhook(connection, caller.user_id, webhook_id, changes)
    if row is None:
        raise problems.not_found("webhook")
    return Webhook.model_validate(row)


def delete(database: Database, caller: Caller, webhook_id: int) -> None:
    """Delete a webhook and the log of its deliveries; `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        if not store.delete_webhook(connection, caller.user_id, webhook_id):
            raise problems.not_found("webhook")


def rotate(database: Database, caller: Caller, webhook_id: int, body: SecretRotation) -> NewWebhook:
    """Make another secret; for some hours the previous one signs, too. `Problem` 404."""
    ring, at = KeyRing.from_environment(), clock.now()
    secret = signature.new_secret()
    with database.transaction(caller.user_id) as connection:
        previous = store.lock_secret(connection, caller.user_id, webhook_id)
        row = store.set_secret(
            connection,
            webhook_id,
            ring.encrypt(secret, owner=secrets.owner(webhook_id)),
            previous=previous if body.overlap_hours else None,
            previous_until=at + timedelta(hours=body.overlap_hours) if body.overlap_hours else None,
            at=at,
        )
    if previous is None or row is None:
        raise problems.not_found("webhook")
    return _new(row, secret)


def send_test(database: Database, caller: Caller, webhook_id: int, repeat: Repeat | None) -> Delivery:
    """Send a test, once, whether or not the webhook is switched on.

    Raises:
        Problem: 404, 429 after too many tests.
    """
    at = clock.now()
    with database.transaction(caller.user_id) as connection:
        if store.lock_secret(connection, caller.user_id, webhook_id) is None:
            raise problems.not_found("webhook")
        if (earlier := idempotency.find(connection, caller.user_id, repeat)) is not None:
            return _made_before(connection, caller, webhook_id, earlier)
        if deliveries_store.count_tests(connection, webhook_id, at - timedelta(hours=1)) >= MAX_TESTS:
            raise Problem(
                429, "too-many-tests", "Too many tests",
                f"A webhook takes {MAX_TESTS} tests an hour. Try again later.", retry_after=600,
            )  # fmt: skip
        (row,) = deliveries_store.insert_deliveries(
            connection,
            caller.user_id,
            [webhook_id],
            message_id=f"msg_{uuid.uuid4().hex}",
            code="test",
            body=json.dumps(
                {"type": "test", "timestamp": at.isoformat(), "data": {"webhook_id": webhook_id}},
                separators=(",", ":"),
            ),
            at=at,
            is_test=True,
            correlation_id=correlation_id(),
        )
        idempotency.save(connection, caller.user_id, repeat, row.id)
    send(DeliveryMessage(user_id=caller.user_id, delivery_id=row.id))
    return _delivery(row, caller)


def list_deliveries(
    database: Database, caller: Caller, webhook_id: int, query: WebhookListQuery
) -> DeliveryList:
    """List what a webhook was sent, newest first; `Problem` 404."""
    key = pagination.decode(query.cursor, int)
    with database.transaction(caller.user_id) as connection:
        _existing(connection, caller, webhook_id)
        rows = deliveries_store.list_deliveries(
            connection, webhook_id, before=key[0] if key else None, limit=query.limit
        )
    rows, next_cursor = pagination.page(rows, query.limit, lambda row: [row.id])
    return DeliveryList(items=[_delivery(row, caller) for row in rows], next_cursor=next_cursor)


def get_delivery(database: Database, caller: Caller, webhook_id: int, delivery_id: int) -> Delivery:
    """Get a delivery; `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        _existing(connection, caller, webhook_id)
        row = deliveries_store.get_delivery(connection, webhook_id, delivery_id)
    if row is None:
        raise problems.not_found("delivery")
    return _delivery(row, caller)


def replay(
    database: Database, caller: Caller, webhook_id: int, delivery_id: int, repeat: Repeat | None = None
) -> Delivery:
    """Send a message again, under its id, for another day at most.

    Raises:
        Problem: 404, 409 if it is still on its way or the webhook is switched off.
    """
    at = clock.now()
    with database.transaction(caller.user_id) as connection:
        webhook = _existing(connection, caller, webhook_id)
        if (earlier := idempotency.find(connection, caller.user_id, repeat)) is not None:
            return _made_before(connection, caller, webhook_id, earlier)
        row = deliveries_store.get_delivery(connection, webhook_id, delivery_id)
        if row is None:
            raise problems.not_found("delivery")
        if row.status == "pending":
            raise problems.conflict("not-finished", "The delivery is still on its way", _text(row, caller))
        if not webhook.is_enabled and not row.is_test:
            raise problems.conflict("switched-off", "The webhook is switched off", "Switch it on first.")
        row = deliveries_store.restart(connection, delivery_id, at, correlation_id())
        idempotency.save(connection, caller.user_id, repeat, row.id)
    send(DeliveryMessage(user_id=caller.user_id, delivery_id=row.id))
    return _delivery(row, caller)


def _made_before(connection: Connection[Any], caller: Caller, webhook_id: int, delivery_id: int) -> Delivery:
    row = deliveries_store.get_delivery(connection, webhook_id, delivery_id)
    if row is None:
        raise idempotency.gone()
    return _delivery(row, caller)


def _check_url(url: str) -> None:
    try:
        addresses.parse(url, allow_loopback=config.is_webhook_loopback_allowed())
    except addresses.RefusedError as error:
        raise problems.invalid("body.url", str(error)) from None


def _existing(connection: Connection[Any], caller: Caller, webhook_id: int) -> WebhookRow:
    row = store.get_webhook(connection, caller.user_id, webhook_id)
    if row is None:
        raise problems.not_found("webhook")
    return row


def _new(row: WebhookRow, secret: str) -> NewWebhook:
    return NewWebhook(secret=secret, **Webhook.model_validate(row).model_dump())


def _text(row: DeliveryRow, caller: Caller) -> str:
    return status_text.text_of(
        Status(row.status_code, row.status_params), Reader.of(caller.time_zone, clock.now())
    )


def _delivery(row: DeliveryRow, caller: Caller) -> Delivery:
    names = Delivery.model_fields.keys() - {"status_message"}
    return Delivery.model_validate(
        {**{name: getattr(row, name) for name in names}, "status_message": _text(row, caller)}
    )

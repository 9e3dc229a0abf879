# ruff: noqa: PLC0415
"""Notices and webhooks: read what you were told, choose how, have it sent to your own programs.

The services are imported by the first request: a start loads what requests and answers are made of, no more.
"""

from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Repeat
from musicconnect.api.responses import Reply
from musicconnect.notices.schemas import (
    MarkedRead,
    Notice,
    NoticeChange,
    NoticeList,
    NoticeQuery,
    ReadUntil,
    Settings,
    SettingsChange,
    UnsubscribeQuery,
)
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
from musicconnect.platform import database

api = Api("Notices", "musicconnect-core")
WEBHOOKS = "Webhooks"


@api.get("/v1/notices", problems=(400,))
def list_notices(query: NoticeQuery, caller: Caller) -> NoticeList:
    """List what you were told, newest first."""
    from musicconnect.notices import service

    return service.list_notices(database.shared(), caller, query)


@api.post("/v1/notices/read")
def mark_notices_read(body: ReadUntil, caller: Caller) -> MarkedRead:
    """Mark everything up to a notice as read."""
    from musicconnect.notices import service

    return service.mark_until(database.shared(), caller, body.until)


@api.get("/v1/notices/settings")
def get_notice_settings(caller: Caller) -> Settings:
    """Get how notices reach you, kind by kind."""
    from musicconnect.notices import service

    return service.settings(database.shared(), caller)


@api.patch("/v1/notices/settings")
def change_notice_settings(body: SettingsChange, caller: Caller) -> Settings:
    """Choose how notices reach you: by mail at once, in a daily digest, by webhooks, or not at all."""
    from musicconnect.notices import service

    return service.change_settings(database.shared(), caller, body)


@api.get("/v1/notices/unsubscribe", public=True, problems=(404,), content=("text/html",))
def show_unsubscribe(query: UnsubscribeQuery) -> Reply:
    """Show the page on which a kind of mail is ended, from the link in a mail."""
    from musicconnect.notices import unsubscribe

    return unsubscribe.page(query.token)


@api.post("/v1/notices/unsubscribe", public=True, problems=(404,), content=("text/html",))
def unsubscribe(query: UnsubscribeQuery) -> Reply:
    """End a kind of mail by one click, without signing in (RFC 8058)."""
    from musicconnect.notices import unsubscribe

    return unsubscribe.end(database.shared(), query.token)


@api.get("/v1/notices/{notice_id}", problems=(404,))
def get_notice(notice_id: int, caller: Caller) -> Notice:
    """Get a notice."""
    from musicconnect.notices import service

    return service.get(database.shared(), caller, notice_id)


@api.patch("/v1/notices/{notice_id}", problems=(404,))
def change_notice(notice_id: int, body: NoticeChange, caller: Caller) -> Notice:
    """Mark a notice as read, or as not read."""
    from musicconnect.notices import service

    return service.mark(database.shared(), caller, notice_id, is_read=body.is_read)


@api.post("/v1/webhooks", status=201, problems=(409,), location="/v1/webhooks/{id}", tag=WEBHOOKS)
def create_webhook(body: WebhookCreate, caller: Caller, repeat: Repeat | None) -> NewWebhook:
    """Make a webhook: an endpoint of yours that gets your notices, signed as Standard Webhooks says."""
    from musicconnect.notices.webhooks import service

    return service.create(database.shared(), caller, body, repeat)


@api.get("/v1/webhooks", problems=(400,), tag=WEBHOOKS)
def list_webhooks(query: WebhookListQuery, caller: Caller) -> WebhookList:
    """List your webhooks, newest first."""
    from musicconnect.notices.webhooks import service

    return service.list_webhooks(database.shared(), caller, query)


@api.get("/v1/webhooks/{webhook_id}", problems=(404,), tag=WEBHOOKS)
def get_webhook(webhook_id: int, caller: Caller) -> Webhook:
    """Get a webhook."""
    from musicconnect.notices.webhooks import service

    return service.get(database.shared(), caller, webhook_id)


@api.patch("/v1/webhooks/{webhook_id}", problems=(404,), tag=WEBHOOKS)
def change_webhook(webhook_id: int, body: WebhookChange, caller: Caller) -> Webhook:
    """Change a webhook, or switch it off or on."""
    from musicconnect.notices.webhooks import service

    return service.change(database.shared(), caller, webhook_id, body)


@api.delete("/v1/webhooks/{webhook_id}", status=204, problems=(404,), tag=WEBHOOKS)
def delete_webhook(webhook_id: int, caller: Caller) -> None:
    """Delete a webhook and the log of its deliveries."""
    from musicconnect.notices.webhooks import service

    service.delete(database.shared(), caller, webhook_id)


@api.post("/v1/webhooks/{webhook_id}/secret", problems=(404,), tag=WEBHOOKS)
def rotate_webhook_secret(webhook_id: int, body: SecretRotation, caller: Caller) -> NewWebhook:
    """Make another secret; for some hours messages are signed with both."""
    from musicconnect.notices.webhooks import service

    return service.rotate(database.shared(), caller, webhook_id, body)


@api.post(
    "/v1/webhooks/{webhook_id}/test",
    status=202,
    problems=(404, 429),
    location="/v1/webhooks/{webhook_id}/deliveries/{id}",
    tag=WEBHOOKS,
)
def test_webhook(webhook_id: int, caller: Caller, repeat: Repeat | None) -> Delivery:
    """Send a test message, once; the log of deliveries shows what was answered."""
    from musicconnect.notices.webhooks import service

    return service.send_test(database.shared(), caller, webhook_id, repeat)


@api.get("/v1/webhooks/{webhook_id}/deliveries", problems=(400, 404), tag=WEBHOOKS)
def list_deliveries(webhook_id: int, query: WebhookListQuery, caller: Caller) -> DeliveryList:
    """List what a webhook was sent in the last 30 days, and what it answered, newest first."""
    from musicconnect.notices.webhooks import service

    return service.list_deliveries(database.shared(), caller, webhook_id, query)


@api.get("/v1/webhooks/{webhook_id}/deliveries/{delivery_id}", problems=(404,), tag=WEBHOOKS)
def get_delivery(webhook_id: int, delivery_id: int, caller: Caller) -> Delivery:
    """Get a delivery and what was answered."""
    from musicconnect.notices.webhooks import service

    return service.get_delivery(database.shared(), caller, webhook_id, delivery_id)


@api.post(
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    status=202,
    problems=(404, 409),
    location="/v1/webhooks/{webhook_id}/deliveries/{delivery_id}",
    tag=WEBHOOKS,
)
def replay_delivery(webhook_id: int, delivery_id: int, caller: Caller, repeat: Repeat | None) -> Delivery:
    """Send a message again, under the same id."""
    from musicconnect.notices.webhooks import service

    return service.replay(database.shared(), caller, webhook_id, delivery_id, repeat)


handler = api.handle

"""What callers send and get about webhooks."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from musicconnect.api.binding import Input, printable
from musicconnect.api.responses import Output
from musicconnect.notices.webhooks.addresses import MAX_URL_LENGTH
from musicconnect.notices.webhooks.model import DisabledReason

Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(printable),
    Field(description="What it is for.", examples=["Home automation"]),
]
Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_URL_LENGTH),
    Field(
        description="Where messages are posted to: https, a host on the public internet, port 443 or one "
        "from 1024 on, no user name. Redirects are not followed.",
        examples=["https://example.org/hooks/musicconnect"],
    ),
]


class WebhookCreate(Input):
    """A new webhook."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Home automation", "url": "https://example.org/hooks/musicconnect"}]
        }
    )

    name: Name
    url: Url


class WebhookChange(Input):
    """What is to change."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"is_enabled": False}]})

    name: Name | None = None
    url: Url | None = None
    is_enabled: bool | None = Field(
        None, description="`true` also switches on what was switched off by itself."
    )


class SecretRotation(Input):
    """How the secret is rotated."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_hours": 24}]})

    overlap_hours: int = Field(
        24, ge=0, le=168, description="How long the previous secret signs, too; 0 ends it at once."
    )


class WebhookListQuery(Input):
    """Which part of a list."""

    limit: int = Field(50, ge=1, le=100, description="Entries per page.")
    cursor: str | None = Field(None, max_length=200, description="`next_cursor` of the page before.")


class Webhook(Output):
    """An endpoint that gets your notices."""

    id: int
    name: str
    url: str
    is_enabled: bool
    disabled_reason: DisabledReason | None = Field(
        description="`gone`: it answered 410. `failing`: nothing arrived for five days."
    )
    disabled_at: datetime | None
    failing_since: datetime | None = Field(description="Since when nothing has arrived; null if it works.")
    previous_secret_until: datetime | None = Field(description="Until then the previous secret signs, too.")
    created_at: datetime
    updated_at: datetime


class NewWebhook(Webhook):
    """A webhook, and the only time its secret is shown."""

    secret: str = Field(
        description="Signs every message; give it to a library of Standard Webhooks.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        repr=False,
    )


class WebhookList(Output):
    """Newest first."""

    items: list[Webhook]
    next_cursor: str | None


class Attempt(Output):
    """One attempt at a delivery."""

    at: datetime
    outcome: str = Field(
        description="`delivered`, `refused`, `redirected`, `gone`, `timed-out`, `unreachable`, "
        "`certificate-not-trusted`, `not-http`, `host-not-found` or `address-refused`."
    )
    status: int | None = Field(description="Of the answer, where there was one.")
    answer: str = Field(description="Its first 1,000 characters.")
    duration_ms: int


class Delivery(Output):
    """A message to a webhook, and what became of it."""

    id: int
    message_id: str = Field(description="`webhook-id` of the message: the same however often it is sent.")
    code: str = Field(description="The notice's code, or `test`.")
    body: str = Field(description="As it is sent.")
    is_test: bool
    status: Literal["pending", "delivered", "failed"]
    status_code: str
    status_params: dict[str, Any]
    status_message: str
    attempts: int
    log: list[Attempt] = Field(description="The last 20 attempts, the oldest first.")
    created_at: datetime
    due_at: datetime | None = Field(description="When it is sent next; null if never.")
    finished_at: datetime | None


class DeliveryList(Output):
    """Newest first; those of the last 30 days."""

    items: list[Delivery]
    next_cursor: str | None

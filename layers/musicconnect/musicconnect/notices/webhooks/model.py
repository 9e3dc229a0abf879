"""Rows of webhooks and deliveries, and what decides about them. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from musicconnect.notices.webhooks.sender import Answer
from musicconnect.platform.work.backoff import exponential

INITIAL_BACKOFF_S: Final = 10.0
MAX_BACKOFF_S: Final = 4 * 3600.0
MAX_AGE: Final = timedelta(days=1)
"""Since its first attempt, after which a delivery is given up."""
MAX_FAILING: Final = timedelta(days=5)
"""Since when every attempt failed, after which a webhook is switched off."""
MAX_LOG: Final = 20
"""Attempts that are shown of a delivery."""
MAX_LOGGED_CHARACTERS: Final = 1_000
"""Of an answer."""

type DisabledReason = Literal["by-person", "failing", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRow:
    """A webhook, without its secret."""

    id: int
    name: str
    url: str
    is_enabled: bool
    disabled_reason: DisabledReason | None
    disabled_at: datetime | None
    failing_since: datetime | None
    previous_secret_until: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A delivery, as it is shown."""

    id: int
    webhook_id: int
    message_id: str
    code: str
    body: str
    is_test: bool
    status: str
    status_code: str
    status_params: dict[str, Any]
    log: list[dict[str, Any]]
    attempts: int
    created_at: datetime
    due_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery in the hands of a worker, and where it goes."""

    id: int
    user_id: int
    webhook_id: int
    message_id: str
    body: str
    is_test: bool
    attempts: int
    """This one included."""
    first_attempt_at: datetime
    url: str
    secret: str
    previous_secret: str | None
    previous_secret_until: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What comes next for a delivery and its webhook."""

    status: Literal["pending", "delivered", "failed"]
    code: str
    """Of the delivery's state."""
    due_at: datetime | None = None
    disable: DisabledReason | None = None
    params: dict[str, Any] = field(default_factory=dict)


def decide(
    delivery: ClaimedDelivery, answer: Answer, failing_since: datetime | None, now: datetime
) -> Decision:
    """Decide what an answer means.

    Args:
        delivery: What was sent.
        answer: What the endpoint answered.
        failing_since: Since when every attempt of the webhook failed, before this one.
        now: The current time.
    """
    params: dict[str, Any] = {"attempts": delivery.attempts}
    if answer.status is not None:
        params["status"] = answer.status
    if answer.outcome == "delivered":
        return Decision("delivered", "delivered", params=params)
    if delivery.is_test:  # Whoever tests looks at once.
        return Decision("failed", answer.outcome, params=params)
    if answer.outcome == "gone":
        return Decision("failed", "gone", disable="gone", params=params)
    if failing_since is not None and now - failing_since >= MAX_FAILING:
        return Decision("failed", answer.outcome, disable="failing", params=params)
    last = delivery.first_attempt_at + MAX_AGE
    if now >= last:
        return Decision("failed", answer.outcome, params=params)
    wait = exponential(
        delivery.attempts,
        initial_s=INITIAL_BACKOFF_S,
        max_s=MAX_BACKOFF_S,
        seed=f"{delivery.webhook_id}/{delivery.message_id}",
    )
    asked = timedelta(seconds=min(answer.retry_after_s or 0.0, MAX_BACKOFF_S))
    due_at = min(now + max(wait, asked), last)
    return Decision("pending", answer.outcome, due_at, params={**params, "until": due_at.isoformat()})


def log_entry(answer: Answer, at: datetime, duration_ms: int) -> dict[str, Any]:
    """Make what the log says of an attempt."""
    return {
        "at": at.isoformat(),
        "outcome": answer.outcome,
        "status": answer.status,
        "answer": answer.body[:MAX_LOGGED_CHARACTERS],
        "duration_ms": duration_ms,
    }

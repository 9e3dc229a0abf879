"""What there is to be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

LIFETIME: Final = timedelta(days=3)
"""After which a message that could not be sent is not sent any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """A message to be sent."""

    template: str
    """Code of a template that the mail worker knows."""
    key: str
    """Idempotency key among this person's messages: the same one twice is sent once."""
    user_id: int | None
    """Who gets it, and with whom it is deleted; None for somebody without an account."""
    address: str | None = None
    """Where to; None for the person's own, confirmed address at the time of sending."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """What the template mentions: JSON, nothing secret."""
    unsubscribe_url: str | None = None
    """Takes a POST by which this kind of message is unsubscribed (RFC 8058)."""
    lifetime: timedelta = LIFETIME
    """After which it would say nothing of use."""

"""Mail: what other packages call to have a message sent."""

from musicconnect.core.mail.model import OutgoingMail
from musicconnect.core.mail.outbox import enqueue, is_enabled, wake

__all__ = ["OutgoingMail", "enqueue", "is_enabled", "wake"]

"""Mail: what other packages call to have a message sent."""

from musicconnect.core.mail.outbox import OutgoingMail, enqueue, is_enabled, wake

__all__ = ["OutgoingMail", "enqueue", "is_enabled", "wake"]

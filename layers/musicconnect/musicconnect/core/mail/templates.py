"""What the messages about accounts say."""

from typing import Final

from musicconnect.core.mail.content import MailTemplate

TEMPLATES: Final[dict[str, MailTemplate]] = {}
"""By code."""

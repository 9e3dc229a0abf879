"""The queue's messages: each names a mail that the worker is to send."""

from pydantic import Field

from musicconnect.platform import config
from musicconnect.platform.work import queue
from musicconnect.platform.work.message import BaseMessage


class MailMessage(BaseMessage):
    """Names the mail to send."""

    mail_id: int = Field(ge=1, lt=2**63)
    user_id: int | None = Field(None, ge=1, lt=2**63)
    """None: it is for somebody without an account."""


def send(message: MailMessage, *, delay: float = 0) -> bool:
    """Wake the worker in ``delay`` seconds, after the commit; False if the queue is away."""
    url = config.require("MAIL_QUEUE_URL")
    return queue.enqueue(url, message.model_dump(), group=str(message.user_id or 0), delay=delay)

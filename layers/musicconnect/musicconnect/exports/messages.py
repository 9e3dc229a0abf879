"""The queue's messages: each names an export that a worker is to look at."""

from pydantic import Field

from musicconnect.platform import config
from musicconnect.platform.work import queue
from musicconnect.platform.work.message import Message


class ExportMessage(Message):
    """Names the export to work on."""

    export_id: int = Field(ge=1, lt=2**63)


def send(message: ExportMessage, *, delay: float = 0) -> bool:
    """Wake a worker in ``delay`` seconds, after the commit; False if the queue is away."""
    url = config.require("EXPORTS_QUEUE_URL")
    return queue.enqueue(url, message.model_dump(), group=str(message.user_id), delay=delay)

"""The queue's messages: each names a delivery that a worker is to make."""

from pydantic import Field

from musicconnect.platform import config
from musicconnect.platform.work import queue
from musicconnect.platform.work.message import Message


class DeliveryMessage(Message):
    """Names the delivery to make."""

    delivery_id: int = Field(ge=1, lt=2**63)


def send(message: DeliveryMessage, *, delay: float = 0) -> bool:
    """Wake a worker in ``delay`` seconds, after the commit; False if the queue is away."""
    url = config.require("NOTICES_WEBHOOK_QUEUE_URL")
    return queue.enqueue(url, message.model_dump(), group=str(message.user_id), delay=delay)

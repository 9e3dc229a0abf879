"""Messages of the queue of pairs. Light, so that who only sends them imports no engine."""

from musicconnect.platform import config
from musicconnect.platform.work import queue
from musicconnect.platform.work.message import Message


class PairsMessage(Message):
    """Names somebody whose pairs are due, or a repair of theirs."""

    repair_id: int | None = None


def send(message: PairsMessage, *, delay: float = 0) -> bool:
    """Ask for a look at somebody's pairs or repair, after the commit; False if the queue is away."""
    url = config.require("SYNC_QUEUE_URL")
    return queue.enqueue(url, message.model_dump(), group=str(message.user_id), delay=delay)

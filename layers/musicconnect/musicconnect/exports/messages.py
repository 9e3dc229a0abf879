"""The queue's messages: each names an export that a worker is to look at."""

from musicconnect.platform import config
from musicconnect.platform.work import queue


def enqueue(user_id: int, export_id: int, delay: float = 0, cause: str = "") -> None:
    """Send the message that makes a worker look at an export. After the commit.

    It carries the id of ``cause``, or else that of the work at hand.
    """
    queue.enqueue(
        config.require("EXPORTS_QUEUE_URL"),
        {"export_id": export_id, "user_id": user_id, "correlation_id": cause},
        group=str(user_id),
        delay=delay,
    )

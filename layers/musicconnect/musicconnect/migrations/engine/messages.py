"""The messages of the migration queue. Light, so that who only sends them imports no engine."""

from pydantic import Field

from musicconnect.platform import logging
from musicconnect.platform.work import queue
from musicconnect.platform.work.message import Message


class StepMessage(Message):
    """Which playlist to advance."""

    playlist_migration_id: int = Field(ge=1, lt=2**63)


def send(queue_url: str, message: StepMessage, *, delay: float = 0) -> bool:
    """Ask for a step in ``delay`` seconds, after the commit; False if the queue is away."""
    return queue.enqueue(queue_url, message.model_dump(), group=str(message.user_id), delay=delay)


def new_correlation_id() -> str:
    """By which the logs of steps that one cause has set off are found together: the request's own."""
    return logging.correlation_id()

"""The messages of the migration queue. Light, so that who only sends them imports no engine."""

from pydantic import BaseModel, ConfigDict, Field

from musicconnect.platform import logging
from musicconnect.platform.work import queue


class StepMessage(BaseModel):
    """What a message says: which playlist to advance, never how."""

    model_config = ConfigDict(extra="ignore", defer_build=True)

    playlist_migration_id: int = Field(ge=1, lt=2**63)
    user_id: int = Field(ge=1, lt=2**63)
    correlation_id: str = ""


def send(queue_url: str, message: StepMessage, *, delay: float = 0) -> bool:
    """Ask for a step in ``delay`` seconds, after the commit; False if the queue is away."""
    return queue.enqueue(queue_url, message.model_dump(), group=str(message.user_id), delay=delay)


def new_correlation_id() -> str:
    """By which the logs of steps that one cause has set off are found together: the request's own."""
    return logging.correlation_id()

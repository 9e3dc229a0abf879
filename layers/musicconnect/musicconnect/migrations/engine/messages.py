"""Messages of the migration queue. Light, so that who only sends them imports no engine."""

from collections.abc import Sequence
from itertools import islice

from pydantic import Field

from musicconnect.platform import config, logging
from musicconnect.platform.work import queue
from musicconnect.platform.work.message import Message

MAX_SENT_AT_ONCE = 10
"""Messages sent while a caller waits; the dispatcher sends the rest within a minute."""


class StepMessage(Message):
    """Names a playlist to advance, never how."""

    playlist_migration_id: int = Field(ge=1, lt=2**63)


def send(queue_url: str, message: StepMessage, *, delay: float = 0) -> bool:
    """Ask for a step in ``delay`` seconds, after the commit; False if the queue is away."""
    return queue.enqueue(queue_url, message.model_dump(), group=str(message.user_id), delay=delay)


def send_first(user_id: int, playlist_ids: Sequence[int]) -> None:
    """Ask for steps of the first of some playlists, under the request's correlation id."""
    queue_url, correlation_id = config.require("MIGRATIONS_QUEUE_URL"), new_correlation_id()
    for playlist_id in islice(playlist_ids, MAX_SENT_AT_ONCE):
        message = StepMessage(
            playlist_migration_id=playlist_id, user_id=user_id, correlation_id=correlation_id
        )
        send(queue_url, message)


def new_correlation_id() -> str:
    """Give the id by which the logs of steps that one cause has set off are found together."""
    return logging.correlation_id()

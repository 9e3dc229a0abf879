"""Messages of the migration queue. Light, so that who only sends them imports no engine."""

from collections.abc import Sequence
from itertools import islice

from pydantic import Field

from musicconnect.platform import config
from musicconnect.platform.work import queue
from musicconnect.platform.work.message import Message

MAX_SENT_AT_ONCE = 10
"""Messages sent while a caller waits; the dispatcher sends the rest within a minute."""


class StepMessage(Message):
    """Names a playlist to advance, never how."""

    playlist_migration_id: int = Field(ge=1, lt=2**63)


def send(message: StepMessage, *, delay: float = 0) -> bool:
    """Ask for a step in ``delay`` seconds, after the commit; False if the queue is away."""
    url = config.require("MIGRATIONS_QUEUE_URL")
    return queue.enqueue(url, message.model_dump(), group=str(message.user_id), delay=delay)


def send_first(user_id: int, playlist_ids: Sequence[int]) -> None:
    """Ask for steps of the first of some playlists, after the commit; the dispatcher asks for the others'."""
    for playlist_id in islice(playlist_ids, MAX_SENT_AT_ONCE):
        if not send(StepMessage(playlist_migration_id=playlist_id, user_id=user_id)):
            return

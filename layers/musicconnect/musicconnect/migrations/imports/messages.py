"""The queue's messages: each names a file of playlists that a worker is to read."""

from pydantic import Field

from musicconnect.platform import config
from musicconnect.platform.work import queue
from musicconnect.platform.work.message import Message


class ImportMessage(Message):
    """Names the import to work on."""

    import_id: int = Field(ge=1, lt=2**63)


def send(message: ImportMessage) -> bool:
    """Wake a worker, after the commit; False if the queue is away."""
    url = config.require("MIGRATIONS_IMPORT_QUEUE_URL")
    return queue.enqueue(url, message.model_dump(), group=str(message.user_id))

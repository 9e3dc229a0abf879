"""The messages of the migration queue. Light, so that who only sends them imports no engine."""

import math
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from musicconnect import clock, queue
from musicconnect.db import Database
from musicconnect.migrations import store
from musicconnect.observability import logger

MOST_DISPATCHED = 500
"""Playlists that one run of the dispatcher asks steps for; the next run comes in a minute."""


class StepMessage(BaseModel):
    """What a message says: which playlist to advance, never how."""

    model_config = ConfigDict(extra="ignore")

    playlist_migration_id: int = Field(ge=1, lt=2**63)
    user_id: int = Field(ge=1, lt=2**63)
    correlation_id: str = ""


def send(queue_url: str, message: StepMessage, *, delay: float = 0) -> None:
    """Ask for a step in ``delay`` seconds, rounded up: nobody comes before a playlist is due."""
    queue.send(queue_url, message.model_dump(), group=str(message.user_id), delay=math.ceil(delay))


def new_correlation_id() -> str:
    """By which the logs of steps that one cause has set off are found together."""
    return str(uuid4())


def dispatch(database: Database, *, queue_url: str) -> int:
    """Ask for a step of every playlist that is due and in nobody's hands; gives how many."""
    with database.transaction() as connection:
        due = store.claim_due(connection, now=clock.now(), most=MOST_DISPATCHED)
    correlation_id = new_correlation_id()
    for playlist_id, user_id in due:
        message = StepMessage(
            playlist_migration_id=playlist_id, user_id=user_id, correlation_id=correlation_id
        )
        send(queue_url, message)
    logger.info("dispatched", count=len(due))
    return len(due)

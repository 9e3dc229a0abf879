"""Ask for steps of playlists that are due, and of those whose message was never sent."""

from operator import itemgetter

from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.messages import StepMessage, new_correlation_id, send
from musicconnect.platform import clock, metrics
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger

MAX_DISPATCHED = 500
"""Playlists that one run of the dispatcher asks steps for; the next run comes in a minute."""


def dispatch(database: Database, *, queue_url: str) -> int:
    """Ask for a step of every playlist that is due and not leased; gives how many.

    A step carries the id of the request that set its migration going, however long ago that was.
    """
    now = clock.now()
    with database.transaction() as connection:
        due = store.claim_due(connection, now, MAX_DISPATCHED)
    metrics.emit(metrics.WORK_OVERDUE, metrics.overdue(map(itemgetter(2), due), now), work="migrations")
    for playlist_id, user_id, _, correlation_id in due:
        message = StepMessage(
            playlist_migration_id=playlist_id,
            user_id=user_id,
            correlation_id=correlation_id or new_correlation_id(),
        )
        send(queue_url, message)
    logger.info("dispatched", count=len(due))
    return len(due)

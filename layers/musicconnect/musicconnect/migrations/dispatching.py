"""Waking what is due, and what was committed but never sent."""

from musicconnect import clock
from musicconnect.db import Database
from musicconnect.migrations.messages import StepMessage, new_correlation_id, send
from musicconnect.observability import logger

MOST_DISPATCHED = 500
"""Playlists that one run of the dispatcher asks steps for; the next run comes in a minute."""


def dispatch(database: Database, *, queue_url: str) -> int:
    """Ask for a step of every playlist that is due and in nobody's hands; gives how many."""
    with database.transaction() as connection:
        due = connection.execute(
            "SELECT playlist_migration_id, user_id FROM migrations.claim_due_playlists(%s, %s)",
            [clock.now(), MOST_DISPATCHED],
        ).fetchall()
    correlation_id = new_correlation_id()
    for playlist_id, user_id in due:
        message = StepMessage(
            playlist_migration_id=playlist_id, user_id=user_id, correlation_id=correlation_id
        )
        send(queue_url, message)
    logger.info("dispatched", count=len(due))
    return len(due)

"""Ask for steps of playlists that are due, and of those whose message was never sent."""

from datetime import datetime
from operator import itemgetter
from typing import Any

from psycopg import Connection

from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.messages import StepMessage, send
from musicconnect.platform import metrics
from musicconnect.platform.database import Database
from musicconnect.platform.work import worker


def dispatch(database: Database) -> int:
    """Ask for a step of every playlist that is due and not leased; gives how many.

    A step carries the id of the request that set its migration going, however long ago that was.
    """
    return worker.dispatch(database, _claim, send, work="migrations")


def _claim(connection: Connection[Any], now: datetime, limit: int) -> list[StepMessage]:
    due = store.claim_due(connection, now, limit)
    metrics.emit(metrics.WORK_OVERDUE, metrics.overdue(map(itemgetter(2), due), now), work="migrations")
    return [
        StepMessage(playlist_migration_id=playlist_id, user_id=user_id, correlation_id=cause or "")
        for playlist_id, user_id, _, cause in due
    ]

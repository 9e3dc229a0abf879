"""Score again what older versions of the matcher have stored, so that it need not be searched for again."""

from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.providers.match_store import store


def rescore(connection: Connection[Any], now: datetime, limit: int) -> int:
    """Score up to ``limit`` matches of older versions, in the caller's transaction; give how many there were.

    What the current matcher accepts is the current version's from then on. What it does not is deleted, and
    searched for again when somebody needs it; a user's choice stays, with its new score.
    """
    outdated = store.find_outdated(connection, now, limit)
    if outdated:
        store.save_rescored(connection, [match.rescored_row() for match in outdated])
    return len(outdated)

"""Poll Spotify for what users played.

Spotify lists the last fifty plays, out of order at times, so every poll reads all fifty and `plays.ingest`
finds the new ones.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from musicconnect.platform import clock, config
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Status
from musicconnect.platform.work import queue, worker
from musicconnect.platform.work.backoff import exponential
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError, RetryableError
from musicconnect.trends.plays import ingest
from musicconnect.trends.plays.model import Listen, listen, to_ms, to_time
from musicconnect.trends.polling import store

if TYPE_CHECKING:
    from musicconnect.providers.spotify.client import SpotifyClient
    from musicconnect.providers.spotify.responses import PlayedTrack

POLL_INTERVAL: Final = timedelta(minutes=30)
"""Fifty plays last two hours or more; Spotify leaves out skipped tracks."""
INITIAL_BACKOFF_S: Final = 300.0
"""After a first failure; doubled with each one in a row."""
MAX_BACKOFF_S: Final = 12 * 3600.0
RECENT_PLAYS_LIMIT: Final = 50


def dispatch(database: Database) -> int:
    """Claim due polls and enqueue them; gives how many."""
    if not config.is_polling_enabled():
        return 0
    url = config.require("TRENDS_POLL_QUEUE_URL")
    return worker.dispatch(
        database,
        store.claim_due,
        lambda due: queue.enqueue(url, {"account_id": due[0], "user_id": due[1]}, group=str(due[1])),
        work="polls",
    )


def poll(database: Database, user_id: int) -> None:
    """Add what a user played recently."""
    with database.transaction(user_id) as connection:
        row = store.get_poll(connection, user_id)
    if row is None or row.due_at is None or row.due_at > clock.now() or not config.is_polling_enabled():
        logger.info("nothing to poll")  # switched off, unlinked, or a repeated message
        return
    from musicconnect.providers.accounts.clients import client_for  # noqa: PLC0415 - only real polls need it

    client = cast("SpotifyClient", client_for(database, user_id, "spotify"))
    try:
        played = client.recently_played()
    except ProviderError as error:
        _reschedule(database, user_id, row, error)
        return
    listens = [found for one in played if (found := to_listen(one)) is not None]
    times = [to_ms(one.played_at) for one in played]
    at = clock.now()
    ingest.ensure_partitions(database, listens)
    with database.transaction(user_id) as connection:
        result = ingest.ingest(connection, user_id, listens, import_id=None, at=at)
        is_saved = store.save_poll(
            connection,
            row.account_id,
            cursor_ms=max(times, default=None),
            polled_at=at,
            due_at=at + POLL_INTERVAL,
            status=Status("polled", {"new": result.accepted, "listed": len(played)}),
            attempts=0,
        )
        if is_saved and is_gap(row.cursor_ms, times):
            assert row.cursor_ms is not None  # there is no gap before the first poll
            store.insert_gap(
                connection,
                user_id,
                row.account_id,
                from_at=to_time(row.cursor_ms),
                until_at=to_time(min(times)),
                noticed_at=at,
            )


def is_gap(cursor_ms: int | None, times: list[int]) -> bool:
    """Whether plays may have been lost: everything that Spotify lists is newer than the last known play."""
    return cursor_ms is not None and len(times) >= RECENT_PLAYS_LIMIT and min(times) > cursor_ms


def to_listen(played: "PlayedTrack") -> Listen | None:
    """Convert a play as Spotify lists it; None for what is no track."""
    track = played.track.as_track() if played.track else None
    if track is None or not track.title or not track.artists:
        return None
    return listen(
        played_at=to_ms(played.played_at),
        title=track.title,
        artist=track.artists[0],
        album=track.album,
        source="spotify_api",
        provider="spotify",
        provider_track_id=track.id,
        duration_ms=track.duration_ms or None,
        details={"isrc": track.isrc} if track.isrc else None,
    )


def _reschedule(database: Database, user_id: int, row: store.PollRow, error: ProviderError) -> None:
    due_at = next_attempt(error, row.attempts, clock.now())
    logger.info("poll rescheduled", reason=error.reason, until=due_at)
    cause = {"cause": error.status.to_json()}
    with database.transaction(user_id) as connection:
        store.save_poll(
            connection,
            row.account_id,
            cursor_ms=None,
            polled_at=None,
            due_at=due_at,
            status=Status("retrying", cause | {"at": due_at.isoformat()})
            if due_at
            else Status("stopped", cause),
            attempts=row.attempts + 1,
        )


def next_attempt(error: ProviderError, attempts: int, now: datetime) -> datetime | None:
    """Choose when to poll again after an error; None for never."""
    wait = exponential(attempts + 1, initial_s=INITIAL_BACKOFF_S, max_s=MAX_BACKOFF_S)
    match error:
        case QuotaExhaustedError():
            return max(error.until, now + wait)
        case RetryableError():
            return now + max(wait, timedelta(seconds=error.retry_after or 0))
        case _:
            return None

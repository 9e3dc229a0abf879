"""Asking Spotify what a person played, where the deployer has switched it on and the person wants it.

Spotify tells the last fifty plays, out of order at times, so all fifty are asked for every time and the
plays' identity sorts out what is known. Off by default: see docs/compliance.md.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from musicconnect.api.binding import Caller
from musicconnect.platform import clock, config, problems
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.work import queue
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError, RetryableError
from musicconnect.trends.plays import ingest
from musicconnect.trends.plays import store as plays_store
from musicconnect.trends.plays.model import Listen, listen
from musicconnect.trends.polling import store
from musicconnect.trends.polling.schemas import Polling, PollingGap, PollingUpdate

if TYPE_CHECKING:
    from musicconnect.providers.spotify.client import SpotifyClient
    from musicconnect.providers.spotify.responses import PlayedTrack

POLL_INTERVAL: Final = timedelta(minutes=30)
"""Fifty plays last two hours or more; of skipped tracks Spotify does not tell."""
INITIAL_BACKOFF: Final = timedelta(minutes=5)
"""After a first failure; doubled with each one in a row."""
MAX_BACKOFF: Final = timedelta(hours=12)
RECENT_PLAYS_LIMIT: Final = 50
MAX_CLAIMED: Final = 1000
MAX_GAPS: Final = 20


# -- For the person ------------------------------------------------------------------------------------------


def get(database: Database, caller: Caller) -> Polling:
    """Whether Spotify is asked, and how that goes."""
    with database.transaction(caller.user_id) as connection:
        row = store.get_poll(connection, caller.user_id)
        gaps = store.list_gaps(connection, caller.user_id, limit=MAX_GAPS)
    return Polling(
        available=is_available(),
        enabled=row is not None and row.due_at is not None,
        status_message=row.status_message if row else "",
        last_polled_at=row.last_polled_at if row else None,
        next_poll_at=row.due_at if row else None,
        gaps=[PollingGap.model_validate(gap) for gap in gaps],
    )


def update(database: Database, caller: Caller, body: PollingUpdate) -> Polling:
    """Have Spotify asked, or no longer.

    Raises:
        Problem: 409 if this deployment does not poll, or no Spotify account is linked.
    """
    if body.enabled and not is_available():
        raise problems.conflict(
            "polling-off",
            "This deployment does not ask Spotify for plays",
            "Whoever runs it has not switched it on. Upload your streaming history instead.",
        )
    with database.transaction(caller.user_id) as connection:
        account_id = store.linked_account(connection, caller.user_id)
        if account_id is None and body.enabled:
            raise problems.conflict(
                "not-linked",
                "No Spotify account is linked",
                "Link one first: POST /v1/providers/spotify/link.",
                provider="spotify",
            )
        if account_id is not None:
            due_at, message = (clock.now(), "Waiting for the first poll.") if body.enabled else (None, "Off.")
            store.set_due(connection, caller.user_id, account_id, due_at=due_at, message=message)
    return get(database, caller)


def is_available() -> bool:
    """Whether the deployer has switched polling on."""
    return config.is_polling_enabled()


# -- The worker ----------------------------------------------------------------------------------------------


def dispatch(database: Database) -> int:
    """Send a message for everybody whose turn it is; gives their number."""
    if not is_available():
        return 0
    with database.transaction() as connection:
        due = store.claim_due(connection, clock.now(), MAX_CLAIMED)
    for account_id, user_id in due:
        queue.enqueue(
            config.require("TRENDS_POLL_QUEUE_URL"),
            {"account_id": account_id, "user_id": user_id},
            group=str(user_id),
        )
    return len(due)


def poll(database: Database, user_id: int) -> None:
    """Ask what a person played, and take it in."""
    with database.transaction(user_id) as connection:
        row = store.get_poll(connection, user_id)
    if row is None or row.due_at is None or row.due_at > clock.now() or not is_available():
        logger.info("nothing to poll")  # switched off, unlinked, or a message that came twice
        return
    client = cast("SpotifyClient", client_for(database, user_id, "spotify"))
    try:
        played = client.recently_played()
    except ProviderError as error:
        _reschedule(database, user_id, row, error)
        return
    told = [heard for one in played if (heard := to_listen(one)) is not None]
    times = [plays_store.to_ms(one.played_at) for one in played]
    at = clock.now()
    ingest.ensure_partitions(database, told)
    with database.transaction(user_id) as connection:
        outcome = ingest.ingest(connection, user_id, told, import_id=None, at=at)
        kept = store.save_poll(
            connection,
            row.account_id,
            cursor_ms=max(times, default=None),
            polled_at=at,
            due_at=at + POLL_INTERVAL,
            message=f"{outcome.accepted} new of the last {len(played)}.",
            attempts=0,
        )
        if kept and is_gap(row.cursor_ms, times):
            assert row.cursor_ms is not None  # there is no gap before the first poll
            store.insert_gap(
                connection,
                user_id,
                row.account_id,
                from_at=plays_store.to_time(row.cursor_ms),
                until_at=plays_store.to_time(min(times)),
                noticed_at=at,
            )


def is_gap(cursor_ms: int | None, times: list[int]) -> bool:
    """Whether plays may have been lost: everything that Spotify still tells is newer than what was known."""
    return cursor_ms is not None and len(times) >= RECENT_PLAYS_LIMIT and min(times) > cursor_ms


def to_listen(played: "PlayedTrack") -> Listen | None:
    """A play as Spotify tells it; None for what is no track."""
    track = played.track.as_track() if played.track else None
    if track is None or not track.title or not track.artists:
        return None
    details: dict[str, Any] | None = {"isrc": track.isrc} if track.isrc else None
    return listen(
        played_at=plays_store.to_ms(played.played_at),
        title=track.title,
        artist=track.artists[0],
        album=track.album,
        source="spotify_api",
        provider="spotify",
        provider_track_id=track.id,
        duration_ms=track.duration_ms or None,
        details=details,
    )


def _reschedule(database: Database, user_id: int, row: store.PollRow, error: ProviderError) -> None:
    due_at, message = next_attempt(error, row.attempts, clock.now())
    logger.info("poll put off", reason=error.reason, until=due_at)
    with database.transaction(user_id) as connection:
        store.save_poll(
            connection,
            row.account_id,
            cursor_ms=None,
            polled_at=None,
            due_at=due_at,
            message=message,
            attempts=row.attempts + 1,
        )


def next_attempt(error: ProviderError, attempts: int, now: datetime) -> tuple[datetime | None, str]:
    """When to ask again, None for never, and what the person is told."""
    wait = min(INITIAL_BACKOFF * 2 ** min(attempts, 20), MAX_BACKOFF)
    match error:
        case QuotaExhaustedError():
            return max(error.until, now + wait), "Spotify's allowance is spent."
        case RetryableError():
            asked = timedelta(seconds=error.retry_after or 0)
            return now + max(wait, asked), "Spotify does not answer properly; asking again later."
        case _:
            return None, "Spotify no longer lets us ask. Link the account again, then switch this on again."

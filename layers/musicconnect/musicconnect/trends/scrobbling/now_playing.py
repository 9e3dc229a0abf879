"""Keep what somebody is listening to until it ends."""

from datetime import timedelta
from typing import Any, Final

from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.trends.plays.model import msid, positive, track_keys
from musicconnect.trends.scrobbling import store

DEFAULT_DURATION_S: Final = 600
"""Where the client does not say how long the track is; so long ListenBrainz keeps it."""
MAX_DURATION_S: Final = 24 * 60 * 60


def start(database: Database, user_id: int, metadata: dict[str, Any]) -> str:
    """Keep a ``track_metadata`` as what the user is listening to; gives its message id."""
    recording = msid(track_keys(metadata["artist_name"], metadata["track_name"])[0])
    info = metadata.get("additional_info") or {}
    duration_s = positive(info.get("duration")) or (positive(info.get("duration_ms")) or 0) // 1000
    at = clock.now()
    expires_at = at + timedelta(seconds=min(duration_s or DEFAULT_DURATION_S, MAX_DURATION_S))
    with database.transaction(user_id) as connection:
        store.set_now_playing(
            connection, user_id, recording=recording, metadata=metadata, at=at, expires_at=expires_at
        )
    return recording


def get(database: Database, user_id: int) -> store.NowPlayingRow | None:
    """Get what the user is listening to."""
    with database.transaction(user_id) as connection:
        return store.get_now_playing(connection, user_id, clock.now())


def stop(database: Database, user_id: int, *, client: str | None = None) -> bool:
    """Say that the user no longer listens; False if another client said what they listen to."""
    with database.transaction(user_id) as connection:
        row = store.get_now_playing(connection, user_id, clock.now())
        if row is not None and client is not None:
            set_by = (row.metadata.get("additional_info") or {}).get("submission_client")
            if set_by not in (None, client):
                return False
        store.delete_now_playing(connection, user_id)
    return True

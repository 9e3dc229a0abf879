"""Tell what an entry of a playlist was, by what its person played."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from musicconnect.music.model import ProviderName, Track
from musicconnect.trends.plays import played_tracks_store as store


def find(connection: Connection[Any], provider: ProviderName, ids: Sequence[str]) -> dict[str, Track]:
    """Find what the person's plays call tracks of a provider, by their ids; as nobody's track."""
    return {
        track_id: Track(provider="", id="", title=title, artists=(artist,), duration_ms=duration_ms)
        for track_id, title, artist, duration_ms in store.find(connection, provider, ids)
    }

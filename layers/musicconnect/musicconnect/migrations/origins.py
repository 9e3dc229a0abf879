"""Tell what an entry of a playlist was, by what migrations read and wrote."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from musicconnect.migrations import origins_store as store
from musicconnect.music.codec import decode
from musicconnect.music.model import ProviderName, Track

__all__ = ["find", "list_written"]


def find(connection: Connection[Any], provider: ProviderName, ids: Sequence[str]) -> dict[str, Track]:
    """Find what the person's migrations know of entries of a provider, by their ids.

    Of an entry that was written, the track that it was written for; of one that was read, what was read. What
    may no longer be kept of them is left out.
    """
    found: dict[str, Track] = {}
    for entry_id, source_provider, source in store.find(connection, provider, ids):
        found.setdefault(entry_id, _track(source_provider, source))
    return found


def list_written(
    connection: Connection[Any], provider: ProviderName, playlist_id: str
) -> list[tuple[str, Track]]:
    """List what the last migration into a playlist wrote, in order: its id, and the track it is for."""
    return [
        (entry_id, _track(source_provider, source))
        for entry_id, source_provider, source in store.list_written(connection, provider, playlist_id)
    ]


def _track(provider: ProviderName, source: dict[str, Any]) -> Track:
    return decode(provider, {"id": "", **source})

"""Tell what playlists held when they were read for a migration or out of a file."""

from typing import Any

from psycopg import Connection

from musicconnect.migrations import contents_store as store
from musicconnect.migrations.contents_store import ReadPlaylist
from musicconnect.music.codec import decode
from musicconnect.music.model import Track

__all__ = ["ReadPlaylist", "find", "list_page", "tracks"]


def list_page(connection: Connection[Any], *, limit: int, offset: int) -> tuple[list[ReadPlaylist], int]:
    """List a user's playlists that were read, the newest reading first, and count them all."""
    return store.list_playlists(connection, limit=limit, offset=offset), store.count_playlists(connection)


def find(connection: Connection[Any], playlist_id: int) -> ReadPlaylist | None:
    """Find one of a user's playlists; None if there is none, or if it was read again since."""
    return store.find_playlist(connection, playlist_id)


def tracks(connection: Connection[Any], playlist: ReadPlaylist) -> list[Track]:
    """List the tracks of a playlist, in order. What may no longer be kept of them is left out."""
    return [
        decode(playlist.source_provider, source) for source in store.list_sources(connection, playlist.id)
    ]

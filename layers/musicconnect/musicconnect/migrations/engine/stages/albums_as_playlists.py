"""Make a playlist of each saved album where the target's API has no library of albums.

The row that read what is saved becomes the first album, and each of the others gets a row of its own: from
there on they are playlists like all others.
"""

import secrets
from typing import Any

from psycopg import Connection

from musicconnect.migrations.engine import albums_store, store
from musicconnect.migrations.engine.albums_store import SavedAlbum
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.store import TrackChange
from musicconnect.migrations.engine.transitions import Advance, Continue, Stage
from musicconnect.music.codec import decode
from musicconnect.music.model import ListKind
from musicconnect.providers.entry import ALBUM_PREFIX
from musicconnect.providers.library import album_name


def make(context: StepContext) -> Advance | Continue:
    """Make the rows, in one transaction. An album without an id, of which nothing is told, is left out."""
    row = context.row
    with context.database.transaction(row.user_id) as connection:
        listed = albums_store.saved(connection, row.id)
        albums = [
            SavedAlbum(
                id=f"{ALBUM_PREFIX}{album_id}",
                name=album_name(decode(row.source_provider, source)),
                marker=f"mc-{secrets.token_hex(8)}",
            )
            for album_id, source in listed
        ]
        # Orders for copies make no use of what was moved before.
        earlier = (
            albums_store.earlier(connection, row.id, [one.id for one in albums]) if row.is_update else {}
        )
    if not albums:
        return context.advance(to=Stage.DONE)
    first, *others = albums
    target_id, target_name = earlier.get(first.id, (None, None))

    def add(connection: Connection[Any]) -> None:
        albums_store.add(connection, row.id, others, earlier, context.now())

    context.commit(
        TrackChange(store.DELETE_TRACKS),
        also=add,
        kind=ListKind.PLAYLIST,
        into_likes=False,
        source_playlist_id=first.id,
        source_name=first.name,
        source_version=None,
        source_cursor=None,
        target_playlist_id=target_id,
        target_name=target_name,
        is_update=target_id is not None,
        stage=Stage.READ,
        track_count=0,
        read_count=0,
        failed_count=0,
        attempts=0,
    )
    return Continue()  # Its clients act on the library; the next step has its own.

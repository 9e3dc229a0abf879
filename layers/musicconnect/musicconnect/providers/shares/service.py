"""Show a playlist to whoever has its address, for as long as its owner wants.

A page for strangers calls no provider. So what it shows is read when the owner shares, by the owner's own
account and out of their allowance, and kept for as long as every provider lets it be kept without asking.
"""

import secrets
import time
from datetime import timedelta
from typing import Final

from musicconnect.api.binding import Caller
from musicconnect.music.codec import encode
from musicconnect.music.model import PlaylistItem, Track
from musicconnect.platform import clock, config, problems
from musicconnect.platform.database import Database
from musicconnect.platform.text import storable, storable_value
from musicconnect.providers import registry
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.errors import NotFoundError, RejectedError
from musicconnect.providers.match_store.model import FRESH_FOR
from musicconnect.providers.playlists import contents
from musicconnect.providers.playlists import store as playlists_store
from musicconnect.providers.playlists.store import SnapshotRow
from musicconnect.providers.protocol import Client
from musicconnect.providers.shares import store
from musicconnect.providers.shares.schemas import Share, ShareRequest, ShareState
from musicconnect.providers.shares.store import ShareContent, ShareRow

MAX_ENTRIES: Final = 500
"""Shown of one playlist."""
MAX_READ_S: Final = 18.0
"""Of reading it, of the 29 s that a request has; the last call may still take its own time."""
LIFETIME: Final = FRESH_FOR - timedelta(days=1)
"""A day is for deleting."""
SLUG_BYTES: Final = 16


def show(database: Database, caller: Caller, playlist_id: int, base_url: str) -> ShareState:
    """Say whether one of the person's playlists is shown to strangers. `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        if playlists_store.snapshot(connection, playlist_id) is None:
            raise problems.not_found("playlist")
        row = store.find(connection, playlist_id, clock.now())
    is_offered = config.has_playlist_pages()
    return ShareState(is_offered=is_offered, share=_share(row, base_url) if row and is_offered else None)


def share(database: Database, caller: Caller, playlist_id: int, body: ShareRequest, base_url: str) -> Share:
    """Show a playlist, or show what it holds by now; its address stays the same.

    Raises:
        Problem: 404, no such playlist; 409, it cannot be shown, or nothing can be shown here.
        ProviderError: it could not be read.
    """
    with database.transaction(caller.user_id) as connection:
        row = playlists_store.snapshot(connection, playlist_id)
    if row is None:
        raise problems.not_found("playlist")
    if not config.has_playlist_pages():
        detail = "Whoever runs this installation has not switched on pages for shared playlists."
        raise problems.conflict("sharing-off", "Playlists cannot be shared here", detail)
    if row.is_liked or not row.is_own:
        raise problems.conflict(
            "not-shareable",
            "This playlist cannot be shared",
            "Share one that you own or work on. Likes cannot be shared: put them into a playlist.",
        )
    content = _read(client_for(database, caller.user_id, row.provider, access="read"), row)
    now = clock.now()
    with database.transaction(caller.user_id) as connection:
        # It may have gone meanwhile, with its account.
        if playlists_store.snapshot(connection, playlist_id) is None:
            raise problems.not_found("playlist")
        saved = store.save(
            connection,
            playlist_id,
            content,
            new_slug=secrets.token_urlsafe(SLUG_BYTES),
            shared_by=body.shared_by,
            now=now,
            expires_at=now + LIFETIME,
        )
    return _share(saved, base_url)


def revoke(database: Database, caller: Caller, playlist_id: int) -> None:
    """Show a playlist no longer; done twice it is the same. `Problem` 404: no such playlist."""
    with database.transaction(caller.user_id) as connection:
        if playlists_store.snapshot(connection, playlist_id) is None:
            raise problems.not_found("playlist")
        store.delete(connection, playlist_id)


def _read(client: Client, row: SnapshotRow) -> ShareContent:
    """Read a playlist up to what is shown of it."""
    until = time.monotonic() + MAX_READ_S
    shown: list[Track] = []
    left_out, seen, total, cursor = 0, 0, None, None
    while True:
        try:
            page = client.playlist_items(row.provider_playlist_id, cursor)
        except (RejectedError, NotFoundError):
            raise problems.not_found("playlist") from None
        items = contents.with_lengths(client, page)
        seen += len(items)
        total = page.total if page.total is not None else total
        kept = [item.track for item in items if _is_shown(item)]
        left_out += len(items) - len(kept)
        shown += kept
        cursor = page.cursor
        if cursor is None or len(shown) >= MAX_ENTRIES or time.monotonic() >= until:
            break
    unread = max(0, (total or 0) - seen) if cursor is not None else 0
    provider = registry.get(row.provider)
    return ShareContent(
        provider=row.provider,
        name=storable(row.name),
        # One that its provider shows to its owner only leads strangers nowhere.
        address=None if row.is_public is False else provider.playlist_address(row.provider_playlist_id),
        entries=[_facts(track) for track in shown[:MAX_ENTRIES]],
        total=len(shown) + unread,
        left_out=left_out,
    )


def _is_shown(item: PlaylistItem) -> bool:
    track = item.track
    return bool(track.id) and track.is_public and contents.kind_of(track) not in contents.NOT_TRANSFERABLE


def _facts(track: Track) -> dict[str, object]:
    """Keep what is shown of a track, and what its counterparts are found by."""
    values = encode(track)
    values.pop("description", None)
    return {name: storable_value(value) for name, value in values.items()}


def _share(row: ShareRow, base_url: str) -> Share:
    return Share(
        playlist_id=row.playlist_id,
        url=f"{base_url}/p/{row.slug}",
        shared_by=row.shared_by,
        shown=row.shown,
        total=row.total,
        left_out=row.left_out,
        shared_at=row.created_at,
        read_at=row.read_at,
        expires_at=row.expires_at,
    )

"""Show a playlist to whoever has its address, for as long as its owner wants.

A page for strangers calls no provider. So what it shows is read when the owner shares, by the owner's own
account and out of their allowance, and kept for as long as every provider lets it be kept without asking.
Days before that ends it is read again; where it cannot be, the share pauses, and its owner is told.
"""

import secrets
import time
from datetime import datetime, timedelta
from typing import Final

from musicconnect.api.binding import Caller
from musicconnect.music.codec import encode
from musicconnect.music.model import PlaylistItem, ProviderName, Track
from musicconnect.outbox import service as outbox
from musicconnect.platform import clock, config, problems
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.status import Reader, Status
from musicconnect.platform.text import storable, storable_value
from musicconnect.providers import registry
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.errors import (
    ConsentRevokedError,
    NoChannelError,
    NotAllowedError,
    NotFoundError,
    NotLinkedError,
    ProviderError,
    RejectedError,
    ScopeMissingError,
)
from musicconnect.providers.match_store.model import FRESH_FOR
from musicconnect.providers.playlists import contents
from musicconnect.providers.playlists import store as playlists_store
from musicconnect.providers.playlists.store import SnapshotRow
from musicconnect.providers.protocol import Client
from musicconnect.providers.shares import store
from musicconnect.providers.shares.schemas import Share, ShareRequest, ShareState
from musicconnect.providers.shares.store import DueShare, PauseCode, ShareContent, ShareRow
from musicconnect.providers.status_text import render

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
    share = _share(row, base_url, caller) if row and is_offered else None
    return ShareState(is_offered=is_offered, share=share)


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
    try:
        content = _read(client_for(database, caller.user_id, row.provider, access="read"), row)
    except (RejectedError, NotFoundError):
        raise problems.not_found("playlist") from None
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
    return _share(saved, base_url, caller)


def revoke(database: Database, caller: Caller, playlist_id: int) -> None:
    """Show a playlist no longer; done twice it is the same. `Problem` 404: no such playlist."""
    with database.transaction(caller.user_id) as connection:
        if playlists_store.snapshot(connection, playlist_id) is None:
            raise problems.not_found("playlist")
        store.delete(connection, playlist_id)


REFRESHED_BEFORE: Final = timedelta(days=5)
"""Before a share ends, when it is read again: time for waiting out a spent allowance, or an outage."""


def claim_due(
    database: Database, provider: ProviderName, now: datetime, again_at: datetime, limit: int
) -> list[DueShare]:
    """Claim shares of a provider that are to be read again, those that end first; each until ``again_at``."""
    before = now + REFRESHED_BEFORE
    with database.transaction() as connection:
        return store.claim_due(
            connection, provider, expires_before=before, now=now, again_at=again_at, limit=limit
        )


def costs_calls(due: DueShare, now: datetime) -> bool:
    """Tell whether it is read at all: what is over, or cannot be read, is only paused."""
    return due.expires_at > now and due.is_usable and due.is_own


def refresh(database: Database, due: DueShare, now: datetime) -> bool:
    """Read a share again with its owner's account, or pause it and tell them; False: not yet.

    Runs as whoever may read and change the shares of one person at a time.
    """
    code: PauseCode | None = None
    content: ShareContent | None = None
    if due.expires_at <= now:
        code = "not-read-in-time"
    elif not due.is_usable:
        code = "account"
    elif not due.is_own:
        code = "not-readable"
    else:
        try:
            content = _read(client_for(database, due.user_id, due.provider, access="read"), due)
        except (ConsentRevokedError, NotLinkedError, NoChannelError, ScopeMissingError):
            code = "account"
        except (NotFoundError, RejectedError):
            code = "playlist-gone"
        except NotAllowedError:
            code = "not-readable"
        except ProviderError as error:
            logger.info("share not read again", provider=due.provider, reason=error.reason)
            return False
    with database.transaction(due.user_id) as connection:
        if content is not None:
            return store.refresh(connection, due.share_id, content, now=now, expires_at=now + LIFETIME)
        assert code is not None  # there is no content
        if store.pause(connection, due.share_id, code, now=now):
            params = {"playlist_id": due.playlist_id, "provider": due.provider, "reason": code}
            key = f"share-paused:{due.playlist_id}:{now.isoformat()}"
            outbox.record(connection, due.user_id, "share-paused", params, key=key, at=now)
    return True


def _read(client: Client, row: SnapshotRow | DueShare) -> ShareContent:
    """Read a playlist up to what is shown of it. Raises `ProviderError`."""
    until = time.monotonic() + MAX_READ_S
    shown: list[Track] = []
    left_out, seen, total, cursor = 0, 0, None, None
    while True:
        page = client.playlist_items(row.provider_playlist_id, cursor)
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


def _share(row: ShareRow, base_url: str, caller: Caller) -> Share:
    state = Status("shown") if row.pause_code is None else Status(f"share-paused-{row.pause_code}")
    return Share(
        playlist_id=row.playlist_id,
        url=f"{base_url}/p/{row.slug}",
        status="shown" if row.paused_at is None else "paused",
        code=state.code,
        params=dict(state.params),
        message=render(state, Reader.of(caller.time_zone, clock.now())),
        shared_by=row.shared_by,
        shown=row.shown,
        total=row.total,
        left_out=row.left_out,
        shared_at=row.created_at,
        read_at=row.read_at,
        expires_at=row.expires_at,
        paused_at=row.paused_at,
    )

"""Show what a playlist holds, read from its provider at this moment and stored nowhere."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import batched
from typing import Final

from musicconnect.api.binding import Caller
from musicconnect.music.model import ItemKind, Page, PlaylistItem, Track
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader, Status
from musicconnect.providers import registry
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.errors import RejectedError
from musicconnect.providers.playlists.schemas import PlaylistTrack, PlaylistTrackList, Reason, TracksQuery
from musicconnect.providers.protocol import Client
from musicconnect.providers.registry import Provider
from musicconnect.providers.status_text import render

NOT_TRANSFERABLE: Final[Mapping[ItemKind, Status]] = {
    ItemKind.LOCAL: Status("local-file"),
    ItemKind.EPISODE: Status("episode"),
    ItemKind.UNAVAILABLE: Status("unavailable"),
}
"""Why entries of these kinds are not moved."""
MAX_CURSOR = 3000
"""Characters of a provider's cursor that fit into one of ours."""


def kind_of(track: Track) -> ItemKind:
    """Give what an entry is; without an id there is nothing that anybody could have listened to."""
    return ItemKind.UNAVAILABLE if not track.id and track.kind is ItemKind.TRACK else track.kind


def list_tracks(
    database: Database, caller: Caller, provider: str, playlist_id: str, query: TracksQuery
) -> PlaylistTrackList:
    """Read one page of a playlist.

    Raises:
        Problem: 400, the cursor is none of this list; 404, there is no such provider, or no such playlist.
        ProviderError: the account is not linked, the playlist is not the person's to read, or the provider
            does not answer.
    """
    entry = registry.get(provider)
    first, cursor = pagination.decode(query.cursor, int, str) or (0, None)
    client = client_for(database, caller.user_id, provider, access="read")
    try:
        page = client.playlist_items(playlist_id, cursor)
    except RejectedError:
        # What can be no id is refused like a cursor that is none of theirs.
        raise pagination.invalid() if cursor is not None else problems.not_found("playlist") from None
    reader = Reader.of(caller.time_zone, clock.now())
    items = with_lengths(client, page)
    following = page.cursor if page.cursor and len(page.cursor) <= MAX_CURSOR else None
    return PlaylistTrackList(
        # Counted here: the provider's own positions have gaps where it leaves entries out.
        items=[_track(item, position, entry, reader) for position, item in enumerate(items, first)],
        total=page.total,
        attribution=entry.attribution,
        next_cursor=pagination.encode((first + len(items), following)) if following else None,
    )


def with_lengths(client: Client, page: Page[PlaylistItem]) -> list[PlaylistItem]:
    """Fill in the lengths that a page leaves out, where many are told for one call."""
    batch = client.limits.lookup_batch
    without = [
        item.track.id
        for item in page.items
        if item.track.id and item.track.kind not in NOT_TRANSFERABLE and item.track.duration_ms is None
    ]
    if batch == 1 or not without:
        return list(page.items)
    known: dict[str, int] = {}
    for ids in batched(dict.fromkeys(without), batch, strict=False):
        known |= client.durations(ids)
    return [
        replace(item, track=replace(item.track, duration_ms=known[item.track.id]))
        if item.track.id in known
        else item
        for item in page.items
    ]


def _track(item: PlaylistItem, position: int, provider: Provider, reader: Reader) -> PlaylistTrack:
    track, kind = item.track, kind_of(item.track)
    why = NOT_TRANSFERABLE.get(kind)
    is_shown = why is None and bool(track.id)
    return PlaylistTrack.model_validate(
        {
            "position": position,
            "id": track.id or None,
            "kind": kind.value,
            "title": track.title,
            "artists": list(track.artists) or ([track.channel] if track.channel else []),
            "album": track.album,
            "duration_ms": track.duration_ms,
            "added_at": item.added_at,
            "playable": why is None,
            "reason": why and Reason.model_validate({"code": why.code, "message": render(why, reader)}),
            "url": provider.address(provider.item_types[0], track.id) if is_shown else None,
        }
    )

"""Act on the Spotify Web API."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from urllib.parse import quote

from pydantic import BaseModel

from musicconnect.music.model import CatalogueItem, ItemType, Page, Playlist, PlaylistItem, Track
from musicconnect.platform import pagination
from musicconnect.platform.config import ProviderSettings
from musicconnect.providers.errors import NotFoundError, RejectedError
from musicconnect.providers.protocol import Added, Credentials, Exhaust, Limits, Privacy, Profile, Reserve
from musicconnect.providers.spotify.albums import SpotifyAlbums
from musicconnect.providers.spotify.errors import error_for
from musicconnect.providers.spotify.library import SpotifyLibrary
from musicconnect.providers.spotify.responses import (
    NAME,
    EntryPage,
    Item,
    PlayedPage,
    PlayedTrack,
    PlaylistEntry,
    PlaylistPage,
    PlaylistShape,
    SearchResult,
    User,
    WriteResult,
)
from musicconnect.providers.spotify.search_responses import PATHS, SearchHit, SearchPage
from musicconnect.providers.transport import ApiCall, EmptyResponse, Transport, invalid_response

LIKED = "liked"
"""Our id of the liked songs, which are no playlist on Spotify. Spotify's own ids have 22 characters."""
BUCKET = "requests"
LAST_OFFSET = 1000
"""Hits of a search beyond it are not given out."""
_METADATA = (
    "id,name,description,snapshot_id,collaborative,public,owner(id,display_name),items(total),tracks(total)"
)


class SpotifyClient:
    """Acts on Spotify for one linked account."""

    name = NAME
    # Search gives 10 hits at most in development mode, and looking up several tracks at once is gone. Sizes
    # of names and descriptions: what Spotify's own clients allow.
    limits = Limits(
        add_batch=100,
        remove_batch=100,
        move_batch=100,
        removes_by_track=True,
        lookup_batch=1,
        page_size=50,
        search_limit=10,
        playlist_size=10_000,
        name_length=100,
        description_length=300,
        likes_batch=40,
        reads_at_once=32,
    )

    def __init__(
        self, settings: ProviderSettings, credentials: Credentials, reserve: Reserve, exhaust: Exhaust
    ) -> None:
        self._call = Transport(
            provider=NAME,
            base_url=settings.spotify_api_url,
            timeout=settings.timeout,
            credentials=credentials,
            reserve=reserve,
            exhaust=exhaust,
            error_for=error_for,
        )
        self.library = SpotifyLibrary(self._call)
        self.albums = SpotifyAlbums(self._call)

    def profile(self) -> Profile:
        """Get who the account belongs to."""
        user = self._me()
        return Profile(
            provider_user_id=user.account_id or user.id or "",
            display_name=user.display_name or user.id or "",
        )

    def playlists(self, cursor: str | None = None) -> Page[Playlist]:
        """List the person's playlists.

        The first page holds the liked songs alone and costs two calls: the other pages need to know who the
        person is to tell their own playlists from those they follow.
        """
        key = pagination.decode(cursor, str, int)
        if key is None:
            me = self._me().id or ""
            return Page(items=[self._liked()], cursor=pagination.encode((me, 0)))
        me, offset = key
        page = self._call(PlaylistPage, _get("/me/playlists", limit=self.limits.page_size, offset=offset))
        # A playlist that Spotify cannot load is null in the list.
        items = [
            shape.as_playlist(is_own=bool(shape.collaborative) or (shape.owner and shape.owner.id) == me)
            for shape in page.items
            if shape is not None
        ]
        following = pagination.encode((me, offset + self.limits.page_size)) if page.next else None
        return Page(items=items, cursor=following, total=page.total)

    def playlist(self, playlist_id: str) -> Playlist:
        """Get one playlist's metadata; it is the person's own if Spotify gives out its contents."""
        if playlist_id == LIKED:
            return self._liked()
        shape = self._call(PlaylistShape, _get(_playlist_path(playlist_id), fields=_METADATA))
        return shape.as_playlist(is_own=shape.contents is not None)

    def look(self, playlist_ids: Sequence[str]) -> dict[str, Playlist]:
        """Get several playlists' metadata, 50 of the person's own and followed ones by a call.

        Few of many are asked for one by one, where that is fewer calls.
        """
        wanted, found = set(playlist_ids) - {LIKED}, dict[str, Playlist]()
        if LIKED in playlist_ids:
            found[LIKED] = self._liked()
        offset = 0
        while wanted - found.keys():
            page = self._call(PlaylistPage, _get("/me/playlists", limit=self.limits.page_size, offset=offset))
            for shape in page.items:
                if shape is not None and shape.id in wanted:
                    found[shape.id] = shape.as_playlist(is_own=True)
            offset += self.limits.page_size
            left = len(wanted - found.keys())
            if not page.next or -(-((page.total or 0) - offset) // self.limits.page_size) > left:
                break
        for playlist_id in sorted(wanted - found.keys()):
            with suppress(NotFoundError):
                found[playlist_id] = self.playlist(playlist_id)
        return found

    def playlist_items(self, playlist_id: str, cursor: str | None = None) -> Page[PlaylistItem]:
        """Get one page of a playlist, in playlist order; of the liked songs, newest first."""
        key = pagination.decode(cursor, int)
        offset = key[0] if key else 0
        path = "/me/tracks" if playlist_id == LIKED else f"{_playlist_path(playlist_id)}/items"
        page = self._call(EntryPage, _get(path, limit=self.limits.page_size, offset=offset))
        items = [
            (entry or PlaylistEntry()).as_item(position) for position, entry in enumerate(page.items, offset)
        ]
        size, total = self.limits.page_size, page.total or 0
        cursors = [
            pagination.encode((start,)) for start in range(offset + size, max(total, offset + size + 1), size)
        ]
        return Page(
            items=items,
            cursor=cursors[0] if page.next else None,
            total=page.total,
            following=cursors if page.next and offset == 0 else (),
        )

    def recently_played(self) -> list[PlayedTrack]:
        """List the last plays, at most 50, which is all that Spotify tells; not always in order."""
        return self._call(PlayedPage, _get("/me/player/recently-played", limit=50)).items

    def create_playlist(self, name: str, description: str, privacy: Privacy = "private") -> Playlist:
        """Create an empty playlist. Spotify makes it public unless told otherwise."""
        body: dict[str, object] = {"name": name, "public": privacy == "public", "collaborative": False}
        if description:
            # Spotify refuses line breaks here.
            body["description"] = " ".join(description.split())
        shape = self._call(
            PlaylistShape, ApiCall(method="POST", path="/me/playlists", bucket=BUCKET, body=body)
        )
        return shape.as_playlist(is_own=True)

    def add_items(
        self,
        playlist_id: str,
        track_ids: Sequence[str],
        position: int | None = None,
        *,
        key: str | None = None,  # noqa: ARG002 - it knows none
    ) -> Added:
        """Add at most 100 tracks, in order, in one call, at the end or at a position. Not idempotent."""
        if playlist_id == LIKED:
            self._change_library("PUT", track_ids)
            return Added(item_ids=[None] * len(track_ids))
        if not 0 < len(track_ids) <= self.limits.add_batch:
            raise ValueError(f"add 1 to {self.limits.add_batch} tracks at a time")
        body: dict[str, object] = {"uris": [f"spotify:track:{track_id}" for track_id in track_ids]}
        if position is not None:
            body["position"] = position
        return Added(item_ids=[None] * len(track_ids), version=self._write("POST", playlist_id, body))

    def remove_items(self, playlist_id: str, items: Sequence[PlaylistItem], /) -> None:
        """Remove every entry of at most 100 tracks, in one call: Spotify no longer goes by position."""
        if playlist_id == LIKED:
            self._change_library("DELETE", [item.track.id for item in items])
            return
        if not 0 < len(items) <= self.limits.remove_batch:
            raise ValueError(f"remove 1 to {self.limits.remove_batch} entries at a time")
        uris = dict.fromkeys(f"spotify:track:{item.track.id}" for item in items)
        self._write("DELETE", playlist_id, {"items": [{"uri": uri} for uri in uris]})

    def move_items(self, playlist_id: str, items: Sequence[PlaylistItem], position: int, /) -> None:
        """Move up to 100 neighbours, in one call."""
        start, count = items[0].position, len(items)
        if [item.position for item in items] != list(range(start, start + count)):
            raise ValueError("move neighbours, in order")
        if position == start:
            return
        # Spotify counts the place as it is before the move.
        before = position if position < start else position + count
        body = {"range_start": start, "range_length": count, "insert_before": before}
        self._write("PUT", playlist_id, body)

    def change_playlist(self, playlist_id: str, name: str, description: str) -> None:
        """Give a playlist another name and description, in one call."""
        body: dict[str, object] = {"name": name}
        if description:
            body["description"] = " ".join(description.split())
        path = _playlist_path(playlist_id)
        self._call(EmptyResponse, ApiCall(method="PUT", path=path, bucket=BUCKET, body=body))

    def search_tracks(self, query: str, limit: int) -> list[Track]:
        """Search tracks, best first; at most 10 hits in development mode."""
        wanted = max(1, min(limit, self.limits.search_limit))
        result = self._call(SearchResult, _get("/search", q=query, type="track", limit=wanted))
        return [item.as_track() for item in result.tracks.items if item is not None and item.id]

    def tracks(self, ids: Sequence[str]) -> list[Track]:
        """Look up tracks; unknown ids are left out.

        One call per id: development mode has no call for several, so `limits.lookup_batch` is 1.
        """
        found = [self._looked_up(Item, f"/tracks/{quote(track_id, safe='')}") for track_id in ids]
        return [item.as_track() for item in found if item is not None]

    def search(
        self, query: str, types: Collection[ItemType], limit: int, cursor: str | None = None
    ) -> Page[CatalogueItem]:
        """Search several types in one call; one page.

        Playlists that are not public, which Spotify shows to their owner, are left out.
        """
        key = pagination.decode(cursor, int)
        offset = min(max(0, key[0]), LAST_OFFSET) if key else 0
        wanted = max(1, min(limit, self.limits.search_limit))
        kinds = ",".join(kind.value for kind in ItemType if kind in types)
        found = self._call(SearchPage, _get("/search", q=query, type=kinds, limit=wanted, offset=offset))
        following = offset + wanted
        has_more = any(hits.next for hits in found.lists()) and following <= LAST_OFFSET
        return Page(items=found.as_items(), cursor=pagination.encode((following,)) if has_more else None)

    def durations(self, ids: Sequence[str]) -> dict[str, int]:
        """Look up milliseconds by id; searches tell them already."""
        return {track.id: track.duration_ms for track in self.tracks(ids) if track.duration_ms is not None}

    def items(self, kind: ItemType, ids: Sequence[str]) -> list[CatalogueItem]:
        """Look up entries of one type; one call per id, unknown ids are left out."""
        found = [self._looked_up(SearchHit, f"/{PATHS[kind]}/{quote(item_id, safe='')}") for item_id in ids]
        return [item for hit in found if hit is not None and (item := hit.as_item()) is not None]

    def _change_library(self, method: str, track_ids: Sequence[str]) -> None:
        """Like tracks, or no longer; the last of them is listed first."""
        if not 0 < len(track_ids) <= self.limits.likes_batch:
            raise ValueError(f"change 1 to {self.limits.likes_batch} likes at a time")
        # In the query: the reference says so, a sample of the migration guide has a body.
        uris = ",".join(f"spotify:track:{track_id}" for track_id in dict.fromkeys(track_ids))
        self._call(
            EmptyResponse, ApiCall(method=method, path="/me/library", bucket=BUCKET, params={"uris": uris})
        )

    def _write(self, method: str, playlist_id: str, body: Mapping[str, object]) -> str:
        call = ApiCall(method=method, path=f"{_playlist_path(playlist_id)}/items", bucket=BUCKET, body=body)
        snapshot_id = self._call(WriteResult, call).snapshot_id
        if not snapshot_id:
            raise invalid_response(NAME, may_have_applied=True)
        return snapshot_id

    def _looked_up[Shape: BaseModel](self, shape: type[Shape], path: str) -> Shape | None:
        try:
            return self._call(shape, _get(path))
        except NotFoundError:
            return None
        except RejectedError as error:
            # Spotify answers 400 and not 404 to what cannot be an id.
            if error.reason != "http_400":
                raise
            return None

    def _me(self) -> User:
        user = self._call(User, _get("/me"))
        if not (user.account_id or user.id):
            raise invalid_response(NAME)
        return user

    def _liked(self) -> Playlist:
        page = self._call(EntryPage, _get("/me/tracks", limit=1))
        return Playlist(
            provider=NAME, id=LIKED, name="Liked Songs", track_count=page.total or 0, is_liked=True
        )


def _get(path: str, **params: str | int) -> ApiCall:
    return ApiCall(method="GET", path=path, bucket=BUCKET, params=params)


def _playlist_path(playlist_id: str) -> str:
    return f"/playlists/{quote(playlist_id, safe='')}"

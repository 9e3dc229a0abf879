"""Act on TIDAL's API v2."""

import hashlib
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from musicconnect.music.model import CatalogueItem, ItemKind, ItemType, Page, Playlist, PlaylistItem, Track
from musicconnect.platform import pagination
from musicconnect.platform.config import ProviderSettings
from musicconnect.providers.errors import NotFoundError
from musicconnect.providers.protocol import Added, Credentials, Exhaust, Limits, Privacy, Profile, Reserve
from musicconnect.providers.tidal.albums import TidalAlbums
from musicconnect.providers.tidal.application import ApplicationCredentials
from musicconnect.providers.tidal.calls import BUCKET, MEDIA_TYPE, get, playlist_path
from musicconnect.providers.tidal.catalogue import MAX_IDS, CatalogueCalls
from musicconnect.providers.tidal.documents import AddResult, Members, One, Resource, Several
from musicconnect.providers.tidal.errors import error_for
from musicconnect.providers.tidal.library import TidalLibrary
from musicconnect.providers.tidal.oauth import TidalAuthorizationServer
from musicconnect.providers.tidal.responses import (
    NAME,
    item_of,
    playlist_of,
)
from musicconnect.providers.transport import ApiCall, EmptyResponse, Transport

LIKED: Final = "liked"
"""Our id of the liked songs, which are a collection on TIDAL. Playlists have UUIDs."""
ALREADY_PRESENT: Final = "ALREADY_PRESENT"
_OWN, _SAVED = "own", "saved"


@dataclass(frozen=True, slots=True)
class _Person:
    id: str
    country: str
    name: str


class TidalClient:
    """Acts on TIDAL for one linked account."""

    name = NAME
    # Sizes of playlists and names are not published: what TIDAL's own clients allow. One call at a time: the
    # bucket of tokens holds two.
    limits = Limits(
        add_batch=50,
        remove_batch=50,
        removes_by_track=False,
        lookup_batch=MAX_IDS,
        page_size=20,
        search_limit=20,
        playlist_size=10_000,
        name_length=100,
        description_length=500,
        reads_at_once=1,
        key_lifetime_s=3600,
        move_batch=20,
        likes_batch=50,
    )

    def __init__(
        self,
        settings: ProviderSettings,
        credentials: Credentials,
        reserve: Reserve,
        exhaust: Exhaust,
        server: TidalAuthorizationServer,
    ) -> None:
        def transport(who: Credentials) -> Transport:
            return Transport(
                provider=NAME,
                base_url=settings.tidal_api_url,
                timeout=settings.timeout,
                credentials=who,
                reserve=reserve,
                exhaust=exhaust,
                error_for=error_for,
                media_type=MEDIA_TYPE,
            )

        self._call = transport(credentials)
        as_application = transport(ApplicationCredentials(server))
        self._catalogue = CatalogueCalls(self._call, as_application, lambda: self._me().country)
        self.library = TidalLibrary(self._call, lambda: self._me().country)
        self.albums = TidalAlbums(self._catalogue)
        self._person: _Person | None = None

    def profile(self) -> Profile:
        """Get who the account belongs to. The user name may be an e-mail address, and is not shown."""
        self._person = None
        person = self._me()
        return Profile(provider_user_id=person.id, display_name=person.name)

    def playlists(self, cursor: str | None = None) -> Page[Playlist]:
        """List the person's playlists: the liked songs alone, then own ones, then those in the collection."""
        key = pagination.decode(cursor, str, str)
        if key is None:
            return Page(items=[self._liked()], cursor=pagination.encode((_OWN, "")))
        part, place = key
        if part == _OWN:
            own = self._call(Several, get("/playlists", place, filters={"owners.id": "me"}))
            following = own.links.cursor if own.links else None
            return Page(
                items=[playlist_of(resource, is_own=True) for resource in own.data],
                cursor=pagination.encode((_OWN, following) if following else (_SAVED, "")),
            )
        path = "/userCollectionPlaylists/me/relationships/items"
        page = self._call(
            Members, get(path, place, params={"include": "items.owners", "collectionView": "FLAT"})
        )
        me = self._me().id
        found = [resource for ref in page.data if (resource := page.find(ref)) is not None]
        others = [one for one in found if one.type == "playlists" and not _is_owned_by(me, one)]
        following = page.links.cursor if page.links else None
        return Page(
            items=[playlist_of(resource, is_own=False) for resource in others],
            cursor=pagination.encode((_SAVED, following)) if following else None,
        )

    def playlist(self, playlist_id: str) -> Playlist:
        """Get one playlist's metadata."""
        if playlist_id == LIKED:
            return self._liked()
        found = self._call(One, get(playlist_path(playlist_id), params={"include": "owners"}))
        return playlist_of(found.data, is_own=_is_owned_by(self._me().id, found.data))

    def look(self, playlist_ids: Sequence[str]) -> dict[str, Playlist]:
        """Get several playlists' metadata, 20 of the person's own by a call, and the others one by one."""
        wanted, found = set(playlist_ids), dict[str, Playlist]()
        if LIKED in wanted:
            found[LIKED] = self._liked()
        place = ""
        while len(wanted - found.keys()) > 1:
            own = self._call(Several, get("/playlists", place, filters={"owners.id": "me"}))
            found |= {
                resource.id: playlist_of(resource, is_own=True)
                for resource in own.data
                if resource.id in wanted
            }
            place = (own.links.cursor if own.links else None) or ""
            if not place:
                break
        for playlist_id in sorted(wanted - found.keys()):
            with suppress(NotFoundError):
                found[playlist_id] = self.playlist(playlist_id)
        return found

    def playlist_items(self, playlist_id: str, cursor: str | None = None) -> Page[PlaylistItem]:
        """Get one page of 20, in playlist order; of the liked songs, newest first."""
        key = pagination.decode(cursor, str, int)
        place, offset = key or ("", 0)
        more: dict[str, str] = {"include": "items.artists,items.albums"}
        path, more["sort"] = _items_path(playlist_id), "itemIndex"
        if playlist_id == LIKED:
            more["sort"] = "-addedAt"
        else:
            more["countryCode"] = self._me().country
        page = self._call(Members, get(path, place, params=more))
        following = page.links.cursor if page.links else None
        return Page(
            items=[item_of(page, ref, position) for position, ref in enumerate(page.data, offset)],
            cursor=pagination.encode((following, offset + len(page.data))) if following else None,
        )

    def create_playlist(self, name: str, description: str, privacy: Privacy = "private") -> Playlist:
        """Create an empty playlist. Nobody finds one that is not public, but who has its address opens it.

        TIDAL's API makes no private ones. The same words name the same request for an hour: callers that may
        have to repeat it put something into the description that is nowhere else.
        """
        access = "PUBLIC" if privacy == "public" else "UNLISTED"
        attributes = {"name": name, "accessType": access, "description": description}
        key = hashlib.sha256(f"{name}\n{description}".encode()).hexdigest()
        body = {"data": {"type": "playlists", "attributes": attributes}}
        call = ApiCall(method="POST", path="/playlists", bucket=BUCKET, body=body, key=key)
        return playlist_of(self._call(One, call).data, is_own=True)

    def add_items(
        self,
        playlist_id: str,
        track_ids: Sequence[str],
        position: int | None = None,
        *,
        key: str | None = None,
    ) -> Added:
        """Add at most 50 tracks, in order, in one call, after a walk to the position where there is one.

        With the same key within an hour, TIDAL answers as it did the first time. What it does not have (any
        more) is left out, and named in ``missing``: what counts is what came back.
        """
        if not 0 < len(track_ids) <= self.limits.add_batch:
            raise ValueError(f"add 1 to {self.limits.add_batch} tracks at a time")
        if playlist_id == LIKED:
            position = None
        body: dict[str, object] = {"data": [{"type": "tracks", "id": track_id} for track_id in track_ids]}
        if position is not None:
            body |= _before(self._first_items(playlist_id, position + 1), position)
        path = _items_path(playlist_id)
        result = self._call(AddResult, ApiCall(method="POST", path=path, bucket=BUCKET, body=body, key=key))
        present = {one.id for one in result.skipped() if one.reason == ALREADY_PRESENT}
        places = list(result.data)
        item_ids: list[str | None] = []
        missing: list[int] = []
        for index, track_id in enumerate(track_ids):
            if places and places[0].id == track_id:
                meta = places.pop(0).meta
                item_ids.append(meta.item_id if meta else None)
                continue
            item_ids.append(None)
            if track_id not in present:
                missing.append(index)
        return Added(item_ids=item_ids, missing=missing)

    def remove_items(self, playlist_id: str, items: Sequence[PlaylistItem], /) -> None:
        """Remove at most 50 entries, by the ids of their places.

        TIDAL refuses all of them where one is gone: then what is still there is looked up, and removed.
        """
        is_by_place = playlist_id != LIKED
        if not 0 < len(items) <= self.limits.remove_batch or (
            is_by_place and any(item.item_id is None for item in items)
        ):
            raise ValueError(f"remove 1 to {self.limits.remove_batch} entries at a time, by their ids")
        try:
            self._remove(playlist_id, items)
        except NotFoundError:
            wanted = {item.item_id for item in items}
            there = [item for item in self._first_items(playlist_id) if item.item_id in wanted]
            if there:
                with suppress(NotFoundError):
                    self._remove(playlist_id, there)

    def _remove(self, playlist_id: str, items: Sequence[PlaylistItem]) -> None:
        path, body = _items_path(playlist_id), {"data": _rows(items)}
        self._call(EmptyResponse, ApiCall(method="DELETE", path=path, bucket=BUCKET, body=body))

    def move_items(self, playlist_id: str, items: Sequence[PlaylistItem], position: int, /) -> None:
        """Move at most 20 neighbours, in one call after a walk to the position."""
        if not 0 < len(items) <= self.limits.move_batch or any(item.item_id is None for item in items):
            raise ValueError(f"move 1 to {self.limits.move_batch} entries at a time, by their ids")
        moved = {item.item_id for item in items}
        listed = self._first_items(playlist_id, position + len(items) + 1)
        rest = [item for item in listed if item.item_id not in moved]
        path = _items_path(playlist_id)
        body = {"data": _rows(items), **_before(rest, position)}
        self._call(EmptyResponse, ApiCall(method="PATCH", path=path, bucket=BUCKET, body=body))

    def change_playlist(self, playlist_id: str, name: str, description: str) -> None:
        """Give a playlist another name and description, in one call."""
        attributes = {"name": name, "description": description}
        body = {"data": {"type": "playlists", "id": playlist_id, "attributes": attributes}}
        path = playlist_path(playlist_id)
        self._call(EmptyResponse, ApiCall(method="PATCH", path=path, bucket=BUCKET, body=body))

    def _first_items(self, playlist_id: str, count: int | None = None) -> list[PlaylistItem]:
        """List entries from the beginning on, so many at least, or all."""
        found: list[PlaylistItem] = []
        cursor: str | None = None
        while count is None or len(found) < count:
            page = self.playlist_items(playlist_id, cursor)
            found += page.items
            cursor = page.cursor
            if cursor is None:
                break
        return found

    def search_tracks(self, query: str, limit: int) -> list[Track]:
        """Search tracks, best first; ``isrc:`` finds every edition of a recording that can be played."""
        return self._catalogue.search_tracks(query, limit)

    def tracks(self, ids: Sequence[str]) -> list[Track]:
        """Look up at most 20 tracks, in the order asked for; unknown ids are left out."""
        return self._catalogue.tracks(ids)

    def search(
        self, query: str, types: Collection[ItemType], limit: int, cursor: str | None = None
    ) -> Page[CatalogueItem]:
        """Search several types in one call. A further page costs a call for each type that goes on."""
        return self._catalogue.search(query, types, limit, cursor)

    def durations(self, ids: Sequence[str]) -> dict[str, int]:
        """Look up milliseconds by id; searches tell them already."""
        return {track.id: track.duration_ms for track in self.tracks(ids) if track.duration_ms is not None}

    def items(self, kind: ItemType, ids: Sequence[str]) -> list[CatalogueItem]:
        """Look up entries of one type, at most 20; unknown ids are left out."""
        return self._catalogue.items(kind, ids)

    def _me(self) -> _Person:
        if self._person is None:
            user = self._call(One, get("/users/me")).data
            told = user.attributes
            self._person = _Person(user.id, told.country or "US", told.first_name or "TIDAL account")
        return self._person

    def _liked(self) -> Playlist:
        told = self._call(One, get("/userCollectionTracks/me")).data.attributes
        return Playlist(
            provider=NAME,
            id=LIKED,
            name="Liked songs",
            track_count=told.count or 0,
            version=told.changed_at,
            is_liked=True,
        )


def _items_path(playlist_id: str) -> str:
    """Give where the entries of a playlist are, or of the liked songs, which have no places."""
    if playlist_id == LIKED:
        return "/userCollectionTracks/me/relationships/items"
    return f"{playlist_path(playlist_id)}/relationships/items"


def _rows(items: Sequence[PlaylistItem]) -> list[dict[str, object]]:
    return [
        {
            "type": "videos" if item.track.kind is ItemKind.VIDEO else "tracks",
            "id": item.track.id,
        }
        | ({"meta": {"itemId": item.item_id}} if item.item_id else {})
        for item in items
    ]


def _before(items: Sequence[PlaylistItem], position: int) -> dict[str, object]:
    """Say where to put something: before an entry, or, where there is none, at the end."""
    return {"meta": {"positionBefore": items[position].item_id}} if position < len(items) else {}


def _is_owned_by(person_id: str, playlist: Resource) -> bool:
    if "owners" not in playlist.relationships:  # Not told: what TIDAL's editors made is nobody's.
        return playlist.attributes.playlist_type == "USER"
    return person_id in {ref.id for ref in playlist.refs("owners")}

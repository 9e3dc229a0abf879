"""Act on TIDAL's API v2."""

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from musicconnect.music.model import CatalogueItem, ItemKind, ItemType, Page, Playlist, PlaylistItem, Track
from musicconnect.platform import pagination
from musicconnect.platform.config import ProviderSettings
from musicconnect.providers.errors import NotAllowedError, NotFoundError
from musicconnect.providers.protocol import Added, Credentials, Exhaust, Limits, Profile, Reserve
from musicconnect.providers.tidal.application import ApplicationCredentials
from musicconnect.providers.tidal.calls import BUCKET, MEDIA_TYPE, get, playlist_path
from musicconnect.providers.tidal.documents import AddResult, Members, One, Resource, Several
from musicconnect.providers.tidal.errors import error_for
from musicconnect.providers.tidal.oauth import TidalAuthorizationServer
from musicconnect.providers.tidal.responses import (
    NAME,
    by_preference,
    checked_isrc,
    is_playable,
    item_of,
    playlist_of,
    track_of,
)
from musicconnect.providers.tidal.search_responses import PATHS, SHOWN, TYPES, catalogue_item
from musicconnect.providers.transport import ApiCall, EmptyResponse, Transport

LIKED: Final = "liked"
"""Our id of the liked songs, which are a collection on TIDAL. Playlists have UUIDs."""
MAX_QUERY_LENGTH: Final = 256
ALREADY_PRESENT: Final = "ALREADY_PRESENT"
_TRACK: Final = "artists,albums"
_ISRC_QUERY: Final = re.compile(r"isrc:(\S+)", re.IGNORECASE)
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
        lookup_batch=20,
        page_size=20,
        search_limit=20,
        playlist_size=10_000,
        name_length=100,
        description_length=500,
        reads_at_once=1,
        key_lifetime_s=3600,
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
        self._call_as_application = transport(ApplicationCredentials(server))
        self._person: _Person | None = None

    def profile(self) -> Profile:
        """Get who the account belongs to. The user name may be an e-mail address, and is not shown."""
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

    def playlist_items(self, playlist_id: str, cursor: str | None = None) -> Page[PlaylistItem]:
        """Get one page of 20, in playlist order; of the liked songs, newest first."""
        key = pagination.decode(cursor, str, int)
        place, offset = key or ("", 0)
        more: dict[str, str] = {"include": "items.artists,items.albums"}
        if playlist_id == LIKED:
            path, more["sort"] = "/userCollectionTracks/me/relationships/items", "-addedAt"
        else:
            path, more["sort"] = f"{playlist_path(playlist_id)}/relationships/items", "itemIndex"
            more["countryCode"] = self._me().country
        page = self._call(Members, get(path, place, params=more))
        following = page.links.cursor if page.links else None
        return Page(
            items=[item_of(page, ref, position) for position, ref in enumerate(page.data, offset)],
            cursor=pagination.encode((following, offset + len(page.data))) if following else None,
        )

    def create_playlist(self, name: str, description: str, *, key: str | None = None) -> Playlist:
        """Create an empty playlist that nobody finds, but everybody opens who has its address.

        TIDAL's API makes no private ones.
        """
        attributes = {"name": name, "accessType": "UNLISTED", "description": description}
        body = {"data": {"type": "playlists", "attributes": attributes}}
        call = ApiCall(method="POST", path="/playlists", bucket=BUCKET, body=body, key=key)
        return playlist_of(self._call(One, call).data, is_own=True)

    def add_items(self, playlist_id: str, track_ids: Sequence[str], *, key: str | None = None) -> Added:
        """Append at most 50 tracks, in order, in one call.

        With the same key within an hour, TIDAL answers as it did the first time. What it does not have (any
        more) is left out, and named in ``missing``: what counts is what came back.
        """
        if not 0 < len(track_ids) <= self.limits.add_batch:
            raise ValueError(f"add 1 to {self.limits.add_batch} tracks at a time")
        body = {"data": [{"type": "tracks", "id": track_id} for track_id in track_ids]}
        path = f"{playlist_path(playlist_id)}/relationships/items"
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
        if not 0 < len(items) <= self.limits.remove_batch or any(item.item_id is None for item in items):
            raise ValueError(f"remove 1 to {self.limits.remove_batch} entries at a time, by their ids")
        try:
            self._remove(playlist_id, items)
        except NotFoundError:
            wanted = {item.item_id for item in items}
            there = [item for item in self._all_items(playlist_id) if item.item_id in wanted]
            if there:
                with suppress(NotFoundError):
                    self._remove(playlist_id, there)

    def _remove(self, playlist_id: str, items: Sequence[PlaylistItem]) -> None:
        rows = [
            {
                "type": "videos" if item.track.kind is ItemKind.VIDEO else "tracks",
                "id": item.track.id,
                "meta": {"itemId": item.item_id},
            }
            for item in items
        ]
        path = f"{playlist_path(playlist_id)}/relationships/items"
        self._call(EmptyResponse, ApiCall(method="DELETE", path=path, bucket=BUCKET, body={"data": rows}))

    def _all_items(self, playlist_id: str) -> list[PlaylistItem]:
        found: list[PlaylistItem] = []
        cursor: str | None = None
        while True:
            page = self.playlist_items(playlist_id, cursor)
            found += page.items
            cursor = page.cursor
            if cursor is None:
                return found

    def search_tracks(self, query: str, limit: int) -> list[Track]:
        """Search tracks, best first; ``isrc:`` finds every edition of a recording that can be played."""
        by_isrc = _ISRC_QUERY.fullmatch(query.strip())
        if by_isrc is not None:
            isrc = checked_isrc(by_isrc[1])
            return [] if isrc is None else self._by_isrc(isrc)[:limit]
        found, hits = self._search(query, "tracks.artists,tracks.albums", "tracks")
        return [track_of(found, hit) for hit in by_preference_of_makers(hits)][:limit]

    def tracks(self, ids: Sequence[str]) -> list[Track]:
        """Look up at most 20 tracks, in the order asked for; unknown ids are left out."""
        document = self._several("tracks", ids, _TRACK)
        return [track_of(document, resource) for resource in document.data]

    def search(
        self, query: str, types: Collection[ItemType], limit: int, cursor: str | None = None
    ) -> Page[CatalogueItem]:
        """Search several types in one call. A further page costs a call for each type that goes on."""
        key = pagination.decode(cursor, str, str)
        if key is not None:
            search_id, rest = key
            return self._search_on(search_id, rest, limit)
        names = [PATHS[kind] for kind in PATHS if kind in types]
        include = ",".join(path for kind in PATHS if kind in types for path in _shown(kind))
        call = get(
            "/searchResults", "", filters={"query": query[:MAX_QUERY_LENGTH]}, params={"include": include}
        )
        found = self._call(Several, self._here(call))
        (result,) = found.data[:1] or [Resource(type="searchResults", id="")]
        hits = [resource for name in names for resource in list(found.related(result, name))[:limit]]
        following = {
            name: relationship.links.cursor
            for name in names
            if (relationship := result.relationships.get(name)) and relationship.links
        }
        return Page(items=_items(found, hits), cursor=_next(result.id, following))

    def durations(self, ids: Sequence[str]) -> dict[str, int]:
        """Look up milliseconds by id; searches tell them already."""
        return {track.id: track.duration_ms for track in self.tracks(ids) if track.duration_ms is not None}

    def items(self, kind: ItemType, ids: Sequence[str]) -> list[CatalogueItem]:
        """Look up entries of one type, at most 20; unknown ids are left out."""
        document = self._several(PATHS[kind], ids, ",".join(SHOWN[kind]))
        return _items(document, document.data)

    # --- calls --------------------------------------------------------------------------------------------

    def _search_on(self, search_id: str, rest: str, limit: int) -> Page[CatalogueItem]:
        items: list[CatalogueItem] = []
        following: dict[str, str | None] = {}
        for part in rest.split(" "):
            name, _, place = part.partition("=")
            if name not in TYPES:
                raise pagination.invalid()
            path = f"/searchResults/{quote(search_id, safe='')}/relationships/{name}"
            call = self._here(get(path, place, params={"include": ",".join(_shown(TYPES[name]))}))
            page = self._call(Members, call)
            hits = [resource for ref in page.data if (resource := page.find(ref)) is not None]
            items += _items(page, hits[:limit])
            following[name] = page.links.cursor if page.links else None
        return Page(items=items, cursor=_next(search_id, following))

    def _search(self, query: str, include: str, name: str) -> tuple[Several, list[Resource]]:
        call = get(
            "/searchResults", "", filters={"query": query[:MAX_QUERY_LENGTH]}, params={"include": include}
        )
        found = self._call(Several, self._here(call))
        # The ranking is in the relationship; what is included comes in no order.
        return found, [hit for result in found.data[:1] for hit in found.related(result, name)]

    def _by_isrc(self, isrc: str) -> list[Track]:
        call = get("/tracks", "", filters={"isrc": isrc}, params={"include": f"{_TRACK},usageRules"})
        found = self._catalogue(call)
        playable = [track for track in found.data if is_playable(found, track)]
        return [track_of(found, track) for track in by_preference(playable)]

    def _several(self, path: str, ids: Sequence[str], include: str) -> Several:
        """Look up several resources, in the order asked for."""
        if len(ids) > self.limits.lookup_batch:
            # A longer list would be cut without a word.
            raise ValueError(f"look up at most {self.limits.lookup_batch} at a time")
        known = [one for one in dict.fromkeys(ids) if one and "," not in one]
        if not known:
            return Several(data=[])
        found = self._catalogue(
            get(f"/{path}", "", filters={"id": ",".join(known)}, params={"include": include})
        )
        by_id = {resource.id: resource for resource in found.data}
        return found.model_copy(update={"data": [by_id[one] for one in known if one in by_id]})

    def _catalogue(self, call: ApiCall) -> Several:
        """Look up in the catalogue: as the person, or, where TIDAL has that for applications only, as one.

        A list is never not found: if it is, it is the token that may not ask.
        """
        call = self._here(call)
        try:
            return self._call(Several, call)
        except (NotFoundError, NotAllowedError):
            return self._call_as_application(Several, call)

    def _here(self, call: ApiCall) -> ApiCall:
        params = {**(call.params or {}), "countryCode": self._me().country}
        return ApiCall(method="GET", path=call.path, bucket=BUCKET, cost=call.cost, params=params)

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


def by_preference_of_makers(hits: list[Resource]) -> list[Resource]:
    """Put what a machine made behind everything else, in TIDAL's order otherwise."""
    return sorted(hits, key=lambda hit: hit.attributes.ai is True)


def _is_owned_by(person_id: str, playlist: Resource) -> bool:
    if "owners" not in playlist.relationships:  # Not told: what TIDAL's editors made is nobody's.
        return playlist.attributes.playlist_type == "USER"
    return person_id in {ref.id for ref in playlist.refs("owners")}


def _shown(kind: ItemType) -> list[str]:
    return [PATHS[kind], *(f"{PATHS[kind]}.{path}" for path in SHOWN[kind])]


def _items(document: Several | Members, hits: Sequence[Resource]) -> list[CatalogueItem]:
    return [item for hit in hits if (item := catalogue_item(document, hit)) is not None]


def _next(search_id: str, following: dict[str, str | None]) -> str | None:
    rest = " ".join(f"{name}={place}" for name, place in following.items() if place)
    return pagination.encode((search_id, rest)) if rest else None

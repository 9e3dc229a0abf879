"""Ask TIDAL's catalogue: by words, by ISRC, by id."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from musicconnect.music.model import CatalogueItem, ItemType, Page, Track
from musicconnect.platform import pagination
from musicconnect.providers.errors import NotAllowedError, NotFoundError
from musicconnect.providers.tidal.calls import BUCKET, get
from musicconnect.providers.tidal.documents import Members, Resource, Several
from musicconnect.providers.tidal.responses import by_preference, checked_isrc, is_playable, track_of
from musicconnect.providers.tidal.search_responses import PATHS, SHOWN, TYPES, catalogue_item
from musicconnect.providers.transport import ApiCall, Transport

MAX_IDS: Final = 20
"""Per look-up: a longer list is cut without a word."""
MAX_QUERY_LENGTH: Final = 256
_TRACK: Final = "artists,albums"
_ISRC_QUERY: Final = re.compile(r"isrc:(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CatalogueCalls:
    """The part of the client that needs nobody's playlists."""

    call: Transport
    call_as_application: Transport
    country: Callable[[], str]
    """Where the person is: what cannot be played there is not shown."""

    def search_tracks(self, query: str, limit: int) -> list[Track]:
        """Search tracks, best first; ``isrc:`` finds every edition of a recording that can be played."""
        by_isrc = _ISRC_QUERY.fullmatch(query.strip())
        if by_isrc is not None:
            isrc = checked_isrc(by_isrc[1])
            return [] if isrc is None else self._by_isrc(isrc)[:limit]
        found, hits = self._search(query, "tracks.artists,tracks.albums", "tracks")
        return [track_of(found, hit) for hit in _machines_last(hits)][:limit]

    def tracks(self, ids: Sequence[str]) -> list[Track]:
        """Look up tracks; see `protocol.Client.tracks`."""
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
        found = self.call(Several, self._here(call))
        (result,) = found.data[:1] or [Resource(type="searchResults", id="")]
        hits = [resource for name in names for resource in list(found.related(result, name))[:limit]]
        following = {
            name: relationship.links.cursor
            for name in names
            if (relationship := result.relationships.get(name)) and relationship.links
        }
        return Page(items=_items(found, hits), cursor=_next(result.id, following))

    def items(self, kind: ItemType, ids: Sequence[str]) -> list[CatalogueItem]:
        """Look up entries of one type; see `protocol.Client.items`."""
        document = self._several(PATHS[kind], ids, ",".join(SHOWN[kind]))
        return _items(document, document.data)

    def albums(self, filters: Mapping[str, str]) -> Several:
        """Look up albums by a filter, with their artists; unknown ones are left out."""
        return self._catalogue(get("/albums", "", filters=filters, params={"include": "artists"}))

    def album_items(self, album_id: str, place: str) -> Members:
        """List a page of what is on an album."""
        path = f"/albums/{quote(album_id, safe='')}/relationships/items"
        return self.call(Members, self._here(get(path, place, params={"include": "items.artists"})))

    def search_albums(self, query: str) -> tuple[Several, list[Resource]]:
        """Search albums with their artists, best first."""
        return self._search(query, "albums.artists", "albums")

    def _search_on(self, search_id: str, rest: str, limit: int) -> Page[CatalogueItem]:
        items: list[CatalogueItem] = []
        following: dict[str, str | None] = {}
        for part in rest.split(" "):
            name, _, place = part.partition("=")
            if name not in TYPES:
                raise pagination.invalid()
            path = f"/searchResults/{quote(search_id, safe='')}/relationships/{name}"
            call = self._here(get(path, place, params={"include": ",".join(_shown(TYPES[name]))}))
            page = self.call(Members, call)
            hits = [resource for ref in page.data if (resource := page.find(ref)) is not None]
            items += _items(page, hits[:limit])
            following[name] = page.links.cursor if page.links else None
        return Page(items=items, cursor=_next(search_id, following))

    def _search(self, query: str, include: str, name: str) -> tuple[Several, list[Resource]]:
        call = get(
            "/searchResults", "", filters={"query": query[:MAX_QUERY_LENGTH]}, params={"include": include}
        )
        found = self.call(Several, self._here(call))
        # The ranking is in the relationship; what is included comes in no order.
        return found, [hit for result in found.data[:1] for hit in found.related(result, name)]

    def _by_isrc(self, isrc: str) -> list[Track]:
        call = get("/tracks", "", filters={"isrc": isrc}, params={"include": f"{_TRACK},usageRules"})
        found = self._catalogue(call)
        playable = [track for track in found.data if is_playable(found, track)]
        return [track_of(found, track) for track in by_preference(playable)]

    def _several(self, path: str, ids: Sequence[str], include: str) -> Several:
        """Look up several resources, in the order asked for."""
        if len(ids) > MAX_IDS:
            raise ValueError(f"look up at most {MAX_IDS} at a time")
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
            return self.call(Several, call)
        except (NotFoundError, NotAllowedError):
            return self.call_as_application(Several, call)

    def _here(self, call: ApiCall) -> ApiCall:
        params = {**(call.params or {}), "countryCode": self.country()}
        return ApiCall(method="GET", path=call.path, bucket=BUCKET, cost=call.cost, params=params)


def _machines_last(hits: list[Resource]) -> list[Resource]:
    """Put what a machine made behind everything else, in TIDAL's order otherwise."""
    return sorted(hits, key=lambda hit: hit.attributes.ai is True)


def _shown(kind: ItemType) -> list[str]:
    return [PATHS[kind], *(f"{PATHS[kind]}.{path}" for path in SHOWN[kind])]


def _items(document: Several | Members, hits: Sequence[Resource]) -> list[CatalogueItem]:
    return [item for hit in hits if (item := catalogue_item(document, hit)) is not None]


def _next(search_id: str, following: dict[str, str | None]) -> str | None:
    rest = " ".join(f"{name}={place}" for name, place in following.items() if place)
    return pagination.encode((search_id, rest)) if rest else None

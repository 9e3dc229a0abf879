"""Artists and albums in a person's collection on TIDAL."""

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote

from musicconnect.music.model import Absence, ItemKind, ListKind, Page, Playlist, PlaylistItem, Track
from musicconnect.platform import pagination
from musicconnect.providers.errors import NotFoundError, RejectedError
from musicconnect.providers.protocol import Added
from musicconnect.providers.tidal.albums import album_of
from musicconnect.providers.tidal.calls import BUCKET, get
from musicconnect.providers.tidal.documents import AddResult, Members, One, Ref
from musicconnect.providers.tidal.responses import NAME
from musicconnect.providers.transport import ApiCall, EmptyResponse, Transport

MAX_BATCH: Final = 50
ALREADY_PRESENT: Final = "ALREADY_PRESENT"
_TYPES: Final = {ListKind.ARTISTS: "artists", ListKind.ALBUMS: "albums"}
_PATHS: Final = {ListKind.ARTISTS: "/userCollectionArtists/me", ListKind.ALBUMS: "/userCollectionAlbums/me"}
_NAMES: Final = {ListKind.ARTISTS: "Followed artists", ListKind.ALBUMS: "Saved albums"}
_INCLUDED: Final = {ListKind.ARTISTS: "items", ListKind.ALBUMS: "items.artists"}
"""What a page has to bring along for its entries to be told apart."""


class TidalLibrary:
    """Reads and writes collections."""

    def __init__(self, call: Transport, country: Callable[[], str]) -> None:
        self._call = call
        self._country = country

    def summary(self, kind: ListKind) -> Playlist:
        """Get how much there is, and when it was changed last."""
        told = self._call(One, get(_PATHS[kind])).data.attributes
        return Playlist(
            provider=NAME,
            id=kind,
            name=_NAMES[kind],
            track_count=told.count or 0,
            version=told.changed_at,
            kind=kind,
        )

    def items(self, kind: ListKind, cursor: str | None = None) -> Page[PlaylistItem]:
        """Get 20, the last added first."""
        key = pagination.decode(cursor, str)
        params = {"include": _INCLUDED[kind], "sort": "-addedAt"}
        call = get(_items_path(kind), key[0] if key else "", params=params)
        page = self._call(Members, call)
        following = page.links.cursor if page.links else None
        return Page(
            items=[_item(page, ref, position) for position, ref in enumerate(page.data)],
            cursor=pagination.encode((following,)) if following else None,
        )

    def add(self, kind: ListKind, ids: Sequence[str], *, key: str | None = None) -> Added:
        """Add at most 50, in one call. What TIDAL does not have (any more) is named in ``missing``."""
        if not 0 < len(ids) <= MAX_BATCH:
            raise ValueError(f"add 1 to {MAX_BATCH} at a time")
        body: dict[str, object] = {"data": [{"type": _TYPES[kind], "id": one} for one in ids]}
        call = ApiCall(method="POST", path=_items_path(kind), bucket=BUCKET, body=body, key=key)
        result = self._call(AddResult, call)
        there = {ref.id for ref in result.data}
        there |= {one.id for one in result.skipped() if one.reason == ALREADY_PRESENT}
        missing = [index for index, one in enumerate(ids) if one not in there]
        return Added(item_ids=[None] * len(ids), missing=missing)

    def remove(self, kind: ListKind, items: Sequence[PlaylistItem]) -> None:
        """Remove at most 50, in one call."""
        body = {"data": [{"type": _TYPES[kind], "id": item.track.id} for item in items]}
        call = ApiCall(method="DELETE", path=_items_path(kind), bucket=BUCKET, body=body)
        self._call(EmptyResponse, call)

    def titles_by(self, artist_id: str) -> list[str]:
        """List the titles of an artist's albums and singles, 20 of them."""
        path = f"/artists/{quote(artist_id, safe='')}/relationships/albums"
        params = {"include": "albums", "countryCode": self._country()}
        try:
            page = self._call(Members, get(path, params=params))
        except (NotFoundError, RejectedError):
            return []
        albums = (page.find(ref) for ref in page.data)
        return [one.attributes.title for one in albums if one is not None and one.attributes.title]


def _items_path(kind: ListKind) -> str:
    return f"{_PATHS[kind]}/relationships/items"


def _item(page: Members, ref: Ref, position: int) -> PlaylistItem:
    found = page.find(ref)
    if found is None:
        track = Track(
            provider=NAME, id=ref.id, title="", kind=ItemKind.UNAVAILABLE, absence=Absence.UNAVAILABLE
        )
    elif found.type == _TYPES[ListKind.ALBUMS]:
        track = album_of(page, found)
    else:
        track = Track(provider=NAME, id=ref.id, title=found.attributes.name or "", kind=ItemKind.ARTIST)
    return PlaylistItem(position=position, track=track, added_at=ref.meta.added_at if ref.meta else None)

"""What Spotify's search and lookups answer, as entries of its catalogue."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from musicconnect.music.model import CatalogueItem, ItemType
from musicconnect.providers.spotify.entry import ENTRY
from musicconnect.providers.spotify.responses import NAME, Album, ExternalIds, Named, Picture

ARTWORK_WIDTH = 300
"""Pixels. Spotify has pictures of 64, 300 and 640."""


class Links(BaseModel):
    """Where it is shown to people."""

    spotify: str | None = None


class SearchHit(BaseModel):
    """A track, album, artist or playlist."""

    type: str | None = None
    id: str | None = None
    name: str | None = None
    duration_ms: int | None = None
    explicit: bool | None = None
    public: bool | None = None
    collaborative: bool | None = None
    artists: list[Named | None] | None = None
    owner: Named | None = None
    album: Album | None = None
    images: list[Picture | None] | None = None
    external_ids: ExternalIds | None = None
    external_urls: Links | None = None

    def as_item(self) -> CatalogueItem | None:
        """Convert to the common vocabulary; None for what is neither, or not for everybody to see.

        Spotify finds a person's own private and collaborative playlists for that person.
        """
        if not self.id or self.type not in ITEM_TYPES or self.public is False or self.collaborative:
            return None
        kind, album = ItemType(self.type), self.album or Album()
        links = self.external_urls or Links()
        isrc = self.external_ids.isrc if self.external_ids else None
        return CatalogueItem(
            provider=NAME,
            type=kind,
            id=self.id,
            title=self.name or "",
            url=links.spotify or ENTRY.address(kind, self.id),
            artists=tuple(artist.name for artist in self.artists or () if artist and artist.name),
            channel=(self.owner.display_name or None) if self.owner else None,
            album=album.name or None,
            duration_ms=self.duration_ms,
            artwork=_picture(album.images or self.images or ()),
            explicit=self.explicit,
            isrc=isrc.upper().replace("-", "") if isrc else None,
        )


class SearchHits(BaseModel):
    """The hits of one type; a hit that Spotify cannot load is null."""

    items: list[SearchHit | None]
    next: str | None = None


class SearchPage(BaseModel):
    """``GET /search``: one list for each type asked for."""

    tracks: SearchHits | None = None
    albums: SearchHits | None = None
    artists: SearchHits | None = None
    playlists: SearchHits | None = None

    def lists(self) -> Iterator[SearchHits]:
        """The lists that are there."""
        yield from (hits for hits in (self.tracks, self.albums, self.artists, self.playlists) if hits)

    def as_items(self) -> list[CatalogueItem]:
        """Every hit, type by type."""
        hits = (hit for found in self.lists() for hit in found.items if hit is not None)
        return [item for hit in hits if (item := hit.as_item()) is not None]


ITEM_TYPES = frozenset({"track", "album", "artist", "playlist"})

PATHS = {
    ItemType.TRACK: "tracks",
    ItemType.ALBUM: "albums",
    ItemType.ARTIST: "artists",
    ItemType.PLAYLIST: "playlists",
}
"""Where each type is looked up."""


def _picture(images: Sequence[Picture | None]) -> str | None:
    """The smallest picture that is large enough, or else the largest."""
    known = sorted((image.width or 0, image.url) for image in images if image and image.url)
    large = [url for width, url in known if width >= ARTWORK_WIDTH]
    return large[0] if large else (known[-1][1] if known else None)

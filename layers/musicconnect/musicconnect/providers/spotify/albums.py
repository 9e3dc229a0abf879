"""Albums on Spotify, as a whole."""

from typing import Final
from urllib.parse import quote

from pydantic import BaseModel

from musicconnect.music import barcodes
from musicconnect.music.model import ItemKind, Page, PlaylistItem, Track
from musicconnect.platform import pagination
from musicconnect.providers.errors import NotFoundError, RejectedError
from musicconnect.providers.spotify.responses import NAME, ExternalIds, Item, Named
from musicconnect.providers.transport import ApiCall, Transport

BUCKET: Final = "requests"
PAGE_SIZE: Final = 50
HITS: Final = 10
"""Of a search; development mode gives no more."""


class AlbumCodes(ExternalIds):
    """Identifiers of other registries."""

    upc: str | None = None
    ean: str | None = None


class AlbumShape(BaseModel):
    """An album; in lists of hits without its codes."""

    id: str | None = None
    name: str | None = None
    artists: list[Named | None] | None = None
    release_date: str | None = None
    total_tracks: int | None = None
    external_ids: AlbumCodes | None = None

    def as_track(self) -> Track:
        """Convert to the common vocabulary."""
        codes = self.external_ids or AlbumCodes()
        return Track(
            provider=NAME,
            id=self.id or "",
            title=self.name or "",
            artists=tuple(artist.name for artist in self.artists or () if artist and artist.name),
            release_date=self.release_date or None,
            kind=ItemKind.ALBUM if self.id else ItemKind.UNAVAILABLE,
            barcode=codes.upc or codes.ean or None,
            track_count=self.total_tracks,
        )


class AlbumHits(BaseModel):
    """The hits of a search; one that Spotify cannot load is null."""

    items: list[AlbumShape | None]


class AlbumSearch(BaseModel):
    """``GET /search?type=album``."""

    albums: AlbumHits


class AlbumTracks(BaseModel):
    """``GET /albums/{id}/tracks``: tracks without album and ISRC; one that Spotify cannot load is null."""

    items: list[Item | None]
    total: int | None = None
    next: str | None = None


class SpotifyAlbums:
    """Asks about albums; see `protocol.Albums`."""

    def __init__(self, call: Transport) -> None:
        self._call = call

    def album(self, album_id: str) -> Track | None:
        """Get an album with its barcode."""
        path = f"/albums/{quote(album_id, safe='')}"
        try:
            found = self._call(AlbumShape, ApiCall(method="GET", path=path, bucket=BUCKET))
        except NotFoundError:
            return None
        except RejectedError as error:
            # Spotify answers 400 and not 404 to what cannot be an id.
            if error.reason != "http_400":
                raise
            return None
        return found.as_track() if found.id else None

    def by_barcode(self, barcode: str) -> list[Track]:
        """Find albums by a barcode; what Spotify finds by one has it, though hits do not say so."""
        for written in barcodes.writings(barcode):
            found = self._hits(f"upc:{written}")
            if found:
                return found
        return []

    def search(self, artist: str, title: str) -> list[Track]:
        """Search by words: the field operators miss what is written a little otherwise."""
        return self._hits(" ".join(f"{title} {artist}".split()))

    def tracks(self, album_id: str, cursor: str | None = None) -> Page[PlaylistItem]:
        """Get 50 of an album's tracks, disc by disc."""
        key = pagination.decode(cursor, int)
        offset = key[0] if key else 0
        path = f"/albums/{quote(album_id, safe='')}/tracks"
        params: dict[str, str | int] = {"limit": PAGE_SIZE, "offset": offset}
        page = self._call(AlbumTracks, ApiCall(method="GET", path=path, bucket=BUCKET, params=params))
        return Page(
            items=[
                PlaylistItem(position=position, track=(item or Item()).as_track())
                for position, item in enumerate(page.items, offset)
            ],
            cursor=pagination.encode((offset + PAGE_SIZE,)) if page.next else None,
            total=page.total,
        )

    def _hits(self, query: str) -> list[Track]:
        params: dict[str, str | int] = {"q": query, "type": "album", "limit": HITS}
        call = ApiCall(method="GET", path="/search", bucket=BUCKET, params=params)
        hits = self._call(AlbumSearch, call).albums.items
        return [hit.as_track() for hit in hits if hit is not None and hit.id]

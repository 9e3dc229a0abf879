"""What TIDAL's search and look-ups answer, as entries of its catalogue."""

from musicconnect.music.model import CatalogueItem, ItemType
from musicconnect.providers.durations import duration_ms
from musicconnect.providers.tidal.documents import Included, Resource
from musicconnect.providers.tidal.entry import ENTRY
from musicconnect.providers.tidal.responses import NAME, checked_isrc, title_of

ARTWORK_WIDTH = 300
"""Pixels. TIDAL has pictures of 80, 160, 320, 640 and larger."""

PATHS = {
    ItemType.TRACK: "tracks",
    ItemType.ALBUM: "albums",
    ItemType.ARTIST: "artists",
    ItemType.PLAYLIST: "playlists",
}
"""What TIDAL calls each type."""
TYPES = {name: kind for kind, name in PATHS.items()}

SHOWN = {
    ItemType.TRACK: ("artists", "albums.coverArt"),
    ItemType.ALBUM: ("artists", "coverArt"),
    ItemType.ARTIST: ("profileArt",),
    ItemType.PLAYLIST: (),
}
"""What has to be included for an entry to be shown."""


def catalogue_item(document: Included, resource: Resource) -> CatalogueItem | None:
    """Convert to the common vocabulary; None for what is not shown, or not for everybody to see."""
    kind, told = TYPES.get(resource.type), resource.attributes
    if kind is None or (kind is ItemType.PLAYLIST and told.access_type not in (None, "PUBLIC")):
        return None
    album = next(document.related(resource, "albums"), None)
    is_track = kind is ItemType.TRACK
    return CatalogueItem(
        provider=NAME,
        type=kind,
        id=resource.id,
        title=title_of(resource) if kind in (ItemType.TRACK, ItemType.ALBUM) else told.name or "",
        url=ENTRY.address(kind, resource.id),
        artists=tuple(
            artist.attributes.name
            for artist in document.related(resource, "artists")
            if artist.attributes.name
        ),
        album=(album.attributes.title or None) if album else None,
        duration_ms=duration_ms(told.duration) if is_track else None,
        artwork=_picture(document, album or resource),
        explicit=told.explicit,
        isrc=checked_isrc(told.isrc) if is_track else None,
    )


def _picture(document: Included, resource: Resource) -> str | None:
    """The smallest picture that is large enough, or else the largest."""
    artworks = (*document.related(resource, "coverArt"), *document.related(resource, "profileArt"))
    files = [file for artwork in artworks[:1] for file in artwork.attributes.files or ()]
    known = sorted((file.meta.width or 0 if file.meta else 0, file.href) for file in files if file.href)
    large = [href for width, href in known if width >= ARTWORK_WIDTH]
    return large[0] if large else (known[-1][1] if known else None)

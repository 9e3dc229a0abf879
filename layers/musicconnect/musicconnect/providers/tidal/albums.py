"""Albums on TIDAL, as a whole."""

from collections.abc import Mapping

from musicconnect.music import barcodes
from musicconnect.music.model import ItemKind, Page, PlaylistItem, Track
from musicconnect.platform import pagination
from musicconnect.providers.tidal.catalogue import CatalogueCalls
from musicconnect.providers.tidal.documents import Included, Resource
from musicconnect.providers.tidal.responses import NAME, item_of, title_of


def album_of(document: Included, resource: Resource) -> Track:
    """Convert an album to the common vocabulary."""
    told = resource.attributes
    return Track(
        provider=NAME,
        id=resource.id,
        title=title_of(resource),
        artists=tuple(
            artist.attributes.name
            for artist in document.related(resource, "artists")
            if artist.attributes.name
        ),
        explicit=told.explicit,
        release_date=told.release_date or None,
        kind=ItemKind.ALBUM,
        barcode=told.barcode or None,
        track_count=told.count,
    )


class TidalAlbums:
    """Asks about albums; see `protocol.Albums`."""

    def __init__(self, catalogue: CatalogueCalls) -> None:
        self._catalogue = catalogue

    def album(self, album_id: str) -> Track | None:
        """Get an album with its barcode."""
        found = self._listed({"id": album_id}) if album_id and "," not in album_id else []
        return found[0] if found else None

    def by_barcode(self, barcode: str) -> list[Track]:
        """Find albums by a barcode, all ways of writing it in one call."""
        written = barcodes.writings(barcode)
        return self._listed({"barcodeId": ",".join(written)}) if written else []

    def search(self, artist: str, title: str) -> list[Track]:
        """Search by words; TIDAL has no operators, and each hit tells everything."""
        document, hits = self._catalogue.search_albums(" ".join(f"{artist} {title}".split()))
        return [album_of(document, hit) for hit in hits]

    def tracks(self, album_id: str, cursor: str | None = None) -> Page[PlaylistItem]:
        """Get 20 of an album's tracks, and videos where it has some."""
        key = pagination.decode(cursor, str, int)
        place, offset = key or ("", 0)
        page = self._catalogue.album_items(album_id, place)
        following = page.links.cursor if page.links else None
        return Page(
            items=[item_of(page, ref, position) for position, ref in enumerate(page.data, offset)],
            cursor=pagination.encode((following, offset + len(page.data))) if following else None,
        )

    def _listed(self, filters: Mapping[str, str]) -> list[Track]:
        document = self._catalogue.albums(filters)
        return [album_of(document, resource) for resource in document.data]

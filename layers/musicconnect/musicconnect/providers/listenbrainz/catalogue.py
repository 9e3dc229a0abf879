"""Ask for recordings: ListenBrainz' look-ups by names and ids, MusicBrainz' by ISRC and by words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from musicconnect.music.model import CatalogueItem, ItemType, Page, Track
from musicconnect.providers.errors import NotFoundError, RejectedError
from musicconnect.providers.listenbrainz.entry import CALLS, ENTRY, MUSICBRAINZ
from musicconnect.providers.listenbrainz.responses import (
    NAME,
    Hits,
    MetadataById,
    Recordings,
    is_mbid,
    track_of_hit,
    track_of_metadata,
    track_of_recording,
)
from musicconnect.providers.transport import ApiCall, Transport

MAX_IDS: Final = 50
MAX_NAMES_LENGTH: Final = 250
"""Characters of a title and its artist together."""
_FIELDS = re.compile(r"track:(?P<title>.+?)\s+artist:(?P<artist>.+)", re.IGNORECASE)
_ISRC_QUERY = re.compile(r"isrc:(\S+)", re.IGNORECASE)
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")


@dataclass(frozen=True, slots=True)
class CatalogueCalls:
    """The part of the client that needs nobody's playlists."""

    call: Transport
    call_musicbrainz: Transport
    """Without the person's token, which is not MusicBrainz'."""

    def search_tracks(self, query: str, limit: int) -> list[Track]:
        """Search by ``isrc:``, by ``track:`` and ``artist:``, or by words, each in one call."""
        if (by_isrc := _ISRC_QUERY.fullmatch(query.strip())) is not None:
            return self._by_isrc(by_isrc[1])[:limit]
        if (by_names := _FIELDS.fullmatch(query.strip())) is not None:
            return self._by_names(by_names["title"], by_names["artist"])[:limit]
        return self._by_words(query, limit)

    def tracks(self, ids: Sequence[str]) -> list[Track]:
        """Look up recordings, in the order asked for; unknown ids are left out."""
        if len(ids) > MAX_IDS:
            raise ValueError(f"look up at most {MAX_IDS} at a time")
        known = [one for one in dict.fromkeys(ids) if is_mbid(one)]
        if not known:
            return []
        body = {"recording_mbids": known, "inc": "artist release"}
        found = self._read(MetadataById, "/1/metadata/recording/", body).root
        return [track_of_metadata(mbid, found[mbid]) for mbid in known if mbid in found]

    def search(self, query: str, limit: int) -> Page[CatalogueItem]:
        """Search for what a person typed; there is one page."""
        return Page(items=[item_of(track) for track in self.search_tracks(query, limit)])

    def _by_isrc(self, text: str) -> list[Track]:
        isrc = text.upper().replace("-", "")
        if not _ISRC.fullmatch(isrc):
            return []
        params = {"fmt": "json", "inc": "artist-credits+releases"}
        path = f"/ws/2/isrc/{quote(isrc, safe='')}"
        call = ApiCall(method="GET", path=path, bucket=MUSICBRAINZ, params=params)
        try:
            found = self.call_musicbrainz(Recordings, call)
        except (NotFoundError, RejectedError):
            return []  # not in MusicBrainz, which is no fault of anybody's
        return [track_of_recording(one, isrc) for one in found.recordings]

    def _by_names(self, title: str, artist: str) -> list[Track]:
        names = {"recording_name": title, "artist_name": artist}
        if len(title) + len(artist) > MAX_NAMES_LENGTH:
            return []
        hits = self._read(Hits, "/1/metadata/lookup/", {"recordings": [names]}).root
        return [track for hit in hits if (track := track_of_hit(hit)) is not None]

    def _by_words(self, query: str, limit: int) -> list[Track]:
        params: dict[str, str | int] = {"query": query, "fmt": "json", "limit": limit}
        call = ApiCall(method="GET", path="/ws/2/recording", bucket=MUSICBRAINZ, params=params)
        return [track_of_recording(one) for one in self.call_musicbrainz(Recordings, call).recordings][:limit]

    def _read[Shape: (Hits, MetadataById)](
        self, shape: type[Shape], path: str, body: Mapping[str, object]
    ) -> Shape:
        """Ask by a POST that changes nothing."""
        return self.call(shape, ApiCall(method="POST", path=path, bucket=CALLS, body=body, only_reads=True))


def item_of(track: Track) -> CatalogueItem:
    """Show a recording as an entry of the catalogue."""
    return CatalogueItem(
        provider=NAME,
        type=ItemType.TRACK,
        id=track.id,
        title=track.title,
        url=ENTRY.address(ItemType.TRACK, track.id),
        artists=track.artists,
        album=track.album,
        duration_ms=track.duration_ms,
        isrc=track.isrc,
    )

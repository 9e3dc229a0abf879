"""What TIDAL has: made out of what Spotify has in the catalogue, with TIDAL's own ids and ways of writing.

The same recording has other ids, and sometimes more of them: a second edition that can be played in Sweden
only. A version stands in ``version``, in the title, or in both. About one recording in twenty is not there at
all. Everything depends on the catalogue alone, so that the same catalogue gives the same ids.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from local.simulators.catalogue import Catalogue, Recording, SpotifyTrack

EVERYWHERE = ""
ELSEWHERE = "SE"
"""The country of second editions."""

_VERSION = re.compile(r"^(?P<title>.+?) - (?P<version>(?:Live|Acoustic|Demo|Instrumental|Radio Edit|.*Remix|"
                      r".*Remaster).*)$")  # fmt: skip
_GUESTS = re.compile(r" \((?:feat|with)\.? [^)]*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TidalArtist:
    """An artist."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TidalAlbum:
    """A release."""

    id: str
    title: str
    album_type: str
    """``ALBUM``, ``EP`` or ``SINGLE``."""
    release_date: str
    barcode_id: str
    artists: tuple[TidalArtist, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TidalTrack:
    """An edition of a recording."""

    id: str
    title: str
    version: str | None
    isrc: str
    duration_s: int
    explicit: bool
    popularity: float
    artists: tuple[TidalArtist, ...]
    album: TidalAlbum
    track_number: int
    country: str = EVERYWHERE
    """The only country in which it can be played; empty: everywhere."""

    def is_playable_in(self, country: str) -> bool:
        """Whether people of a country can play it."""
        return self.country in (EVERYWHERE, country)


def digits(name: str, length: int) -> str:
    """Numbers as TIDAL uses them for ids: without a leading zero, the same for the same name."""
    number = int.from_bytes(hashlib.sha256(f"tidal {name}".encode()).digest()[:8])
    return str(10 ** (length - 1) + number % (9 * 10 ** (length - 1)))


def _chance(name: str, one_in: int) -> bool:
    return hashlib.sha256(f"chance {name}".encode()).digest()[0] * one_in < 256


def invented_isrc(name: str) -> str:
    """An ISRC for what has none elsewhere: on TIDAL every track has one."""
    return "ZZTDL26" + digits(f"isrc {name}", 5)


def artist(name: str) -> TidalArtist:
    """The artist of this name."""
    return TidalArtist(id=digits(f"artist {name}", 7), name=name)


def track_of(track: SpotifyTrack) -> TidalTrack:
    """The track that stands for one of Spotify's."""
    title, version = _GUESTS.sub("", track.title) or track.title, None
    if found := _VERSION.match(title):
        title, version = found["title"], found["version"]
        if _chance(f"in title {track.id}", 4):
            title, version = f"{title} ({version})", None
        elif _chance(f"in both {track.id}", 4):
            title = f"{title} ({version})"
    day = (track.album.release_date + "-01-01")[:10]
    album = TidalAlbum(
        id=digits(f"album {track.album.id}", 8),
        title=track.album.name,
        album_type="SINGLE" if track.album.album_type == "single" else "ALBUM",
        release_date=day,
        barcode_id=track.album.upc or "0" + digits(f"barcode {track.album.id}", 12),
        artists=tuple(artist(one.name) for one in track.album.artists),
    )
    return TidalTrack(
        id=digits(f"track {track.id}", 9),
        title=title,
        version=version,
        isrc=(track.isrc or invented_isrc(track.id)).upper(),
        duration_s=round(track.duration_ms / 1000),
        explicit=track.explicit,
        popularity=round(track.popularity / 100, 2),
        artists=tuple(artist(one.name) for one in track.artists),
        album=album,
        track_number=track.track_number,
    )


class TidalCatalogue:
    """Every track, and which recording it is."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.tracks: dict[str, TidalTrack] = {}
        self.recording_of: dict[str, Recording] = {}
        """The truth that matching is measured against, by TIDAL's id."""
        self.of_spotify: dict[str, str] = {}
        """TIDAL's id by Spotify's."""
        for recording in catalogue.recordings:
            if not recording.tracks or _chance(f"missing {recording.key}", 20):
                continue
            for index, spotify in enumerate(recording.tracks):
                track = track_of(spotify)
                self._add(track, recording)
                self.of_spotify[spotify.id] = track.id
                if index == 0 and _chance(f"second {recording.key}", 8):
                    self._add(elsewhere(track), recording)

    def _add(self, track: TidalTrack, recording: Recording) -> None:
        self.tracks[track.id] = track
        self.recording_of[track.id] = recording


def elsewhere(track: TidalTrack) -> TidalTrack:
    """The edition of a track that only people in Sweden can play, under the same ISRC."""
    return replace(track, id=digits(f"elsewhere {track.id}", 9), country=ELSEWHERE)


def by_isrc(tracks: Iterable[TidalTrack]) -> Mapping[str, list[TidalTrack]]:
    """All tracks of each ISRC."""
    found: dict[str, list[TidalTrack]] = {}
    for track in tracks:
        found.setdefault(track.isrc, []).append(track)
    return found

"""MusicBrainz' recordings, made out of the common catalogue: one for each recording, with all its ISRCs."""

import hashlib
import re
import uuid
from dataclasses import dataclass

from local.simulators.catalogue import Catalogue, Recording, SpotifyTrack

_GUESTS = re.compile(r"\s*[(\[]\s*(?:feat|ft|featuring|with)\b[^)\]]*[)\]]", re.IGNORECASE)
_VERSION = re.compile(r"(?P<title>.+?) - (?P<version>.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicBrainzRecording:
    """A recording."""

    id: str
    title: str
    artists: tuple[str, ...]
    album: str | None
    release_date: str
    length_ms: int | None
    isrcs: tuple[str, ...]
    disambiguation: str = ""

    @property
    def credit(self) -> str:
        """The artists, as printed."""
        return (
            " feat. ".join((self.artists[0], ", ".join(self.artists[1:])))
            if self.artists[1:]
            else self.artists[0]
        )


def mbid(name: str) -> str:
    """The id of anything, the same for the same name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"musicbrainz {name}"))


def _is_missing(key: str) -> bool:
    """Decide whether nobody has entered a recording yet: one in twenty."""
    return hashlib.sha256(f"musicbrainz missing {key}".encode()).digest()[0] * 20 < 256


def recording_of(recording: Recording, track: SpotifyTrack) -> MusicBrainzRecording:
    """Make what MusicBrainz has of a recording."""
    title = _GUESTS.sub("", track.title) or track.title
    if found := _VERSION.fullmatch(title):
        title = f"{found['title']} ({found['version'].lower()})"
    return MusicBrainzRecording(
        id=mbid(recording.key),
        title=title,
        artists=tuple(artist.name for artist in track.artists),
        album=track.album.name,
        release_date=track.album.release_date,
        length_ms=track.duration_ms,
        isrcs=tuple(dict.fromkeys(one.isrc for one in recording.tracks if one.isrc)),
    )


class MusicBrainzCatalogue:
    """Every recording, and which of the common catalogue it is."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.recordings: dict[str, MusicBrainzRecording] = {}
        self.recording_of: dict[str, Recording] = {}
        """The truth that matching is measured against, by MBID."""
        self.of_spotify: dict[str, str] = {}
        """MBID by Spotify's id."""
        self.lacking: dict[str, MusicBrainzRecording] = {}
        """By Spotify's id: what nobody has entered yet."""
        for recording in catalogue.recordings:
            if not recording.tracks:
                continue
            made = recording_of(recording, recording.tracks[0])
            self.recording_of[made.id] = recording
            if _is_missing(recording.key):
                self.lacking |= {track.id: made for track in recording.tracks}
                continue
            self.recordings[made.id] = made
            self.of_spotify |= {track.id: made.id for track in recording.tracks}

"""What the simulators serve: recordings, their uploads, people and their playlists.

The file is JSON of the shape of ``Catalogue`` below, field for field (``data/catalogue.json`` is the
project's own, made by ``make_catalogue``; everything in it is invented). A reference from a playlist to a
catalogue entry is its id; anything else in a playlist is an object:

* Spotify: ``"<track id>"``, ``{"local": {"artist", "album", "title", "duration_s"}}``,
  ``{"episode": {"id", "name", "duration_ms", "show": {"id", "name", "publisher"}}}``, or ``null`` (a
  withdrawn track, which Spotify lists as ``null``).
* YouTube: ``"<video id>"``, ``{"deleted": "<video id>"}`` or ``{"private": "<video id>"}``.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import TypeAdapter

DEFAULT_FILE = Path(__file__).with_name("data") / "catalogue.json"

type UploadKind = Literal[
    "art_track", "official_video", "lyric_video", "official_audio", "third_party", "live", "cover", "karaoke",
    "instrumental", "sped_up", "slowed", "reaction", "full_album", "edit", "remix", "fan_edit", "video_only",
]  # fmt: skip
"""What an upload is. ``official_audio``: a still picture on the artist's channel; ``third_party``: the
original on somebody else's channel; ``edit``: shortened, lengthened or looped; ``fan_edit``: mash-ups and the
like; ``video_only``: music that only ever was on YouTube."""

type SpotifyEntry = str | dict[str, Any] | None
type YouTubeEntry = str | dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Artist:
    """An artist as Spotify lists one."""

    id: str
    """22 characters of base 62."""
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """A release as Spotify lists one."""

    id: str
    name: str
    release_date: str
    """``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``."""
    album_type: Literal["album", "single", "compilation"]
    artists: tuple[Artist, ...]
    total_tracks: int
    upc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotifyTrack:
    """One track id on Spotify. The same recording can have several."""

    id: str
    """22 characters of base 62."""
    title: str
    artists: tuple[Artist, ...]
    album: Album
    duration_ms: int
    isrc: str | None
    explicit: bool
    track_number: int
    disc_number: int
    popularity: int
    """0 to 100, for ranking search results; shown in extended mode only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One video on YouTube."""

    video_id: str
    """11 characters."""
    title: str
    """As the uploader wrote it: not escaped."""
    channel: str
    channel_id: str
    duration_s: int
    description: str
    kind: UploadKind
    published_at: str
    """``2019-05-17T00:00:00Z``."""
    view_count: int
    category_id: str
    """``"10"`` is Music."""
    same_recording: bool
    """The truth, for tests: whether a listener would accept it as the recording it is filed under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording, or (without Spotify tracks) a group of uploads that Spotify has nothing for."""

    key: str
    """A readable name, unique in the file: ``Kestrel Parade / Salt and Signal - Acoustic``."""
    language: str
    """ISO 639-1 code of the artist's language; ``cl`` for classical works."""
    tracks: tuple[SpotifyTrack, ...]
    """Empty: not on Spotify."""
    uploads: tuple[Upload, ...]
    """Empty: not on YouTube. Art track first where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotifyPlaylist:
    """A playlist on Spotify."""

    id: str
    name: str
    owner: str
    """Id of a person; owners that are no people of the file (Spotify itself) are allowed."""
    description: str = ""
    public: bool = False
    collaborative: bool = False
    items: tuple[SpotifyEntry, ...]
    added_at: str
    """When the first entry was added; each further one came a minute later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YouTubePlaylist:
    """A playlist on YouTube."""

    id: str
    title: str
    description: str = ""
    privacy: Literal["public", "unlisted", "private"] = "private"
    items: tuple[YouTubeEntry, ...]
    added_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One entry of Spotify's recently played."""

    track_id: str
    minutes_ago: int
    """How long before the simulator's start it was played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotifyPerson:
    """What a person has on Spotify."""

    account_id: str
    playlists: tuple[SpotifyPlaylist, ...]
    followed: tuple[SpotifyPlaylist, ...] = ()
    """Playlists of somebody else that stand in the person's library."""
    liked: tuple[str, ...] = ()
    """Track ids, the last liked first."""
    plays: tuple[Play, ...] = ()
    """The last played first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YouTubePerson:
    """What a person has on YouTube."""

    channel_id: str | None
    """None: a Google account without a channel."""
    channel_title: str
    playlists: tuple[YouTubePlaylist, ...]
    liked: tuple[YouTubeEntry, ...] = ()
    """The contents of ``LL``, the last liked first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account on either side. The same id logs in on both."""

    id: str
    display_name: str
    spotify: SpotifyPerson
    youtube: YouTubePerson


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Everything there is."""

    recordings: tuple[Recording, ...]
    people: tuple[Person, ...]
    """The first is the demo person."""
    version: int = field(default=1)

    @classmethod
    def load(cls, file: Path | None = None) -> Self:
        """Read a catalogue file; the project's own when none is given."""
        adapter = TypeAdapter(cls)
        return adapter.validate_python(json.loads((file or DEFAULT_FILE).read_bytes()), strict=False)

    @cached_property
    def tracks_by_id(self) -> dict[str, SpotifyTrack]:
        """Every Spotify track."""
        return {track.id: track for recording in self.recordings for track in recording.tracks}

    @cached_property
    def uploads_by_id(self) -> dict[str, Upload]:
        """Every YouTube upload."""
        return {upload.video_id: upload for recording in self.recordings for upload in recording.uploads}

    @cached_property
    def recording_of(self) -> dict[str, Recording]:
        """The recording of a Spotify track id or a video id: the truth that matching is measured against."""
        return {
            entry_id: recording
            for recording in self.recordings
            for entry_id in (
                *(track.id for track in recording.tracks),
                *(upload.video_id for upload in recording.uploads),
            )
        }

    def is_right_match(self, track_id: str, video_id: str) -> bool:
        """Whether the video is the recording behind the track."""
        recording = self.recording_of.get(track_id)
        return recording is not None and any(
            upload.video_id == video_id and upload.same_recording for upload in recording.uploads
        )

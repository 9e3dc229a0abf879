"""Shapes of what ListenBrainz and MusicBrainz answer, and what they are in the common vocabulary."""

import html
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, RootModel

from musicconnect.music.model import Absence, Details, ItemKind, Playlist, PlaylistItem, Track

NAME: Final = "listenbrainz"
PLAYLIST_EXTENSION: Final = "https://musicbrainz.org/doc/jspf#playlist"
TRACK_EXTENSION: Final = "https://musicbrainz.org/doc/jspf#track"
RECORDING_URI: Final = "https://musicbrainz.org/recording/"
_TAG = re.compile(r"<[^>]*>")
_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Answer(BaseModel):
    """Anything that is answered: what is not known is passed over."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class Validation(Answer):
    """Whose token it is."""

    valid: bool
    user_name: str | None = None


class Created(Answer):
    """Of a new playlist."""

    playlist_mbid: UUID


class Done(Answer):
    """Of a write that names nothing."""

    status: str


class PlaylistExtension(Answer):
    """What JSPF has no place for, of a playlist."""

    public: bool | None = None
    last_modified_at: str | None = None
    collaborators: list[str] = []


class TrackExtension(Answer):
    """What JSPF has no place for, of a track."""

    added_at: datetime | None = None
    added_by: str | None = None
    artist_identifiers: list[str] = []
    release_identifier: str | None = None


class JspfTrack(Answer):
    """A track of a playlist; MusicBrainz may know nothing but its id."""

    identifier: str | list[str]
    title: str | None = None
    creator: str | None = None
    album: str | None = None
    duration: int | None = None
    extension: dict[str, Any] = {}

    @property
    def mbid(self) -> str:
        """The recording's id."""
        uris = [self.identifier] if isinstance(self.identifier, str) else self.identifier
        return next((mbid_of(uri) for uri in uris if uri.startswith(RECORDING_URI)), "")


class Jspf(Answer):
    """A playlist."""

    title: str
    creator: str
    identifier: str
    annotation: str | None = None
    extension: dict[str, Any] = {}
    track: list[JspfTrack] = []

    @property
    def own(self) -> PlaylistExtension:
        """What JSPF has no place for."""
        return PlaylistExtension.model_validate(self.extension.get(PLAYLIST_EXTENSION) or {})


class JspfDocument(Answer):
    """A playlist, as it comes."""

    playlist: Jspf


class JspfPage(Answer):
    """Some of a person's playlists, without tracks."""

    playlists: list[JspfDocument]
    playlist_count: int


class Hit(Answer):
    """What a look-up by names found; without an id it found nothing."""

    recording_mbid: str | None = None
    recording_name: str = ""
    artist_credit_name: str = ""
    release_name: str | None = None


class Hits(RootModel[list[Hit]]):
    """Of a look-up by names, in the order asked."""


class _Artist(Answer):
    name: str
    join_phrase: str = ""


class _ArtistCredit(Answer):
    name: str = ""
    artists: list[_Artist] = []


class _RecordingDetails(Answer):
    name: str = ""
    length: int | None = None


class _Release(Answer):
    name: str | None = None
    year: int | None = None


class Metadata(Answer):
    """What ListenBrainz knows of a recording."""

    recording: _RecordingDetails
    artist: _ArtistCredit = Field(default_factory=_ArtistCredit)
    release: _Release | None = None


class MetadataById(RootModel[dict[str, Metadata]]):
    """By the recording's id; what is unknown is not among them."""


class _Credit(Answer):
    name: str


class MusicBrainzRelease(Answer):
    """A release that a recording is on."""

    title: str | None = None
    date: str | None = None


class Recording(Answer):
    """A recording, as MusicBrainz tells it."""

    id: str
    title: str
    length: int | None = None
    disambiguation: str = ""
    artist_credit: list[_Credit] = Field(default_factory=list, alias="artist-credit")
    releases: list[MusicBrainzRelease] = []
    isrcs: list[str] = []


class Recordings(Answer):
    """Of a look-up by ISRC, or of a search."""

    recordings: list[Recording] = []


def mbid_of(uri: str) -> str:
    """Give the id at the end of an address."""
    return uri.rstrip("/").rpartition("/")[2].lower()


def is_mbid(text: str) -> bool:
    """Whether a text can be an id; one that cannot spoils a whole call."""
    return _MBID.fullmatch(text) is not None


def written(description: str) -> str:
    """Write a description as an annotation, which is HTML."""
    return html.escape(description, quote=False)


def playlist_of(found: Jspf, user_name: str, track_count: int) -> Playlist:
    """Convert a playlist."""
    is_own = found.creator.casefold() == user_name.casefold()
    return Playlist(
        provider=NAME,
        id=mbid_of(found.identifier),
        name=found.title,
        description=html.unescape(_TAG.sub("", found.annotation or "")),
        track_count=track_count,
        version=found.own.last_modified_at,
        is_own=is_own,
        owner=None if is_own else found.creator,
        is_public=found.own.public,
    )


def item_of(found: JspfTrack, position: int) -> PlaylistItem:
    """Convert a place in a playlist. An id of which MusicBrainz knows nothing keeps its place."""
    told = TrackExtension.model_validate(found.extension.get(TRACK_EXTENSION) or {})
    common: dict[str, Any] = {"provider": NAME, "id": found.mbid}
    track = (
        Track(
            **common,
            title=found.title,
            artists=(found.creator,) if found.creator else (),
            album=found.album,
            duration_ms=found.duration or None,
        )
        if found.title
        else Track(**common, title="", kind=ItemKind.UNAVAILABLE, absence=Absence.UNAVAILABLE)
    )
    return PlaylistItem(
        position=position,
        track=track,
        added_at=told.added_at,
        added_by=told.added_by,
        details=Details(album_id=mbid_of(told.release_identifier) if told.release_identifier else None),
    )


def track_of_hit(hit: Hit) -> Track | None:
    """Convert what a look-up by names found; how long it is has to be asked for."""
    if not hit.recording_mbid:
        return None
    return Track(
        provider=NAME,
        id=hit.recording_mbid.lower(),
        title=hit.recording_name,
        artists=(hit.artist_credit_name,) if hit.artist_credit_name else (),
        album=hit.release_name,
    )


def track_of_metadata(mbid: str, found: Metadata) -> Track:
    """Convert what ListenBrainz knows of a recording."""
    names = tuple(one.name for one in found.artist.artists) or (
        (found.artist.name,) if found.artist.name else ()
    )
    release = found.release
    return Track(
        provider=NAME,
        id=mbid,
        title=found.recording.name,
        artists=names,
        album=release.name if release else None,
        duration_ms=found.recording.length or None,
        release_date=str(release.year) if release and release.year else None,
    )


def track_of_recording(found: Recording, isrc: str | None = None) -> Track:
    """Convert what MusicBrainz says of a recording. What tells versions apart stands beside its title."""
    title = f"{found.title} ({found.disambiguation})" if found.disambiguation else found.title
    release = found.releases[0] if found.releases else None
    return Track(
        provider=NAME,
        id=found.id.lower(),
        title=title,
        artists=tuple(credit.name for credit in found.artist_credit),
        album=release.title if release else None,
        duration_ms=found.length or None,
        isrc=isrc or next(iter(found.isrcs), None),
        release_date=(release.date or None) if release else None,
    )


def jspf(
    *, title: str | None = None, annotation: str | None = None, ids: Sequence[str] = (), **own: object
) -> Mapping[str, Any]:
    """Write a playlist as it is sent."""
    playlist: dict[str, Any] = {}
    if title is not None:
        playlist["title"] = title
    if annotation is not None:
        playlist["annotation"] = annotation
    if ids:
        playlist["track"] = [{"identifier": [RECORDING_URI + mbid]} for mbid in ids]
    if own:
        playlist["extension"] = {PLAYLIST_EXTENSION: own}
    return {"playlist": playlist}

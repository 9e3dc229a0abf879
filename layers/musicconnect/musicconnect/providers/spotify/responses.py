"""What Spotify answers, as far as we read it.

Tolerant on purpose: fields may be absent or null, new ones are ignored, and the names of development mode
(``item``, ``items``) and of extended quota mode (``track``, ``tracks``) are both understood. Only a list that
is absent altogether is no answer: taking it for an empty one would lose what is there.
"""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from musicconnect.music.model import Absence, Details, ItemKind, Playlist, PlaylistItem, Track

NAME = "spotify"
LOCAL_PREFIX = "spotify:local:"


class User(BaseModel):
    """``GET /me``."""

    account_id: str | None = None
    id: str | None = None
    display_name: str | None = None


class Named(BaseModel):
    """An artist, or the owner of a playlist."""

    id: str | None = None
    name: str | None = None
    display_name: str | None = None


class Picture(BaseModel):
    """A picture in one size."""

    url: str | None = None
    width: int | None = None


class Album(Named):
    """An album."""

    release_date: str | None = None
    artists: list[Named | None] | None = None
    images: list[Picture | None] | None = None
    """The largest first."""


class ExternalIds(BaseModel):
    """Identifiers of other registries."""

    isrc: str | None = None


class Item(BaseModel):
    """A track or an episode."""

    type: str | None = None
    id: str | None = None
    uri: str | None = None
    name: str | None = None
    duration_ms: int | None = None
    explicit: bool | None = None
    is_local: bool | None = None
    artists: list[Named | None] | None = None
    album: Album | None = None
    disc_number: int | None = None
    track_number: int | None = None
    popularity: int | None = None
    is_playable: bool | None = None
    """In the person's country; told where Spotify restricts it, and not always."""
    external_ids: ExternalIds | None = None

    def as_track(self, *, is_local: bool = False) -> Track:
        """Convert to the common vocabulary. A local file has its URI for an id, since it has no other."""
        uri = self.uri or ""
        if is_local or self.is_local or uri.startswith(LOCAL_PREFIX):
            kind = ItemKind.LOCAL
        elif self.type == "episode":
            kind = ItemKind.EPISODE
        else:
            kind = ItemKind.TRACK if self.id else ItemKind.UNAVAILABLE
        album = self.album or Album()
        isrc = self.external_ids.isrc if self.external_ids else None
        return Track(
            provider=NAME,
            id=self.id or uri,
            title=self.name or "",
            artists=tuple(artist.name for artist in self.artists or () if artist and artist.name),
            album=album.name or None,
            duration_ms=self.duration_ms,
            isrc=isrc.upper().replace("-", "") if isrc else None,
            explicit=self.explicit,
            release_date=album.release_date or None,
            kind=kind,
            absence=Absence.UNAVAILABLE if self.is_playable is False else None,
        )

    def as_details(self) -> Details:
        """What a list tells beside."""
        album = self.album or Album()
        artists, album_artists = _named(self.artists), _named(album.artists)
        pictures = (picture.url for picture in album.images or () if picture)
        return Details(
            artist_ids=tuple(artist.id for artist in artists if artist.id),
            album_id=album.id,
            album_artists=tuple(artist.name for artist in album_artists if artist.name),
            album_artist_ids=tuple(artist.id for artist in album_artists if artist.id),
            disc_number=self.disc_number or None,  # a local file's is 0
            track_number=self.track_number or None,
            popularity=self.popularity,
            artwork=next((url for url in pictures if url), None),
        )


def _named(artists: Sequence[Named | None] | None) -> list[Named]:
    return [artist for artist in artists or () if artist and artist.name]


class PlayedTrack(BaseModel):
    """A play, as recently played tells it."""

    track: Item | None = None
    played_at: datetime


class PlayedPage(BaseModel):
    """``GET /me/player/recently-played``."""

    items: list[PlayedTrack]


class PlaylistEntry(BaseModel):
    """A place in a playlist or among the liked songs."""

    added_at: datetime | None = None
    added_by: Named | None = None
    is_local: bool | None = None
    item: Item | None = None
    track: Item | None = None

    def as_item(self, position: int) -> PlaylistItem:
        """Convert to the common vocabulary; a withdrawn track leaves nothing but its place."""
        item = self.item or self.track
        added_by = (self.added_by and self.added_by.id) or None
        if item is None:
            gone = Track(
                provider=NAME,
                id="",
                title="",
                kind=ItemKind.UNAVAILABLE,
                absence=Absence.UNAVAILABLE,
            )
            return PlaylistItem(position=position, track=gone, added_at=self.added_at, added_by=added_by)
        return PlaylistItem(
            position=position,
            track=item.as_track(is_local=bool(self.is_local)),
            added_at=self.added_at,
            added_by=added_by,
            details=item.as_details(),
        )


class EntryPage(BaseModel):
    """A page of entries."""

    items: list[PlaylistEntry | None]
    next: str | None = None
    total: int | None = None


class Contents(BaseModel):
    """A playlist's reference to its entries."""

    total: int | None = None


class PlaylistShape(BaseModel):
    """A playlist's metadata."""

    id: str
    name: str | None = None
    description: str | None = None
    snapshot_id: str | None = None
    collaborative: bool | None = None
    public: bool | None = None
    owner: Named | None = None
    items: Contents | None = None
    tracks: Contents | None = None

    @property
    def contents(self) -> Contents | None:
        """The reference to the entries; absent where Spotify does not give them out."""
        return self.items or self.tracks

    def as_playlist(self, *, is_own: bool) -> Playlist:
        """Convert to the common vocabulary."""
        return Playlist(
            provider=NAME,
            id=self.id,
            name=self.name or "",
            description=self.description or "",
            track_count=(self.contents.total if self.contents else None) or 0,
            version=self.snapshot_id,
            is_own=is_own,
            owner=(self.owner.display_name or self.owner.id) if self.owner else None,
            is_public=self.public,
        )


class PlaylistPage(BaseModel):
    """A page of the person's playlists."""

    items: list[PlaylistShape | None]
    next: str | None = None
    total: int | None = None


class WriteResult(BaseModel):
    """The answer to a write into a playlist."""

    snapshot_id: str | None = None


class SearchTracks(BaseModel):
    """The hits of one type."""

    items: list[Item | None]


class SearchResult(BaseModel):
    """``GET /search``."""

    tracks: SearchTracks

"""What Spotify answers, as far as we read it.

Tolerant on purpose: fields may be absent or null, new ones are ignored, and the names of development mode
(``item``, ``items``) and of extended quota mode (``track``, ``tracks``) are both understood. Only a list that
is absent altogether is no answer: taking it for an empty one would lose what is there.
"""

from datetime import datetime

from pydantic import BaseModel

from musicconnect.providers.base import ItemKind, Playlist, PlaylistItem, Track

NAME = "spotify"
LOCAL_PREFIX = "spotify:local:"


class User(BaseModel):
    """``GET /me``."""

    account_id: str | None = None
    id: str | None = None
    display_name: str | None = None


class Named(BaseModel):
    """An artist."""

    name: str | None = None


class Image(BaseModel):
    """A picture, the widest first."""

    url: str | None = None


class Album(Named):
    """An album."""

    release_date: str | None = None
    artists: list[Named | None] | None = None
    images: list[Image | None] | None = None


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
    external_ids: ExternalIds | None = None

    def as_track(self, *, is_local: bool = False) -> Track:
        """In the common vocabulary. A local file has its URI for an id, since it has no other."""
        uri = self.uri or ""
        if is_local or self.is_local or uri.startswith(LOCAL_PREFIX):
            kind = ItemKind.LOCAL
        elif self.type == "episode":
            kind = ItemKind.EPISODE
        else:
            kind = ItemKind.TRACK if self.id else ItemKind.UNAVAILABLE
        album = self.album or Album()
        pictures = (image.url for image in album.images or () if image)
        isrc = self.external_ids.isrc if self.external_ids else None
        return Track(
            provider=NAME,
            id=self.id or uri,
            title=self.name or "",
            artists=_names(self.artists),
            album=album.name or None,
            duration_ms=self.duration_ms,
            isrc=isrc.upper().replace("-", "") if isrc else None,
            explicit=self.explicit,
            release_date=album.release_date or None,
            kind=kind,
            album_artists=_names(album.artists),
            disc_number=self.disc_number,
            track_number=self.track_number,
            popularity=self.popularity,
            artwork=next(filter(None, pictures), None),
        )


def _names(artists: list[Named | None] | None) -> tuple[str, ...]:
    return tuple(artist.name for artist in artists or () if artist and artist.name)


class Played(BaseModel):
    """A play, as recently played tells it."""

    track: Item | None = None
    played_at: datetime


class PlayedPage(BaseModel):
    """``GET /me/player/recently-played``."""

    items: list[Played]


class Owner(BaseModel):
    """Whose playlist it is, or who added an entry."""

    id: str | None = None
    display_name: str | None = None


class Entry(BaseModel):
    """A place in a playlist or among the liked songs."""

    added_at: datetime | None = None
    added_by: Owner | None = None
    is_local: bool | None = None
    item: Item | None = None
    track: Item | None = None

    def as_item(self, position: int) -> PlaylistItem:
        """In the common vocabulary; a withdrawn track leaves nothing but its place."""
        item = self.item or self.track
        if item is None:
            track = Track(provider=NAME, id="", title="", kind=ItemKind.UNAVAILABLE)
        else:
            track = item.as_track(is_local=bool(self.is_local))
        # Entries that Spotify itself has put there have been added by nobody, which it writes as "".
        added_by = (self.added_by and self.added_by.id) or None
        return PlaylistItem(position=position, track=track, added_at=self.added_at, added_by=added_by)


class EntryPage(BaseModel):
    """A page of entries."""

    items: list[Entry | None]
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
    owner: Owner | None = None
    items: Contents | None = None
    tracks: Contents | None = None

    @property
    def contents(self) -> Contents | None:
        """The reference to the entries; absent where Spotify does not give them out."""
        return self.items or self.tracks

    def as_playlist(self, *, is_own: bool) -> Playlist:
        """In the common vocabulary."""
        return Playlist(
            provider=NAME,
            id=self.id,
            name=self.name or "",
            description=self.description or "",
            track_count=(self.contents.total if self.contents else None) or 0,
            version=self.snapshot_id,
            is_own=is_own,
            owner=(self.owner and (self.owner.display_name or self.owner.id)) or None,
            is_public=self.public,
        )


class PlaylistPage(BaseModel):
    """A page of the person's playlists."""

    items: list[PlaylistShape | None]
    next: str | None = None
    total: int | None = None


class Written(BaseModel):
    """The answer to a write into a playlist."""

    snapshot_id: str | None = None


class SearchTracks(BaseModel):
    """The hits of one type."""

    items: list[Item | None]


class SearchResult(BaseModel):
    """``GET /search``."""

    tracks: SearchTracks

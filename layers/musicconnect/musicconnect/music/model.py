"""Define recordings, playlists and pages of them, in one vocabulary for all providers.

Light on purpose: the standard library only, so that pure packages and functions that never call a provider
can import it at no cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

type ProviderName = str
"""Registry key of a provider, in lower case: ``spotify``, ``youtube``."""


class ItemKind(StrEnum):
    """What an entry of a playlist or of a result list is."""

    TRACK = "track"
    VIDEO = "video"
    EPISODE = "episode"
    LOCAL = "local"
    """A file on the listener's own device that a playlist refers to. It cannot be added by API."""
    UNAVAILABLE = "unavailable"
    """Withdrawn, deleted or private: the provider keeps the place but tells nothing about it."""
    ARTIST = "artist"
    """Of followed artists; on YouTube a channel."""
    ALBUM = "album"
    """Of saved albums."""


PLAYABLE: Final = frozenset({ItemKind.TRACK, ItemKind.VIDEO})
"""What another provider may have, too."""


class Absence(StrEnum):
    """Why an entry cannot be played, as far as its provider says."""

    DELETED = "deleted"
    PRIVATE = "private"
    BLOCKED = "blocked"
    """Not to be had in the person's country."""
    UNAVAILABLE = "unavailable"
    """The provider does not say why, or only that it is restricted for this person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One playable entry in a provider's catalogue.

    On Spotify ``artists``, ``album`` and ``isrc`` are facts. On YouTube ``title`` is the raw title of the
    upload, ``channel`` its uploader, ``description`` its text, and ``artists`` is empty: reading artist and
    title out of them is the business of ``musicconnect.matching``.
    """

    provider: ProviderName
    id: str
    title: str
    artists: tuple[str, ...] = ()
    album: str | None = None
    duration_ms: int | None = None
    isrc: str | None = None
    explicit: bool | None = None
    channel: str | None = None
    channel_id: str | None = None
    description: str | None = None
    release_date: str | None = None
    """``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, as the provider gives it."""
    kind: ItemKind = ItemKind.TRACK
    is_public: bool = True
    """False: only some people may see it, by a link or as its owner. Nobody else is to be told of it."""
    absence: Absence | None = None
    """Why it cannot be played; None where it can, as far as the provider says."""
    allowed_in: frozenset[str] | None = None
    """The only countries in which it can be played (ISO 3166-1 alpha-2); None: no such list."""
    blocked_in: frozenset[str] = frozenset()
    """Countries in which it cannot be played."""
    barcode: str | None = None
    """Of an album (UPC or EAN), as its provider writes it."""
    track_count: int | None = None
    """Of an album."""

    def absence_in(self, country: str | None) -> Absence | None:
        """Say why it cannot be played in a country; None for no country: only what holds everywhere."""
        if self.absence is not None or country is None:
            return self.absence
        is_allowed = self.allowed_in is None or country in self.allowed_in
        return None if is_allowed and country not in self.blocked_in else Absence.BLOCKED

    @property
    def artist_line(self) -> str:
        """The artists as a person would write them; the channel where a provider knows no artists."""
        return ", ".join(self.artists) if self.artists else (self.channel or "")


class ItemType(StrEnum):
    """What a search can be for. A recording is a track where the provider knows tracks, a video elsewhere."""

    TRACK = "track"
    VIDEO = "video"
    ALBUM = "album"
    ARTIST = "artist"
    """An artist; on YouTube a channel."""
    PLAYLIST = "playlist"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueItem:
    """An entry of a provider's public catalogue, with what is needed to show it as the provider asks."""

    provider: ProviderName
    type: ItemType
    id: str
    title: str
    """As the provider has it; of an artist the name."""
    url: str
    """Where the provider shows it to people."""
    artists: tuple[str, ...] = ()
    channel: str | None = None
    """Uploader of a video, owner of a playlist."""
    album: str | None = None
    duration_ms: int | None = None
    artwork: str | None = None
    """Address of a picture at the provider, about 300 pixels wide where there is a choice."""
    explicit: bool | None = None
    isrc: str | None = None


class ListKind(StrEnum):
    """What a list is that a person has with a provider."""

    PLAYLIST = "playlist"
    """Of tracks; liked songs, too."""
    ARTISTS = "artists"
    """The artists that the person follows."""
    ALBUMS = "albums"
    """The albums that the person saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist:
    """A playlist as its provider lists it."""

    provider: ProviderName
    id: str
    name: str
    description: str = ""
    track_count: int
    """As the provider counts: deleted and private entries included."""
    version: str | None = None
    """Changes whenever the playlist changes: Spotify's ``snapshot_id``, YouTube's etag."""
    is_own: bool = True
    """False for followed playlists, whose contents Spotify does not give out."""
    is_liked: bool = False
    """The person's liked songs, presented as a playlist of their own."""
    owner: str | None = None
    """What people see as its owner."""
    is_public: bool | None = None
    kind: ListKind = ListKind.PLAYLIST


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a list tells of a track beside what finding its counterpart needs: for those who keep the list."""

    artist_ids: tuple[str, ...] = ()
    """Of ``Track.artists``, one each; of the channel where there are no artists."""
    album_id: str | None = None
    album_artists: tuple[str, ...] = ()
    album_artist_ids: tuple[str, ...] = ()
    disc_number: int | None = None
    """1-based."""
    track_number: int | None = None
    """1-based, on its disc."""
    popularity: int | None = None
    """0 to 100."""
    artwork: str | None = None
    """Address of a picture at the provider, as large as there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistItem:
    """One place in a playlist."""

    position: int
    """0-based."""
    track: Track
    item_id: str | None = None
    """The provider's id of this place where it has one (YouTube), for taking exactly this one out again."""
    added_at: datetime | None = None
    added_by: str | None = None
    """The provider's id of whoever added it."""
    details: Details = Details()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page[T]:
    """One page of a list. ``cursor`` fetches the next one; None on the last."""

    items: Sequence[T]
    cursor: str | None = None
    total: int | None = None
    version: str | None = None
    following: Sequence[str] = ()
    """On a first page: the cursors of all that follow, where the provider's pages need not be walked through
    one after the other."""

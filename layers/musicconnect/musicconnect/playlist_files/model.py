"""A playlist as a file tells it: its head, and its entries in order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from musicconnect.music.model import ItemKind, ItemType, Playlist, PlaylistItem, ProviderName
from musicconnect.providers import registry

type Kind = Literal["track", "episode", "local", "unavailable"]
"""What stands at a place. A video is a track, too: what it is called is its provider's affair."""

type Format = Literal["csv", "soundiiz", "json", "jsonl", "xspf", "jspf", "m3u8"]


@dataclass(frozen=True, slots=True)
class PlaylistHeader:
    """What is known of a playlist as a whole; None where nothing is."""

    provider: ProviderName | None = None
    provider_playlist_id: str | None = None
    name: str = ""
    description: str | None = None
    owner: str | None = None
    is_public: bool | None = None
    item_count: int | None = None
    """Entries as whoever wrote the file counted them."""
    captured_at: datetime | None = None
    """When the playlist was as the file has it; aware."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in a playlist; None where nothing is known."""

    position: int
    """0-based, without gaps: a file's first entry has 0."""
    kind: Kind = "track"
    provider: ProviderName | None = None
    """Whose ``provider_id`` it is."""
    provider_id: str | None = None
    url: str | None = None
    """Where people, or players, find it."""
    title: str = ""
    artists: tuple[str, ...] = ()
    """The artists; where a provider knows none, the channel that it comes from."""
    album: str | None = None
    album_artists: tuple[str, ...] = ()
    release_date: str | None = None
    """``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, as the provider gives it."""
    disc_number: int | None = None
    """1-based."""
    track_number: int | None = None
    """1-based, on its disc."""
    duration_ms: int | None = None
    isrc: str | None = None
    """Twelve characters, in upper case, without hyphens."""
    explicit: bool | None = None
    popularity: int | None = None
    """0 to 100, as Spotify counts it."""
    artwork_url: str | None = None
    added_at: datetime | None = None
    """Aware."""
    added_by: str | None = None
    artist_uris: tuple[str, ...] = ()
    """Spotify's URIs, addresses elsewhere; one for each of ``artists``, or none."""
    album_uri: str | None = None
    album_artist_uris: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaylistLink:
    """A line that leads to a playlist: what it holds, its provider says."""

    line: int
    """1-based."""
    provider: ProviderName
    provider_playlist_id: str


_KINDS: dict[ItemKind, Kind] = {
    ItemKind.EPISODE: "episode",
    ItemKind.LOCAL: "local",
    ItemKind.UNAVAILABLE: "unavailable",
}


def header_of(playlist: Playlist, *, captured_at: datetime | None = None) -> PlaylistHeader:
    """What a provider tells of a playlist."""
    return PlaylistHeader(
        provider=playlist.provider,
        provider_playlist_id=playlist.id,
        name=playlist.name,
        description=playlist.description or None,
        owner=playlist.owner,
        is_public=playlist.is_public,
        item_count=playlist.track_count,
        captured_at=captured_at,
    )


def entry_of(item: PlaylistItem, position: int, *, url: str | None = None) -> Entry:
    """What a provider tells of a place in a playlist.

    Args:
        item: As its client gives it.
        position: In the file; the provider's own has gaps where it leaves places out.
        url: Where people find it; see `urls.url_of`.
    """
    track, details = item.track, item.details
    return Entry(
        position=position,
        kind=_KINDS.get(track.kind, "track"),
        provider=track.provider,
        provider_id=track.id or None,
        url=url,
        title=track.title,
        artists=track.artists or ((track.channel,) if track.channel else ()),
        album=track.album,
        release_date=track.release_date,
        duration_ms=track.duration_ms,
        isrc=track.isrc,
        explicit=track.explicit,
        added_at=item.added_at,
        added_by=item.added_by,
        album_artists=details.album_artists,
        disc_number=details.disc_number,
        track_number=details.track_number,
        popularity=details.popularity,
        artwork_url=details.artwork,
        artist_uris=_uris(track.provider, ItemType.ARTIST, details.artist_ids),
        album_uri=next(iter(_uris(track.provider, ItemType.ALBUM, filter(None, [details.album_id]))), None),
        album_artist_uris=_uris(track.provider, ItemType.ARTIST, details.album_artist_ids),
    )


def _uris(provider: ProviderName, kind: ItemType, ids: Iterable[str]) -> tuple[str, ...]:
    """What names artists and albums in Exportify's tables: Spotify's URIs, addresses elsewhere."""
    if provider == "spotify":
        return tuple(f"spotify:{kind}:{item_id}" for item_id in ids)
    entry = registry.PROVIDERS.get(provider)
    known = entry is not None and kind in entry.addresses
    return tuple(entry.address(kind, item_id) for item_id in ids) if entry and known else ()

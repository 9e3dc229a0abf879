"""Addresses of what stands in playlists: of its provider, and back to provider and id."""

from dataclasses import dataclass
from typing import Final

from musicconnect.music import links
from musicconnect.music.model import ItemType, ProviderName
from musicconnect.playlist_files.model import Entry, Kind
from musicconnect.providers import registry

_LOCAL: Final = "spotify:local:"
_EPISODE: Final = "spotify:episode:"
_EPISODE_PAGE: Final = "https://open.spotify.com/episode/"
_RECORDINGS: Final = {ItemType.TRACK, ItemType.VIDEO}


@dataclass(frozen=True, slots=True)
class ResourceRef:
    """Where an address leads."""

    provider: ProviderName
    provider_id: str
    kind: Kind = "track"


def url_of(kind: Kind, provider: ProviderName | None, provider_id: str | None) -> str | None:
    """Where people find an entry; None where there is no such place."""
    if provider is None or not provider_id or kind in {"local", "unavailable"}:
        return None
    if provider == "spotify" and kind == "episode":
        return _EPISODE_PAGE + provider_id
    entry = registry.PROVIDERS.get(provider)
    recording = None if entry is None else entry.item_types[0]
    if entry is None or kind != "track" or recording not in _RECORDINGS:
        return None
    return entry.address(recording, provider_id)


def uri_of(entry: Entry) -> str:
    """What names an entry in Exportify's tables: Spotify's URI, an address elsewhere, or nothing."""
    if entry.provider == "spotify" and entry.provider_id:
        if entry.kind == "local":
            return entry.provider_id if entry.provider_id.startswith(_LOCAL) else ""
        if entry.kind != "unavailable":
            return f"spotify:{entry.kind}:{entry.provider_id}"
    return entry.url or url_of(entry.kind, entry.provider, entry.provider_id) or ""


def parse_url(text: str) -> ResourceRef | None:
    """Where a URI or an address leads; None where that is no recording of a provider we know."""
    text = text.strip()
    if text.startswith(_LOCAL):
        return ResourceRef("spotify", text, "local")
    for prefix in (_EPISODE, _EPISODE_PAGE):
        if text.startswith(prefix):
            episode_id = text.removeprefix(prefix).partition("?")[0]
            return ResourceRef("spotify", episode_id, "episode") if episode_id.isalnum() else None
    if ":" not in text:
        return None
    try:
        link = links.parse(text)
    except links.LinkError:
        return None
    return ResourceRef(link.provider, link.id) if link.type in _RECORDINGS else None


def parse_playlist_url(text: str) -> tuple[ProviderName, str] | None:
    """Provider and id of the playlist that an address leads to."""
    try:
        link = links.parse(text)
    except links.LinkError:
        return None
    return (link.provider, link.id) if link.type is ItemType.PLAYLIST else None


def playlist_url(provider: ProviderName | None, playlist_id: str | None) -> str | None:
    """Where people find a playlist; None where there is no such place."""
    entry = registry.PROVIDERS.get(provider) if provider else None
    if entry is None or not playlist_id or ItemType.PLAYLIST not in entry.addresses:
        return None
    return entry.address(ItemType.PLAYLIST, playlist_id)

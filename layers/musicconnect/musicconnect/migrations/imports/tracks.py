"""Turn entries of uploaded files into a migration's source tracks. Pure."""

import hashlib
import re
from typing import Final

from musicconnect.migrations.file_tracks import PREFIX, anonymous_track
from musicconnect.music.model import ItemKind, ItemType, Track
from musicconnect.platform.text import storable
from musicconnect.playlist_files import urls
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.providers import registry
from musicconnect.providers.registry import FILE

MAX_TEXT_LENGTH: Final = 1000
"""Characters of a title, of a name; what is longer is none."""
MAX_ARTISTS: Final = 50
_KINDS: Final = {kind.value: kind for kind in (ItemKind.EPISODE, ItemKind.LOCAL, ItemKind.UNAVAILABLE)}
_ISRC: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")


def track_of(entry: Entry) -> Track:
    """Make the track that an entry names: of the provider whose id it has, or else of the file."""
    kind = _KINDS.get(entry.kind, ItemKind.TRACK)
    place = _place(entry) if kind is ItemKind.TRACK else None
    artists = tuple(_short(name) for name in entry.artists[:MAX_ARTISTS] if name.strip())
    provider = place.provider if place else FILE
    is_upload = place is not None and registry.PROVIDERS[provider].item_types[0] is ItemType.VIDEO
    isrc = (entry.isrc or "").upper().replace("-", "")
    track = Track(
        provider=provider,
        id=place.provider_id if place else "",
        title=_short(entry.title),
        # Where a provider knows no artists, an export has the channel in their place.
        artists=() if is_upload else artists,
        channel=", ".join(artists)[:MAX_TEXT_LENGTH] or None if is_upload else None,
        album=_short(entry.album) if entry.album else None,
        duration_ms=entry.duration_ms or None,
        isrc=isrc if _ISRC.fullmatch(isrc) else None,
        explicit=entry.explicit,
        release_date=_short(entry.release_date)[:10] if entry.release_date else None,
        kind=ItemKind.VIDEO if is_upload else kind,
    )
    return track if place else anonymous_track(track)


def playlist_id_of(head: PlaylistHeader) -> str:
    """Identify a playlist of a file: by where it was when it was exported, or else by its name.

    A later file with the same playlist updates what an earlier one became.
    """
    if head.provider and head.provider_playlist_id:
        text = f"{head.provider}:{head.provider_playlist_id}"
    else:
        text = f"name:{head.name}"
    text = storable(text)
    return PREFIX + (text if len(text) <= 150 else hashlib.sha256(text.encode()).hexdigest())


def _place(entry: Entry) -> urls.ResourceRef | None:
    """Give provider and id, where the id can be one of that provider."""
    if entry.provider is None or entry.provider_id is None:
        return None
    url = urls.url_of("track", entry.provider, entry.provider_id)
    place = urls.parse_url(url) if url else None
    return place if place is not None and place.provider_id == entry.provider_id else None


def _short(text: str) -> str:
    return storable(text)[:MAX_TEXT_LENGTH]

"""Turn entries of uploaded files into a migration's source tracks. Pure.

What a file says of a track is nobody's word but its owner's: a file may call any id by any name. So nothing
that was found for it goes into the shared match store under a provider's id. It goes there under an id made
from what the file says, which leads to nothing else; then a second file with the same entry costs no search.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from musicconnect.music.model import ItemKind, ItemType, Track
from musicconnect.platform.text import storable
from musicconnect.playlist_files import urls
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.providers import registry
from musicconnect.providers.match_store.model import Finding
from musicconnect.providers.registry import FILE

PREFIX: Final = f"{FILE}:"
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


def anonymous_track(track: Track) -> Track:
    """Give a track an id that is made from its own words, and leads to nothing else."""
    said = [
        track.title, track.artists, track.channel, track.album, track.duration_ms, track.isrc, track.kind,
        track.explicit,
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
    return replace(track, provider=FILE, id=PREFIX + digest)


def shareable(findings: Sequence[Finding]) -> list[Finding]:
    """Select what the match store may have of the findings about a file's tracks.

    Counterparts only: what was looked for in vain may be anything, and is nobody's business. What the file
    named itself was not looked for.
    """
    return [
        replace(finding, source=anonymous_track(finding.source))
        for finding in findings
        if finding.target is not None and finding.source.provider != finding.target_provider
    ]


def _place(entry: Entry) -> urls.ResourceRef | None:
    """Give provider and id, where the id can be one of that provider."""
    if entry.provider is None or entry.provider_id is None:
        return None
    url = urls.url_of("track", entry.provider, entry.provider_id)
    place = urls.parse_url(url) if url else None
    return place if place is not None and place.provider_id == entry.provider_id else None


def _short(text: str) -> str:
    return storable(text)[:MAX_TEXT_LENGTH]

"""Turn what TIDAL answers into the common vocabulary."""

import re

from musicconnect.music.model import Absence, Details, ItemKind, Playlist, PlaylistItem, Track
from musicconnect.providers.durations import duration_ms
from musicconnect.providers.tidal.documents import Included, Ref, Resource

NAME = "tidal"
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
STREAM = "STREAM"
ATMOS = "DOLBY_ATMOS"


def checked_isrc(text: str | None) -> str | None:
    """Give an ISRC as TIDAL takes it: twelve characters in capitals. One that is none spoils a whole call."""
    plain = (text or "").upper().replace("-", "").strip()
    return plain if _ISRC.fullmatch(plain) else None


def title_of(track: Resource) -> str:
    """Compose the title that people see: TIDAL has the version beside it, and sometimes in it as well."""
    title, version = (track.attributes.title or "").strip(), (track.attributes.version or "").strip()
    is_told = title.casefold().rstrip(")] ").endswith(version.casefold())
    if not version or (is_told and len(title) > len(version)):
        return title
    return f"{title} ({version})"


def track_of(document: Included, resource: Resource) -> Track:
    """Convert a track or a video."""
    told = resource.attributes
    album = next(document.related(resource, "albums"), None)
    is_video = resource.type == "videos"
    return Track(
        provider=NAME,
        id=resource.id,
        title=title_of(resource),
        artists=tuple(
            artist.attributes.name
            for artist in document.related(resource, "artists")
            if artist.attributes.name
        ),
        album=(album.attributes.title or None) if album else None,
        duration_ms=duration_ms(told.duration),
        # Some videos have invented ones.
        isrc=None if is_video else checked_isrc(told.isrc),
        explicit=told.explicit,
        release_date=(album.attributes.release_date or None) if album else None,
        kind=ItemKind.VIDEO if is_video else ItemKind.TRACK,
    )


def details_of(document: Included, resource: Resource) -> Details:
    """Convert what a list tells beside."""
    album = next(document.related(resource, "albums"), None)
    popularity = resource.attributes.popularity
    return Details(
        artist_ids=tuple(artist.id for artist in document.related(resource, "artists")),
        album_id=album.id if album else None,
        popularity=None if popularity is None else max(0, min(100, round(popularity * 100))),
    )


def item_of(document: Included, ref: Ref, position: int) -> PlaylistItem:
    """Convert a place in a list. What is not shown is gone: its id and its place stay."""
    found = document.find(ref)
    track = (
        Track(provider=NAME, id=ref.id, title="", kind=ItemKind.UNAVAILABLE, absence=Absence.UNAVAILABLE)
        if found is None
        else track_of(document, found)
    )
    return PlaylistItem(
        position=position,
        track=track,
        item_id=ref.meta.item_id if ref.meta else None,
        added_at=ref.meta.added_at if ref.meta else None,
        details=Details() if found is None else details_of(document, found),
    )


def playlist_of(resource: Resource, *, is_own: bool) -> Playlist:
    """Convert a playlist."""
    told = resource.attributes
    return Playlist(
        provider=NAME,
        id=resource.id,
        name=told.name or "",
        description=told.description or "",
        track_count=told.count or 0,
        version=told.changed_at,
        is_own=is_own,
        owner="TIDAL" if told.playlist_type == "EDITORIAL" else None,
        is_public=None if told.access_type is None else told.access_type == "PUBLIC",
    )


def is_playable(document: Included, track: Resource) -> bool:
    """Whether a track can be played in the country that was asked about; where nothing is told, it can."""
    for rules in document.related(track, "usageRules"):
        told = rules.attributes
        if told.subscription is not None or told.free is not None:
            return STREAM in (told.subscription or ()) or STREAM in (told.free or ())
    return True


def by_preference(tracks: list[Resource]) -> list[Resource]:
    """Sort editions of one recording: what a person would take first. Equal ones stay in TIDAL's order."""
    return sorted(
        tracks,
        key=lambda track: (
            track.attributes.ai is True,
            ATMOS in (track.attributes.media_tags or ()),
            -(track.attributes.popularity or 0.0),
        ),
    )

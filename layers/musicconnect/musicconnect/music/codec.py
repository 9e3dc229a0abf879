"""Encode tracks as JSON, and decode them."""

from typing import Any

from musicconnect.music.model import ItemKind, Track

_FIELDS = (
    "id", "title", "album", "duration_ms", "isrc", "explicit", "channel", "channel_id", "description",
    "release_date", "barcode", "track_count",
)  # fmt: skip


def encode(track: Track) -> dict[str, Any]:
    """Encode a track, without what is absent. The provider is not repeated."""
    values: dict[str, Any] = {name: getattr(track, name) for name in _FIELDS}
    values["artists"] = list(track.artists) or None
    values["kind"] = None if track.kind is ItemKind.TRACK else track.kind.value
    values["is_public"] = None if track.is_public else False
    return {name: value for name, value in values.items() if value is not None}


def encode_shown(track: Track) -> dict[str, Any]:
    """Encode what is shown of a track: a description is long, and of no use to who looks at a list."""
    return {name: value for name, value in encode(track).items() if name != "description"}


def decode(provider: str, entry: dict[str, Any]) -> Track:
    """Decode a track; an entry may name another provider: those out of one file may be of many."""
    values = dict(entry)
    return Track(
        provider=values.pop("provider", provider),
        artists=tuple(values.pop("artists", ())),
        kind=ItemKind(values.pop("kind", ItemKind.TRACK)),
        **values,
    )

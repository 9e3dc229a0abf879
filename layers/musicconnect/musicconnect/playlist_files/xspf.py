"""Playlists in the words of XSPF (https://www.xspf.org/spec), which JSPF has, too."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from musicconnect.playlist_files import json_fields, urls
from musicconnect.playlist_files.model import Entry, PlaylistHeader

APPLICATION: Final = "urn:musicconnect:playlist:1"
"""Names our extension, which holds as JSON what XSPF has no words for."""
NAMESPACE: Final = "http://xspf.org/ns/0/"
ISRC: Final = "urn:isrc:"
_URI_CHARACTERS: Final = "!#$%&'()*+,-./:;=?@[]_~"
_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
"""One that begins no escape."""

type Terms = dict[str, str | list[str]]
"""By element: its text; of ``location`` and ``identifier``, of which there may be many, the list of them."""


def track_terms(entry: Entry) -> Terms:
    """An entry in XSPF's words; those that have nothing to say are left out."""
    location = entry.url or urls.url_of(entry.kind, entry.provider, entry.provider_id)
    uri = urls.uri_of(entry)
    identifiers = [uri] if uri and uri != location else []
    identifiers += [ISRC + entry.isrc] if entry.isrc else []
    terms: dict[str, str | list[str] | None] = {
        "location": [as_uri(location)] if location else None,
        "identifier": [as_uri(identifier) for identifier in identifiers],
        "title": entry.title,
        "creator": ", ".join(entry.artists),
        "image": as_uri(entry.artwork_url) if entry.artwork_url else None,
        "album": entry.album,
        # More than 0, says the specification.
        "trackNum": str(entry.track_number) if entry.track_number and entry.track_number > 0 else None,
        "duration": str(entry.duration_ms) if entry.duration_ms is not None else None,
    }
    return {name: value for name, value in terms.items() if value}


def parse_track(terms: Mapping[str, Any]) -> dict[str, Any]:
    """What is understood of a track's words, by field."""
    locations, identifiers = _many(terms, "location"), _many(terms, "identifier")
    places = [place for text in (*identifiers, *locations) if (place := urls.parse_url(text)) is not None]
    place = places[0] if places else None
    isrcs = [text[len(ISRC) :] for text in identifiers if text.lower().startswith(ISRC)]
    creator = _one(terms, "creator")
    return {
        "kind": place.kind if place else "track",
        "provider": place and place.provider,
        "provider_id": place and place.provider_id,
        "url": locations[0] if locations else None,
        "title": _one(terms, "title") or "",
        "artists": (creator,) if creator else (),
        "album": _one(terms, "album"),
        "track_number": json_fields.parse_number(_one(terms, "trackNum") or ""),
        "duration_ms": json_fields.parse_number((_one(terms, "duration") or "").removesuffix(".0")),
        "artwork_url": _one(terms, "image"),
        "isrc": isrcs[0].upper().replace("-", "") if isrcs else None,
    }


def playlist_terms(head: PlaylistHeader) -> Terms:
    """A head in XSPF's words."""
    url = urls.playlist_url(head.provider, head.provider_playlist_id)
    terms: dict[str, str | None] = {
        "title": head.name,
        "creator": head.owner,
        "annotation": head.description,
        "identifier": as_uri(url) if url else None,
        "date": json_fields.iso_utc(head.captured_at) if head.captured_at else None,
    }
    return {name: value for name, value in terms.items() if value}


def parse_playlist(terms: Mapping[str, Any]) -> dict[str, Any]:
    """What is understood of a playlist's words, by field."""
    found = [
        urls.parse_playlist_url(text) for name in ("identifier", "location") for text in _many(terms, name)
    ]
    provider, playlist_id = next((place for place in found if place is not None), (None, None))
    return {
        "name": _one(terms, "title") or "",
        "owner": _one(terms, "creator"),
        "description": _one(terms, "annotation"),
        "captured_at": json_fields.parse_time(_one(terms, "date") or ""),
        "provider": provider,
        "provider_playlist_id": playlist_id,
    }


def as_uri(text: str) -> str:
    """The text with everything in percent that no URI may hold."""
    return _PERCENT.sub("%25", quote(text, safe=_URI_CHARACTERS, errors="replace"))


def _many(terms: Mapping[str, Any], name: str) -> list[str]:
    value = terms.get(name)
    found = value if isinstance(value, list) else [value]
    return [text.strip() for text in found if isinstance(text, str) and text.strip()]


def _one(terms: Mapping[str, Any], name: str) -> str | None:
    """The text of an element, None where it is empty; JSPF's numbers are texts like XSPF's."""
    value = terms.get(name)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value) or None

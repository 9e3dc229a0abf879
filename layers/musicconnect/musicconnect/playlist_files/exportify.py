"""An entry as a row of Exportify's table, and what is understood of such a row.

Columns, their order and their names are Exportify's (https://github.com/watsonbox/exportify), so that what
reads its tables reads ours. What it has no column for stands in ours, behind them.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from musicconnect.playlist_files import json_fields, urls
from musicconnect.playlist_files.model import Entry

EXPORTIFY_COLUMNS: Final = (
    "Track URI", "Track Name", "Artist URI(s)", "Artist Name(s)", "Album URI", "Album Name",
    "Album Artist URI(s)", "Album Artist Name(s)", "Album Release Date", "Album Image URL", "Disc Number",
    "Track Number", "Track Duration (ms)", "Track Preview URL", "Explicit", "Popularity", "ISRC", "Added By",
    "Added At",
)  # fmt: skip
OUR_COLUMNS: Final = ("Position", "Kind", "Provider", "Provider ID", "Track URL", "MusicConnect")
"""``Position`` counts from 1 and is for people: what a file's order says is its order."""
EXTENSION: Final = "MusicConnect"
"""JSON of what the other columns do not say; empty for most rows."""
COLUMNS: Final = EXPORTIFY_COLUMNS + OUR_COLUMNS
_UNSPLIT: Final = re.compile(r"(?<!\\),\s*")
_USER: Final = "spotify:user:"


def to_row(entry: Entry) -> dict[str, str]:
    """An entry by columns, texts as they are."""
    row = dict.fromkeys(COLUMNS, "") | {
        "Track URI": urls.uri_of(entry),
        "Track Name": entry.title,
        "Artist URI(s)": ", ".join(entry.artist_uris),
        "Artist Name(s)": _joined(entry.artists),
        "Album URI": entry.album_uri or "",
        "Album Name": entry.album or "",
        "Album Artist URI(s)": ", ".join(entry.album_artist_uris),
        "Album Artist Name(s)": _joined(entry.album_artists),
        "Album Release Date": entry.release_date or "",
        "Album Image URL": entry.artwork_url or "",
        "Disc Number": _text(entry.disc_number),
        "Track Number": _text(entry.track_number),
        "Track Duration (ms)": _text(entry.duration_ms),
        "Explicit": _text(entry.explicit),
        "Popularity": _text(entry.popularity),
        "ISRC": entry.isrc or "",
        "Added By": _added_by(entry),
        "Added At": "" if entry.added_at is None else json_fields.iso_utc(entry.added_at),
        "Position": str(entry.position + 1),
        "Kind": entry.kind,
        "Provider": entry.provider or "",
        "Provider ID": entry.provider_id or "",
        "Track URL": entry.url or "",
    }
    # What a cell of most programs cannot hold; the rest says it.
    row = {name: value.replace("\x00", "\ufffd") for name, value in row.items()}
    extension = json_fields.extension_fields(entry, parse_row(row))
    return row | {EXTENSION: json.dumps(extension, separators=(",", ":")) if extension else ""}


def parse_row(row: Mapping[str, str]) -> dict[str, Any]:
    """What is understood of a row, by field. Columns that are absent say nothing."""
    get = row.get
    place = urls.parse_url(get("Track URI", "")) or urls.parse_url(get("Track URL", ""))
    said: dict[str, Any] = {
        "title": get("Track Name", ""),
        "artists": _split(get("Artist Name(s)", "")),
        "artist_uris": _listed(get("Artist URI(s)", "")),
        "album": get("Album Name") or None,
        "album_uri": get("Album URI") or None,
        "album_artist_uris": _listed(get("Album Artist URI(s)", "")),
        "album_artists": _split(get("Album Artist Name(s)", "")),
        "release_date": get("Album Release Date") or None,
        "artwork_url": get("Album Image URL") or None,
        "disc_number": json_fields.parse_number(get("Disc Number", "")),
        "track_number": json_fields.parse_number(get("Track Number", "")),
        "duration_ms": json_fields.parse_number(get("Track Duration (ms)", "")),
        "explicit": json_fields.parse_flag(get("Explicit", "")),
        "popularity": json_fields.parse_number(get("Popularity", "")),
        "isrc": get("ISRC") or None,
        "added_by": get("Added By", "").removeprefix(_USER) or None,
        "added_at": json_fields.parse_time(get("Added At", "")),
        "url": get("Track URL") or None,
        "provider": get("Provider") or (place and place.provider),
        "provider_id": get("Provider ID") or (place and place.provider_id),
    }
    kind = get("Kind") or (place and place.kind)
    return said | ({"kind": kind} if kind in json_fields.KINDS else {})


def _joined(names: tuple[str, ...]) -> str:
    return ", ".join(name.replace(",", "\\,") for name in names)


def _split(text: str) -> tuple[str, ...]:
    if ";" in text:  # https://github.com/pavelkomarov/exportify puts semicolons between them
        return tuple(part.strip() for part in text.split(";"))
    return tuple(part.replace("\\,", ",") for part in _UNSPLIT.split(text)) if text else ()


def _listed(text: str) -> tuple[str, ...]:
    return tuple(uri for part in text.split(",") if (uri := part.strip()))


def _added_by(entry: Entry) -> str:
    """Who added it; Spotify's id of a person as a URI, which is how Exportify shows it."""
    who = entry.added_by or ""
    return _USER + who if who and entry.provider == "spotify" and ":" not in who else who


def _text(value: int | None) -> str:
    """A number, or true or false, as Exportify writes it."""
    return "" if value is None else str(value).lower()

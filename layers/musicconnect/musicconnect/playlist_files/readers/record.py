"""What one record of a table, or one object of a list, says of an entry, whoever wrote it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from musicconnect.files import cells
from musicconnect.files.headers import Meaning, key_of
from musicconnect.playlist_files import json_fields, urls

type Cells = Mapping[Meaning, Sequence[str]]
"""What stands under each meaning, in the order of the columns: stripped, without what is empty."""

NOTHING: Final = "it has neither a title nor an id"
_NULLS: Final = {"null", "undefined"}
"""What programs in JavaScript write for nothing."""
_NO_TRACKS: Final = {
    "album": "an album", "albums": "an album", "alben": "an album", "albumes": "an album",
    "artist": "an artist", "artists": "an artist", "kunstler": "an artist", "interpret": "an artist",
    "artiste": "an artist", "artistes": "an artist", "artista": "an artist", "artistas": "an artist",
    "artisti": "an artist", "podcast": "a podcast", "podcasts": "a podcast", "show": "a podcast",
    "audiobook": "an audiobook",
}  # fmt: skip
"""What rows of libraries are besides tracks, by the keys of their types."""
_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})(?:[.,]\d+)?")
_SECONDS: Final = re.compile(r"(\d{1,10}(?:[.,]\d{1,6})?)\s*(?:s|sec|seconds)?")
_UNESCAPED: Final = re.compile(r"(?<!\\),\s*")
_CLOSE: Final = re.compile(r"(?<!\\),(?!\s)")
_USER: Final = "spotify:user:"
_MOST_MS: Final = 2**31 - 1


def parse_record(record: Cells, *, numbered: bool = False) -> dict[str, Any] | str:
    """Tell what a record says, by an entry's field; a text says why it is no entry.

    Args:
        record: What it holds.
        numbered: Whether each column under ``artist`` holds an artist of its own.
    """
    title = _first(record, "title")
    row_type = _NO_TRACKS.get(key_of(_first(record, "row_type")))
    if row_type is not None:
        return f"it is {row_type}, not a track"
    artists = _artists(record, numbered=numbered)
    if title in _NULLS and all(name in _NULLS for name in artists):
        title, artists = "", ()
    place, url = _place(record)
    if not title and place is None:
        return NOTHING
    said: dict[str, Any] = {
        "title": title,
        "artists": artists,
        "artist_uris": _listed(record, "artist_uris"),
        "album": _known(record, "album"),
        "album_uri": _known(record, "album_uri"),
        "album_artist_uris": _listed(record, "album_artist_uris"),
        "album_artists": split_artists(
            _known(record, "album_artists") or "", len(_listed(record, "album_artist_uris"))
        ),
        "release_date": _known(record, "release_date"),
        "artwork_url": _known(record, "image_url"),
        "disc_number": _whole(_first(record, "disc_number")),
        "track_number": _whole(_first(record, "track_number")),
        "duration_ms": _duration_ms(record),
        "explicit": json_fields.parse_flag(_first(record, "explicit")),
        "popularity": _whole(_first(record, "popularity")),
        "isrc": _isrc(_first(record, "isrc")),
        "added_by": (_known(record, "added_by") or "").removeprefix(_USER) or None,
        "added_at": parse_added_at(_first(record, "added_at")),
        "url": url,
    }
    if place is not None:
        said |= {"provider": place.provider, "provider_id": place.provider_id, "kind": place.kind}
        if place.kind == "track" and url is None:
            said["url"] = urls.url_of("track", place.provider, place.provider_id)
    return said


def split_artists(text: str, count: int) -> tuple[str, ...]:
    r"""Split the artists of one cell.

    Exportify puts ``, `` between them and ``\,`` within a name; earlier it did not mark what is within. Its
    sibling puts ``;``, and earlier ``,`` without a blank. The URIs beside them tell how many they are.

    Args:
        text: The cell.
        count: Artists there are, 0 where nothing tells.
    """
    if not text:
        return ()
    if ";" in text:
        return tuple(name for part in text.split(";") if (name := part.strip()))
    parts = _UNESCAPED.split(text)
    if count and len(parts) > count and "\\," not in text:
        close = _CLOSE.split(text)
        parts = close if len(close) == count else _joined(parts, count)
    return tuple(part.replace("\\,", ",").strip() for part in parts if part.strip())


def _joined(parts: list[str], count: int) -> list[str]:
    """Put names together that a comma within them has cut, until there are as many as there should be."""
    parts = list(parts)
    while len(parts) > count:
        # "Tyler, The Creator": what begins with an article goes with what stands before it.
        at = next((n for n in range(1, len(parts)) if parts[n].lower().startswith("the ")), len(parts) - 1)
        at = 1 if count == 1 else at
        parts[at - 1 : at + 1] = [f"{parts[at - 1]}, {parts[at]}"]
    return parts


def parse_duration_ms(text: str) -> int | None:
    """Read a length: ``3:21``, ``201``, ``201.5``, ``225s`` (seconds), ``201000``; None for others."""
    match = _CLOCK.fullmatch(text)
    if match is not None:
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return min(((hours * 60 + minutes) * 60 + seconds) * 1000, _MOST_MS)
    match = _SECONDS.fullmatch(text.lower())
    if match is None:
        return None
    value = float(match[1].replace(",", "."))
    # No recording in a playlist lasts as long as this many seconds, or as little as this many milliseconds.
    found = round(value if value >= 30_000 else value * 1000)
    return found if 0 < found <= _MOST_MS else None


def parse_added_at(text: str) -> Any:
    """Read when something was added, aware; None for what is no time."""
    moment = cells.parse_moment(text) if text else None
    return None if moment is None else json_fields.parse_time(moment.isoformat())


def _artists(record: Cells, *, numbered: bool) -> tuple[str, ...]:
    if numbered and "artist" in record:
        return tuple(record["artist"])
    several = _first(record, "artists")
    if several:
        return split_artists(several, len(_listed(record, "artist_uris")))
    one = _first(record, "artist")
    return split_artists(one, 1) if one else ()


def _place(record: Cells) -> tuple[urls.ResourceRef | None, str | None]:
    """Find where a record leads, and the address that it tells, which may lead nowhere that we know."""
    addresses = [text for text in record.get("track_uri", ()) if text not in _NULLS]
    for text in addresses:
        place = urls.parse_url(text)
        if place is not None:
            is_page = text.lower().startswith("http")
            return place, text if is_page else None
    for text in record.get("spotify_id", ()):
        # Of a table whose word says no more than "track id".
        page = "https://youtu.be/" if cells.is_video_id(text) else "spotify:track:"
        place = urls.parse_url(text if ":" in text else page + text)
        if place is not None:
            return place, None
    for text in record.get("video_id", ()):
        place = urls.parse_url(text if ":" in text else f"https://youtu.be/{text}")
        if place is not None:
            return place, None
    pages = [text for text in addresses if text.lower().startswith("http")]
    return None, pages[0] if pages else None


def _duration_ms(record: Cells) -> int | None:
    text = _first(record, "duration_ms")
    if text:
        value = text.replace(",", ".")
        try:
            found = round(float(value)) if len(value) < 20 else 0
        except (ValueError, OverflowError):
            found = 0
        return found if 0 < found <= _MOST_MS else None
    return parse_duration_ms(_first(record, "duration") or _first(record, "time"))


def _isrc(text: str) -> str | None:
    return text.upper().replace("-", "") if cells.is_isrc(text) else None


def _whole(text: str) -> int | None:
    return json_fields.parse_number(text.removesuffix(".0"))


def _first(record: Cells, meaning: Meaning) -> str:
    return next(iter(record.get(meaning, ())), "")


def _known(record: Cells, meaning: Meaning) -> str | None:
    return next((text for text in record.get(meaning, ()) if text not in _NULLS), None)


def _listed(record: Cells, meaning: Meaning) -> tuple[str, ...]:
    return tuple(uri for part in _first(record, meaning).split(",") if (uri := part.strip()))

"""JSON lists of tracks: objects whose members are called as columns are."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from musicconnect.files import headers
from musicconnect.files.headers import Meaning
from musicconnect.playlist_files import file_names, json_fields, urls
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.readers.json import NO_OBJECT
from musicconnect.playlist_files.readers.json_stream import Scanner
from musicconnect.playlist_files.readers.record import parse_added_at, parse_record
from musicconnect.playlist_files.readers.source import Report, Source

_PLAYED: Final = ({"ts", "ms_played"}, {"endTime", "msPlayed"}, {"listened_at"}, {"header", "title", "time"})
"""Members of records of histories."""


def is_history(value: Mapping[str, Any]) -> bool:
    """Tell whether an object is a record of a history of plays."""
    return any(names <= value.keys() for names in _PLAYED) or (
        isinstance(value.get("date"), dict) and "uts" in value["date"]
    )


def is_record(value: Mapping[str, Any]) -> bool:
    """Tell whether an object names a track."""
    known = record_of(value).keys()
    return (bool(known & {"title", "track_uri", "spotify_id", "video_id"}) and len(known) >= 2) or _is_item(
        value
    )


def read(source: Source, report: Report) -> Iterator[PlaylistHeader | Entry]:
    """A list of tracks, called like its file."""
    yield file_names.with_file_name(PlaylistHeader(), source.name)
    position = 0
    with source.open() as stream:
        for place, value in Scanner(stream).elements(report):
            if not isinstance(value, dict):
                report(place, NO_OBJECT)
                continue
            said = _item(value) if _is_item(value) else parse_record(record_of(value), numbered=True)
            if isinstance(said, str):
                report(place, said)
                continue
            yield json_fields.make_entry(position, said)
            position += 1


def record_of(value: Mapping[str, Any]) -> dict[Meaning, list[str]]:
    """Give what an object's members say, by what their names mean."""
    found: dict[Meaning, list[str]] = {}
    for name, held in value.items():
        meaning = headers.meaning_of(name)
        if meaning is not None:
            found.setdefault("artist" if meaning == "artists" else meaning, []).extend(_texts(held))
    return found


def _texts(held: Any) -> list[str]:
    """Give what stands under a name as texts: a text, a number, a list of them, an object with a name."""
    if isinstance(held, dict):
        held = held.get("name")
    if isinstance(held, list):
        return [text for part in held[:100] for text in _texts(part) if not isinstance(part, list)]
    if isinstance(held, bool):
        return [str(held).lower()]
    text = str(held).strip() if isinstance(held, str | int | float) else ""
    return [text] if text else []


def _is_item(value: Mapping[str, Any]) -> bool:
    """Tell whether it is an entry of a playlist as YouTube's API has it, which Takeout gave until 2022."""
    details = value.get("contentDetails")
    return isinstance(details, dict) and isinstance(details.get("videoId"), str)


def _item(value: Mapping[str, Any]) -> dict[str, Any] | str:
    snippet = value.get("snippet")
    snippet = snippet if isinstance(snippet, dict) else {}
    place = urls.parse_url(f"https://youtu.be/{value['contentDetails']['videoId']}")
    if place is None:
        return "its id is none of a video"
    channel = snippet.get("videoOwnerChannelTitle") or ""
    return {
        "title": snippet["title"] if isinstance(snippet.get("title"), str) else "",
        "artists": (channel,) if isinstance(channel, str) and channel else (),
        "provider": place.provider,
        "provider_id": place.provider_id,
        "url": urls.url_of("track", place.provider, place.provider_id),
        "added_at": parse_added_at(str(snippet.get("publishedAt") or "")),
    }

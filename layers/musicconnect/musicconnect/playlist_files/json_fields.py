"""Heads and entries as JSON, whole or only what a format's own words do not say.

A format such as XSPF has words for some of what we know. A writer says what it can in these words, looks at
what a reader would understand of them, and puts the difference beside them as JSON. So other programs find
what they look for, nothing is said twice, and our reader gets back exactly what was written.
"""

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, get_args

from musicconnect.platform.text import encodable
from musicconnect.playlist_files.model import Entry, Kind, PlaylistHeader

HEADER_FIELDS: Final = tuple(field.name for field in dataclasses.fields(PlaylistHeader))
ENTRY_FIELDS: Final = tuple(field.name for field in dataclasses.fields(Entry) if field.name != "position")
"""An entry's place tells its position."""
KINDS: Final = frozenset(get_args(Kind.__value__))
_HEAD_DEFAULTS: Final = {field.name: field.default for field in dataclasses.fields(PlaylistHeader)}
_ENTRY_DEFAULTS: Final = {
    field.name: field.default for field in dataclasses.fields(Entry) if field.name != "position"
}
_LISTS: Final = {"artists", "album_artists", "artist_uris", "album_artist_uris"}
_TIMES: Final = {"added_at", "captured_at"}
_NUMBERS: Final = {"disc_number", "track_number", "duration_ms", "popularity", "item_count"}
_FLAGS: Final = {"explicit", "is_public"}
_ALWAYS: Final = {"name", "title"}
"""Texts, never None."""
_MOST: Final = 2**31 - 1


def extension_fields(thing: PlaylistHeader | Entry, said: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be put beside a format's own words, as JSON.

    Args:
        thing: What is written.
        said: What a reader understands of the words, by field.
    """
    names, defaults = (
        (HEADER_FIELDS, _HEAD_DEFAULTS)
        if isinstance(thing, PlaylistHeader)
        else (ENTRY_FIELDS, _ENTRY_DEFAULTS)
    )
    return {
        name: json_value(getattr(thing, name))
        for name in names
        if getattr(thing, name) != said.get(name, defaults[name])
    }


def to_json(thing: PlaylistHeader | Entry) -> dict[str, Any]:
    """All that is known of it, as JSON."""
    return extension_fields(thing, {})


def make_entry(position: int, said: Mapping[str, Any], beside: Any = None) -> Entry:
    """The entry of which a format's words say one thing and what stands beside them another.

    Args:
        position: Its own, counted from 0.
        said: By field.
        beside: What `extension_fields` gave, as it came back; from anybody, so nothing in it is trusted.
    """
    return Entry(position=position, **{**said, **_checked(beside, ENTRY_FIELDS)})


def make_header(said: Mapping[str, Any], beside: Any = None) -> PlaylistHeader:
    """The head of which a format's words say one thing and what stands beside them another."""
    return PlaylistHeader(**{**said, **_checked(beside, HEADER_FIELDS)})


def is_nameless(entry: Entry) -> bool:
    """Tell whether an entry has neither title nor id: without a word of ours no reader takes it for one."""
    return not entry.title and entry.provider_id is None


def fields_of(entry: Entry) -> dict[str, Any]:
    """An entry's fields but its position, for another entry that differs in nothing else."""
    return {name: getattr(entry, name) for name in ENTRY_FIELDS}


def known_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """What of an entry's values, which anybody may have written, its fields can hold; None is nothing."""
    return _checked({name: value for name, value in values.items() if value is not None}, ENTRY_FIELDS)


def json_value(value: Any) -> Any:
    """A field's value as JSON has it."""
    match value:
        case datetime():
            return iso_utc(value)
        case tuple():
            return list(value)
        case _:
            return value


def iso_utc(value: datetime) -> str:
    """A time as ISO 8601 in UTC, as Spotify writes it; what is naive is taken for UTC."""
    utc = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return utc.isoformat().replace("+00:00", "Z")


def parse_time(text: str) -> datetime | None:
    """The time that a text tells, aware; None where it tells none. Dates are midnight, UTC."""
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:  # the first or last day of time, in a zone far away
        return None


def parse_number(text: str) -> int | None:
    """The number that a text tells, from 0 to 2³¹ - 1; None where it tells none."""
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        return None
    value = int(text)
    return value if value <= _MOST else None


def parse_flag(text: str) -> bool | None:
    """True or false, in the words that programs have for them."""
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
        text.strip().lower()
    )


def _checked(values: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """What of these values a field can hold, as it holds it."""
    if not isinstance(values, dict):
        return {}
    found = ((name, _held(name, values[name])) for name in names if name in values)
    return {name: value for name, value in found if value is not _NOTHING}


_NOTHING: Final = object()


def _held(name: str, value: Any) -> Any:
    """A JSON value as a field holds it."""
    if name == "kind":
        return value if value in KINDS else _NOTHING
    if name in _LISTS:
        if isinstance(value, str):
            return (encodable(value),)
        is_list = isinstance(value, list) and all(isinstance(part, str) for part in value)
        return tuple(map(encodable, value)) if is_list else _NOTHING
    if value is None:
        return _NOTHING if name in _ALWAYS else None
    if name in _FLAGS:
        return value if isinstance(value, bool) else _NOTHING
    if name in _NUMBERS:
        is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST
        return value if is_number else _NOTHING
    if not isinstance(value, str):
        return _NOTHING
    if name in _TIMES:
        return parse_time(value) or _NOTHING
    return encodable(value)


def parse_json(text: str) -> Any:
    """The value; None where it is none, for it may have been changed by hand."""
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def to_bytes(value: Any) -> bytes:
    """Give a value as JSON without blanks, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

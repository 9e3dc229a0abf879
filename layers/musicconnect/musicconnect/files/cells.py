"""Tell what a cell is by its content, where no word over its column is known."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal

type Content = Literal["uri", "video_id", "spotify_id", "isrc", "moment", "clock", "number", "text"]

_URI: Final = re.compile(r"(?:https?://|spotify:)\S+", re.IGNORECASE)
_VIDEO_ID: Final = re.compile(r"[A-Za-z0-9_-]{11}")
_SPOTIFY_ID: Final = re.compile(r"[A-Za-z0-9]{22}")
_ISRC: Final = re.compile(r"[A-Z]{2}-?[A-Z0-9]{3}-?\d{2}-?\d{5}", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(?:\d{1,3}:)?\d{1,3}:\d{2}(?:\.\d+)?")
_NUMBER: Final = re.compile(r"-?\d+(?:[.,]\d+)?")
_OFFSET: Final = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
_DAY_FIRST: Final = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_ENOUGH: Final = 0.8
"""Of the cells of a column that are not empty, for saying what it holds."""


def is_video_id(text: str) -> bool:
    """Tell whether a text can be the id of a YouTube video: eleven signs that are not just a word."""
    text = text.strip()
    is_word = text.isalpha() and (text.istitle() or text.islower() or text.isupper())
    return _VIDEO_ID.fullmatch(text) is not None and not is_word


def is_spotify_id(text: str) -> bool:
    """Tell whether a text can be an id of Spotify: 22 letters and digits."""
    return _SPOTIFY_ID.fullmatch(text.strip()) is not None


def is_isrc(text: str) -> bool:
    """Tell whether a text is an ISRC, with or without hyphens."""
    return _ISRC.fullmatch(text.strip()) is not None


def parse_moment(text: str) -> datetime | None:
    """Read a moment as tables write it: ISO 8601, with ``UTC`` behind it, or ``dd.mm.yyyy hh:mm:ss``.

    Gives it aware where the text tells a zone, else naive; None where the text tells no moment.
    """
    text = text.strip()[:64]
    offset = _OFFSET.search(text)
    bare = text[: offset.start()] if offset else text
    day_first = _DAY_FIRST.fullmatch(bare)
    try:
        if day_first is not None:
            day, month, year, hour, minute, second = (int(part or 0) for part in day_first.groups())
            found = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the text tells no zone
        else:
            found = datetime.fromisoformat(bare)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if offset and found.tzinfo is None else found


def content_of(text: str) -> Content:
    """Tell what one cell is."""
    text = text.strip()
    if _URI.fullmatch(text):
        return "uri"
    if is_isrc(text):
        return "isrc"
    if _NUMBER.fullmatch(text):
        return "number"
    if _CLOCK.fullmatch(text):
        return "clock"
    if is_video_id(text):
        return "video_id"
    if is_spotify_id(text):
        return "spotify_id"
    return "moment" if text[:1].isdigit() and parse_moment(text) is not None else "text"


def content_of_column(cells: Sequence[str]) -> Content | None:
    """Tell what a column holds: what most of its cells are; None where they are empty or of many kinds."""
    kinds = [content_of(cell) for cell in cells if cell.strip()]
    if not kinds:
        return None
    most = max(set(kinds), key=kinds.count)
    return most if kinds.count(most) >= _ENOUGH * len(kinds) else None

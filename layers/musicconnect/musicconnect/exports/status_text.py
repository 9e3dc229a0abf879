"""Say in words what an export does, or how it ended."""

from collections.abc import Mapping
from typing import Any, Final

from musicconnect.platform.status import Reader, Status, Text, plural, render, sentence
from musicconnect.providers import status_text as provider_text
from musicconnect.providers.registry import title

_ROWS: Final = {
    "history": ("play", "plays"),
    "pins": ("pin", "pins"),
    "migrations": ("track", "tracks"),
    "account": ("row", "rows"),
    "playlists": ("playlist entry", "playlist entries"),
}


def _completed(params: Mapping[str, Any], _: Reader) -> str:
    one, several = _ROWS[params["type"].partition("_")[0]]
    text = f"{plural(params['rows'], one, several)} in {plural(params['files'], 'file')}."
    return f"{text} {plural(params['notes'], 'note')} on what was left out." if params["notes"] else text


TEXTS: Final[dict[str, Text]] = {
    **provider_text.TEXTS,
    "waiting-for-turn": lambda _, __: "Waiting for its turn.",
    "reading-playlists": lambda p, _: (
        f"Reading playlists from {title(p['provider'])}: {p['done']:,} of {p['total']:,}, "
        f"{p['entries']:,} entries so far."
    ),
    "counted": lambda _, __: "Counted; writing begins.",
    "writing": lambda p, _: f"Writing: {p['rows']:,} of {p['expected']:,} rows.",
    "waiting-for-quota": lambda p, reader: (
        f"Waiting for {title(p['provider'])} quota until {reader.time(p['until'])}."
    ),
    "waiting-for-provider": lambda p, reader: (
        f"{title(p['provider'])} does not answer properly. Trying again at {reader.time(p['until'])}."
    ),
    "waiting-for-storage": lambda p, reader: (
        f"The storage does not answer. Trying again at {reader.time(p['until'])}."
    ),
    "completed": _completed,
    "nothing-read": lambda p, _: f"Nothing could be read. {sentence(p['note'])}",
    "too-many-attempts": lambda _, __: "It could not be built after several attempts. Ask for a new export.",
    "cancelled": lambda _, __: "Cancelled.",
    "expired": lambda _, __: "Expired: its files have been deleted.",
}
"""By code."""


def text_of(status: Status, reader: Reader) -> str:
    """Write an export's status as sentences."""
    return render(TEXTS, status, reader)

"""Say in words what an export does, or how it ended."""

from collections.abc import Mapping
from typing import Any, Final

from musicconnect.platform.status import Reader, Status, Text, plural, render, sentence
from musicconnect.providers import status_text as provider_text
from musicconnect.providers.registry import title

_ROWS: Final = {
    "trends": ("row", "rows"),
    "pins": ("pin", "pins"),
    "migrations": ("track", "tracks"),
    "account": ("row", "rows"),
    "playlists": ("playlist entry", "playlist entries"),
}


_KINDS: Final = ("play", "skip", "start")


def _counted(params: Mapping[str, Any]) -> str:
    """Say how many rows there are, of a history by what they are."""
    kind = params["type"].partition("_")[0]
    if kind != "history":
        return plural(params["rows"], *_ROWS[kind])
    kinds = params.get("kinds", {})
    if sum(kinds.values()) != params["rows"]:  # some came or went while it was built
        return plural(params["rows"], "play, skip or start", "plays, skips and starts")
    parts = [plural(kinds[one], one) for one in _KINDS if kinds.get(one)] or ["0 plays"]
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


def _completed(params: Mapping[str, Any], _: Reader) -> str:
    text = f"{_counted(params)} in {plural(params['files'], 'file')}."
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

"""Render the states of repairs, and why entries cannot be played."""

from collections.abc import Mapping
from typing import Any, Final

from musicconnect.platform.status import Reader, Status, Text
from musicconnect.providers import registry
from musicconnect.providers.registry import title
from musicconnect.sync.status_text import not_in_catalogue


def render(status: Status, reader: Reader) -> str:
    """Write a state's sentences for somebody."""
    return TEXTS[status.code](status.params, reader)


def cause(code: str, provider: str, *, is_not_in_catalogue: bool = False) -> str:
    """Say why an entry cannot be played, and whether its person can add it to an open catalogue."""
    catalogue = registry.get(provider).search.catalogue
    if catalogue is None or code != "unavailable":
        return _CAUSES[code].format(title(provider))
    # Nobody plays anything there: it is an id of which the catalogue knows nothing.
    found = f"{catalogue} has nothing under its id."
    return f"{found} What it was is {not_in_catalogue(catalogue)}." if is_not_in_catalogue else found


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _proposed(params: Mapping[str, Any]) -> str:
    dead, sure, unsure = params["dead"], params["sure"], params["unsure"]
    rest = dead - sure - unsure
    parts = [f"{_entries(dead)} cannot be played."]
    if sure:
        parts.append(f"{sure} can be replaced at once.")
    if unsure:
        parts.append(f"{unsure} need{'s' if unsure == 1 else ''} your decision.")
    if rest:
        parts.append(f"For {rest} nothing was found.")
    return " ".join(parts)


def _repaired(params: Mapping[str, Any]) -> str:
    left = params["refused"]
    rest = f" {_entries(left)} could not be changed." if left else ""
    return f"{_entries(params['replaced'])} replaced.{rest}"


_CAUSES: Final = {
    "deleted": "It was deleted from {}.",
    "private": "It is private on {}.",
    "blocked": "{} does not show it in your country.",
    "unavailable": "{} no longer plays it for you.",
}

_EVERY: Final = {"daily": "day", "weekly": "week", "monthly": "month"}

TEXTS: Final[dict[str, Text]] = {
    "waiting-to-start": lambda _, __: "Waiting to be looked at.",
    "looking": lambda params, _: (
        f"{_entries(params['dead'])} cannot be played; others are searched for: "
        f"{params['searched']} of {params['named']}."
    ),
    "nothing-dead": lambda _, __: "Every entry can be played, as far as is told.",
    "proposed": lambda params, _: _proposed(params),
    "applying": lambda _, __: "Being written.",
    "repaired": lambda params, _: _repaired(params),
    "undoing": lambda _, __: "Being undone.",
    "undone": lambda params, _: (
        "Undone."
        + (
            f" {_entries(params['refused'])} could not be put back: they are no longer taken."
            if params.get("refused")
            else ""
        )
    ),
    "scheduled": lambda params, _: (
        f"Checked every {_EVERY[params['schedule']]}. You are told of what is found; nothing is written."
    ),
    "sleeping": lambda params, _: (
        f"Asleep: no usable {title(params['provider'])} account is linked. It goes on once there is one."
    ),
    "account-missing": lambda params, _: (
        f"Stopped: no usable {title(params['provider'])} account is linked. Link it and try again."
    ),
    "playlist-gone": lambda params, _: f"{title(params['provider'])} no longer has the playlist.",
    # In rows of versions before 2026-12; now it is a refusal.
    "not-yours": lambda params, _: f"{title(params['provider'])} does not let you change the playlist.",
    "refused-by-provider": lambda params, _: f"{title(params['provider'])} refused: {params['message']}",
    "waiting-for-quota": lambda params, reader: (
        f"{title(params['provider'])}'s allowance is spent. It goes on at {reader.time(params['until'])}."
    ),
    "waiting-for-provider": lambda params, reader: (
        f"{title(params['provider'])} does not answer properly. "
        f"The next attempt is at {reader.time(params['until'])}."
    ),
    "internal-error": lambda _, __: "Stopped by an error of ours. Nothing was lost; try again.",
}

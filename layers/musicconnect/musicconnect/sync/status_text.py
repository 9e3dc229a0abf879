"""Render the states of pairs and runs, and why they ask."""

from collections.abc import Mapping
from typing import Any, Final

from musicconnect.platform.status import Reader, Status, Text
from musicconnect.providers.registry import title


def render(status: Status, reader: Reader) -> str:
    """Write a state's sentences for somebody."""
    return TEXTS[status.code](status.params, reader)


def guard(value: Mapping[str, Any]) -> str:
    """Say why a run stopped, with its numbers."""
    return _GUARDS[value["code"]](value)


def _songs(count: int) -> str:
    return "1 song" if count == 1 else f"{count} songs"


def not_in_catalogue(catalogue: str, count: int = 1) -> str:
    """Say where songs are missing that people can add."""
    return f"not in {catalogue}, where you can add {'it' if count == 1 else 'them'}"


def _changes(params: Mapping[str, Any]) -> str:
    parts = []
    words = {"add": "{} put in", "remove": "{} taken out", "move": "{} moved"}
    for kind, text in words.items():
        count = sum(params.get(side, {}).get(kind, 0) for side in ("left", "right"))
        if count:
            parts.append(text.format(_songs(count)))
    renamed = sum(params.get(side, {}).get("rename", 0) for side in ("left", "right"))
    if renamed:
        parts.append("1 playlist renamed" if renamed == 1 else "both playlists renamed")
    review = params.get("review", 0)
    rest = f" {_songs(review)} need{'s' if review == 1 else ''} your decision." if review else ""
    for catalogue, count in params.get("not_in_catalogue", {}).items():
        rest += f" {_songs(count)} {'is' if count == 1 else 'are'} {not_in_catalogue(catalogue, count)}."
    contested = params.get("contested", 0)
    rest += f" {_songs(contested)} left alone: another program seems to be at work." if contested else ""
    refused = params.get("refused", 0)
    rest += f" {_songs(refused)} could not be put in." if refused else ""
    return (", ".join(parts) if parts else "nothing to change") + "." + rest


_GUARDS: Final = {
    "source-empty": lambda g: (
        f"{title(g['provider'])} shows nothing of {_songs(g['of'])} any more. "
        f"They were not taken out of {title(g['removes_from'])}."
    ),
    "many-removals": lambda g: (
        f"{_songs(g['count'])} of {g['of']} are gone from {title(g['provider'])}. "
        f"They were not taken out of {title(g['removes_from'])}."
    ),
    "slow-leak": lambda g: (
        f"{_songs(g['total'])} of {g['of']} would be gone within a week, the last {g['count']} because "
        f"they are gone from {title(g['provider'])}. These were not taken out of {title(g['removes_from'])}."
    ),
    "contested": lambda g: (
        f"{_songs(g['count'])} went in and out three times within a week: another program seems to keep one "
        "of these playlists in step, too. They are left as they are on either side."
    ),
    "many-moves": lambda g: (
        f"For the same order on {title(g['provider'])}, {_songs(g['count'])} would have to be moved, "
        + (f"for {g['units']:,} units of its day." if g.get("units") else "each by a call of its own.")
    ),
}


def _asking(params: Mapping[str, Any], code: str) -> str:
    return guard({"code": code, **params}) + " Say yes to do it, or no to leave both sides as they are."


TEXTS: Final[dict[str, Text]] = {
    "waiting-to-start": lambda _, __: "Waiting to be looked at for the first time.",
    "in-step": lambda params, _: "In step." if not params else f"In step: {_changes(params)}",
    "asking-first": lambda params, _: f"Before the first writing: {_changes(params)} Say yes to begin.",
    "asking-source-empty": lambda params, _: _asking(params, "source-empty"),
    "asking-many-removals": lambda params, _: _asking(params, "many-removals"),
    "asking-slow-leak": lambda params, _: _asking(params, "slow-leak"),
    "asking-many-moves": lambda params, _: _asking(params, "many-moves"),
    "left-alone": lambda _, __: "Both sides were left as they are. Resume the pair to go on.",
    "paused": lambda _, __: "Paused. Resume it to go on.",
    "undone": lambda _, __: "Undone. Resume the pair to go on; what comes next is shown first.",
    "sleeping": lambda params, _: (
        f"Asleep: no usable {title(params['provider'])} account is linked. It goes on once there is one."
    ),
    "playlist-gone": lambda params, _: (
        f"{title(params['provider'])} no longer has the playlist. The other side was left as it is."
    ),
    # In rows of versions before 2026-12; now it is a refusal.
    "not-yours": lambda params, _: (
        f"{title(params['provider'])} no longer lets you change the playlist. "
        "The other side was left as it is."
    ),
    "refused-by-provider": lambda params, _: (
        f"{title(params['provider'])} refused: {params['message']} "
        "The other side was left as it is. Resume the pair to try again."
    ),
    "waiting-for-migration": lambda params, _: (
        f"Migration {params['migration_id']} is writing into the playlist on {title(params['provider'])}. "
        "It goes on when that is done."
    ),
    "waiting-for-quota": lambda params, reader: (
        f"{title(params['provider'])}'s allowance for schedules is spent. "
        f"It goes on at {reader.time(params['until'])}."
    ),
    "waiting-for-provider": lambda params, reader: (
        f"{title(params['provider'])} does not answer properly. "
        f"The next attempt is at {reader.time(params['until'])}."
    ),
    "internal-error": lambda _, __: "Stopped by an error of ours. Nothing was lost; resume it to go on.",
    "writing": lambda _, __: "Being written.",
    "written": lambda params, _: f"Written: {_changes(params)}",
    "given-up": lambda params, _: (
        f"Written: {_changes(params)} The rest was planned anew, since it had waited."
    ),
    "dropped": lambda _, __: "Nothing of it was written.",
}

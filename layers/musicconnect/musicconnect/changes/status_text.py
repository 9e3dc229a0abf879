"""Render why a playlist was changed, and why a change was not made."""

from typing import Final

from musicconnect.platform.status import Reader, Status, Text
from musicconnect.providers.registry import title


def render(status: Status, reader: Reader) -> str:
    """Write a reason's or an error's sentence for somebody."""
    return TEXTS[status.code](status.params, reader)


TEXTS: Final[dict[str, Text]] = {
    "ordered": lambda _, __: "You ordered it.",
    "replaced-dead": lambda _, __: "What stood there can no longer be played.",
    "undone": lambda _, __: "An earlier change was undone.",
    "added-there": lambda _, __: "It was put in on the other side.",
    "removed-there": lambda _, __: "It was taken out on the other side.",
    "moved-there": lambda _, __: "The other side has it in another place.",
    "renamed-there": lambda _, __: "The other side was given another name or description.",
    "written-twice": lambda _, __: "It was written twice, since it did not show for a while.",
    "playlist-full": lambda params, _: f"{title(params['provider'])}'s playlist is full.",
    "duplicate-refused": lambda params, _: (
        f"{title(params['provider'])} takes no track twice into this list."
    ),
    "not-on-provider": lambda params, _: f"{title(params['provider'])} no longer has the track.",
    "refused-by-provider": lambda params, _: f"{title(params['provider'])} refused: {params['message']}",
    "sorts-itself": lambda _, __: "The playlist sorts itself and takes no positions.",
    "gone-already": lambda _, __: "It was gone already.",
    "planned-anew": lambda _, __: "It had waited, and was planned anew.",
    "not-replaced": lambda _, __: "The new one was refused, so the old one stays.",
    "copy-not-restored": lambda _, __: "Another copy had to be taken out with it and could not be put back.",
    "nothing-known-of-it": lambda _, __: "The provider does not say what it is, so it cannot be taken out.",
}

"""Say what is in a message; how it looks is `rendering`'s.

A template is a function of parameters and reader to `Content`. What it is given is text, never markup, so
that there is nothing to escape in it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from musicconnect.platform.status import Reader


@dataclass(frozen=True, slots=True)
class Link:
    """A link on a line of its own."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Code:
    """A code to be typed in somewhere else."""

    text: str


type Block = str | Link | Code
"""A paragraph, a link, or a code."""


@dataclass(frozen=True, slots=True)
class Content:
    """A message, but for its greeting and its end."""

    subject: str
    """One line."""
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """What a kind of message says, and whom it may reach."""

    write: Callable[[Mapping[str, Any], Reader], Content]
    to_unconfirmed: bool = False
    """Whether it goes to an address that nobody has confirmed: only what somebody asked for just now."""

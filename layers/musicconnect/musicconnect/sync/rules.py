"""Decide which pairs can be beside each other. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

type Place = tuple[str, str]
"""Provider and playlist."""


@dataclass(frozen=True, slots=True)
class Link:
    """A pair that is there."""

    id: int
    left: Place
    right: Place
    mode: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a pair cannot be made."""

    code: str
    """``already-in-step``, ``pairs-would-loop`` or ``opposite-pairs``."""
    pairs: tuple[int, ...]
    """The pairs that it would be at odds with."""


def refusal(links: Iterable[Link], left: Place, right: Place, mode: str) -> Refusal | None:
    """Say why two playlists cannot be a pair beside others; None: they can.

    Pairs are the edges of a graph of playlists. A playlist may be in several, but they may not go round in a
    circle: a change would come back to where it began. Nor may two pairs rule the same playlist, each taking
    out of it what the other puts in.
    """
    known = list(links)
    same = [link.id for link in known if {link.left, link.right} == {left, right}]
    if same:
        return Refusal("already-in-step", tuple(same))
    way = _way(known, left, right)
    if way is not None:
        return Refusal("pairs-would-loop", way)
    if mode == "mirror":
        ruling = tuple(link.id for link in known if link.mode == "mirror" and link.right == right)
        if ruling:
            return Refusal("opposite-pairs", ruling)
    return None


def _way(links: list[Link], start: Place, end: Place) -> tuple[int, ...] | None:
    """Find the pairs by which two playlists are in step already; None where they are not."""
    came: Mapping[Place, tuple[int, ...]] = {start: ()}
    reached = dict(came)
    waiting = [start]
    while waiting:
        place = waiting.pop(0)
        for link in links:
            if place in (link.left, link.right):
                other = link.right if place == link.left else link.left
                if other not in reached:
                    reached[other] = (*reached[place], link.id)
                    waiting.append(other)
    return reached.get(end)

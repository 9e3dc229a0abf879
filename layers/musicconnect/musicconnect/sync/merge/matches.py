"""Which track of the other side is the same recording, as far as that is decided. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from musicconnect.sync.merge.state import LEFT, RIGHT, Row


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person wants in the place of a counterpart."""

    track_id: str | None
    """None: nothing."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Decided counterparts; never merely probable ones."""

    counterparts: tuple[Mapping[str, str | None], Mapping[str, str | None]] = ({}, {})
    """Of the tracks of each side: their counterpart on the other; None: it has none."""
    for_review: frozenset[tuple[int, str]] = frozenset()
    """Side and track of those of which a person has to decide."""
    not_in_catalogue: frozenset[tuple[int, str]] = frozenset()
    """Side and track of those that the other side's open catalogue does not have yet."""
    dead: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    """Of each side: tracks that the provider no longer has."""
    rules: tuple[Mapping[str, str | None], Mapping[str, str | None]] = ({}, {})
    """Of the tracks of each side, what the person has decided themself; a part of ``counterparts``."""
    names: Mapping[tuple[int, str], tuple[str, str]] = field(default_factory=dict)
    """Title and artist of tracks, for people."""

    def pick(self, row: Row, side: int) -> str | None:
        """Give the track that stands for a row on a side; None: there is none."""
        other = row.slots[1 - side]
        for track_id in (other.track_id, *other.aliases):
            if track_id is not None and track_id in self.counterparts[1 - side]:
                return self.counterparts[1 - side][track_id]
        return row.slots[side].track_id

    def correction(self, row: Row, side: int) -> Correction | None:
        """Give what a person wants on a side of a row that stands on both; None: what is there.

        What they said of the left side's track comes first.
        """
        slot, other = row.slots[side], row.slots[1 - side]
        if other.track_id is None or other.track_id not in self.rules[1 - side]:
            return None
        if side == LEFT and slot.track_id in self.rules[LEFT]:
            return None
        wanted = self.rules[1 - side][other.track_id]
        return None if wanted is not None and slot.names(wanted) else Correction(wanted)

    def key(self, side: int, track_id: str) -> str:
        """Name a recording that no row has yet, the same whichever side shows it first."""
        if side == LEFT:
            return f"left:{track_id}"
        other = self.counterparts[RIGHT].get(track_id)
        return f"left:{other}" if other is not None else f"right:{track_id}"

    def is_for_review(self, row: Row, side: int) -> bool:
        """Tell whether a person has to decide what a row is on a side."""
        return any((1 - side, track) in self.for_review for track in _tracks(row, 1 - side))

    def is_not_in_catalogue(self, row: Row, side: int) -> bool:
        """Tell whether a side's open catalogue does not have a row yet."""
        return any((1 - side, track) in self.not_in_catalogue for track in _tracks(row, 1 - side))

    def is_decided(self, row: Row, side: int) -> bool:
        """Tell whether it was decided just now what a row is on a side."""
        return any(track in self.counterparts[1 - side] for track in _tracks(row, 1 - side))


def _tracks(row: Row, side: int) -> list[str]:
    slot = row.slots[side]
    return [track for track in (slot.track_id, *slot.aliases) if track]

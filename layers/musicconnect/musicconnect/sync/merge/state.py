"""What is known of a pair of playlists: its rows, and what each side showed of them last. Pure.

A *row* is one recording at one place of the pair. It has a *slot* on each side: what stands there of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final

LEFT: Final = 0
RIGHT: Final = 1
SIDES: Final = (LEFT, RIGHT)


class SlotState(StrEnum):
    """What stands on a side of a row."""

    OK = "ok"
    PENDING = "pending"
    """To be put there."""
    NO_COUNTERPART = "no_counterpart"
    """Nothing there is good enough, or a person has to decide; the slot says so."""
    COVERED = "covered"
    """Its track stands there for another row already."""
    DECLINED = "declined"
    """Not to be put there again, unless a person does it."""
    GONE = "gone"
    """Its entry is there, and unavailable."""
    LOST = "lost"
    """Withdrawn by the provider, without a trace."""
    DYING = "dying"
    """Its removal by us is intended."""


STANDING: Final = frozenset({SlotState.OK, SlotState.GONE, SlotState.DYING})
"""States in which an entry is expected on the side."""
LACKING: Final = (
    SlotState.PENDING, SlotState.LOST, SlotState.NO_COUNTERPART, SlotState.COVERED, SlotState.DECLINED,
)  # fmt: skip
"""States in which there is none, and a fitting one that turns up is its own; the likeliest first."""


@dataclass(slots=True)
class Slot:
    """One side of a row."""

    state: SlotState = SlotState.PENDING
    item_id: str | None = None
    track_id: str | None = None
    aliases: list[str] = field(default_factory=list)
    """Every track that ever stood there for this row."""
    missing: int = 0
    """Complete looks in a row that did not show it."""
    missed_at: str | None = None
    """When the last of them was."""
    is_seen: bool = True
    """Whether a look has shown it since we put it there."""
    again: int = 0
    """How often we put it there anew, since it never showed."""
    is_anew: bool = False
    """Whether a person put it in anew while the other side did not show it."""
    is_ours: bool = False
    """Whether we put it there, or paired it when the pair began."""
    needs_review: bool = False
    is_not_in_catalogue: bool = False
    """Whether the provider's open catalogue lacks it: its person can add it there."""
    is_moving: bool = False
    """Whether a move of ours is intended."""
    written_at: str | None = None
    """When we put it there."""
    refused_at: str | None = None
    """When the provider refused it for want of room."""
    ref: str | None = None
    """What the change set at hand calls its entry."""

    def names(self, track_id: str) -> bool:
        """Tell whether a track stood here for the row."""
        return track_id == self.track_id or track_id in self.aliases

    def stand(self, item_id: str | None, track_id: str, *, is_available: bool) -> None:
        """Record an entry that a look has shown."""
        if track_id and self.track_id and track_id != self.track_id and self.track_id not in self.aliases:
            self.aliases.append(self.track_id)
        self.item_id, self.track_id = item_id, track_id or self.track_id
        self.missing, self.missed_at, self.is_seen = 0, None, True
        self.is_not_in_catalogue = False
        if self.state is not SlotState.DYING:
            self.state = SlotState.OK if is_available else SlotState.GONE

    def end(self, state: SlotState) -> None:
        """Record that nothing stands there any more."""
        self.state, self.item_id, self.missing, self.missed_at = state, None, 0, None
        self.is_anew = False

    def copy(self) -> "Slot":
        """Make one that can be changed apart from this one."""
        made = Slot(*_values(self))
        made.aliases = list(self.aliases)
        return made

    def to_json(self) -> dict[str, Any]:
        """Give the form in which it is stored."""
        return dict(zip(_NAMES, _values(self), strict=True)) | {"aliases": list(self.aliases)}


_NAMES: Final = tuple(one.name for one in fields(Slot))
_values: Final = attrgetter(*_NAMES)


@dataclass(slots=True)
class Row:
    """One recording at one place of the pair."""

    id: int
    key: str
    """Which recording: equal for copies of one."""
    slots: list[Slot] = field(default_factory=lambda: [Slot(), Slot()])
    title: str = ""
    artist: str = ""

    def copy(self) -> "Row":
        """Make one that can be changed apart from this one."""
        return Row(self.id, self.key, [slot.copy() for slot in self.slots], self.title, self.artist)

    def to_json(self) -> dict[str, Any]:
        """Give the form in which it is stored."""
        return {
            "id": self.id, "key": self.key, "slots": [slot.to_json() for slot in self.slots],
            "title": self.title, "artist": self.artist,
        }  # fmt: skip


@dataclass(slots=True)
class Removal:
    """An entry that we took out."""

    at: str
    side: int
    key: str


@dataclass(slots=True)
class PairState:
    """Everything that a merge has to know."""

    rows: list[Row] = field(default_factory=list)
    """In the order of the pair."""
    orders: list[list[int]] = field(default_factory=lambda: [[], []])
    """Of each side: ids of the rows that it showed last, in its own order."""
    next_id: int = 1
    has_base: bool = False
    """Whether both sides were ever seen whole."""
    removals: list[Removal] = field(default_factory=list)
    """Of the last days, those apart that were put back."""
    reversals: dict[str, list[str]] = field(default_factory=dict)
    """By kind of write, side and recording: when somebody undid it there, within the last days."""
    names: list[tuple[str, str]] = field(default_factory=list)
    """Name and description of both sides at the last run; empty: they are not known."""
    shown_names: list[tuple[str, str]] = field(default_factory=list)
    """The same when the run at hand was planned, which becomes known once it is over."""

    def new_row(self, key: str) -> Row:
        """Make a row that is not in the list yet."""
        row = Row(self.next_id, key)
        self.next_id += 1
        return row

    def copy(self) -> "PairState":
        """Make one that can be changed apart from this one.

        By hand: `copy.deepcopy` takes ten times as long, and each run of each pair makes a copy.
        """
        return PairState(
            [row.copy() for row in self.rows],
            [list(order) for order in self.orders],
            self.next_id,
            self.has_base,
            [replace(one) for one in self.removals],
            {key: list(times) for key, times in self.reversals.items()},
            list(self.names),
            list(self.shown_names),
        )

    def to_json(self) -> dict[str, Any]:
        """Give the form in which it is stored."""
        return {
            "rows": [row.to_json() for row in self.rows],
            "orders": [list(order) for order in self.orders],
            "next_id": self.next_id,
            "has_base": self.has_base,
            "removals": [asdict(one) for one in self.removals],
            "reversals": {key: list(times) for key, times in self.reversals.items()},
            "names": list(self.names),
            "shown_names": list(self.shown_names),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> "PairState":
        """Read what `to_json` gave."""
        if not value:
            return cls()
        rows = [
            Row(
                row["id"],
                row["key"],
                [Slot(**{**slot, "state": SlotState(slot["state"])}) for slot in row["slots"]],
                row["title"],
                row["artist"],
            )
            for row in value["rows"]
        ]
        return cls(
            rows,
            [list(order) for order in value["orders"]],
            value["next_id"],
            value["has_base"],
            [Removal(**one) for one in value.get("removals", ())],
            {key: list(times) for key, times in value.get("reversals", {}).items()},
            *([(name, text) for name, text in value.get(key, ())] for key in ("names", "shown_names")),
        )


def ids(rows: Sequence[Row]) -> list[int]:
    """List the ids of rows."""
    return [row.id for row in rows]

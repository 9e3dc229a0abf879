"""Say what is changed in a playlist, in terms that outlast other people's edits of it. Pure.

Entries are named by a *reference*, never by their index: the provider's id of the place where there is one,
else the track and which of its copies it is. A new entry is named by the operation that puts it in.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from musicconnect.music.model import ItemKind, PlaylistItem, Track
from musicconnect.platform.status import Status

ORDERED = Status("ordered")
"""The reason of what a person ordered in so many words."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands at one place of a playlist."""

    ref: str
    track_id: str
    """Empty where the provider tells nothing of what stands there."""
    item_id: str | None = None
    """The provider's id of the place, where it has one."""
    is_available: bool = True

    def as_item(self, provider: str, position: int) -> PlaylistItem:
        """Give the form that a client takes."""
        track = Track(provider=provider, id=self.track_id, title="")
        return PlaylistItem(position=position, track=track, item_id=self.item_id)


class Kind(StrEnum):
    """What an operation does."""

    ADD = "add"
    REMOVE = "remove"
    MOVE = "move"
    RENAME = "rename"


class State(StrEnum):
    """How far an operation is."""

    PLANNED = "planned"
    INTENDED = "intended"
    """A call of it was about to be made; whether it took effect, the playlist tells."""
    RESTORING = "restoring"
    """Of a removal that had to take every copy of a track: all are gone, and those that stay come back."""
    DONE = "done"
    DROPPED = "dropped"
    """Not needed, or no longer possible: its entry was gone, or what it depends on was refused."""
    REFUSED = "refused"

    @property
    def is_final(self) -> bool:
        """Whether nothing more becomes of it."""
        return self in (State.DONE, State.DROPPED, State.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One edit. The numbers of a set give the order in which they are made."""

    number: int
    kind: Kind
    ref: str = ""
    """Which entry; of an addition, what it will be called."""
    track_id: str = ""
    after: str | None = None
    """The entry behind which it is to stand; None: at the start."""
    requires: int | None = None
    """The number of an operation without which this one must not happen."""
    name: str = ""
    description: str = ""
    title: str = ""
    artist: str = ""
    """Of the track, for people. Of a rename ``name`` and ``description`` are what is written."""
    reason: Status = ORDERED
    """Why, for people."""
    subject: int | None = None
    """The caller's own id of what it is about."""
    state: State = State.PLANNED
    item_id: str | None = None
    """Of an addition that is done, where the provider names places."""
    is_misplaced: bool = False
    """It was put at the end, since the playlist sorts itself."""
    error: Status | None = None
    intended_at: datetime | None = None
    restores: Sequence[tuple[str, str | None]] = ()
    """Of a removal that takes every copy of a track: the copies that have to come back, each with the entry
    that stood before it. Of a rename: the name and the description that it replaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """Edits of one playlist, and the playlist as it was when they were planned."""

    id: int
    user_id: int
    provider: str
    playlist_id: str
    before: Sequence[Entry]
    operations: Sequence[Operation]
    status: str = "planned"
    version: str | None = None
    """Of the playlist when the edits were planned."""

    @property
    def is_done(self) -> bool:
        """Whether every operation has its final state."""
        return all(operation.state.is_final for operation in self.operations)

    @property
    def in_doubt(self) -> list[Operation]:
        """The operations of which nobody knows how far they came."""
        return [one for one in self.operations if one.state in (State.INTENDED, State.RESTORING)]

    def expected(self) -> list[Entry]:
        """Give the playlist as it is when nobody else touched it: before, with what is done."""
        absent = {
            one.ref: one.after
            for one in self.operations
            if one.kind is Kind.ADD and one.state is not State.DONE
        }

        def placed(operation: Operation) -> Operation:
            """Give an operation behind what is there, where what it was to stand behind was not put in."""
            after = operation.after
            while after in absent:
                after = absent[after]
            return replace(operation, after=after)

        return fold(self.before, [placed(one) for one in self.operations if one.state is State.DONE])

    def counts(self) -> dict[str, int]:
        """Count the operations that are not dropped or refused, by kind."""
        alive = [one.kind.value for one in self.operations if one.state not in (State.DROPPED, State.REFUSED)]
        return dict(Counter(alive))


@dataclass(frozen=True, slots=True)
class Draft:
    """Edits that are not stored yet."""

    provider: str
    playlist_id: str
    before: Sequence[Entry]
    operations: Sequence[Operation]
    version: str | None = None


def entries(items: Iterable[PlaylistItem]) -> list[Entry]:
    """Name the entries of a listed playlist."""
    copies: Counter[str] = Counter()
    found = []
    for item in items:
        track_id = item.track.id
        copies[track_id] += 1
        ref = item.item_id or f"{track_id}#{copies[track_id]}"
        is_available = bool(track_id) and item.track.kind is not ItemKind.UNAVAILABLE
        found.append(Entry(ref, track_id, item.item_id, is_available))
    return found


def added_ref(number: int) -> str:
    """Name the entry that an operation puts in."""
    return f"+{number}"


def fold(before: Sequence[Entry], operations: Iterable[Operation]) -> list[Entry]:
    """Make operations on a list; what they name and is not there changes nothing."""
    listed = list(before)
    for operation in operations:
        listed = made(listed, operation)
    return listed


def made(listed: Sequence[Entry], operation: Operation) -> list[Entry]:
    """Make one operation on a list."""
    result = list(listed)
    at = next((index for index, entry in enumerate(result) if entry.ref == operation.ref), None)
    match operation.kind:
        case Kind.ADD if at is None:
            entry = Entry(operation.ref, operation.track_id, operation.item_id)
            place = len(result) if operation.is_misplaced else place_after(result, operation.after)
            result.insert(place, entry)
        case Kind.REMOVE if at is not None:
            del result[at]
        case Kind.MOVE if at is not None:
            entry = result.pop(at)
            result.insert(place_after(result, operation.after), entry)
        case _:
            pass
    return result


def place_after(listed: Sequence[Entry], ref: str | None) -> int:
    """Give the index behind an entry; 0 for the start, the end where the entry is not there."""
    if ref is None:
        return 0
    return next((index + 1 for index, entry in enumerate(listed) if entry.ref == ref), len(listed))


def settled(operation: Operation, state: State, **changes: Any) -> Operation:
    """Give an operation in another state."""
    return replace(operation, state=state, **changes)


@dataclass(slots=True)
class Numbering:
    """Numbers operations as they are planned."""

    operations: list[Operation] = field(default_factory=list)

    def append(self, kind: Kind, **fields: Any) -> Operation:
        """Append an operation; an addition is named by its number."""
        number = len(self.operations) + 1
        if kind is Kind.ADD:
            fields.setdefault("ref", added_ref(number))
        self.operations.append(Operation(number=number, kind=kind, **fields))
        return self.operations[-1]

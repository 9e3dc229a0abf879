"""Write a stored change set into its playlist, each operation exactly once.

Every call is recorded as intended before it is made and as done after it. A worker that is killed anywhere
leaves at most one call in doubt; what became of it, the playlist itself tells the next one (`recovery`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from musicconnect.changes import batches
from musicconnect.changes.alignment import align
from musicconnect.changes.journal import Journal
from musicconnect.changes.listing import read_items
from musicconnect.changes.model import ChangeSet, Entry, Kind, Operation, State, entries, settled
from musicconnect.changes.recovery import missing_copies, recover
from musicconnect.music.model import PlaylistItem
from musicconnect.platform import clock
from musicconnect.platform.status import Status
from musicconnect.providers.errors import (
    DuplicateRefusedError,
    NotFoundError,
    PlaylistFullError,
    ProviderError,
    RejectedError,
    RetryableError,
    SelfSortedError,
)
from musicconnect.providers.protocol import Client

SELF_SORTED = Status("sorts-itself")
GONE_ALREADY = Status("gone-already")
NOT_REPLACED = Status("not-replaced")
NOT_RESTORED = Status("copy-not-restored")
UNKNOWN_TRACK = Status("nothing-known-of-it")
NOT_THERE = "not-on-provider"
"""The code of a track that a provider left out of a write that it took otherwise."""


@dataclass(frozen=True, slots=True)
class Applied:
    """Every operation has its final state."""

    change_set: ChangeSet
    listed: Sequence[Entry]
    """The playlist as it should be now, by the set's references."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The step's budget is spent; the next one goes on."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A write is in doubt, and no list can tell yet."""

    until: datetime


class Applier:
    """Writes one change set. Only who holds its owner's lease makes one."""

    def __init__(self, client: Client, journal: Journal, change_set: ChangeSet) -> None:
        self._client = client
        self._journal = journal
        self._set = change_set
        self._operations = {one.number: one for one in change_set.operations}
        self._unsaved: dict[int, Operation] = {}
        self._listed: list[Entry] = []
        self._order = batches.full_order(change_set)
        self._is_self_sorted = any(one.is_misplaced for one in change_set.operations)
        self._size = client.limits.add_batch

    def run(self, items: Sequence[PlaylistItem] | None = None) -> Applied | Unfinished | Waiting:
        """Go on until everything is written.

        Args:
            items: The playlist, where the caller has just read it whole; it is read otherwise.

        Raises:
            ProviderError: a call failed. What it was to write is marked as not written when that is certain,
                and left in doubt otherwise: the next run looks.
            LeaseLostError: somebody else works on it by now.
        """
        if self._set.is_done:
            return self._applied()
        if items is None:
            items = read_items(self._client, self._set.playlist_id, self._journal)
            if items is None:
                return Unfinished()
        if (until := self._look(entries(items))) is not None:
            return Waiting(until)
        while pending := self._pending():
            if self._settle_without_call(pending[0]):
                continue
            if not self._journal.reserve(1):
                self._commit([])
                return Unfinished()
            if pending[0].state is State.RESTORING:
                self._restore(pending[0])
            else:
                self._write(batches.first_batch(pending, self._listed, self._client.limits, self._size))
        return self._applied()

    def _look(self, found: Sequence[Entry]) -> datetime | None:
        """Take the playlist as it is; gives until when it cannot tell what is in doubt."""
        if not self._set.in_doubt:
            self._listed = align(self._set.expected(), found)
            return None
        by_track = self._client.limits.removes_by_track
        recovered = recover(self._set, found, clock.now(), by_track=by_track)
        if recovered.wait_until is None:
            self._listed = list(recovered.listed)
            self._record(one for one in recovered.operations if one != self._operations[one.number])
        return recovered.wait_until

    def _pending(self) -> list[Operation]:
        return [one for one in self._operations.values() if not one.state.is_final]

    def _settle_without_call(self, operation: Operation) -> bool:
        """Decide about an operation that needs no call, or can no longer be made."""
        if operation.state is State.RESTORING:
            if missing_copies(operation, self._listed):
                return False
            self._record([settled(operation, State.DONE)])
            return True
        required = self._operations.get(operation.requires or 0)
        there = any(entry.ref == operation.ref for entry in self._listed)
        if required is not None and required.state is not State.DONE:
            self._record([settled(operation, State.DROPPED, error=NOT_REPLACED)])
        elif operation.kind in (Kind.REMOVE, Kind.MOVE) and not there:
            self._record([settled(operation, State.DROPPED, error=GONE_ALREADY)])
        elif operation.kind is Kind.MOVE and self._is_self_sorted:
            self._record([settled(operation, State.REFUSED, error=SELF_SORTED)])
        elif (
            operation.kind is Kind.REMOVE and not operation.track_id and self._client.limits.removes_by_track
        ):
            self._record([settled(operation, State.REFUSED, error=UNKNOWN_TRACK)])
        elif operation.kind is Kind.MOVE and self._moved([operation]) == self._listed:
            self._record([settled(operation, State.DONE)])
        else:
            return False
        return True

    def _write(self, batch: Sequence[Operation]) -> None:
        """Make one call, its intent committed before it."""
        intended = [settled(one, State.INTENDED, intended_at=clock.now()) for one in batch]
        if batch[0].kind is Kind.REMOVE and self._client.limits.removes_by_track:
            removed = {one.ref for one in batch}
            rest = tuple(batches.survivors(self._listed, batch[0].track_id, removed))
            intended[0] = replace(intended[0], restores=rest)
        self._commit(intended)
        try:
            done = self._call(intended)
        except SelfSortedError:
            self._is_self_sorted = True
            self._record(settled(one, State.PLANNED) for one in intended)
        except (RejectedError, NotFoundError) as error:
            self._record(settled(one, State.PLANNED) for one in intended)
            self._refuse(batch, error)
        except ProviderError as error:
            if not (isinstance(error, RetryableError) and error.may_have_applied):
                self._record(settled(one, State.PLANNED) for one in intended)
                self._commit([])
            raise
        else:
            self._record(done)
            self._size = min(2 * self._size, self._client.limits.add_batch)

    def _call(self, batch: Sequence[Operation]) -> list[Operation]:
        """Make the call of a batch; gives the operations as they are then. The list at hand follows."""
        playlist_id, first = self._set.playlist_id, batch[0]
        match first.kind:
            case Kind.ADD:
                place = batches.place_of(self._listed, first.after, self._order)
                if self._is_self_sorted:
                    place = len(self._listed)
                is_misplaced = self._is_self_sorted and first.after != self._last_ref()
                track_ids = [one.track_id for one in batch]
                at_end = place >= len(self._listed)
                added = self._client.add_items(playlist_id, track_ids, None if at_end else place)
                item_ids = [*added.item_ids, *[None] * len(batch)]
                left_out = Status(NOT_THERE, {"provider": self._client.name})
                done = [
                    settled(one, State.REFUSED, error=left_out)
                    if index in added.missing
                    else settled(one, State.DONE, item_id=item_ids[index], is_misplaced=is_misplaced)
                    for index, one in enumerate(batch)
                ]
                new = [Entry(one.ref, one.track_id, one.item_id) for one in done if one.state is State.DONE]
                self._listed[place:place] = new
                return done
            case Kind.MOVE:
                moved = self._moved(batch)
                place = next(index for index, entry in enumerate(moved) if entry.ref == first.ref)
                self._client.move_items(playlist_id, self._items(batch), place)
                self._listed = moved
            case Kind.REMOVE:
                by_track = self._client.limits.removes_by_track
                named = {one.track_id if by_track else one.ref: one for one in batch}
                self._client.remove_items(playlist_id, self._items(list(named.values())))
                gone = {one.track_id if by_track else one.ref for one in batch}
                self._listed = [
                    entry for entry in self._listed if (entry.track_id if by_track else entry.ref) not in gone
                ]
                if first.restores:
                    return [
                        settled(first, State.RESTORING),
                        *(settled(one, State.DONE) for one in batch[1:]),
                    ]
            case Kind.RENAME:
                self._client.change_playlist(playlist_id, first.name, first.description)
        return [settled(one, State.DONE) for one in batch]

    def _restore(self, operation: Operation) -> None:
        """Put back neighbouring copies that a removal had to take along."""
        missing = missing_copies(operation, self._listed)
        ref, after = missing[0]
        self._commit([replace(operation, intended_at=clock.now())])
        place = batches.place_of(self._listed, after, [*self._order, ref])
        try:
            self._client.add_items(
                self._set.playlist_id,
                [operation.track_id],
                None if place >= len(self._listed) else place,
            )
        except (RejectedError, NotFoundError) as error:
            self._check_playlist(error)
            # Nobody can add it any more: what was there as an older entry is lost, and said so.
            self._record([settled(operation, State.DONE, error=NOT_RESTORED)])
        else:
            self._listed.insert(place, Entry(ref, operation.track_id))

    def _refuse(self, batch: Sequence[Operation], error: RejectedError | NotFoundError) -> None:
        """Try half of what was refused for good, or leave out the only one."""
        self._check_playlist(error)
        if len(batch) > 1 and batch[0].kind is Kind.ADD:
            self._size = len(batch) // 2
            return
        status = refusal(error)
        refused = list(batch)
        if batch[0].kind is Kind.ADD:
            self._size = 1
            if isinstance(error, PlaylistFullError):
                # Nothing after the entry that no longer fits would fit either, unless something goes first.
                following = iter(self._pending())
                refused = [one for one in following if one.kind is Kind.ADD]
        elif isinstance(error, NotFoundError):
            self._record(settled(one, State.DROPPED, error=GONE_ALREADY) for one in refused)
            return
        self._record(settled(one, State.REFUSED, error=status) for one in refused)

    def _check_playlist(self, error: RejectedError | NotFoundError) -> None:
        """Raise if it was the playlist that was not found, and nothing in it."""
        if isinstance(error, NotFoundError):
            self._client.playlist(self._set.playlist_id)

    def _moved(self, batch: Sequence[Operation]) -> list[Entry]:
        refs = [one.ref for one in batch]
        block = [entry for entry in self._listed if entry.ref in refs]
        rest = [entry for entry in self._listed if entry.ref not in refs]
        place = batches.place_of(rest, batch[0].after, self._order)
        return [*rest[:place], *block, *rest[place:]]

    def _items(self, batch: Sequence[Operation]) -> list[PlaylistItem]:
        at = {entry.ref: index for index, entry in enumerate(self._listed)}
        return [self._listed[at[one.ref]].as_item(self._set.provider, at[one.ref]) for one in batch]

    def _last_ref(self) -> str | None:
        return self._listed[-1].ref if self._listed else None

    def _record(self, operations: Iterable[Operation]) -> None:
        for one in operations:
            self._operations[one.number] = self._unsaved[one.number] = one

    def _commit(self, operations: Sequence[Operation]) -> None:
        """Commit these together with what was recorded before."""
        self._record(operations)
        changed, self._unsaved = list(self._unsaved.values()), {}
        self._journal.record(self._set.id, changed, is_done=False)

    def _applied(self) -> Applied:
        self._set = replace(self._set, operations=list(self._operations.values()), status="done")
        changed, self._unsaved = list(self._unsaved.values()), {}
        self._journal.record(self._set.id, changed, is_done=True)
        return Applied(self._set, self._listed)


def refusal(error: ProviderError) -> Status:
    """Give the state of an operation that the provider refuses for good."""
    match error:
        case PlaylistFullError():
            return Status("playlist-full", {"provider": error.provider})
        case DuplicateRefusedError():
            return Status("duplicate-refused", {"provider": error.provider})
        case _:
            return Status("refused-by-provider", {"provider": error.provider, "message": error.message})

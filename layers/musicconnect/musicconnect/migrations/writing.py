"""The last stages: write the matched tracks in order, once each, and check what arrived."""

from collections.abc import Sequence
from typing import Any

from musicconnect.migrations import sequences, store, wording
from musicconnect.migrations.bench import Bench
from musicconnect.migrations.sequences import Entry, Relinker
from musicconnect.migrations.stages import (
    Advance,
    Outcome,
    Pause,
    Repair,
    Stage,
    Wait,
    after_look,
    may_have_applied,
    unsettled,
)
from musicconnect.migrations.store import Change, Place
from musicconnect.providers.base import NotFoundError, PlaylistFullError, ProviderError, RejectedError


def write(bench: Bench) -> Outcome:
    """Write what is not written yet, the intent of each call committed before it and its result after it.

    Raises:
        ProviderError: a call failed. What it was to write is marked as not written when that is certain, and
            left in doubt otherwise: the next step looks.
    """
    places = _places(bench)
    if any(place.write_state == "intended" for place in places):
        outcome = _settle_doubts(bench, places)
        if outcome is not None:
            return outcome
        places = _places(bench)
    if not _Writer(bench, [place for place in places if place.write_state == "none"]).run():
        return Pause()
    bench.advance()
    return Advance(bench.row.stage)


def verify(bench: Bench) -> Outcome:
    """Read the target back and compare it with what was written.

    Raises:
        ProviderError: a call failed.
    """
    written = [place for place in _places(bench) if place.write_state == "written"]
    found = _read_back(bench, written)
    if found is None:
        return Pause()
    comparison = sequences.compare([place.target_track_id for place in written], found)
    verdict = after_look(
        comparison,
        len(written),
        looks=bench.row.look_count,
        repairs=bench.row.repair_count,
        target=bench.row.target_provider,
        now=bench.now(),
    )
    match verdict:
        case Advance():
            bench.advance(target_read=None)
        case Wait():
            bench.commit(target_read=None, look_count=bench.row.look_count + 1)
        case Repair():
            lost = [_state(written[index], "none") for index in verdict.missing]
            bench.commit(
                Change(store.SAVE_WRITES, lost),
                stage=Stage.WRITE,
                target_read=None,
                look_count=0,
                repair_count=bench.row.repair_count + 1,
                written_count=bench.row.written_count - len(lost),
            )
            return Advance(Stage.WRITE)
    return verdict


class _Writer:
    """Writes what is left, call by call.

    A batch that is refused for good is halved until the culprit stands alone and is left out. From there
    batches grow again: culprits often come in a row (a playlist that is full refuses everything).
    """

    def __init__(self, bench: Bench, todo: Sequence[Place]) -> None:
        self._bench = bench
        self._todo = list(todo)
        self._size = bench.row.write_batch or bench.target.limits.add_batch
        self._is_growing = False

    def run(self) -> bool:
        """Write until nothing is left; False when the step has to end."""
        batch = self._commit([])
        while batch:
            batch = self._write(batch)
        return not self._todo

    def _write(self, batch: list[Place]) -> list[Place]:
        """One call; gives the next batch."""
        bench, playlist_id = self._bench, self._bench.row.target_playlist_id
        assert playlist_id is not None
        try:
            added = bench.target.add_items(playlist_id, [place.target_track_id for place in batch])
        except (RejectedError, NotFoundError) as error:
            if isinstance(error, NotFoundError):
                self._check_target(batch)
            return self._take_apart(batch, error)
        except ProviderError as error:
            if not may_have_applied(error):
                bench.commit(_states(batch, "none"))
            raise
        del self._todo[: len(batch)]
        if self._is_growing:
            self._size = min(2 * self._size, bench.target.limits.add_batch)
        item_ids = [*added.item_ids, *[None] * len(batch)]
        results = [
            _state(place, "written", target_item_id=item_id)
            for place, item_id in zip(batch, item_ids, strict=False)
        ]
        return self._commit(results, written_count=bench.row.written_count + len(batch))

    def _take_apart(self, batch: Sequence[Place], error: RejectedError | NotFoundError) -> list[Place]:
        """A batch was refused for good: try half of it, or leave out the only one."""
        row = self._bench.row
        if len(batch) > 1:
            self._size, self._is_growing = len(batch) // 2, False
            return self._commit([_state(place, "none") for place in batch])
        # Nothing after the entry that no longer fits would fit either.
        count = len(self._todo) if isinstance(error, PlaylistFullError) else 1
        reason = wording.refused_track(error)
        refused = [_state(place, "refused", error_message=reason) for place in self._todo[:count]]
        del self._todo[:count]
        self._size, self._is_growing = 1, True
        return self._commit(
            refused, matched_count=row.matched_count - count, failed_count=row.failed_count + count
        )

    def _check_target(self, batch: Sequence[Place]) -> None:
        """Something was not found: the playlist, if that is not there, and a track otherwise."""
        assert self._bench.row.target_playlist_id is not None
        try:
            self._bench.target.playlist(self._bench.row.target_playlist_id)
        except ProviderError:
            self._bench.commit(_states(batch, "none"))
            raise

    def _commit(self, results: Sequence[dict[str, Any]], **changes: Any) -> list[Place]:
        """Commit the results of a call together with the intent of the next one; gives what that writes."""
        bench = self._bench
        batch = self._todo[: self._size]
        if batch and not bench.budget.may_call():
            batch = []
        rows = {row["id"]: row for row in results}
        rows |= {place.id: _state(place, "intended") for place in batch}
        if batch:
            changes["write_intended_at"] = bench.now()
        if results:
            changes["attempts"] = 0
        size = None if self._size >= bench.target.limits.add_batch else self._size
        if rows:
            bench.commit(Change(store.SAVE_WRITES, list(rows.values())), write_batch=size, **changes)
        return batch


def _settle_doubts(bench: Bench, places: Sequence[Place]) -> Outcome | None:
    """Find out what became of a write whose result nobody saw; None when that is known."""
    intended = [place for place in places if place.write_state == "intended"]
    written = [place for place in places if place.write_state == "written"]
    found = _read_back(bench, [*written, *intended])
    if found is None:
        return Pause()
    count = sequences.landed(
        [place.target_track_id for place in written], [place.target_track_id for place in intended], found
    )
    now = bench.now()
    until = None if count == len(intended) else unsettled(bench.row.write_intended_at, now)
    if until is not None:
        bench.commit(target_read=None)
        message = wording.in_doubt(bench.row.target_provider, until, now, bench.row.counts)
        return Wait(until=until, message=message, waiting_for="provider", attempts=bench.row.attempts)
    rows = [_state(place, "written") for place in intended[:count]]
    rows += [_state(place, "none") for place in intended[count:]]
    bench.commit(
        Change(store.SAVE_WRITES, rows),
        target_read=None,
        written_count=bench.row.written_count + count,
        attempts=0 if count else bench.row.attempts,
    )
    return None


def _read_back(bench: Bench, expected: Sequence[Place]) -> list[str] | None:
    """The ids in the target, in order; None when the step has to end, with what was read so far kept."""
    playlist_id = bench.row.target_playlist_id
    assert playlist_id is not None
    relinker = Relinker(
        [Entry(place.target_track_id, place.target_title, place.target_artist) for place in expected]
    )
    so_far = bench.row.target_read or {"ids": [], "cursor": None}
    ids, cursor = list(so_far["ids"]), so_far["cursor"]
    while True:
        if not bench.budget.may_call():
            bench.commit(target_read={"ids": ids, "cursor": cursor} if cursor is not None else None)
            return None
        try:
            page = bench.target.playlist_items(playlist_id, cursor)
        except ProviderError:
            if bench.row.target_read is not None:
                bench.commit(target_read=None)  # Its cursor may be what is wrong.
            raise
        ids += [relinker.id_of(item.track) for item in page.items]
        cursor = page.cursor
        if cursor is None:
            return ids


def _places(bench: Bench) -> list[Place]:
    with bench.database.transaction(bench.row.user_id) as connection:
        return store.places(connection, bench.row.id)


def _states(places: Sequence[Place], write_state: str) -> Change:
    return Change(store.SAVE_WRITES, [_state(place, write_state) for place in places])


def _state(place: Place, write_state: str, **columns: Any) -> dict[str, Any]:
    return {"id": place.id, "write_state": write_state, **columns}

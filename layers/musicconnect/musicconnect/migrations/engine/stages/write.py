"""The last stages: write the matched tracks in order, once each, and check what arrived."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from musicconnect.migrations import status_text
from musicconnect.migrations.engine import sequence_diff, store
from musicconnect.migrations.engine.context import Bench
from musicconnect.migrations.engine.stages.read_target import Listed, ids_of, read_back
from musicconnect.migrations.engine.store import Change, Place
from musicconnect.migrations.engine.transitions import (
    Advance,
    Mend,
    Outcome,
    Pause,
    Repair,
    Stage,
    Wait,
    after_look,
    may_have_applied,
    unsettled,
)
from musicconnect.providers.errors import NotFoundError, PlaylistFullError, ProviderError, RejectedError

BLOCK = 20
"""Tracks that are intended together where a call carries fewer: a few seconds of work."""


def write(bench: Bench) -> Outcome:
    """Write what is not written yet, the intent of each call committed before it and its result after it.

    Raises:
        ProviderError: a call failed. What it was to write is marked as not written when that is certain, and
            left in doubt otherwise: the next step looks.
    """
    places = _places(bench)
    if bench.row.is_update and not bench.row.is_adopted:
        try:
            if not adopt(bench, places):
                return Pause()
        except NotFoundError:
            # Deleted since: there is nothing to update, so it is made anew.
            bench.commit(target_playlist_id=None, target_name=None, is_update=False, stage=Stage.CREATE)
            return Advance(Stage.CREATE)
        places = _places(bench)
    if any(place.write_state == "intended" for place in places):
        outcome = _settle_doubts(bench, places)
        if outcome is not None:
            return outcome
        places = _places(bench)
    if (late := _before_first_late(places)) is not None and not bench.row.is_update:
        if not cut(bench, [place for place in places if place.write_state == "written"], most=late):
            return Pause()
        places = _places(bench)
    if not _Writer(bench, [place for place in places if place.write_state == "none"]).run():
        return Pause()
    row = bench.row
    if row.matched_count + row.failed_count < row.track_count:
        bench.commit(stage=Stage.MATCH)  # There was only so much to write yet.
        return Advance(Stage.MATCH)
    bench.advance()
    return Advance(bench.row.stage)


def verify(bench: Bench) -> Outcome:
    """Read the target back and compare it with what was written.

    Raises:
        ProviderError: a call failed.
    """
    written = [place for place in _places(bench) if place.write_state == "written"]
    found = read_back(bench, written)
    if found is None:
        return Pause()
    expected = [place.target_track_id for place in written]
    if bench.row.is_update:
        held = sequence_diff.present(expected, ids_of(found))
        missing = tuple(index for index, here in enumerate(held) if not here)
        comparison = sequence_diff.Comparison(missing, 0, (), True)
    else:
        comparison = sequence_diff.compare(expected, ids_of(found))
    verdict = after_look(
        comparison,
        len(written),
        looks=bench.row.look_count,
        repairs=bench.row.repair_count,
        target=bench.row.target_provider,
        now=bench.now(),
        doubtful=[place.target_track_id for place in written if place.rewritten],
    )
    match verdict:
        case Advance():
            bench.advance(target_read=None)
        case Wait():
            bench.commit(target_read=None, look_count=bench.row.look_count + 1)
        case Mend():
            if not cut(bench, written, most=len(written), found=found):
                return Pause()
            bench.commit(
                stage=Stage.WRITE, target_read=None, look_count=0, repair_count=bench.row.repair_count + 1
            )
            return Advance(Stage.WRITE)
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
    """Writes what is left, block by block: intended together, written call by call, committed together.

    A worker that is killed within a block leaves it in doubt; how far it came, the target itself tells.
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
        block = self._commit([])
        while block:
            block = self._write(block)
        return not self._todo

    def _write(self, block: list[Place]) -> list[Place]:
        """One block; gives the next one."""
        bench, size = self._bench, self._size
        results: list[dict[str, Any]] = []
        done = 0
        with bench.reservation.reserve_batch(-(-len(block) // size)):
            while done < len(block):
                batch = block[done : done + size]
                if done and not bench.may_go_on():
                    break
                try:
                    item_ids = self._add(batch)
                except (RejectedError, NotFoundError) as error:
                    if isinstance(error, NotFoundError):
                        self._check_target(results, block[done:])
                    return self._take_apart(results, batch, block[done + len(batch) :], error)
                except ProviderError as error:
                    self._leave(results, batch, block[done + len(batch) :], error)
                    raise
                results += [
                    _state(place, "written", target_item_id=item_id)
                    for place, item_id in zip(batch, item_ids, strict=True)
                ]
                done += len(batch)
        if self._is_growing:
            self._size = min(2 * self._size, bench.target.limits.add_batch)
        untouched = [_state(place, "none") for place in block[done:]]
        return self._commit([*results, *untouched], written=done)

    def _add(self, batch: Sequence[Place]) -> list[str | None]:
        playlist_id = self._bench.row.target_playlist_id
        assert playlist_id is not None
        added = self._bench.target.add_items(playlist_id, [place.target_track_id for place in batch])
        return [*added.item_ids, *[None] * len(batch)][: len(batch)]

    def _leave(
        self,
        results: Sequence[dict[str, Any]],
        batch: Sequence[Place],
        rest: Sequence[Place],
        error: ProviderError,
    ) -> None:
        """Write down what a block came to before a call failed; that call's own part may stay in doubt."""
        bench, in_doubt = self._bench, may_have_applied(error)
        rows = [*results, *[_state(place, "none") for place in rest]]
        if not in_doubt:
            rows += [_state(place, "none") for place in batch]
        changes: dict[str, Any] = {"write_intended_at": bench.now()} if in_doubt else {}
        if results:
            changes["attempts"] = 0
        if rows or changes:
            bench.commit(
                Change(store.SAVE_WRITES, rows),
                written_count=bench.row.written_count + len(results),
                **changes,
            )

    def _take_apart(
        self,
        results: Sequence[dict[str, Any]],
        batch: Sequence[Place],
        rest: Sequence[Place],
        error: RejectedError | NotFoundError,
    ) -> list[Place]:
        """A batch was refused for good: try half of it, or leave out the only one."""
        row, written = self._bench.row, len(results)
        untouched = [_state(place, "none") for place in rest]
        if len(batch) > 1:
            self._size, self._is_growing = len(batch) // 2, False
            untouched += [_state(place, "none") for place in batch]
            return self._commit([*results, *untouched], written=written)
        # Nothing after the entry that no longer fits would fit either.
        count = len(self._todo) - written if isinstance(error, PlaylistFullError) else 1
        reason = status_text.refused_track(error)
        refused = [
            _state(place, "refused", error_message=reason) for place in self._todo[written : written + count]
        ]
        self._size, self._is_growing = 1, True
        return self._commit(
            [*results, *untouched, *refused],
            written=written,
            refused=count,
            matched_count=row.matched_count - count,
            failed_count=row.failed_count + count,
        )

    def _check_target(self, results: Sequence[dict[str, Any]], rest: Sequence[Place]) -> None:
        """Something was not found: the playlist, if that is not there, and a track otherwise."""
        assert self._bench.row.target_playlist_id is not None
        try:
            self._bench.target.playlist(self._bench.row.target_playlist_id)
        except ProviderError as error:
            self._leave(results, rest, [], error)
            raise

    def _commit(
        self, results: Sequence[dict[str, Any]], *, written: int = 0, refused: int = 0, **changes: Any
    ) -> list[Place]:
        """Commit the results of a block together with the intent of the next one; gives the next one."""
        bench, full = self._bench, self._bench.target.limits.add_batch
        del self._todo[: written + refused]
        block = self._todo[: max(self._size, BLOCK if self._size >= full else 1)]
        if block and not bench.budget.may_call():
            block = []
        rows = {row["id"]: row for row in results}
        rows |= {place.id: _state(place, "intended") for place in block}
        if block:
            changes["write_intended_at"] = bench.now()
        if results:
            changes["attempts"] = 0
        if rows:
            bench.commit(
                Change(store.SAVE_WRITES, list(rows.values())),
                write_batch=None if self._size >= full else self._size,
                written_count=bench.row.written_count + written,
                **changes,
            )
        return block


def remove(bench: Bench, listed: Sequence[Listed]) -> bool:
    """Take entries out, the last one first; False when the step has to end.

    Whatever stops this in between leaves a beginning of what was there. Doing it again does no harm.
    """
    limits, playlist_id = bench.target.limits, bench.row.target_playlist_id
    assert playlist_id is not None
    rest = list(listed)
    with bench.reservation.reserve_batch(min(BLOCK, -(-len(rest) // limits.remove_batch))):
        while rest:
            if not bench.may_go_on():
                return False
            batch, rest = rest[-limits.remove_batch :], rest[: -limits.remove_batch]
            bench.target.remove_items(
                playlist_id, [entry.as_item(bench.row.target_provider) for entry in batch]
            )
    return True


def cut(bench: Bench, written: Sequence[Place], *, most: int, found: list[Listed] | None = None) -> bool:
    """Bring the target back to a beginning of what was written; what is cut off is to be written again."""
    found = found or read_back(bench, written)
    if found is None:
        return False
    plan = sequence_diff.cut_back(
        [place.target_track_id for place in written],
        ids_of(found),
        most=most,
        by_track=bench.target.limits.removes_by_track,
    )
    bench.commit(target_read=None)
    if not remove(bench, [found[index] for index in plan.removed]):
        return False
    again = written[plan.kept :]
    bench.commit(
        Change(store.SAVE_WRITES, [_state(place, "none") for place in again]),
        written_count=bench.row.written_count - len(again),
    )
    return True


def adopt(bench: Bench, places: Sequence[Place]) -> bool:
    """Find out what an earlier migration's target holds already, and take out what is gone if so ordered."""
    found = read_back(bench, places)
    if found is None:
        return False
    held = sequence_diff.present([place.target_track_id for place in places], ids_of(found))
    if bench.row.removes_gone and not _remove_gone(bench, places, found):
        return False
    rows = [_state(place, "written", adopted=True) for place, here in zip(places, held, strict=True) if here]
    bench.commit(Change(store.SAVE_WRITES, rows), is_adopted=True, target_read=None, written_count=len(rows))
    return True


def _remove_gone(bench: Bench, places: Sequence[Place], found: Sequence[Listed]) -> bool:
    with bench.database.transaction(bench.row.user_id) as connection:
        before = store.written_before(connection, bench.row.id)
    # A source that is suddenly empty, or half of what it was, is more likely a mishap than a wish.
    if bench.row.track_count * 2 < len(before) or not places:
        return True
    wanted = {place.target_track_id for place in places}
    gone = set(before) - wanted
    return remove(bench, [entry for entry in found if entry.id in gone])


def undo(bench: Bench) -> Outcome:
    """Take out what this migration wrote, and nothing else.

    Raises:
        ProviderError: a call failed.
    """
    ours = [place for place in _places(bench) if place.write_state != "none" and not place.adopted]
    if bench.row.target_playlist_id is not None and ours:
        try:
            found = read_back(bench, _places(bench))
        except NotFoundError:
            found = []  # Deleted by hand: nothing is left to undo.
        if found is None:
            return Pause()
        if not remove(bench, _mine(ours, found)):
            return Pause()
    rows = [_state(place, "none") for place in ours]
    bench.commit(Change(store.SAVE_WRITES, rows), target_read=None, written_count=0, stage=Stage.DONE)
    return Advance(Stage.DONE)


def _mine(ours: Sequence[Place], found: Sequence[Listed]) -> list[Listed]:
    """The listed entries that were written here: by their places' ids, or as many of a track as were."""
    item_ids = {place.target_item_id for place in ours if place.target_item_id is not None}
    unknown = Counter(place.target_track_id for place in ours if place.target_item_id is None)
    mine = []
    for entry in found:
        if entry.item_id in item_ids and entry.item_id is not None:
            mine.append(entry)
        elif unknown[entry.id] > 0:
            unknown[entry.id] -= 1
            mine.append(entry)
    return mine


def _before_first_late(places: Sequence[Place]) -> int | None:
    """How many written entries stand before the first one that has to go in between; None: none has to."""
    states = [place.write_state for place in places if place.write_state in ("none", "written")]
    if "none" not in states:
        return None
    first = states.index("none")
    return first if "written" in states[first:] else None


def _settle_doubts(bench: Bench, places: Sequence[Place]) -> Outcome | None:
    """Find out what became of a write whose result nobody saw; None when that is known."""
    intended = [place for place in places if place.write_state == "intended"]
    written = [place for place in places if place.write_state == "written"]
    found = read_back(bench, [*written, *intended])
    if found is None:
        return Pause()
    count = sequence_diff.landed(
        [place.target_track_id for place in written],
        [place.target_track_id for place in intended],
        ids_of(found),
    )
    now = bench.now()
    until = None if count == len(intended) else unsettled(bench.row.write_intended_at, now)
    if until is not None:
        bench.commit(target_read=None)
        message = status_text.in_doubt(bench.row.target_provider, until, now, bench.row.counts)
        return Wait(until=until, message=message, waiting_for="provider", attempts=bench.row.attempts)
    rows = [_state(place, "written") for place in intended[:count]]
    rows += [_state(place, "none", rewritten=True) for place in intended[count:]]
    bench.commit(
        Change(store.SAVE_WRITES, rows),
        target_read=None,
        written_count=bench.row.written_count + count,
        attempts=0 if count else bench.row.attempts,
    )
    return None


def _places(bench: Bench) -> list[Place]:
    with bench.database.transaction(bench.row.user_id) as connection:
        return store.places(connection, bench.row.id)


def _states(places: Sequence[Place], write_state: str) -> Change:
    return Change(store.SAVE_WRITES, [_state(place, write_state) for place in places])


def _state(place: Place, write_state: str, **columns: Any) -> dict[str, Any]:
    return {"id": place.id, "write_state": write_state, **columns}

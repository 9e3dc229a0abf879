"""The last stages: write the matched tracks in order, once each, and check what arrived."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from musicconnect.migrations import status_text
from musicconnect.migrations.engine import sequence_diff, store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.stages.read_target import TargetEntry, ids_of, read_back
from musicconnect.migrations.engine.store import TargetTrack, TrackChange
from musicconnect.migrations.engine.transitions import (
    Advance,
    Continue,
    RemoveDuplicates,
    RewriteMissing,
    Stage,
    StageResult,
    Wait,
    after_verification,
    may_have_applied,
    visible_after,
)
from musicconnect.providers.errors import NotFoundError, PlaylistFullError, ProviderError, RejectedError

BLOCK = 20
"""Tracks that are intended together where a call carries fewer: a few seconds of work."""


def write(context: StepContext) -> StageResult:
    """Write what is not written yet, the intent of each call committed before it and its result after it.

    Raises:
        ProviderError: a call failed. What it was to write is marked as not written when that is certain, and
            left in doubt otherwise: the next step looks.
    """
    tracks = _target_tracks(context)
    if context.row.is_update and not context.row.is_adopted:
        try:
            if not adopt(context, tracks):
                return Continue()
        except NotFoundError:
            # Deleted since: there is nothing to update, so it is made anew.
            context.commit(target_playlist_id=None, target_name=None, is_update=False, stage=Stage.CREATE)
            return Advance(Stage.CREATE)
        tracks = _target_tracks(context)
    if any(track.write_state == "intended" for track in tracks):
        outcome = _resolve_doubts(context, tracks)
        if outcome is not None:
            return outcome
        tracks = _target_tracks(context)
    if (late := _before_first_late(tracks)) is not None and not context.row.is_update:
        if not cut(context, [track for track in tracks if track.write_state == "written"], most=late):
            return Continue()
        tracks = _target_tracks(context)
    if not _Writer(context, [track for track in tracks if track.write_state == "none"]).run():
        return Continue()
    row = context.row
    if row.matched_count + row.failed_count < row.track_count:
        context.commit(stage=Stage.MATCH)  # There was only so much to write yet.
        return Advance(Stage.MATCH)
    context.advance()
    return Advance(context.row.stage)


def verify(context: StepContext) -> StageResult:
    """Read the target back and compare it with what was written.

    Raises:
        ProviderError: a call failed.
    """
    written = [track for track in _target_tracks(context) if track.write_state == "written"]
    found = read_back(context, written)
    if found is None:
        return Continue()
    expected = [track.target_track_id for track in written]
    if context.row.is_update:
        held = sequence_diff.present(expected, ids_of(found))
        missing = tuple(index for index, here in enumerate(held) if not here)
        comparison = sequence_diff.PlaylistDiff(missing, 0, (), True)
    else:
        comparison = sequence_diff.compare(expected, ids_of(found))
    verdict = after_verification(
        comparison,
        len(written),
        looks=context.row.look_count,
        repairs=context.row.repair_count,
        target=context.row.target_provider,
        now=context.now(),
        doubtful=[track.target_track_id for track in written if track.rewritten],
    )
    match verdict:
        case Advance():
            context.advance(target_read=None)
        case Wait():
            context.commit(target_read=None, look_count=context.row.look_count + 1)
        case RemoveDuplicates():
            if not cut(context, written, most=len(written), found=found):
                return Continue()
            context.commit(
                stage=Stage.WRITE, target_read=None, look_count=0, repair_count=context.row.repair_count + 1
            )
            return Advance(Stage.WRITE)
        case RewriteMissing():
            lost = [_state(written[index], "none") for index in verdict.missing]
            context.commit(
                TrackChange(store.SAVE_WRITES, lost),
                stage=Stage.WRITE,
                target_read=None,
                look_count=0,
                repair_count=context.row.repair_count + 1,
                written_count=context.row.written_count - len(lost),
            )
            return Advance(Stage.WRITE)
    return verdict


class _Writer:
    """Writes what is left, block by block: intended together, written call by call, committed together.

    A worker that is killed within a block leaves it in doubt; how far it came, the target itself tells.
    A batch that is refused for good is halved until the culprit stands alone and is left out. From there
    batches grow again: culprits often come in a row (a playlist that is full refuses everything).
    """

    def __init__(self, context: StepContext, todo: Sequence[TargetTrack]) -> None:
        self._context = context
        self._todo = list(todo)
        self._size = context.row.write_batch or context.target.limits.add_batch
        self._is_growing = False

    def run(self) -> bool:
        """Write until nothing is left; False when the step has to end."""
        block = self._commit([])
        while block:
            block = self._write(block)
        return not self._todo

    def _write(self, block: list[TargetTrack]) -> list[TargetTrack]:
        """One block; gives the next one."""
        context, size = self._context, self._size
        results: list[dict[str, Any]] = []
        done = 0
        with context.reservation.reserve_batch(-(-len(block) // size)):
            while done < len(block):
                batch = block[done : done + size]
                if done and not context.may_continue():
                    break
                try:
                    item_ids = self._add(batch)
                except (RejectedError, NotFoundError) as error:
                    if isinstance(error, NotFoundError):
                        self._check_target(results, block[done:])
                    return self._split_batch(results, batch, block[done + len(batch) :], error)
                except ProviderError as error:
                    self._record_partial(results, batch, block[done + len(batch) :], error)
                    raise
                results += [
                    _state(track, "written", target_item_id=item_id)
                    for track, item_id in zip(batch, item_ids, strict=True)
                ]
                done += len(batch)
        if self._is_growing:
            self._size = min(2 * self._size, context.target.limits.add_batch)
        untouched = [_state(track, "none") for track in block[done:]]
        return self._commit([*results, *untouched], written=done)

    def _add(self, batch: Sequence[TargetTrack]) -> list[str | None]:
        playlist_id = self._context.row.target_playlist_id
        assert playlist_id is not None
        added = self._context.target.add_items(playlist_id, [track.target_track_id for track in batch])
        return [*added.item_ids, *[None] * len(batch)][: len(batch)]

    def _record_partial(
        self,
        results: Sequence[dict[str, Any]],
        batch: Sequence[TargetTrack],
        rest: Sequence[TargetTrack],
        error: ProviderError,
    ) -> None:
        """Write down what a block came to before a call failed; that call's own part may stay in doubt."""
        context, in_doubt = self._context, may_have_applied(error)
        rows = [*results, *[_state(track, "none") for track in rest]]
        if not in_doubt:
            rows += [_state(track, "none") for track in batch]
        changes: dict[str, Any] = {"write_intended_at": context.now()} if in_doubt else {}
        if results:
            changes["attempts"] = 0
        if rows or changes:
            context.commit(
                TrackChange(store.SAVE_WRITES, rows),
                written_count=context.row.written_count + len(results),
                **changes,
            )

    def _split_batch(
        self,
        results: Sequence[dict[str, Any]],
        batch: Sequence[TargetTrack],
        rest: Sequence[TargetTrack],
        error: RejectedError | NotFoundError,
    ) -> list[TargetTrack]:
        """A batch was refused for good: try half of it, or leave out the only one."""
        row, written = self._context.row, len(results)
        untouched = [_state(track, "none") for track in rest]
        if len(batch) > 1:
            self._size, self._is_growing = len(batch) // 2, False
            untouched += [_state(track, "none") for track in batch]
            return self._commit([*results, *untouched], written=written)
        # Nothing after the entry that no longer fits would fit either.
        count = len(self._todo) - written if isinstance(error, PlaylistFullError) else 1
        reason = status_text.refused_track(error)
        refused = [
            _state(track, "refused", error_message=reason) for track in self._todo[written : written + count]
        ]
        self._size, self._is_growing = 1, True
        return self._commit(
            [*results, *untouched, *refused],
            written=written,
            refused=count,
            matched_count=row.matched_count - count,
            failed_count=row.failed_count + count,
        )

    def _check_target(self, results: Sequence[dict[str, Any]], rest: Sequence[TargetTrack]) -> None:
        """Something was not found: the playlist, if that is not there, and a track otherwise."""
        assert self._context.row.target_playlist_id is not None
        try:
            self._context.target.playlist(self._context.row.target_playlist_id)
        except ProviderError as error:
            self._record_partial(results, rest, [], error)
            raise

    def _commit(
        self, results: Sequence[dict[str, Any]], *, written: int = 0, refused: int = 0, **changes: Any
    ) -> list[TargetTrack]:
        """Commit the results of a block together with the intent of the next one; gives the next one."""
        context, full = self._context, self._context.target.limits.add_batch
        del self._todo[: written + refused]
        block = self._todo[: max(self._size, BLOCK if self._size >= full else 1)]
        if block and not context.budget.may_call():
            block = []
        rows = {row["id"]: row for row in results}
        rows |= {track.id: _state(track, "intended") for track in block}
        if block:
            changes["write_intended_at"] = context.now()
        if results:
            changes["attempts"] = 0
        if rows:
            context.commit(
                TrackChange(store.SAVE_WRITES, list(rows.values())),
                write_batch=None if self._size >= full else self._size,
                written_count=context.row.written_count + written,
                **changes,
            )
        return block


def remove(context: StepContext, listed: Sequence[TargetEntry]) -> bool:
    """Take entries out, the last one first; False when the step has to end.

    Whatever stops this in between leaves a beginning of what was there. Doing it again does no harm.
    """
    limits, playlist_id = context.target.limits, context.row.target_playlist_id
    assert playlist_id is not None
    rest = list(listed)
    with context.reservation.reserve_batch(min(BLOCK, -(-len(rest) // limits.remove_batch))):
        while rest:
            if not context.may_continue():
                return False
            batch, rest = rest[-limits.remove_batch :], rest[: -limits.remove_batch]
            context.target.remove_items(
                playlist_id, [entry.as_item(context.row.target_provider) for entry in batch]
            )
    return True


def cut(
    context: StepContext, written: Sequence[TargetTrack], *, most: int, found: list[TargetEntry] | None = None
) -> bool:
    """Bring the target back to a beginning of what was written; what is cut off is to be written again."""
    found = found or read_back(context, written)
    if found is None:
        return False
    plan = sequence_diff.plan_truncation(
        [track.target_track_id for track in written],
        ids_of(found),
        most=most,
        by_track=context.target.limits.removes_by_track,
    )
    context.commit(target_read=None)
    if not remove(context, [found[index] for index in plan.removed]):
        return False
    again = written[plan.kept :]
    context.commit(
        TrackChange(store.SAVE_WRITES, [_state(track, "none") for track in again]),
        written_count=context.row.written_count - len(again),
    )
    return True


def adopt(context: StepContext, tracks: Sequence[TargetTrack]) -> bool:
    """Find out what an earlier migration's target holds already, and take out what is gone if so ordered."""
    found = read_back(context, tracks)
    if found is None:
        return False
    held = sequence_diff.present([track.target_track_id for track in tracks], ids_of(found))
    if context.row.remove_missing and not _remove_missing(context, tracks, found):
        return False
    rows = [_state(track, "written", adopted=True) for track, here in zip(tracks, held, strict=True) if here]
    context.commit(
        TrackChange(store.SAVE_WRITES, rows), is_adopted=True, target_read=None, written_count=len(rows)
    )
    return True


def _remove_missing(
    context: StepContext, tracks: Sequence[TargetTrack], found: Sequence[TargetEntry]
) -> bool:
    with context.database.transaction(context.row.user_id) as connection:
        before = store.written_before(connection, context.row.id)
    # A source that is suddenly empty, or half of what it was, is more likely a mishap than a wish.
    if context.row.track_count * 2 < len(before) or not tracks:
        return True
    wanted = {track.target_track_id for track in tracks}
    gone = set(before) - wanted
    return remove(context, [entry for entry in found if entry.id in gone])


def undo(context: StepContext) -> StageResult:
    """Take out what this migration wrote, and nothing else.

    Raises:
        ProviderError: a call failed.
    """
    ours = [track for track in _target_tracks(context) if track.write_state != "none" and not track.adopted]
    if context.row.target_playlist_id is not None and ours:
        try:
            found = read_back(context, _target_tracks(context))
        except NotFoundError:
            found = []  # Deleted by hand: nothing is left to undo.
        if found is None:
            return Continue()
        if not remove(context, _written_entries(ours, found)):
            return Continue()
    rows = [_state(track, "none") for track in ours]
    context.commit(TrackChange(store.SAVE_WRITES, rows), target_read=None, written_count=0, stage=Stage.DONE)
    return Advance(Stage.DONE)


def _written_entries(ours: Sequence[TargetTrack], found: Sequence[TargetEntry]) -> list[TargetEntry]:
    """The listed entries that were written here: by their tracks' ids, or as many of a track as were."""
    item_ids = {track.target_item_id for track in ours if track.target_item_id is not None}
    unknown = Counter(track.target_track_id for track in ours if track.target_item_id is None)
    mine = []
    for entry in found:
        if entry.item_id in item_ids and entry.item_id is not None:
            mine.append(entry)
        elif unknown[entry.id] > 0:
            unknown[entry.id] -= 1
            mine.append(entry)
    return mine


def _before_first_late(tracks: Sequence[TargetTrack]) -> int | None:
    """How many written entries stand before the first one that has to go in between; None: none has to."""
    states = [track.write_state for track in tracks if track.write_state in ("none", "written")]
    if "none" not in states:
        return None
    first = states.index("none")
    return first if "written" in states[first:] else None


def _resolve_doubts(context: StepContext, tracks: Sequence[TargetTrack]) -> StageResult | None:
    """Find out what became of a write whose result nobody saw; None when that is known."""
    intended = [track for track in tracks if track.write_state == "intended"]
    written = [track for track in tracks if track.write_state == "written"]
    found = read_back(context, [*written, *intended])
    if found is None:
        return Continue()
    count = sequence_diff.applied_count(
        [track.target_track_id for track in written],
        [track.target_track_id for track in intended],
        ids_of(found),
    )
    now = context.now()
    until = None if count == len(intended) else visible_after(context.row.write_intended_at, now)
    if until is not None:
        context.commit(target_read=None)
        message = status_text.in_doubt(context.row.target_provider, until, now, context.row.counts)
        return Wait(until=until, message=message, waiting_for="provider", attempts=context.row.attempts)
    rows = [_state(track, "written") for track in intended[:count]]
    rows += [_state(track, "none", rewritten=True) for track in intended[count:]]
    context.commit(
        TrackChange(store.SAVE_WRITES, rows),
        target_read=None,
        written_count=context.row.written_count + count,
        attempts=0 if count else context.row.attempts,
    )
    return None


def _target_tracks(context: StepContext) -> list[TargetTrack]:
    with context.database.transaction(context.row.user_id) as connection:
        return store.target_tracks(connection, context.row.id)


def _states(tracks: Sequence[TargetTrack], write_state: str) -> TrackChange:
    return TrackChange(store.SAVE_WRITES, [_state(track, write_state) for track in tracks])


def _state(track: TargetTrack, write_state: str, **columns: Any) -> dict[str, Any]:
    return {"id": track.id, "write_state": write_state, **columns}

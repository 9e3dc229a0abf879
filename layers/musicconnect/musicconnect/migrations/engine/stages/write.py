"""Write the matched tracks in order, once each."""

import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Final

from musicconnect.migrations.engine import sequence_diff, store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.stages import dead_targets, mend
from musicconnect.migrations.engine.stages.read_target import read_back
from musicconnect.migrations.engine.stages.update import BLOCK, adopt, carry_name, drop_replaced, truncate
from musicconnect.migrations.engine.store import PlaylistRow, TargetTrack, TrackChange
from musicconnect.migrations.engine.transitions import (
    Advance,
    Continue,
    Stage,
    StageResult,
    Wait,
    may_have_applied,
    track_refusal,
    visible_after,
    waiting,
)
from musicconnect.music.codec import encode
from musicconnect.music.model import ListKind, Track
from musicconnect.platform.status import Status
from musicconnect.providers.errors import (
    DuplicateRefusedError,
    NotFoundError,
    PlaylistFullError,
    ProviderError,
    RejectedError,
)
from musicconnect.providers.protocol import Added

KEY_MARGIN: Final = timedelta(minutes=5)
"""Before a provider forgets the name of a write, nobody counts on it any more."""


def write(context: StepContext) -> StageResult:
    """Write what is not written yet, the intent of each call committed before it and its result after it.

    Raises:
        ProviderError: a call failed. What it was to write is marked as not written when that is certain, and
            left in doubt otherwise: the next step looks.
    """
    tracks = context.target_tracks()
    if context.row.is_update and not context.row.is_adopted:
        try:
            if not context.budget.may_call():
                return Continue()
            carry_name(context)
            if (adopting := adopt(context, tracks)) is not None:
                return adopting
        except NotFoundError:
            if context.row.into_likes:
                raise
            # Deleted since: there is nothing to update, so it is made anew.
            context.commit(
                target_playlist_id=None,
                target_name=None,
                change_set_id=None,
                is_update=False,
                stage=Stage.CREATE,
            )
            return Advance(Stage.CREATE)
        tracks = context.target_tracks()
    if any(track.write_state == "intended" for track in tracks):
        if _may_repeat(context):
            intended = [track for track in tracks if track.write_state == "intended"]
            if not _Writer(context, intended).run(intended):
                return Continue()
        elif (outcome := _resolve_doubts(context, tracks)) is not None:
            return outcome
        tracks = context.target_tracks()
    if context.row.kind is not ListKind.PLAYLIST:
        if not drop_replaced(context, tracks):
            return Continue()
    elif mend.is_needed(context, tracks):
        outcome = mend.mend(context)
        if outcome is not None:
            return outcome
        tracks = context.target_tracks()
    if (late := _before_first_late(tracks)) is not None and not context.row.is_update:
        if not truncate(context, [track for track in tracks if track.write_state == "written"], most=late):
            return Continue()
        tracks = context.target_tracks()
    if not _Writer(context, [track for track in tracks if track.write_state == "none"]).run():
        return Continue()
    row = context.row
    if row.matched_count + row.failed_count < row.track_count:
        context.commit(stage=Stage.MATCH)  # There was only so much to write yet.
        return Advance(Stage.MATCH)
    return context.advance()


class _Writer:
    """Writes what is left, block by block: intended together, written call by call, committed together.

    A worker that is killed within a block leaves it in doubt; how far it came, the target itself tells.
    A batch that is refused for good is halved until the culprit stands alone and is left out. From there
    batches grow again: culprits often come in a row (a playlist that is full refuses everything).
    """

    def __init__(self, context: StepContext, todo: Sequence[TargetTrack]) -> None:
        self._context = context
        self._todo = list(todo)
        self._size = context.row.write_batch or context.add_batch
        self._is_growing = False

    def run(self, intended: Sequence[TargetTrack] = ()) -> bool:
        """Write until nothing is left; False when the step has to end.

        ``intended`` is a block that was begun before, to be repeated as it was.
        """
        block = list(intended) or self._commit([])
        while block:
            block = self._write(block)
        return not self._todo

    def _write(self, block: list[TargetTrack]) -> list[TargetTrack]:
        context, size = self._context, self._size
        results: list[dict[str, Any]] = []
        done = 0
        with context.reservation.reserve_batch(-(-len(block) // size)):
            while done < len(block):
                batch = block[done : done + size]
                if done and not context.may_continue():
                    break
                try:
                    added = self._add(batch)
                except (RejectedError, NotFoundError) as error:
                    if isinstance(error, NotFoundError):
                        self._check_target(results, block[done:])
                    return self._split_batch(results, batch, block[done + len(batch) :], error)
                except ProviderError as error:
                    self._record_partial(results, batch, block[done + len(batch) :], error)
                    raise
                missing = {batch[index].id for index in added.missing}
                results += [
                    self._gone(track)
                    if track.id in missing
                    else track.change("written", target_item_id=item_id)
                    for track, item_id in zip(batch, _ids(added, len(batch)), strict=True)
                ]
                done += len(batch)
                if missing:
                    return self._search_again(results, block[done:])
        if self._is_growing:
            self._size = min(2 * self._size, context.add_batch)
        untouched = [track.change("none") for track in block[done:]]
        return self._commit([*results, *untouched], written=done)

    def _add(self, batch: Sequence[TargetTrack]) -> Added:
        context, ids = self._context, [track.target_track_id for track in batch]
        return context.target.add_items(
            context.target_playlist_id, ids, key=request_key(context.row, batch, ids)
        )

    def _gone(self, track: TargetTrack) -> dict[str, Any]:
        """Search once more for what the target does not have (any more); give it up after that.

        Ids die while the recording stays, under another id: whoever has the same one in stock finds it gone
        in the next look-up, and then by what does not die, its ISRC.
        """
        if not track.rewritten:
            dead = Track(provider=self._context.row.target_provider, id=track.target_track_id, title="")
            search = {"tried": 0, "found": [], "incomplete": [encode(dead)]}
            return track.change("gone", search=search, rewritten=True)
        state = Status("not-found-at-provider", {"provider": self._context.row.target_provider})
        return track.change("refused", **store.error_columns(state))

    def _search_again(
        self, results: Sequence[dict[str, Any]], rest: Sequence[TargetTrack]
    ) -> list[TargetTrack]:
        """Save what a block came to; what stands behind something that was missing is written after it."""
        row = self._context.row
        refused = sum(result["write_state"] == "refused" for result in results)
        gone = sum(result["write_state"] == "gone" for result in results)
        self._todo.clear()
        return self._commit(
            [*results, *[track.change("none") for track in rest]],
            written=len(results) - gone - refused,
            matched_count=row.matched_count - gone - refused,
            failed_count=row.failed_count + refused,
        )

    def _record_partial(
        self,
        results: Sequence[dict[str, Any]],
        batch: Sequence[TargetTrack],
        rest: Sequence[TargetTrack],
        error: ProviderError,
    ) -> None:
        """Save what a block came to before a call failed; that call's own part may stay in doubt."""
        context, in_doubt = self._context, may_have_applied(error)
        rows = [*results, *[track.change("none") for track in rest]]
        if not in_doubt:
            rows += [track.change("none") for track in batch]
        # The intent is part of the write's name: what may be repeated by its name has the old one.
        is_new = in_doubt and not context.target.limits.key_lifetime_s
        changes: dict[str, Any] = {"write_intended_at": context.now()} if is_new else {}
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
        """Try half of a batch that was refused for good, or leave out the only one."""
        row, written = self._context.row, len(results)
        untouched = [track.change("none") for track in rest]
        if len(batch) > 1:
            self._size, self._is_growing = len(batch) // 2, False
            untouched += [track.change("none") for track in batch]
            return self._commit([*results, *untouched], written=written)
        if isinstance(error, DuplicateRefusedError) and row.into_likes:
            # It is there: by a write of ours that seemed not to have arrived, or by the person's own hand.
            there = batch[0].change("written", adopted=not batch[0].rewritten)
            return self._commit([*results, *untouched, there], written=written + 1)
        if dead_targets.is_gone(self._context, batch[0].target_track_id, error):
            rows = [*results, *untouched, batch[0].change("none")]
            self._context.commit(
                TrackChange(store.SAVE_WRITES, rows), written_count=row.written_count + written
            )
            del self._todo[: written + 1]
            dead_targets.search_again(self._context, [batch[0]])
            return self._commit([])
        # Nothing after the entry that no longer fits would fit either.
        count = len(self._todo) - written if isinstance(error, PlaylistFullError) else 1
        reason = store.error_columns(track_refusal(error, row.kind))
        refused = [track.change("refused", **reason) for track in self._todo[written : written + count]]
        self._size, self._is_growing = 1, True
        return self._commit(
            [*results, *untouched, *refused],
            written=written,
            refused=count,
            matched_count=row.matched_count - count,
            failed_count=row.failed_count + count,
        )

    def _check_target(self, results: Sequence[dict[str, Any]], rest: Sequence[TargetTrack]) -> None:
        """Raise if it was the playlist that was not found, and no track."""
        try:
            self._context.target.playlist(self._context.target_playlist_id)
        except ProviderError as error:
            self._record_partial(results, rest, [], error)
            raise

    def _commit(
        self, results: Sequence[dict[str, Any]], *, written: int = 0, refused: int = 0, **changes: Any
    ) -> list[TargetTrack]:
        """Commit the results of a block together with the intent of the next one; gives the next one."""
        context, full = self._context, self._context.add_batch
        del self._todo[: written + refused]
        block = self._todo[: max(self._size, BLOCK if self._size >= full else 1)]
        if block and not context.budget.may_call():
            block = []
        rows = {row["id"]: row for row in results}
        rows |= {track.id: track.change("intended") for track in block}
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


def _may_repeat(context: StepContext) -> bool:
    """Whether a write whose result nobody saw can be made again, by the name it had."""
    lifetime_s, intended_at = context.target.limits.key_lifetime_s, context.row.write_intended_at
    if not lifetime_s or intended_at is None:
        return False
    return context.now() < intended_at + timedelta(seconds=lifetime_s) - KEY_MARGIN


def _ids(added: Added, count: int) -> list[str | None]:
    return [*added.item_ids, *[None] * count][:count]


def request_key(row: PlaylistRow, batch: Sequence[TargetTrack], ids: Sequence[str]) -> str | None:
    """Name a write by what is stored before it: the intent of its block, and what it writes.

    Whoever repeats it from the same rows gives it the same name, and where the provider keeps names (TIDAL,
    for an hour) gets the same answer.
    """
    if row.write_intended_at is None:
        return None
    told = (row.id, row.write_intended_at.isoformat(), [track.id for track in batch], list(ids))
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _before_first_late(tracks: Sequence[TargetTrack]) -> int | None:
    """Count the written entries before the first one that has to go in between; None: none has to."""
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
    if context.row.into_likes:
        _settle_likes(context, intended, {entry.id for entry in found})
        return None
    count = sequence_diff.applied_count(
        [track.target_track_id for track in written],
        [track.target_track_id for track in intended],
        [entry.id for entry in found],
    )
    now = context.now()
    until = None if count == len(intended) else visible_after(context.row.write_intended_at, now)
    if until is not None:
        context.commit(target_read=None)
        row = context.row
        counts = {"written": row.written_count, "matched": row.matched_count}
        state = waiting("write-in-doubt", row.target_provider, until, **counts)
        return Wait(until=until, state=state, waiting_for="provider", attempts=row.attempts)
    rows = [track.change("written") for track in intended[:count]]
    rows += [track.change("none", rewritten=True) for track in intended[count:]]
    context.commit(
        TrackChange(store.SAVE_WRITES, rows),
        target_read=None,
        written_count=context.row.written_count + count,
        attempts=0 if count else context.row.attempts,
    )
    return None


def _settle_likes(context: StepContext, intended: Sequence[TargetTrack], listed: Collection[str]) -> None:
    """Mark what is liked as written; the rest is written again, since liking twice does nothing."""
    rows = [
        track.change("written" if track.target_track_id in listed else "none", rewritten=True)
        for track in intended
    ]
    count = sum(row["write_state"] == "written" for row in rows)
    context.commit(
        TrackChange(store.SAVE_WRITES, rows),
        target_read=None,
        written_count=context.row.written_count + count,
    )

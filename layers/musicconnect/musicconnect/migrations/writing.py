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
    todo = [place for place in places if place.write_state == "none"]
    if not _write_all(bench, todo):
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


def _write_all(bench: Bench, todo: list[Place]) -> bool:
    """Write until nothing is left; False when the step has to end."""
    batch = _next_batch(bench, todo)
    if batch:
        bench.commit(_intend(batch), write_intended_at=bench.now())
    while batch:
        batch = _write_batch(bench, batch, todo)
    return not todo


def _next_batch(bench: Bench, todo: Sequence[Place]) -> list[Place]:
    """What the next call writes; nothing when there is no call left to make."""
    size = min(bench.row.write_batch or bench.target.limits.add_batch, len(todo))
    return list(todo[:size]) if size and bench.budget.may_call() else []


def _write_batch(bench: Bench, batch: list[Place], todo: list[Place]) -> list[Place]:
    """One call. Its result and the intent of the next one are committed together; gives the next batch."""
    playlist_id = bench.row.target_playlist_id
    assert playlist_id is not None
    try:
        added = bench.target.add_items(playlist_id, [place.target_track_id for place in batch])
    except (RejectedError, NotFoundError) as error:
        if isinstance(error, NotFoundError):
            _check_target(bench, batch)
        return _take_apart(bench, batch, todo, error)
    except ProviderError as error:
        if not may_have_applied(error):
            bench.commit(_states(batch, "none"))
        raise
    item_ids = [*added.item_ids, *[None] * len(batch)]
    results = [
        _state(place, "written", target_item_id=item_id)
        for place, item_id in zip(batch, item_ids, strict=False)
    ]
    del todo[: len(batch)]
    return _go_on(bench, results, todo, written_count=bench.row.written_count + len(batch))


def _check_target(bench: Bench, batch: Sequence[Place]) -> None:
    """Something was not found: it is the playlist if that is not there, and a track otherwise."""
    assert bench.row.target_playlist_id is not None
    try:
        bench.target.playlist(bench.row.target_playlist_id)
    except ProviderError:
        bench.commit(_states(batch, "none"))
        raise


def _take_apart(
    bench: Bench, batch: Sequence[Place], todo: list[Place], error: RejectedError | NotFoundError
) -> list[Place]:
    """A batch was refused for good: find the culprit by halves, and leave it out."""
    if len(batch) > 1:
        bench.row.write_batch = len(batch) // 2
        return _go_on(bench, [_state(place, "none") for place in batch], todo, write_batch=len(batch) // 2)
    # Nothing after the entry that no longer fits would fit either.
    count = len(todo) if isinstance(error, PlaylistFullError) else 1
    reason = wording.refused_track(error)
    refused = [_state(place, "refused", error_message=reason) for place in todo[:count]]
    del todo[:count]
    bench.row.write_batch = None
    return _go_on(
        bench,
        refused,
        todo,
        write_batch=None,
        matched_count=bench.row.matched_count - count,
        failed_count=bench.row.failed_count + count,
    )


def _go_on(
    bench: Bench, results: Sequence[dict[str, Any]], todo: Sequence[Place], **changes: Any
) -> list[Place]:
    following = _next_batch(bench, todo)
    rows = {row["id"]: row for row in results}
    rows |= {place.id: _state(place, "intended") for place in following}
    if following:
        changes["write_intended_at"] = bench.now()
    bench.commit(Change(store.SAVE_WRITES, list(rows.values())), attempts=0, **changes)
    return following


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
        page = bench.target.playlist_items(playlist_id, cursor)
        ids += [relinker.id_of(item.track) for item in page.items]
        cursor = page.cursor
        if cursor is None:
            return ids


def _places(bench: Bench) -> list[Place]:
    with bench.database.transaction(bench.row.user_id) as connection:
        return store.places(connection, bench.row.id)


def _intend(places: Sequence[Place]) -> Change:
    return _states(places, "intended")


def _states(places: Sequence[Place], write_state: str) -> Change:
    return Change(store.SAVE_WRITES, [_state(place, write_state) for place in places])


def _state(place: Place, write_state: str, **columns: Any) -> dict[str, Any]:
    return {"id": place.id, "write_state": write_state, **columns}

"""Remember what we wrote within the last days: what leaks away slowly, and what somebody undoes. Pure."""

from collections.abc import Sequence
from datetime import datetime

from musicconnect.sync.merge.settings import LEAK_SHARE, LEAK_WINDOW, MAX_REVERSALS, MIN_LEAK, Settings
from musicconnect.sync.merge.state import SIDES, STANDING, PairState, Removal, Row


def expire(state: PairState, now: datetime) -> None:
    """Drop what is older than the window."""
    state.removals = [one for one in state.removals if _is_recent(one.at, now)]
    recent = {key: [at for at in times if _is_recent(at, now)] for key, times in state.reversals.items()}
    state.reversals = {key: times for key, times in recent.items() if times}


def record_removal(state: PairState, side: int, row: Row, now: datetime) -> None:
    """Record that we take a row's entry out of a side."""
    state.removals.append(Removal(now.isoformat(), side, row.key))


def record_put_in(state: PairState, side: int, key: str, now: datetime) -> None:
    """Record that somebody put a recording into a side: where we had taken it out, that was reversed."""
    found = next((one for one in state.removals if one.side == side and one.key == key), None)
    if found is not None:
        state.removals.remove(found)
        _record_reversal(state, "removal", side, key, now)


def record_taken_out(state: PairState, side: int, row: Row, now: datetime) -> None:
    """Record that somebody took a row's entry out of a side: where we had put it in, that was reversed."""
    slot = row.slots[side]
    if slot.written_at is not None and _is_recent(slot.written_at, now):
        slot.written_at = None
        _record_reversal(state, "addition", side, row.key, now)


def is_contested(state: PairState, key: str) -> bool:
    """Tell whether another program seems to undo what we write of a recording."""
    return any(
        len(state.reversals.get(_name(kind, side, key), ())) >= MAX_REVERSALS
        for kind in ("addition", "removal")
        for side in SIDES
    )


def leak(
    state: PairState, side: int, carried: Sequence[Row], settings: Settings, now: datetime
) -> tuple[int, int] | None:
    """Give how many removals a side would have had within the window, of how many rows; None: few enough.

    Args:
        state: Of the pair, these removals not recorded yet.
        side: Where they would be made.
        carried: The rows that would go.
        settings: Of the pair.
        now: The time of the looks.
    """
    before = sum(one.side == side for one in state.removals)
    standing = [row.slots[side] for row in state.rows if row.slots[side].state in STANDING]
    put_in = sum(slot.written_at is not None and _is_recent(slot.written_at, now) for slot in standing)
    at_start = len(standing) + before - put_in
    total = before + len(carried)
    share = max(LEAK_SHARE, settings.max_out_share)
    return (total, at_start) if before and total > MIN_LEAK and total > share * at_start else None


def _record_reversal(state: PairState, kind: str, side: int, key: str, now: datetime) -> None:
    state.reversals.setdefault(_name(kind, side, key), []).append(now.isoformat())


def _name(kind: str, side: int, key: str) -> str:
    return f"{kind}/{side}/{key}"


def _is_recent(at: str, now: datetime) -> bool:
    return now - datetime.fromisoformat(at) < LEAK_WINDOW

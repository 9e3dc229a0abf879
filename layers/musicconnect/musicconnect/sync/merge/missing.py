"""Judge what a look misses: taken out, taken away by the provider, not shown yet, or too much at once."""

from datetime import datetime
from typing import Final

from musicconnect.changes.model import Entry
from musicconnect.sync.merge import recent
from musicconnect.sync.merge.align import Aligned
from musicconnect.sync.merge.matches import Matches
from musicconnect.sync.merge.result import Held, Merged
from musicconnect.sync.merge.settings import LOOK_INTERVAL, MIN_ROWS_GUARDED, SETTLE_LOOKS, Mode, Settings
from musicconnect.sync.merge.state import LEFT, SIDES, STANDING, PairState, Row, Slot, SlotState

HARMLESS: Final = frozenset({SlotState.PENDING, SlotState.NO_COUNTERPART, SlotState.COVERED})
"""States of a side to which nothing comes back where the other side's list lied."""


class MissingRows:
    """The rows of a state that a look does not show."""

    def __init__(
        self,
        state: PairState,
        matches: Matches,
        settings: Settings,
        *,
        looks: tuple[list[Entry], list[Entry]],
        sides: tuple[Aligned, Aligned],
        merged: Merged,
        now: datetime,
    ) -> None:
        self._state = state
        self._matches = matches
        self._settings = settings
        self._looks = looks
        self._sides = sides
        self._merged = merged
        self._now = now
        self._missing = [{row.id for row in aligned.missing} for aligned in sides]

    def count_looks(self) -> None:
        """Count this look for all rows that it does not show: both sides', before either is judged."""
        for side in SIDES:
            for row in self._sides[side].missing:
                if row.slots[side].state is not SlotState.DYING:
                    self._count_look(row.slots[side])

    def judge(self, side: int) -> set[int]:
        """Give the rows that were taken out of a side; what is held or waited for is noted with the merge."""
        out: set[int] = set()
        confirmed: list[Row] = []
        for row in self._sides[side].missing:
            slot = row.slots[side]
            if slot.state is SlotState.DYING:
                out.add(row.id)  # Our own removal.
            elif slot.state is SlotState.GONE or slot.track_id in self._matches.dead[side]:
                slot.end(SlotState.LOST)  # Taken away, not taken out.
            elif not slot.is_seen:
                self._await(slot)
            elif self._is_in_doubt(row, side):
                self._merged.suspects.add(row.id)
            elif self._is_let_be(row, side):
                slot.end(SlotState.DECLINED)
            else:
                confirmed.append(row)
        if self._guard(side, confirmed):
            self._merged.suspects |= {row.id for row in confirmed}
        else:
            out.update(row.id for row in confirmed)
        return out

    def _is_in_doubt(self, row: Row, side: int) -> bool:
        """Tell whether too few looks have missed a row.

        Missing on both sides, both are counted: where one of the two lists lied, the row is to go by what the
        other one said, and not to come back as something new.
        """
        other, looks = row.slots[1 - side], self._settings.looks
        if other.state in HARMLESS or (other.state is SlotState.DYING and row.id in self._missing[1 - side]):
            return False  # There is nothing to write, whatever the next look shows.
        return row.slots[side].missing < looks or (
            row.id in self._missing[1 - side] and other.missing < looks
        )

    def _is_let_be(self, row: Row, side: int) -> bool:
        """Tell whether a removal is not carried over, since what we write of the row is undone every time."""
        if self._settings.is_one_way or row.slots[1 - side].state not in STANDING:
            return False
        was_contested = recent.is_contested(self._state, row.key)
        recent.record_taken_out(self._state, side, row, self._now)
        is_contested = recent.is_contested(self._state, row.key)
        if is_contested and not was_contested:
            self._merged.contested.append(row.id)
        return is_contested

    def _await(self, slot: Slot) -> None:
        """Wait for what we wrote and no look has shown: its absence says nothing."""
        if slot.missing >= SETTLE_LOOKS:
            again = slot.again + 1
            slot.end(SlotState.PENDING)
            slot.again = again

    def _count_look(self, slot: Slot) -> None:
        before = slot.missed_at and datetime.fromisoformat(slot.missed_at)
        if not before or self._now - before >= LOOK_INTERVAL:
            slot.missing += 1
            slot.missed_at = self._now.isoformat()

    def _guard(self, side: int, confirmed: list[Row]) -> bool:
        """Tell whether removals have to wait for a person."""
        settings = self._settings
        is_carried = settings.mode is Mode.TWO_WAY or (settings.mode is Mode.MIRROR and side == LEFT)
        carried = [row for row in confirmed if row.slots[1 - side].state in STANDING]
        if not (self._state.has_base and carried and is_carried) or settings.is_approved:
            return False
        of = sum(row.slots[side].state in STANDING for row in self._state.rows)
        is_empty = not any(entry.is_available for entry in self._looks[side]) and of >= MIN_ROWS_GUARDED
        is_mass = len(carried) > settings.max_out or (
            len(carried) > settings.min_out and len(carried) > settings.max_out_share * of
        )
        leak = recent.leak(self._state, 1 - side, carried, settings, self._now)
        rows = tuple(row.id for row in carried)
        if is_empty or is_mass:
            self._merged.held.append(Held(side, "source-empty" if is_empty else "many-removals", rows, of))
        elif leak is not None:
            self._merged.held.append(Held(side, "slow-leak", rows, leak[1], leak[0]))
        else:
            return False
        return True

"""Merge two looks with what is known of a pair: what is to be written on either side, and what is held."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from musicconnect.changes.model import Entry
from musicconnect.sync.merge import recent
from musicconnect.sync.merge.align import Aligned, align
from musicconnect.sync.merge.fitting import FittingEntries
from musicconnect.sync.merge.matches import Matches
from musicconnect.sync.merge.missing import MissingRows
from musicconnect.sync.merge.order import merge_orders, moved, owners_of
from musicconnect.sync.merge.result import Merged, Surplus
from musicconnect.sync.merge.settings import (
    RETRY_FULL,
    Mode,
    Settings,
)
from musicconnect.sync.merge.state import LEFT, RIGHT, SIDES, STANDING, PairState, Row, Slot, SlotState


def merge(
    state: PairState,
    looks: tuple[list[Entry], list[Entry]],
    matches: Matches,
    settings: Settings,
    now: datetime,
) -> Merged:
    """Merge. Neither network nor clock: the same arguments give the same plan.

    Args:
        state: Of the last merge, with what came of its writing. It is not changed.
        looks: What each side shows, whole.
        matches: Counterparts of everything that is new on a side.
        settings: Of the pair.
        now: The time of the looks.
    """
    return _Merge(state.copy(), looks, matches, settings, now).run()


class _Merge:
    def __init__(
        self,
        state: PairState,
        looks: tuple[list[Entry], list[Entry]],
        matches: Matches,
        settings: Settings,
        now: datetime,
    ) -> None:
        self._state = state
        self._matches = matches
        self._settings = settings
        self._now = now
        self._looks = looks
        self._sides: tuple[Aligned, Aligned] = (
            align(state, LEFT, looks[LEFT], matches),
            align(state, RIGHT, looks[RIGHT], matches),
        )
        self._rows = {row.id: row for row in state.rows}
        self._out: tuple[set[int], set[int]] = (set(), set())
        """Of each side: rows that were taken out there."""
        self._covered: tuple[dict[str | None, list[Row]], dict[str | None, list[Row]]] = (
            defaultdict(list),
            defaultdict(list),
        )
        """Of each side: the rows for which another one stands, by its track."""
        self._merged = Merged(state, (self._sides[LEFT].hits, self._sides[RIGHT].hits))

    def run(self) -> Merged:
        recent.expire(self._state, self._now)
        missing = MissingRows(
            self._state, self._matches, self._settings,
            looks=self._looks, sides=self._sides, merged=self._merged, now=self._now,
        )  # fmt: skip
        missing.count_looks()
        for side in SIDES:
            self._out[side].update(missing.judge(side))
        for side in SIDES:
            self._record_shown(side)
        for side in SIDES:
            self._record_anew(side)
        for side in SIDES:
            self._replace_corrected(side)
        back = self._put_in_anew()
        dropped = self._pair_copies()
        self._find_surplus()
        new = self._new_rows(back)
        dying = self._remove(dropped)
        self._order(dropped | set(dying), new)
        self._state.rows += [row for row in dying.values() if self._is_dying(row)]
        known = set(self._rows)
        for side in SIDES:
            hits = self._sides[side].hits
            in_list = {row.id for row in self._state.rows}
            self._state.orders[side] = [
                row_id for row_id in sorted(hits, key=lambda one: hits[one]) if row_id in in_list & known
            ]
            for row in self._state.rows:
                row.slots[side].is_moving = False
        for side in SIDES:
            self._add(side)
        self._state.rows = [
            row for row in self._state.rows if any(one.state is not SlotState.DECLINED for one in row.slots)
        ]
        if self._settings.is_approved:
            self._state.removals = []  # The person has seen them.
        self._state.has_base = True
        return self._merged

    # --- presence -------------------------------------------------------------------------------------

    def _record_shown(self, side: int) -> None:
        for row_id, index in self._sides[side].hits.items():
            entry, slot = self._looks[side][index], self._rows[row_id].slots[side]
            if slot.state not in STANDING:
                # What fits an intended write is that write; anything else a person did.
                slot.is_ours = slot.state is SlotState.PENDING
            slot.stand(entry.item_id, entry.track_id, is_available=entry.is_available)

    def _record_anew(self, side: int) -> None:
        """Note what was put in anew while the other side misses it, until it is known why it does."""
        aligned, other = self._sides[side], self._sides[1 - side]
        for row_id in aligned.hits:
            slot = self._rows[row_id].slots[side]
            slot.is_anew = row_id not in other.hits and (slot.is_anew or row_id in aligned.fresh)

    def _replace_corrected(self, side: int) -> None:
        """Plan that what a person has called wrong goes, and that the right one stands in its place."""
        if self._settings.is_one_way and side == LEFT:
            return
        hits = self._sides[side].hits
        for row in list(self._state.rows):
            slot = row.slots[side]
            if row.id not in hits or slot.state is not SlotState.OK or self._out[1 - side] & {row.id}:
                continue
            corrected = self._matches.correction(row, side)
            if corrected is None:
                continue
            wrong = self._state.new_row(f"corrected:{row.key}")
            wrong.title, wrong.artist = row.title, row.artist
            wrong.slots[side] = slot
            wrong.slots[1 - side].state = SlotState.DECLINED
            slot.state = SlotState.DYING
            row.slots[side] = Slot(track_id=corrected.track_id)
            self._rows[wrong.id] = wrong
            self._state.rows.insert(self._state.rows.index(row) + 1, wrong)
            hits[wrong.id] = hits.pop(row.id)
            order = self._state.orders[side]
            self._state.orders[side] = [wrong.id if one == row.id else one for one in order]

    def _put_in_anew(self) -> tuple[list[int], list[int]]:
        """Take what was taken out on one side and out and in again on the other as new: adding wins."""
        back: tuple[list[int], list[int]] = ([], [])
        if self._settings.is_one_way:
            return back
        for side in SIDES:
            hits = self._sides[side].hits
            for row_id in sorted(self._out[1 - side] & hits.keys()):
                if not self._rows[row_id].slots[side].is_anew:
                    continue
                back[side].append(hits.pop(row_id))
                self._out[side].add(row_id)
        return back

    def _pair_copies(self) -> set[int]:
        """Take one removal of a copy on each side for one, though they were not the same copy."""
        dropped: set[int] = set()
        rank = {row.id: index for index, row in enumerate(self._state.rows)}
        only = [
            sorted(
                (
                    row_id
                    for row_id in self._out[side] - self._out[1 - side]
                    if self._rows[row_id].slots[side].state is not SlotState.DYING
                ),
                key=lambda row_id: rank[row_id],
            )
            for side in SIDES
        ]
        used: set[int] = set()
        copies: dict[str, list[int]] = defaultdict(list)
        for one in only[RIGHT]:
            copies[self._rows[one].key].append(one)
        for left in only[LEFT]:
            right = next(
                (
                    one
                    for one in copies[self._rows[left].key]
                    if one not in used and left in self._sides[RIGHT].hits and one in self._sides[LEFT].hits
                ),
                None,
            )
            if right is None:
                continue
            used.add(right)
            kept, gone, side = (left, right, LEFT) if rank[left] < rank[right] else (right, left, RIGHT)
            # The earlier row stays, and takes the entry of the other one where its own is missing.
            self._rows[kept].slots[side] = self._rows[gone].slots[side]
            hits = self._sides[side].hits
            hits[kept] = hits.pop(gone)
            order = [kept if one == gone else one for one in self._state.orders[side] if one != kept]
            self._state.orders[side] = order
            self._sides[1 - side].hits.pop(gone, None)
            self._out[side].discard(kept)
            self._out[1 - side].discard(gone)
            dropped.add(gone)
        return dropped

    def _find_surplus(self) -> None:
        for side in SIDES:
            hits = self._sides[side].hits
            written_again = [row for row in self._state.rows if row.slots[side].again and row.id in hits]
            for index in list(self._sides[side].new) if written_again else []:
                track_id = self._looks[side][index].track_id
                row = next(
                    (
                        row
                        for row in written_again
                        if row.slots[side].again and row.slots[side].track_id == track_id
                    ),
                    None,
                )
                if row is not None:
                    row.slots[side].again -= 1
                    self._sides[side].new.remove(index)
                    self._merged.surplus.append(Surplus(side, index))

    def _new_rows(self, back: tuple[list[int], list[int]]) -> tuple[set[int], set[int]]:
        """Make rows of what was put in: one where it was put in on both sides."""
        made: tuple[set[int], set[int]] = (set(), set())
        one_way = self._settings.is_one_way
        left = sorted([*self._sides[LEFT].new, *back[LEFT]])
        right = sorted([*self._sides[RIGHT].new, *back[RIGHT]])
        first, second = (LEFT, RIGHT) if self._settings.authority == LEFT or one_way else (RIGHT, LEFT)
        indices = {LEFT: left, RIGHT: right}
        fitting = FittingEntries(second, self._looks[second], indices[second], self._matches)
        used: set[int] = set()
        for index in indices[first]:
            row = self._new_row(first, index)
            made[first].add(row.id)
            other = fitting.first(row, used)
            if other is not None:
                used.add(other)
                self._show(row, second, other)
                made[second].add(row.id)
        for index in [] if one_way else indices[second]:
            if index not in used:
                made[second].add(self._new_row(second, index).id)
        return made

    def _new_row(self, side: int, index: int) -> Row:
        entry = self._looks[side][index]
        row = self._state.new_row(self._matches.key(side, entry.track_id))
        was_contested = recent.is_contested(self._state, row.key)
        recent.record_put_in(self._state, side, row.key, self._now)
        if recent.is_contested(self._state, row.key) and not was_contested:
            self._merged.contested.append(row.id)
        row.title, row.artist = self._matches.names.get((side, entry.track_id), ("", ""))
        self._rows[row.id] = row
        self._show(row, side, index)
        return row

    def _show(self, row: Row, side: int, index: int) -> None:
        entry = self._looks[side][index]
        row.slots[side].stand(entry.item_id, entry.track_id, is_available=entry.is_available)
        row.slots[side].is_ours = not self._state.has_base
        self._sides[side].hits[row.id] = index

    def _remove(self, dropped: set[int]) -> dict[int, Row]:
        """End the rows that were taken out; gives those, some of which still stand on a side."""
        ended = (self._ended() | {row.id for row in self._state.rows if self._is_dying(row)}) - dropped
        by_id = {row.id: row for row in self._state.rows if row.id in ended}
        for side in SIDES:
            for row in self._state.rows:
                if row.slots[side].state is SlotState.COVERED:
                    self._covered[side][row.slots[side].track_id].append(row)
        for row in by_id.values():
            for side in SIDES:
                if row.id in self._out[side]:
                    self._decline_covered(row, side)
                    row.slots[side].end(SlotState.LOST)
        for row in by_id.values():
            for side in SIDES:
                self._take_out(row, side, by_id)
        for row_id in [*by_id, *dropped]:
            for side in SIDES:
                if not self._is_dying(self._rows[row_id]):
                    self._sides[side].hits.pop(row_id, None)
        return by_id

    def _ended(self) -> set[int]:
        if not self._settings.is_one_way:
            return self._out[LEFT] | self._out[RIGHT]
        for row_id in self._out[RIGHT] - self._out[LEFT]:
            slot = self._rows[row_id].slots[RIGHT]
            if slot.state is not SlotState.DYING:
                slot.end(SlotState.DECLINED)
        return set(self._out[LEFT])

    def _take_out(self, row: Row, side: int, ended: dict[int, Row]) -> None:
        slot, hits = row.slots[side], self._sides[side].hits
        if slot.state not in STANDING or row.id not in hits:
            return
        if self._settings.is_one_way and not (
            side == RIGHT
            and self._settings.mode is Mode.MIRROR
            and (slot.is_ours or self._settings.takes_foreign)
        ):
            # It is the person's: it stays, and is nobody's business from now on.
            slot.end(SlotState.LOST)
            return
        heir = next(
            (
                other
                for other in self._covered[side][slot.track_id]
                if other.id not in ended and other.slots[side].state is SlotState.COVERED
            ),
            None,
        )
        if heir is not None:
            hits[heir.id] = hits.pop(row.id)
            heir.slots[side].stand(slot.item_id, slot.track_id or "", is_available=True)
            heir.slots[side].is_ours = slot.is_ours
            slot.end(SlotState.LOST)
            return
        if slot.state is not SlotState.DYING and not self._settings.is_approved:
            recent.record_removal(self._state, side, row, self._now)
        slot.state = SlotState.DYING
        self._merged.removals[side].append(row.id)

    def _decline_covered(self, row: Row, side: int) -> None:
        """A person took a shared track out: it does not come back for the other row."""
        slot = row.slots[side]
        if slot.state is SlotState.DYING:
            return
        for other in self._covered[side][slot.track_id]:
            if other.slots[side].state is SlotState.COVERED:
                other.slots[side].end(SlotState.DECLINED)

    @staticmethod
    def _is_dying(row: Row) -> bool:
        return any(slot.state is SlotState.DYING for slot in row.slots)

    # --- order, additions -----------------------------------------------------------------------------

    def _order(self, gone: set[int], new: tuple[set[int], set[int]]) -> None:
        alive = [row for row in self._state.rows if row.id not in gone]
        moves: tuple[set[int], set[int]] = (set(), set())
        now: list[list[int]] = []
        for side in SIDES:
            hits = self._sides[side].hits
            shown = sorted(hits, key=lambda row_id: hits[row_id])
            now.append(shown)
            if side == RIGHT and self._settings.is_one_way:
                continue
            unmoved = {row.id for row in alive if row.slots[side].is_moving}
            moves[side].update(moved(shown, self._state.orders[side], unmoved))
        living = {row.id for row in alive} | new[LEFT] | new[RIGHT]
        moves = (moves[LEFT] & living, moves[RIGHT] & living)
        owners = owners_of(moves, new, self._settings.authority if not self._settings.is_one_way else LEFT)
        chain = [row.id for row in alive if row.id not in owners]
        order = merge_orders(chain, (now[LEFT], now[RIGHT]), owners, self._settings.authority)
        self._state.rows = [self._rows[row_id] for row_id in order]

    def _add(self, side: int) -> None:
        settings = self._settings
        if settings.is_one_way and side == LEFT:
            return
        standing: dict[str | None, list[Row]] = defaultdict(list)
        for row in self._state.rows:
            if row.slots[side].state in (SlotState.OK, SlotState.PENDING):
                standing[row.slots[side].track_id].append(row)
        for row in self._state.rows:
            slot, other = row.slots[side], row.slots[1 - side]
            if SlotState.DYING in (slot.state, other.state) or row.id in self._merged.suspects:
                continue
            if slot.state not in (SlotState.PENDING, SlotState.NO_COUNTERPART, SlotState.LOST):
                continue
            if other.state not in (SlotState.OK, SlotState.GONE):
                continue
            if slot.refused_at and self._now - datetime.fromisoformat(slot.refused_at) < RETRY_FULL:
                continue
            if recent.is_contested(self._state, row.key):
                slot.state = SlotState.DECLINED
                continue
            track_id = self._matches.pick(row, side)
            if slot.state is SlotState.LOST and (track_id is None or track_id in self._matches.dead[side]):
                continue
            if track_id is None:
                slot.state = SlotState.NO_COUNTERPART
                if self._matches.is_decided(row, side):
                    slot.needs_review = self._matches.is_for_review(row, side)
                    slot.is_not_in_catalogue = self._matches.is_not_in_catalogue(row, side)
                continue
            slot.track_id, slot.needs_review, slot.is_not_in_catalogue = track_id, False, False
            if self._is_taken(row, side, standing[track_id]):
                slot.state = SlotState.COVERED
                continue
            slot.state, slot.refused_at = SlotState.PENDING, None
            standing[track_id].append(row)
            self._merged.additions[side].append(row.id)

    @staticmethod
    def _is_taken(row: Row, side: int, rows: Sequence[Row]) -> bool:
        """Tell whether another recording's row stands for the same track, or is about to."""
        slot = row.slots[side]
        return any(
            other is not row
            and other.key != row.key
            and other.slots[side].state in (SlotState.OK, SlotState.PENDING)
            and other.slots[side].track_id == slot.track_id
            for other in rows
        )

"""Put rows into one order, of two sides that each have changed theirs. Pure."""

from collections.abc import Collection, Mapping, Sequence

from musicconnect.changes.alignment import longest_increasing
from musicconnect.sync.merge.state import SIDES


def moved(now: Sequence[int], before: Sequence[int], unmoved: Collection[int] = ()) -> set[int]:
    """Give what a side moved since it was last seen: what is not in a longest common chain.

    Compared with that side's own order, never with the pair's: where the two differ, nobody has moved
    anything. ``unmoved``: what counts as not moved whatever the order.
    """
    place = {row_id: index for index, row_id in enumerate(before)}
    both = [row_id for row_id in now if row_id in place and row_id not in unmoved]
    chain = {both[index] for index in longest_increasing([place[row_id] for row_id in both])}
    return set(both) - chain


def merge_orders(
    chain: Sequence[int],
    now: tuple[Sequence[int], Sequence[int]],
    owners: Mapping[int, int],
    authority: int,
) -> list[int]:
    """Put rows that somebody moved or put in behind their nearest neighbour that nobody moved.

    Args:
        chain: The rows that nobody moved, in the pair's order.
        now: Of each side: its rows in order.
        owners: The side whose place counts, of every other row.
        authority: Whose rows come first within a gap. What a side put in together stays together.
    """
    fixed = set(chain)
    gaps: dict[int | None, list[int]] = {}
    for side in (authority, 1 - authority):
        anchor: int | None = None
        for row_id in now[side]:
            if row_id in fixed:
                anchor = row_id
            elif owners.get(row_id) == side:
                gaps.setdefault(anchor, []).append(row_id)
    result = list(gaps.get(None, []))
    for row_id in chain:
        result += [row_id, *gaps.get(row_id, [])]
    return result


def owners_of(
    moves: tuple[Collection[int], Collection[int]],
    new: tuple[Collection[int], Collection[int]],
    authority: int,
) -> dict[int, int]:
    """Give the side whose place counts, of every row that was moved or is new."""
    owners: dict[int, int] = {}
    for side in SIDES:
        for row_id in moves[side]:
            owners[row_id] = authority if row_id in moves[1 - side] else side
    for side in (1 - authority, authority):
        for row_id in new[side]:
            owners[row_id] = side
    return owners

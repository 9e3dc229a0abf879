"""How people share an allowance that is not enough for all of them. Pure."""

from collections.abc import Sequence


def part(mine: int, others: Sequence[int], *, limit: int, left: int) -> int:
    """How much somebody may take now; 0: it is others' turn, or nothing is left.

    Everybody who wants some gets an equal part of the day before anybody gets more. What is left over then
    (of people who needed less) is shared again, first among those who have had least.

    Args:
        mine: What they have had of the day.
        others: What each of the others has had who want some now.
        limit: What the day brings.
        left: What is left of it.
    """
    if left <= 0 or not others:
        return max(0, left)
    equal = -(-limit // (len(others) + 1))
    if mine < equal:
        return min(left, equal - mine)
    if mine > min(others):
        return 0
    return -(-left // (len(others) + 1))

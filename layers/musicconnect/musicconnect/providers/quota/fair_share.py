"""Share an allowance that is not enough for all users. Pure."""

from collections.abc import Mapping, Sequence


def allowed_calls(me: int, used: Mapping[int, int], *, limit: int, left: int, cost: int, day: int) -> int:
    """Count the calls that a user may make now; 0: it is others' turn, or nothing is left.

    Everybody who wants some gets an equal part of the day before anybody gets more. Calls that cannot be
    divided go to some today and to others tomorrow, in turn. What is left over then (of people who needed
    less) is shared again, first among those who have had least.

    Args:
        me: Who asks.
        used: What each of those has had of the day who want some now, the one who asks among them.
        limit: What the day brings.
        left: What is left of it.
        cost: Of one call, in the same unit.
        day: The day's number.
    """
    possible = max(0, left) // cost
    if possible == 0 or len(used) == 1:
        return possible
    share = equal_parts(sorted(used), limit // cost, day)
    mine = used[me] // cost
    if mine < share[me]:
        return min(possible, share[me] - mine)
    others = [key for key in used if key != me]
    if (
        any(used[key] // cost < share[key] for key in others)
        or used[me] > min(used[key] for key in others) + cost
    ):
        return 0
    return -(-possible // len(used))


def equal_parts(users: Sequence[int], calls: int, day: int) -> dict[int, int]:
    """Divide calls among users, in an order that stays; who gets one more changes from day to day."""
    count = len(users)
    base, rest = divmod(calls, count)
    first = day * rest % count
    return {key: base + ((place - first) % count < rest) for place, key in enumerate(users)}

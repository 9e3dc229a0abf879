"""Carry a source's new order into its target. Pure."""

from collections import Counter, defaultdict, deque
from collections.abc import Sequence

from musicconnect.changes.alignment import longest_increasing
from musicconnect.changes.model import Entry


def is_reordered(before: Sequence[str], now: Sequence[str]) -> bool:
    """Tell whether what two lists of ids share stands in another order."""
    numbered_before, numbered_now = _numbered(before), _numbered(now)
    shared = set(numbered_before) & set(numbered_now)
    return [one for one in numbered_before if one in shared] != [one for one in numbered_now if one in shared]


def reordered(wanted: Sequence[str], ids: Sequence[str], listed: Sequence[Entry]) -> list[Entry]:
    """Order the entries of a playlist by a list of ids, moving as few as there can be.

    Entries that are not wanted stay where they stand; what moves stands behind the one before it.

    Args:
        wanted: Ids in their order; those that the playlist lacks are passed over.
        ids: Of each entry, under which it is wanted.
        listed: The playlist.
    """
    free: dict[str, deque[int]] = defaultdict(deque)
    for index, one in enumerate(ids):
        free[one].append(index)
    places = [free[one].popleft() for one in wanted if free[one]]
    staying = {places[index] for index in longest_increasing(places)}
    moved = set(places) - staying
    behind: dict[int | None, list[Entry]] = defaultdict(list)
    anchor: int | None = None
    for place in places:
        if place in staying:
            anchor = place
        else:
            behind[anchor].append(listed[place])
    first = min(staying, default=None)
    result: list[Entry] = []
    for index, entry in enumerate(listed):
        if index == first:
            result += behind[None]
        if index not in moved:
            result.append(entry)
        result += behind[index] if index in staying else []
    return result


def _numbered(ids: Sequence[str]) -> list[tuple[str, int]]:
    copies: Counter[str] = Counter()
    numbered = []
    for one in ids:
        copies[one] += 1
        numbered.append((one, copies[one]))
    return numbered

"""Divide a playlist that is more than its target holds. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence


def assign(ids: Sequence[str | None], size: int, before: Sequence[Iterable[str]] = ()) -> list[int]:
    """Give the part, from 0, of each entry of a playlist.

    What was in a part before stays there, wherever it stands in the source now; the rest fills the last part
    that there was, and then parts of their own, in order. No part gets more than ``size``.

    Args:
        ids: Of the entries, in order; None where there is nothing to be moved, which takes no place and goes
            with what stands before it.
        size: How many a part holds.
        before: Of each part that there was, the ids that were moved into it.
    """
    left = [Counter(part) for part in before] or [Counter[str]()]
    filled = [0] * len(left)
    found: list[int | None] = [None] * len(ids)
    for place, key in enumerate(ids):
        if key is None:
            continue
        for part, known in enumerate(left):
            if known[key] > 0 and filled[part] < size:
                known[key] -= 1
                filled[part] += 1
                found[place] = part
                break
    last, current = len(filled) - 1, 0
    parts: list[int] = []
    for key, known_part in zip(ids, found, strict=True):
        if known_part is not None:
            current = known_part
        elif key is not None:
            if filled[last] >= size:
                filled.append(0)
                last += 1
            filled[last] += 1
            current = last
        parts.append(current)
    return parts

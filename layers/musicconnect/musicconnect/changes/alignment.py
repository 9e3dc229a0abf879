"""Find again in a list what was expected to stand in it. Pure."""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from musicconnect.changes.model import Entry


def align(expected: Sequence[Entry], found: Sequence[Entry]) -> list[Entry]:
    """Give what was found under the references under which it was expected.

    By the provider's id of the place; else the same track, in order where possible (of equal copies the right
    one is missing then), else wherever it stands. What nobody expected keeps a reference of its own, marked
    ``~``.
    """
    refs: dict[int, str] = {}
    by_item = {entry.item_id: entry.ref for entry in expected if entry.item_id is not None}
    for index, entry in enumerate(found):
        if entry.item_id in by_item and entry.item_id is not None:
            refs[index] = by_item[entry.item_id]
    taken = set(refs.values())
    # An entry with an id of a place that is gone is gone; one whose id nobody learnt may be any of its track.
    has_ids = any(entry.item_id is not None for entry in found)
    open_expected = [
        entry for entry in expected if entry.ref not in taken and (entry.item_id is None or not has_ids)
    ]
    open_found = [index for index in range(len(found)) if index not in refs]
    for one, other in common([e.track_id for e in open_expected], [found[i].track_id for i in open_found]):
        refs[open_found[other]] = open_expected[one].ref
    taken = set(refs.values())
    rest: dict[str, deque[str]] = defaultdict(deque)
    for entry in open_expected:
        if entry.ref not in taken:
            rest[entry.track_id].append(entry.ref)
    used: Counter[str] = Counter()
    aligned = []
    for index, entry in enumerate(found):
        ref = refs.get(index)
        if ref is None and rest[entry.track_id]:
            ref = rest[entry.track_id].popleft()
        if ref is None:
            base = f"~{entry.item_id or entry.track_id}"
            used[base] += 1
            ref = f"{base}#{used[base]}"
        aligned.append(replace(entry, ref=ref))
    return aligned


def common(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Pair the indices of a long common subsequence of two lists, ascending.

    A longest one for lists of up to 400 after equal beginnings and ends are cut off; else a long one.
    """
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    pairs = [(index, index) for index in range(start)]
    inner_a, inner_b = a[start : len(a) - end], b[start : len(b) - end]
    inner = _longest(inner_a, inner_b) if max(len(inner_a), len(inner_b)) <= 400 else _long(inner_a, inner_b)
    pairs += [(one + start, other + start) for one, other in inner]
    return pairs + [(len(a) - index, len(b) - index) for index in range(end, 0, -1)]


def _longest(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    lengths = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            lengths[i][j] = (
                lengths[i + 1][j + 1] + 1 if a[i] == b[j] else max(lengths[i + 1][j], lengths[i][j + 1])
            )
    i = j = 0
    pairs = []
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _long(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return [
        (block.a + offset, block.b + offset)
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    ]


def longest_increasing(values: Sequence[int]) -> list[int]:
    """Give the indices of a longest strictly increasing subsequence; the same one for the same values."""
    tails: list[int] = []
    indices: list[int] = []
    before: list[int | None] = [None] * len(values)
    for index, value in enumerate(values):
        place = bisect_left(tails, value)
        if place == len(tails):
            tails.append(value)
            indices.append(index)
        else:
            tails[place], indices[place] = value, index
        before[index] = indices[place - 1] if place else None
    chain: list[int] = []
    at = indices[-1] if indices else None
    while at is not None:
        chain.append(at)
        at = before[at]
    return chain[::-1]

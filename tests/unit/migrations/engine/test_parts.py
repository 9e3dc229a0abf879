"""Dividing a playlist that is more than its target holds."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from musicconnect.migrations.engine.parts import assign

IDS = st.lists(st.none() | st.sampled_from("abcdefgh"), max_size=30)


def test_what_was_never_moved_is_divided_in_order() -> None:
    assert assign(list("abcde"), 2) == [0, 0, 1, 1, 2]


def test_what_fits_stays_whole() -> None:
    assert assign(list("abc"), 3) == [0, 0, 0]
    assert assign([], 3) == []


def test_what_cannot_be_moved_takes_no_place() -> None:
    assert assign([None, "a", None, "b", "c", None], 2) == [0, 0, 0, 0, 1, 1]


def test_what_was_in_a_part_stays_there_wherever_it_stands_now() -> None:
    assert assign(["new", "a", "b", "c"], 2, [["a", "b"], ["c"]]) == [1, 0, 0, 1]
    assert assign(["c", "b", "a", "d", "e"], 2, [["a", "b"], ["c"]]) == [1, 0, 0, 1, 2]


def test_a_track_twice_counts_twice() -> None:
    assert assign(["a", "a", "a"], 2, [["a"], ["a"]]) == [0, 1, 1]


@given(IDS, st.integers(1, 5), st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=5), max_size=4))
def test_no_part_is_too_large_and_none_is_moved_without_need(
    ids: list[str | None], size: int, before: list[list[str]]
) -> None:
    parts = assign(ids, size, before)
    assert len(parts) == len(ids)
    sizes = Counter(part for key, part in zip(ids, parts, strict=True) if key is not None)
    assert all(count <= size for count in sizes.values())
    assert assign(ids, size, before) == parts
    # Dividing again what was divided changes nothing.
    count = max(parts, default=0) + 1
    again = [[key for key, part in zip(ids, parts, strict=True) if part == n and key] for n in range(count)]
    redivided = assign(ids, size, again)
    assert [
        Counter(k for k, p in zip(ids, redivided, strict=True) if p == n and k) for n in range(count)
    ] == [Counter(part) for part in again]

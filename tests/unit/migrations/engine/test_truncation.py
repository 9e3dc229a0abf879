"""Bringing a playlist back to a beginning of what should be there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.migrations.engine.sequence_diff import plan_truncation, present

KEYS = st.lists(st.sampled_from("abcd"), max_size=8)


@pytest.mark.parametrize(
    ("expected", "found", "by_track", "kept", "removed"),
    [
        ("abc", "abcc", False, 3, (3,)),
        ("abc", "abbc", False, 3, (2,)),
        ("abc", "abcc", True, 2, (2, 3)),
        ("aba", "abaa", True, 0, (0, 1, 2, 3)),
        ("abc", "axbcc", False, 3, (4,)),
        ("abc", "acb", False, 1, (1, 2)),
        ("abc", "", False, 0, ()),
    ],
)
def test_what_stays_is_a_beginning(
    expected: str, found: str, by_track: bool, kept: int, removed: tuple[int, ...]
) -> None:
    cut = plan_truncation(list(expected), list(found), most=len(expected), by_track=by_track)
    assert (cut.remaining, cut.removed) == (kept, removed)


@given(KEYS, KEYS, st.integers(0, 9), st.booleans())
def test_after_the_cut_writing_the_rest_gives_the_whole(
    expected: list[str], found: list[str], most: int, by_track: bool
) -> None:
    cut = plan_truncation(expected, found, most=most, by_track=by_track)
    assert cut.remaining <= max(most, 0) or cut.remaining == len(expected)
    gone = {found[index] for index in cut.removed}
    left = [
        key for index, key in enumerate(found) if index not in cut.removed and not (by_track and key in gone)
    ]
    ours = [key for key in left if key in set(expected)]
    assert ours + expected[cut.remaining :] == expected
    # What is not ours is never touched.
    assert [key for key in left if key not in set(expected)] == [
        key for key in found if key not in set(expected)
    ]


@given(KEYS, KEYS)
def test_each_listed_entry_stands_for_one_wanted_one(wanted: list[str], found: list[str]) -> None:
    held = [key for key, here in zip(wanted, present(wanted, found), strict=True) if here]
    assert all(held.count(key) == min(wanted.count(key), found.count(key)) for key in set(wanted))

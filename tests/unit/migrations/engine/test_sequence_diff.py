"""What arrived of a write in doubt, how a playlist differs from what was written, and bringing it back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.migrations.engine.sequence_diff import (
    PlaylistDiff,
    Relinker,
    applied_count,
    compare,
    plan_truncation,
    present,
)
from musicconnect.music.model import Track

ids = st.lists(st.sampled_from("abc"), max_size=8)
letters = st.lists(st.sampled_from("abcd"), max_size=8)


@given(written=ids, intended=ids, arrived=st.integers(0, 8))
def test_an_undisturbed_target_shows_exactly_how_many_arrived(
    written: list[str], intended: list[str], arrived: int
) -> None:
    arrived = min(arrived, len(intended))
    assert applied_count(written, intended, written + intended[:arrived]) == arrived


@pytest.mark.parametrize(
    ("written", "intended", "found", "arrived"),
    [
        ("", "", "", 0),
        ("ab", "c", "ab", 0),
        ("ab", "c", "abc", 1),
        ("a", "a", "a", 0),  # equal neighbours: the one that is there is the one that was written
        ("a", "a", "aa", 1),
        ("ab", "c", "a", 0),  # the list lags behind
        ("ab", "c", "b", 0),  # somebody took one out
        ("ab", "c", "bc", 1),
        ("ab", "c", "xabc", 1),  # somebody put one in
        ("ab", "c", "abxc", 1),
        ("ab", "cd", "abd", 2),  # what came later shows that all before it came too
        ("ab", "a", "ab", 0),
        ("ab", "a", "aba", 1),
        ("ab", "a", "ba", 1),
    ],
)
def test_what_arrived_is_told_from_what_others_did(
    written: str, intended: str, found: str, arrived: int
) -> None:
    assert applied_count(written, intended, found) == arrived


@given(ids)
def test_a_target_like_what_was_written_is_complete(expected: list[str]) -> None:
    assert compare(expected, expected).is_complete


@given(expected=ids, cut=st.integers(1, 8))
def test_a_missing_end_is_recognised_as_such(expected: list[str], cut: int) -> None:
    found = expected[: max(0, len(expected) - cut)]
    comparison = compare(expected, found)
    assert comparison.misses_only_the_end(len(expected)) == (len(found) < len(expected))
    assert len(comparison.missing) == len(expected) - len(found)


@pytest.mark.parametrize(
    ("expected", "found", "comparison"),
    [
        ("abc", "abcx", PlaylistDiff((), 1, (), True)),
        ("abc", "xabc", PlaylistDiff((), 1, (), True)),
        ("abc", "ac", PlaylistDiff((1,), 0, (), True)),
        ("abc", "abbc", PlaylistDiff((), 0, ("b",), True)),
        ("aab", "aaab", PlaylistDiff((), 0, ("a",), True)),
        ("abc", "acb", PlaylistDiff((), 0, (), False)),
        ("aba", "aba", PlaylistDiff((), 0, (), True)),
        ("aba", "aab", PlaylistDiff((), 0, (), False)),
    ],
)
def test_differences_are_named(expected: str, found: str, comparison: PlaylistDiff) -> None:
    assert compare(expected, found) == comparison


def test_entries_of_others_do_not_spoil_a_target() -> None:
    assert compare("abc", "xaybcz").is_complete
    assert not compare("abc", "abbc").is_complete


@given(expected=ids, found=ids)
def test_completeness_means_all_there_in_order_and_none_too_often(
    expected: list[str], found: list[str]
) -> None:
    ours = [key for key in found if key in expected]
    assert compare(expected, found).is_complete == (ours == expected)


def test_a_track_listed_under_another_id_is_known_by_its_name() -> None:
    relinker = Relinker([("one", "Song", "Ada"), ("two", "Other", "Ada")])
    assert relinker.id_of(_track("one", "whatever")) == "one"
    assert relinker.id_of(_track("relinked", "SONG")) == "one"
    assert relinker.id_of(_track("foreign", "Something else")) == "foreign"


def test_a_name_that_two_tracks_bear_identifies_neither() -> None:
    relinker = Relinker([("one", "Song", "Ada"), ("two", "Song", "Ada")])
    assert relinker.id_of(_track("relinked", "Song")) == "relinked"


def _track(track_id: str, title: str) -> Track:
    return Track(provider="spotify", id=track_id, title=title, artists=("Ada",))


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


@given(letters, letters, st.integers(0, 9), st.booleans())
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


@given(letters, letters)
def test_each_listed_entry_stands_for_one_wanted_one(wanted: list[str], found: list[str]) -> None:
    held = [key for key, here in zip(wanted, present(wanted, found), strict=True) if here]
    assert all(held.count(key) == min(wanted.count(key), found.count(key)) for key in set(wanted))

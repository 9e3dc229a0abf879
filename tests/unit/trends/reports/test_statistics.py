from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from musicconnect.trends.reports.periods import Range
from musicconnect.trends.reports.statistics import (
    current_streak,
    longest_streak,
    minutes,
    percent_change,
    ranks,
    streaks,
)

START = date(2026, 3, 1)


def _days(*numbers: int) -> list[date]:
    return [START + timedelta(days=number) for number in numbers]


@given(st.sets(st.integers(0, 60)))
def test_streaks_are_the_days_themselves_in_pieces_that_do_not_touch(numbers: set[int]) -> None:
    given_days = _days(*sorted(numbers))
    found = streaks(given_days)
    assert [s.first + timedelta(days=n) for s in found for n in range(s.days)] == given_days
    assert all((b.first - a.last).days > 1 for a, b in pairwise(found))


def test_a_streak_goes_on_until_a_whole_day_is_missed() -> None:
    found = streaks(_days(0, 1, 5, 6, 7))
    assert current_streak(found, START + timedelta(days=7)) == Range(*_days(5, 7))
    assert current_streak(found, START + timedelta(days=8)) == Range(*_days(5, 7))
    assert current_streak(found, START + timedelta(days=9)) is None
    assert current_streak([], START) is None


def test_of_the_longest_streaks_the_latest_is_named() -> None:
    assert longest_streak(streaks(_days(0, 1, 4, 5, 9))) == Range(*_days(4, 5))
    assert longest_streak([]) is None


def test_changes_from_nothing_have_no_percentage() -> None:
    assert percent_change(3, 0) is None
    assert percent_change(150, 100) == 50.0
    assert percent_change(0, 4) == -100.0


def test_equals_share_a_rank() -> None:
    assert ranks([9, 7, 7, 3, 3, 3, 1]) == [1, 2, 2, 4, 4, 4, 7]
    assert ranks([]) == []


def test_minutes_are_given_to_a_tenth() -> None:
    assert minutes(90_000) == 1.5
    assert minutes(1) == 0.0

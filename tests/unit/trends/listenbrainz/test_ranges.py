"""Given a day, then ListenBrainz's ranges are the days that it means by them."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.trends.listenbrainz import ranges
from musicconnect.trends.listenbrainz.ranges import RangeName, range_of, steps, timestamps, with_previous
from musicconnect.trends.reports.periods import Range
from musicconnect.trends.scrobbling.errors import RefusedError

LAST_OF_2026, LEAP_DAY = date(2026, 12, 31), date(2028, 2, 29)
UNDER_WAY = ("this_week", "this_month", "this_year")
OVER = ("week", "month", "quarter", "half_yearly", "year")


@pytest.mark.parametrize(
    ("name", "today", "first", "last"),
    [
        ("this_week", LAST_OF_2026, date(2026, 12, 28), date(2027, 1, 3)),
        ("week", date(2026, 12, 28), date(2026, 12, 21), date(2026, 12, 27)),
        ("week", date(2027, 1, 3), date(2026, 12, 21), date(2026, 12, 27)),
        ("this_month", LEAP_DAY, date(2028, 2, 1), LEAP_DAY),
        ("month", date(2028, 3, 1), date(2028, 2, 1), LEAP_DAY),
        ("month", date(2027, 1, 1), date(2026, 12, 1), LAST_OF_2026),
        ("quarter", date(2027, 1, 1), date(2026, 10, 1), LAST_OF_2026),
        ("quarter", LAST_OF_2026, date(2026, 7, 1), date(2026, 9, 30)),
        ("half_yearly", LAST_OF_2026, date(2026, 1, 1), date(2026, 6, 30)),
        ("half_yearly", date(2027, 1, 1), date(2026, 7, 1), LAST_OF_2026),
        ("this_year", LAST_OF_2026, date(2026, 1, 1), LAST_OF_2026),
        ("year", LAST_OF_2026, date(2025, 1, 1), date(2025, 12, 31)),
        ("year", date(2027, 1, 1), date(2026, 1, 1), LAST_OF_2026),
        ("all_time", LAST_OF_2026, date(2002, 10, 1), LAST_OF_2026),
    ],
)
def test_a_range_is_these_days(name: RangeName, today: date, first: date, last: date) -> None:
    assert range_of(name, today) == Range(first, last)


@given(st.dates(date(2003, 1, 1), date(2100, 1, 1)), st.sampled_from([*UNDER_WAY, *OVER]))
def test_ranges_that_are_over_end_before_today_and_the_others_hold_it(today: date, name: RangeName) -> None:
    wanted = range_of(name, today)
    assert wanted.last < today if name in OVER else wanted.first <= today <= wanted.last
    both = with_previous(name, wanted)
    assert both.last == wanted.last
    assert (wanted.first - both.first).days in range(wanted.days - 4, wanted.days + 5)
    listed = list(steps(name, both))
    assert listed[0].days.first == both.first
    assert listed[-1].days.last == both.last
    assert all(one.days.last < other.days.first for one, other in pairwise(listed))
    assert sum(one.days.days for one in listed) == both.days


@pytest.mark.parametrize(
    ("name", "day", "text"),
    [
        ("week", date(2026, 5, 4), "Monday 04 May 2026"), ("month", date(2026, 5, 4), "04 May 2026"),
        ("quarter", date(2026, 5, 4), "04 May 2026"), ("year", date(2026, 5, 1), "May 2026"),
        ("half_yearly", date(2026, 5, 1), "May 2026"), ("all_time", date(2026, 1, 1), "2026"),
    ],
)  # fmt: skip
def test_steps_are_named_as_listenbrainz_names_them(name: RangeName, day: date, text: str) -> None:
    assert next(steps(name, Range(day, day))).name == text


def test_a_range_is_told_in_the_users_zone() -> None:
    summer_time_begins = Range(date(2026, 3, 29), date(2026, 3, 29))
    first, after = timestamps(summer_time_begins, "Europe/Berlin")
    assert (after - first, first % 86_400) == (23 * 3600, 23 * 3600)


def test_no_other_range_is_known() -> None:
    assert ranges.parse_range(None) == "all_time"
    with pytest.raises(RefusedError, match="Invalid range: decade"):
        ranges.parse_range("decade")

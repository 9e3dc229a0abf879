from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.trends.plays.model import times_around
from musicconnect.trends.reports.periods import Range, period_of, previous_period, today

PERIODS = ["day", "week", "month", "year"]
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("day", date(2028, 2, 29), date(2028, 2, 29)),
        ("week", date(2028, 2, 28), date(2028, 3, 5)),
        ("month", date(2028, 2, 1), date(2028, 2, 29)),
        ("year", date(2028, 1, 1), date(2028, 12, 31)),
    ],
)
def test_periods_around_a_leap_day(period: str, first: date, last: date) -> None:
    assert period_of(period, date(2028, 2, 29)) == Range(first, last)


@given(day=days, period=st.sampled_from(PERIODS))
def test_periods_follow_each_other_without_a_gap(day: date, period: str) -> None:
    current = period_of(period, day)
    earlier = previous_period(current, period, now=current.last)
    assert current.first <= day <= current.last
    assert earlier is not None
    assert earlier == period_of(period, earlier.first)
    assert (current.first - earlier.last).days == 1


@given(day=days, period=st.sampled_from(PERIODS))
def test_a_period_that_goes_on_is_compared_with_as_many_days(day: date, period: str) -> None:
    current = period_of(period, day)
    earlier = previous_period(current, period, now=day)
    whole = previous_period(current, period, now=current.last)
    assert earlier is not None
    assert whole is not None
    assert earlier.first == whole.first
    assert earlier.days == min((day - current.first).days + 1, whole.days) or day == current.last


def test_the_tenth_of_march_is_compared_with_the_first_ten_days_of_february() -> None:
    march = period_of("month", date(2026, 3, 10))
    assert previous_period(march, "month", now=date(2026, 3, 10)) == Range(
        date(2026, 2, 1), date(2026, 2, 10)
    )
    assert previous_period(march, "month", now=date(2026, 3, 30)) == Range(
        date(2026, 2, 1), date(2026, 2, 28)
    )


def test_any_range_is_compared_with_as_many_days_before_it() -> None:
    wanted = Range(date(2026, 3, 1), date(2026, 3, 10))
    assert previous_period(wanted, None, now=date(2026, 5, 1)) == Range(date(2026, 2, 19), date(2026, 2, 28))


def test_nothing_lies_before_all_there_is() -> None:
    assert previous_period(Range(date(2026, 3, 1), date(2026, 3, 10)), "all", now=date(2026, 5, 1)) is None


def test_today_is_in_the_users_zone() -> None:
    at = datetime(2026, 3, 10, 11, tzinfo=UTC)
    assert today("Pacific/Kiritimati", at) == date(2026, 3, 11)
    assert today("Pacific/Pago_Pago", at) == date(2026, 3, 10)
    assert today("Pacific/Pago_Pago", at.replace(hour=10)) == date(2026, 3, 9)


def test_moments_around_a_range_hold_it_in_every_zone() -> None:
    from_at, until_at = times_around(date(2026, 3, 10), date(2026, 3, 10))
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "Etc/GMT+12"):
        assert today(zone, from_at) < date(2026, 3, 10) < today(zone, until_at)


def test_a_range_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before"):
        Range(date(2026, 3, 2), date(2026, 3, 1))

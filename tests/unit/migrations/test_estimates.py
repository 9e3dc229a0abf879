"""Finish dates where a day brings only so much."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.migrations.estimates import days_needed, finish

MIDNIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("mine", "others", "left", "days"),
    [
        (0, [], 0, 0),
        (50, [], 100, 0),
        (101, [], 100, 1),
        (50, [50], 100, 0),
        (60, [50], 100, 1),
        (1, [500], 0, 1),
    ],
)
def test_days_are_shared_equally(mine: int, others: list[int], left: int, days: int) -> None:
    needs = dict(enumerate([mine, *others]))
    assert days_needed(0, needs, daily=100, left_today=left, today=7) == days


@given(st.lists(st.integers(0, 2000), min_size=1, max_size=12), st.integers(0, 10_000))
def test_the_last_one_is_done_when_all_of_it_is_there(amounts: list[int], today: int) -> None:
    needs = dict(enumerate(amounts))
    last = max(days_needed(person, needs, daily=100, left_today=100, today=today) for person in needs)
    assert last == max(0, -(-sum(amounts) // 100) - 1)


def test_the_end_is_the_day_on_which_the_last_of_it_comes() -> None:
    since = MIDNIGHT - timedelta(hours=3)
    assert finish(MIDNIGHT, 0, since=since, seconds=60) == since + timedelta(minutes=1)
    assert finish(MIDNIGHT, 3, since=since, seconds=60) == MIDNIGHT + timedelta(days=2, minutes=1)

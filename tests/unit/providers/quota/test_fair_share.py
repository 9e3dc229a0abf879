"""A day's allowance is shared equally, and spent to the end, whatever order people come in."""

import random

from hypothesis import given
from hypothesis import strategies as st

from musicconnect.providers.quota import fair_share


def spend_a_day(
    needs: dict[int, int], limit: int, cost: int, day: int, chance: random.Random
) -> dict[int, int]:
    """Let people come in any order, again and again, until nobody gets anything any more."""
    had = dict.fromkeys(needs, 0)
    while True:
        wanting = [key for key in needs if had[key] + cost <= needs[key] * cost]
        got_some = False
        for key in chance.sample(wanting, len(wanting)):
            calls = fair_share.allowed_calls(
                key,
                {other: had[other] for other in wanting},
                limit=limit,
                left=limit - sum(had.values()),
                cost=cost,
                day=day,
            )
            taken = min(calls, needs[key] - had[key] // cost)
            had[key] += taken * cost
            got_some = got_some or taken > 0
        if not got_some:
            return {key: value // cost for key, value in had.items()}


@given(
    st.dictionaries(st.integers(1, 99), st.integers(1, 300), min_size=1, max_size=12),
    st.sampled_from([1, 50]),
    st.integers(0, 1_000_000),
    st.integers(0, 2**32),
)
def test_a_day_is_spent_to_the_end_and_nobody_is_far_behind(
    needs: dict[int, int], cost: int, day: int, seed: int
) -> None:
    limit = 100 * cost
    had = spend_a_day(needs, limit, cost, day, random.Random(seed))
    assert sum(had.values()) == min(100, sum(needs.values()))
    equal = 100 // len(needs)
    assert all(had[key] >= min(needs[key], equal) for key in needs)


def test_what_cannot_be_divided_goes_round() -> None:
    people = dict.fromkeys(range(3, 15), 1000)
    chance = random.Random(1)
    total = dict.fromkeys(people, 0)
    for day in range(12):
        for key, calls in spend_a_day(people, 100, 1, day, chance).items():
            total[key] += calls
    assert set(total.values()) == {100}


def test_whoever_is_alone_gets_everything() -> None:
    assert fair_share.allowed_calls(1, {1: 40}, limit=100, left=60, cost=1, day=7) == 60
    assert fair_share.allowed_calls(1, {1: 0}, limit=10_000, left=149, cost=50, day=7) == 2
    assert fair_share.allowed_calls(1, {1: 0}, limit=10_000, left=49, cost=50, day=7) == 0


def test_others_come_first_until_they_have_had_as_much() -> None:
    assert fair_share.allowed_calls(1, {1: 50, 2: 0}, limit=100, left=50, cost=1, day=7) == 0
    assert fair_share.allowed_calls(2, {1: 50, 2: 0}, limit=100, left=50, cost=1, day=7) == 50

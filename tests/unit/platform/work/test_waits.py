"""Deadlines, backoff, leases and delays of messages: how long things last."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.platform import clock
from musicconnect.platform.work import queue
from musicconnect.platform.work.backoff import exponential
from musicconnect.platform.work.deadline import Deadline
from musicconnect.platform.work.lease import DURATION, Lease
from tests.support.clock import ShiftedClock
from tests.support.lambda_context import Context


def test_a_deadline_follows_the_invocation_and_keeps_its_reserve() -> None:
    context = Context(remaining_ms=10_000)
    deadline = Deadline.of(context, reserve_ms=3_000)
    assert (deadline.remaining_ms, deadline.remaining_s) == (7_000, 7)
    context.remaining_ms = 1_000
    assert deadline.remaining_ms == -2_000


def test_a_share_of_a_deadline_is_one_of_equal_parts() -> None:
    deadline = Deadline.of(Context(remaining_ms=30_000))
    assert deadline.share(1) is deadline
    assert 9_000 < deadline.share(3).remaining_ms <= 10_000


def test_the_earlier_one_of_two_deadlines_counts() -> None:
    deadline = Deadline.of(Context(remaining_ms=300_000))
    assert 59 < deadline.within(60).remaining_s <= 60
    assert deadline.within(3_600).remaining_s == 300
    assert deadline.within(math.inf).remaining_s == 300


@pytest.mark.parametrize(("remaining_s", "step_s"), [(60, 45), (300, 285), (30, 15), (14, 7), (-2, -1)])
def test_a_step_leaves_time_for_its_end_and_uses_half_of_the_little_there_is(
    remaining_s: int, step_s: float
) -> None:
    assert Deadline.of(Context(remaining_ms=remaining_s * 1000)).step_s() == step_s


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 5), (1, 5), (2, 10), (5, 80), (6, 100), (10**6, 100)])
def test_backoff_doubles_up_to_its_limit(attempts: int, seconds: float) -> None:
    assert exponential(attempts, initial_s=5, max_s=100) == timedelta(seconds=seconds)


@given(st.integers(1, 40), st.text(max_size=20))
def test_jitter_takes_up_to_half_and_is_the_same_each_time(attempts: int, seed: str) -> None:
    whole = exponential(attempts, initial_s=2, max_s=600)
    wait = exponential(attempts, initial_s=2, max_s=600, seed=seed)
    assert whole / 2 <= wait <= whole
    assert wait == exponential(attempts, initial_s=2, max_s=600, seed=seed)


def test_those_who_failed_together_do_not_return_together() -> None:
    waits = {exponential(3, initial_s=2, max_s=600, seed=str(number)) for number in range(100)}
    assert len(waits) > 90


def test_a_lease_that_is_extended_stays_the_same_one(shifted_clock: ShiftedClock) -> None:
    lease = Lease.on(7)
    shifted_clock.advance(60)
    extended = lease.extended()
    assert (extended.id, extended.token) == (7, lease.token)
    assert timedelta(seconds=59) < extended.until - lease.until < timedelta(seconds=70)
    assert Lease.on(7).token != lease.token


def test_a_dead_workers_lease_is_over_within_two_rounds_of_the_timer() -> None:
    assert timedelta(0) < DURATION <= timedelta(minutes=2)


@pytest.mark.parametrize(("seconds", "expected"), [(-60, 0), (0, 0), (30, 30), (890, 890), (960, None)])
def test_a_message_waits_until_its_work_is_due(seconds: float, expected: float | None) -> None:
    delay = queue.delay_until(clock.now() + timedelta(seconds=seconds))
    assert delay == (None if expected is None else pytest.approx(expected, abs=5))

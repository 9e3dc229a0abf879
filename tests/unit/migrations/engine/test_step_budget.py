"""How long a step may work, and how often it may call."""

import math

from hypothesis import given
from hypothesis import strategies as st

from musicconnect.platform.work.budget import StepBudget, budget_s
from musicconnect.platform.work.deadline import MAX_STEP_S


@given(st.floats(0.1, 900))
def test_a_step_always_has_some_time_and_never_all(remaining: float) -> None:
    seconds = budget_s(remaining)
    assert 0 < seconds < remaining


def test_a_budget_ends_by_calls_and_by_time() -> None:
    few = StepBudget.of(60, calls=2)
    assert [few.may_call() for _ in range(3)] == [True, True, False]
    assert not StepBudget.of(0).may_call()
    assert StepBudget.of(math.inf).ends < StepBudget.of(2 * MAX_STEP_S).ends + MAX_STEP_S

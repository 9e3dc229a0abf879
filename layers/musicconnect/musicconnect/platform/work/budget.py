"""Bound what one step of a worker does: seconds, and calls of providers."""

import time
from dataclasses import dataclass

from musicconnect.platform.config import ProviderSettings
from musicconnect.platform.work.deadline import MAX_STEP_S

MAX_CALLS = 4000
"""Provider calls of one step."""
SHUTDOWN_MARGIN_S = 5.0
"""Seconds reserved at the end of an invocation for the last commit and the next message."""


@dataclass(slots=True)
class StepBudget:
    """How much one step may still do."""

    ends: float
    """On `time.monotonic`'s clock, in seconds."""
    calls: int = MAX_CALLS

    @classmethod
    def of(cls, seconds: float, calls: int = MAX_CALLS) -> "StepBudget":
        """Make a budget of so many seconds from now."""
        return cls(time.monotonic() + min(seconds, MAX_STEP_S), calls)

    def is_spent(self) -> bool:
        """Tell whether no call may begin any more, reserved or not."""
        return time.monotonic() >= self.ends

    def reserve(self, most: int) -> int:
        """Reserve up to ``most`` provider calls; 0 when the step has to end instead."""
        if self.is_spent():
            return 0
        reserved = min(most, self.calls)
        self.calls -= reserved
        return reserved

    def may_call(self) -> bool:
        """Reserve one provider call; False when the step has to end instead."""
        return self.reserve(1) == 1


def budget_s(remaining_s: float) -> float:
    """Give the seconds in which a step may begin calls: a call may take all of its time-out.

    However short the invocation is, half of it is used, so that there is always some progress.
    """
    longest_call = sum(ProviderSettings.from_environment().timeout)
    return max(remaining_s / 2, remaining_s - longest_call - SHUTDOWN_MARGIN_S)

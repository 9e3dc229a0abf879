"""Know how much of an invocation is left."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

MAX_HOLD_S: Final = 60.0
"""Seconds that one message may hold a worker of a queue whose work is as long as people please; then the
messages of others come."""
STEP_MARGIN_S: Final = 15.0
"""Seconds of it for what ends a step: the batch that is being committed, and the next message."""
MAX_STEP_S: Final = MAX_HOLD_S - STEP_MARGIN_S
"""Seconds of one step: then it is the turn of what is next in the queue."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment by which a piece of work has to be done; milliseconds inside."""

    _ask_ms: Callable[[], float]

    @classmethod
    def of(cls, context: Any, *, reserve_ms: float = 0) -> "Deadline":
        """Make the deadline of an invocation.

        Args:
            context: Lambda's.
            reserve_ms: Kept back for what follows the work.
        """
        return cls(lambda: context.get_remaining_time_in_millis() - reserve_ms)

    @classmethod
    def after(cls, remaining_ms: float) -> "Deadline":
        """Make a deadline so many milliseconds from now."""
        at_ms = time.monotonic() * 1000 + remaining_ms
        return cls(lambda: at_ms - time.monotonic() * 1000)

    @property
    def remaining_ms(self) -> float:
        """Milliseconds left; negative once it is over."""
        return self._ask_ms()

    @property
    def remaining_s(self) -> float:
        """Seconds left."""
        return self._ask_ms() / 1000

    def within(self, seconds: float) -> "Deadline":
        """Give the earlier one of this and of so many seconds from now."""
        other = Deadline.after(seconds * 1000)
        return Deadline(lambda: min(self.remaining_ms, other.remaining_ms))

    def step_s(self, margin_s: float = STEP_MARGIN_S) -> float:
        """Give the seconds in which a step may begin something: what is left without a margin for its end.

        However little is left, half of it is used, so that there is always some progress.
        """
        return max(self.remaining_s / 2, self.remaining_s - margin_s)

    def share(self, parts: int) -> "Deadline":
        """Give the first of so many equal parts of what is left a deadline of its own."""
        return self if parts == 1 else Deadline.after(self.remaining_ms / parts)

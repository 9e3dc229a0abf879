"""Know how much of an invocation is left."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


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

    def share(self, parts: int) -> "Deadline":
        """Give the first of so many equal parts of what is left a deadline of its own."""
        return self if parts == 1 else Deadline.after(self.remaining_ms / parts)

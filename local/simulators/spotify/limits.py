"""Spotify's two limits on calls: a burst of 30 rolling seconds, a quota of 24 rolling hours per developer.

Spotify publishes neither number. Both are off after the start and set by ``PUT /_control/quota``
(``{"burst": 100, "quota": 2600}``; null switches off).
"""

import math
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.simulators.clock import Clock, iso
from local.simulators.control import ControlError
from local.simulators.spotify.errors import ApiError
from local.simulators.spotify.settings import BURST, QUOTA


class Window:
    """Counts calls over a rolling window."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.limit: int | None = None
        self._calls: deque[float] = deque()

    def take(self, now: float) -> float | None:
        """Count a call; None when it passes, else the seconds until one would."""
        self._drop(now)
        if self.limit is not None and len(self._calls) >= self.limit:
            oldest = self._calls[0] if self._calls else now
            return oldest + self.seconds - now
        self._calls.append(now)
        return None

    def _drop(self, now: float) -> None:
        while self._calls and self._calls[0] <= now - self.seconds:
            self._calls.popleft()

    def describe(self, now: float) -> dict[str, Any]:
        """As ``GET /_control/quota`` shows it."""
        self._drop(now)
        oldest = self._calls[0] if self._calls else now - self.seconds
        resets_at = iso(datetime.fromtimestamp(oldest + self.seconds, UTC))
        return {"used": len(self._calls), "limit": self.limit, "resets_at": resets_at}


class Limits:
    """Both windows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """No limits, nothing counted."""
        self.windows = {"burst": Window(30), "quota": Window(24 * 3600)}

    def count(self) -> None:
        """Count a call, unless it is refused with 429."""
        now = self._clock.timestamp()
        for name, message, reason in (("burst", BURST, None), ("quota", QUOTA, "QUOTA_EXCEEDED")):
            if (wait := self.windows[name].take(now)) is not None:
                raise ApiError(429, message, reason, max(1, math.ceil(wait)))

    def set(self, limits: Mapping[str, int | None]) -> None:
        """Change limits; ``ControlError`` when there is no such window or number."""
        for name, limit in limits.items():
            if name not in self.windows:
                raise ControlError(400, f"no bucket {name!r}; there are: {', '.join(self.windows)}")
            if limit is not None and (not isinstance(limit, int) or limit < 0):
                raise ControlError(400, f"{name}: a whole number or null")
        for name, limit in limits.items():
            self.windows[name].limit = limit

    def describe(self) -> dict[str, Any]:
        """Both windows as JSON."""
        now = self._clock.timestamp()
        return {name: window.describe(now) for name, window in self.windows.items()}

"""TIDAL's limit on calls: a small token bucket, in which a call costs what it includes.

The numbers are not published. After the start the bucket is so large that nobody notices; ``PUT
/_control/quota`` with ``{"tokens": 10}`` gives it the size that has been seen, null makes it large again.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from local.simulators.clock import Clock, iso
from local.simulators.control import ControlError
from local.simulators.tidal.errors import ApiError
from local.simulators.tidal.settings import HTML, Settings

LARGE = 100_000


class TokenBucket:
    """Counts tokens for the whole application."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._settings = settings
        self.reset()

    def reset(self) -> None:
        """A full bucket of a size that nobody notices."""
        self.limit: int | None = None
        self._left = float(LARGE)
        self._at = self._clock.timestamp()

    @property
    def _size(self) -> int:
        return LARGE if self.limit is None else self.limit

    @property
    def _rate(self) -> float:
        return float(LARGE) if self.limit is None else self._settings.replenish_per_s

    def _refill(self) -> None:
        now = self._clock.timestamp()
        self._left = min(float(self._size), self._left + max(0.0, now - self._at) * self._rate)
        self._at = now

    def take(self, cost: int) -> bool:
        """Take the tokens of a call; False where there are too few."""
        self._refill()
        if self._left < cost:
            return False
        self._left -= cost
        return True

    def headers(self, cost: int) -> dict[str, str]:
        """What stands on every answer."""
        rate = self._rate
        return {
            "x-ratelimit-remaining": str(math.floor(self._left)),
            "x-ratelimit-requested-tokens": str(cost),
            "x-ratelimit-burst-capacity": str(self._size),
            "x-ratelimit-replenish-rate": str(int(rate) if rate == int(rate) else rate),
        }

    def refusal(self, cost: int) -> Response:
        """429 in one of the forms that have been seen."""
        match self._settings.error_body:
            case "empty":
                answer = Response(b"", 429)
            case "html":
                answer = Response(HTML, 429, media_type="text/html")
            case _:
                answer = ApiError(429, "Rate limit exceeded").response()
        if self._settings.retry_after:
            answer.headers["Retry-After"] = str(max(1, math.ceil((cost - self._left) / self._rate)))
        return answer

    def set(self, limits: Mapping[str, int | None]) -> None:
        """Change the size; `ControlError` when there is no such bucket or number."""
        for name, limit in limits.items():
            if name != "tokens":
                raise ControlError(400, f"no bucket {name!r}; there is: tokens")
            if limit is not None and (not isinstance(limit, int) or limit < 0):
                raise ControlError(400, "tokens: a whole number or null")
            self.limit = limit
            self._left, self._at = float(self._size), self._clock.timestamp()

    def describe(self) -> dict[str, Any]:
        """The bucket as JSON."""
        self._refill()
        missing = self._size - self._left
        full_at = datetime.fromtimestamp(self._clock.timestamp() + missing / self._rate, UTC)
        return {"tokens": {"used": math.ceil(missing), "limit": self.limit, "resets_at": iso(full_at)}}

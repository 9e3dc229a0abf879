"""Pay for the calls of a pair's run: counted for its history, and what people order comes first."""

from collections import Counter
from typing import Final

from musicconnect.music.model import ProviderName
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.errors import exhausted_error
from musicconnect.providers.quota import ledger
from musicconnect.providers.quota.reservations import QuotaReservation

SCHEDULED_SHARE: Final = 0.5
"""Of a limited day: what schedules leave is for what people order."""


class CountedReservation(QuotaReservation):
    """A reservation that counts, and that stops a schedule where people's own orders begin."""

    def __init__(
        self, database: Database, provider: ProviderName, user_id: int, *, is_scheduled: bool
    ) -> None:
        super().__init__(database, provider, user_id)
        self.used: Counter[str] = Counter()
        """Units by allowance."""
        self._is_scheduled = is_scheduled
        self._left: dict[str, int] | None = None
        self._entry = registry.get(provider)
        self._ledger = database

    def reserve(self, bucket: str, cost: int) -> None:
        """Pay for one call. Raises `QuotaExhaustedError`."""
        if self._is_scheduled and self._entry.bucket(bucket).limit is not None:
            left = self._scheduled_left()
            if left.get(bucket, 0) < cost:
                until = ledger.next_reset(self._entry, clock.now())
                raise exhausted_error(self._entry.name, bucket, until)
            left[bucket] -= cost
        super().reserve(bucket, cost)
        self.used[bucket] += cost

    def _scheduled_left(self) -> dict[str, int]:
        if self._left is None:
            self._left = {
                one.bucket: int((one.limit or 0) * SCHEDULED_SHARE) - one.used
                for one in ledger.status(self._ledger, self._entry.name)
            }
        return self._left

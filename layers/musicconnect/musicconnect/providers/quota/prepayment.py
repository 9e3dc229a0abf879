"""Book calls that are about to be made in the round trip of another statement, and give back the rest.

For a request that somebody waits for: each booking by itself would make them wait for the database once more.
Who is killed in between has booked one call of each bucket and not made it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from musicconnect.music.model import ProviderName
from musicconnect.platform import clock
from musicconnect.platform.database import Database, Query
from musicconnect.providers import registry
from musicconnect.providers.quota import ledger, store


@dataclass(frozen=True, slots=True)
class _Booking:
    bucket: str
    cost: int
    day: date


class Prepayment:
    """Pays for the calls of one client, of one thread."""

    def __init__(self, database: Database, provider: ProviderName) -> None:
        self._database = database
        self._provider = provider
        self._booked: list[_Booking] = []

    def bookings(self, calls: Iterable[tuple[str, int]]) -> list[Query[None]]:
        """Make the statements that book calls, which are named by bucket and cost.

        Reading what they give records what was booked.
        """
        now = clock.now()
        return [self._booking(bucket, cost, now) for bucket, cost in calls]

    def reserve(self, bucket: str, cost: int) -> None:
        """Pay for one call, with what was booked or by another booking. Raises as `ledger.reserve` does."""
        paid = _Booking(bucket, cost, self._day(clock.now()))
        if paid in self._booked:
            self._booked.remove(paid)
        else:
            ledger.reserve(self._database, self._provider, bucket, cost)

    def refund(self) -> None:
        """Give back what was booked and is not called for."""
        while self._booked:
            rest = self._booked[-1]
            with self._database.statement() as connection:
                store.refund(
                    connection, provider=self._provider, bucket=rest.bucket, day=rest.day, amount=rest.cost
                )
            self._booked.pop()

    def _booking(self, bucket: str, cost: int, now: datetime) -> Query[None]:
        booking = _Booking(bucket, cost, self._day(now))
        limit = registry.get(self._provider).bucket(bucket).limit
        made = store.booking(
            provider=self._provider, bucket=bucket, day=booking.day, cost=cost, limit=limit, now=now
        )

        def read(rows: list[tuple[object, ...]]) -> None:
            calls, _ = made.read(rows)
            if calls:
                self._booked.append(booking)

        return Query(made.sql, made.params, read)

    def _day(self, moment: datetime) -> date:
        return registry.get(self._provider).day_of(moment)

"""From when on a consent of so many months is over."""

from datetime import UTC, datetime, timedelta

import pytest

from musicconnect.maintenance.tasks.consents import lapsed_before
from musicconnect.providers.accounts.status import months_later

DAYS = [datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=number) for number in range(800)]


@pytest.mark.parametrize("months", [1, 6, 12])
def test_it_is_over_exactly_when_the_api_says_so(months: int) -> None:
    """For every day of two years, a leap day among them: what the person is told is what happens."""
    for now in DAYS:
        last = lapsed_before(now, months).date()
        assert months_later(last, months) <= now.date()
        assert months_later(last + timedelta(days=1), months) > now.date()

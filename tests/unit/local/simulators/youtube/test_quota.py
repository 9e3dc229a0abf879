from datetime import UTC, datetime

import pytest

from local.simulators.youtube.quota import DEFAULT_LIMITS, Ledger, next_reset


class MovableClock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@pytest.mark.parametrize(
    ("now", "reset"),
    [
        pytest.param("2026-11-22T10:00:00+00:00", "2026-11-23T08:00:00+00:00", id="winter: UTC-8"),
        pytest.param(
            "2026-07-01T06:59:59+00:00", "2026-07-01T07:00:00+00:00", id="summer: UTC-7, a second before"
        ),
        pytest.param(
            "2026-07-01T07:00:00+00:00", "2026-07-02T07:00:00+00:00", id="summer: the very midnight"
        ),
        # Clocks go forward on 2026-03-08: that day has 23 hours.
        pytest.param("2026-03-08T08:00:00+00:00", "2026-03-09T07:00:00+00:00", id="the day of 23 hours"),
        # Clocks go back on 2026-11-01: that day has 25 hours.
        pytest.param("2026-11-01T07:00:00+00:00", "2026-11-02T08:00:00+00:00", id="the day of 25 hours"),
    ],
)
def test_buckets_reset_at_midnight_in_los_angeles(now: str, reset: str) -> None:
    assert next_reset(datetime.fromisoformat(now)) == datetime.fromisoformat(reset)


def test_what_was_used_is_forgotten_at_midnight_across_the_change_of_clocks() -> None:
    # Given a full search bucket on the day of 25 hours
    clock = MovableClock(datetime(2026, 11, 1, 7, 30, tzinfo=UTC))
    ledger = Ledger(clock.now)
    assert all(ledger.take("search", 1) for _ in range(100))
    # When 24 hours have passed, it is still the same day there
    clock.moment = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
    assert not ledger.take("search", 1)
    # Then at midnight it is empty again
    clock.moment = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    assert ledger.take("search", 1)
    assert ledger.describe()["search"] == {"used": 1, "limit": 100, "resets_at": "2026-11-03T08:00:00Z"}


def test_a_call_that_does_not_fit_takes_nothing() -> None:
    ledger = Ledger(MovableClock(datetime(2026, 11, 22, tzinfo=UTC)).now)
    ledger.set_limits({"general": 99})
    assert ledger.take("general", 50)
    assert not ledger.take("general", 50)
    assert ledger.take("general", 49)
    assert ledger.describe()["general"]["used"] == 99


def test_no_limit_means_no_limit() -> None:
    ledger = Ledger(MovableClock(datetime(2026, 11, 22, tzinfo=UTC)).now)
    ledger.set_limits({"search": None})
    assert all(ledger.take("search", 1) for _ in range(1000))


@pytest.mark.parametrize("limits", [{"unheard": 1}, {"search": -1}, {"search": True}, {"search": "10"}])
def test_bad_limits_are_refused_and_change_nothing(limits: dict[str, int]) -> None:
    ledger = Ledger(MovableClock(datetime(2026, 11, 22, tzinfo=UTC)).now)
    with pytest.raises(ValueError, match=r"bucket|limit"):
        ledger.set_limits(limits)
    assert ledger.limits == DEFAULT_LIMITS


def test_the_published_limits() -> None:
    assert DEFAULT_LIMITS == {"search": 100, "upload": 100, "stats": 10_000, "general": 10_000}

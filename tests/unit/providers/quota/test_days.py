"""The providers' days: when an allowance comes back, when a consent ends, what the person is told."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from musicconnect.platform.status import Reader
from musicconnect.providers import registry
from musicconnect.providers.accounts import status as accounts_status
from musicconnect.providers.accounts.store import AccountRow
from musicconnect.providers.entry import ROLLING_WAIT
from musicconnect.providers.quota import ledger

YOUTUBE = registry.get("youtube")
SPOTIFY = registry.get("spotify")
CONSENT = datetime(2026, 5, 22, 10, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "day", "reset"),
    [
        ("2026-11-22T12:00", "2026-11-22", "2026-11-23T08:00"),
        ("2026-11-22T07:59", "2026-11-21", "2026-11-22T08:00"),
        ("2026-11-22T08:00", "2026-11-22", "2026-11-23T08:00"),
        ("2026-07-01T06:59", "2026-06-30", "2026-07-01T07:00"),
        # 8 March 2026: clocks go forward at 02:00, the day has 23 hours.
        ("2026-03-08T08:00", "2026-03-08", "2026-03-09T07:00"),
        ("2026-03-08T20:00", "2026-03-08", "2026-03-09T07:00"),
        # 1 November 2026: clocks go back at 02:00, the day has 25 hours.
        ("2026-11-01T07:00", "2026-11-01", "2026-11-02T08:00"),
        ("2026-11-01T09:30", "2026-11-01", "2026-11-02T08:00"),
        ("2026-11-02T07:59", "2026-11-01", "2026-11-02T08:00"),
        ("2027-01-01T03:00", "2026-12-31", "2027-01-01T08:00"),
    ],
)
def test_youtubes_day_is_pacific(moment: str, day: str, reset: str) -> None:
    assert ledger.day_of(YOUTUBE, utc(moment)) == date.fromisoformat(day)
    assert ledger.next_reset(YOUTUBE, utc(moment)) == utc(reset)


def test_spotifys_allowance_has_no_midnight() -> None:
    moment = utc("2026-11-22T12:00")
    assert ledger.next_reset(SPOTIFY, moment) == moment + ROLLING_WAIT
    assert ledger.day_of(SPOTIFY, moment) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-05-22", 6, "2026-11-22"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-12-31", 6, "2027-06-30"),
        ("2026-07-01", 6, "2027-01-01"),
    ],
)
def test_months_later(day: str, months: int, expected: str) -> None:
    assert accounts_status.months_later(date.fromisoformat(day), months) == date.fromisoformat(expected)


def account(**changes: Any) -> AccountRow:
    values: dict[str, Any] = {
        "id": 1,
        "user_id": 2,
        "provider": "spotify",
        "provider_user_id": "x",
        "display_name": "Ada",
        "linked_at": CONSENT,
        "authorized_at": CONSENT,
        "access": "write",
        "status": "active",
        "status_reason": None,
    }
    return AccountRow(**(values | changes))


@pytest.mark.parametrize(
    ("row", "days", "code"),
    [
        (None, 0, "not-linked"),
        (account(), 0, None),
        (account(), 149, None),
        (account(), 150, "consent-ends"),
        (account(), 183, "consent-ends"),
        (account(), 184, "consent-needed"),
        (account(access="read"), 0, "read-only"),
        (account(access="read"), 150, "consent-ends"),
        (account(status="consent_needed", status_reason="invalid_grant"), 0, "consent-needed"),
        (account(status="no_channel"), 0, "no-channel"),
    ],
)
def test_what_the_person_has_to_do_next(row: AccountRow | None, days: int, code: str | None) -> None:
    status = accounts_status.status_of(SPOTIFY, row, Reader(CONSENT + timedelta(days=days)))
    assert (status.next_step and status.next_step.code) == code
    if status.next_step is not None:
        assert (status.next_step.action, status.next_step.params["provider"]) == ("link", "spotify")
        assert "/v1/" not in status.next_step.message
    if row is not None:
        assert status.consent_ends_on == date(2026, 11, 22)


def test_googles_consent_does_not_end_by_itself() -> None:
    row = account(provider="youtube")
    status = accounts_status.status_of(YOUTUBE, row, Reader(CONSENT + timedelta(days=1000)))
    assert status.consent_ends_on is None
    assert status.next_step is None


@pytest.mark.parametrize(("text", "limit"), [("", 10_000), ("500000", 500_000)])
def test_a_deployment_can_have_been_granted_more(
    text: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOUTUBE_DAILY_UNITS", text)
    assert YOUTUBE.bucket("general").limit == limit

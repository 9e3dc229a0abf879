"""What a failure means for the reading of playlists."""

from datetime import UTC, datetime, timedelta

import pytest

from musicconnect.platform.status import Reader, Status
from musicconnect.providers import errors
from musicconnect.providers.playlists import sync_worker
from musicconnect.providers.playlists.store import SyncOutcome
from musicconnect.providers.status_text import render

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def outcome(error: errors.ProviderError, attempts: int = 0, at_start: bool = True) -> SyncOutcome:
    return sync_worker.outcome_of(error, attempts=attempts, at_start=at_start, now=NOW)


def test_a_spent_allowance_is_waited_for() -> None:
    until = NOW + timedelta(hours=9)
    spent = errors.QuotaExhaustedError("x", provider="youtube", bucket="general", until=until)
    result = outcome(spent, attempts=5)
    assert (result.status, result.due_at, result.attempts) == ("running", until, 0)
    assert result.state == Status("quota-exhausted", {"provider": "youtube", "until": until.isoformat()})


def test_a_provider_that_says_how_long_is_believed() -> None:
    limited = errors.RateLimitedError("x", provider="spotify", retry_after=120)
    result = outcome(limited)
    assert result.due_at == NOW + timedelta(seconds=120)
    assert result.attempts == 1
    assert render(result.state, Reader(NOW)) == (
        "Spotify does not answer properly. The next try is at 12:02 UTC."
    )


def test_waits_grow_with_the_failures_in_a_row() -> None:
    waits = [
        (outcome(errors.TransientError("x", provider="spotify"), attempts=n).due_at or NOW) - NOW
        for n in range(sync_worker.MAX_ATTEMPTS)
    ]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=5)
    assert timedelta(minutes=15) < sum(waits, timedelta()) < timedelta(minutes=30)


def test_too_many_failures_in_a_row_end_the_run_for_today() -> None:
    result = outcome(errors.TransientError("x", provider="spotify"), attempts=sync_worker.MAX_ATTEMPTS)
    assert (result.status, result.due_at) == ("failed", NOW + timedelta(days=1))


@pytest.mark.parametrize("kind", [errors.RejectedError, errors.NotFoundError])
def test_a_cursor_that_is_no_longer_good_begins_again(kind: type[errors.ProviderError]) -> None:
    error = kind("x", provider="youtube", reason="invalidPageToken")
    result = outcome(error, at_start=False)
    assert (result.status, result.restart, result.attempts) == ("running", True, 1)
    assert outcome(error, at_start=True).status == "failed"
    assert outcome(error, at_start=False, attempts=sync_worker.MAX_ATTEMPTS).status == "failed"


@pytest.mark.parametrize("kind", [errors.ConsentRevokedError, errors.NotLinkedError, errors.NoChannelError])
def test_what_only_the_person_can_mend_waits_for_the_person(kind: type[errors.ProviderError]) -> None:
    result = outcome(kind("x", provider="youtube"))
    assert (result.status, result.due_at) == ("failed", None)


@pytest.mark.parametrize("kind", [errors.NotAllowedError, errors.ScopeMissingError])
def test_what_the_provider_refuses_is_tried_again_tomorrow(kind: type[errors.ProviderError]) -> None:
    error = kind("The owner has no Premium.", provider="spotify")
    result = outcome(error)
    assert (result.status, result.due_at) == ("failed", NOW + timedelta(days=1))
    assert result.state == error.status

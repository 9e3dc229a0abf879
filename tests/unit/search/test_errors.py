"""What a provider's failure means for whoever searches."""

from datetime import UTC, datetime, timedelta

import pytest

from musicconnect.platform import clock
from musicconnect.providers import errors as providers_errors
from musicconnect.search import errors

UNTIL = datetime(2126, 11, 23, 8, tzinfo=UTC)
QUOTA = providers_errors.QuotaExhaustedError("spent", provider="youtube", bucket="search", until=UNTIL)


@pytest.mark.parametrize(
    "error",
    [
        providers_errors.RateLimitedError(
            "slow down", provider="spotify", reason="rate_limited", retry_after=3.0
        ),
        providers_errors.TransientError("trouble", provider="youtube", reason="http_503"),
        providers_errors.RejectedError("no", provider="spotify", reason="http_400"),
        QUOTA,
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_would_meet_everybody_is_told_to_everybody_who_waits(
    error: providers_errors.ProviderError,
) -> None:
    told = errors.to_json(error)
    assert told is not None
    again = errors.from_json(error.provider, told)
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert errors.to_group_error(again) == errors.to_group_error(error)


@pytest.mark.parametrize(
    "kind",
    [
        providers_errors.NotLinkedError,
        providers_errors.ConsentRevokedError,
        providers_errors.ScopeMissingError,
        providers_errors.NotAllowedError,
        providers_errors.NoChannelError,
    ],
)
def test_what_is_about_one_account_is_not(kind: type[providers_errors.ProviderError]) -> None:
    assert errors.to_json(kind("x", provider="spotify")) is None


def test_a_spent_allowance_says_until_when() -> None:
    told = errors.to_group_error(QUOTA)
    assert (told.reason, told.until) == ("quota-exhausted", UNTIL)
    assert told.retry_after is not None
    assert timedelta(seconds=told.retry_after) > UNTIL - clock.now() - timedelta(minutes=1)


def test_each_says_what_to_do() -> None:
    for error in (
        errors.slow_provider("spotify"),
        providers_errors.NotLinkedError("x", provider="spotify"),
        providers_errors.TransientError("x", provider="youtube"),
    ):
        told = errors.to_group_error(error)
        assert told.what_to_do
        assert told.title.startswith(("Spotify", "YouTube", "No Spotify"))
    assert errors.to_group_error(errors.slow_provider("spotify")).reason == "provider-slow"
    assert "video, playlist, artist" in errors.not_offered("youtube").what_to_do

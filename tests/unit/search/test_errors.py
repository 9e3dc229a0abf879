"""What a provider's failure means for whoever searches."""

from datetime import UTC, datetime, timedelta

import pytest

from musicconnect.platform import clock
from musicconnect.providers import protocol
from musicconnect.search import errors

UNTIL = datetime(2126, 11, 23, 8, tzinfo=UTC)
QUOTA = protocol.QuotaExhaustedError("spent", provider="youtube", bucket="search", until=UNTIL)


@pytest.mark.parametrize(
    "error",
    [
        protocol.RateLimitedError("slow down", provider="spotify", reason="rate_limited", retry_after=3.0),
        protocol.TransientError("trouble", provider="youtube", reason="http_503"),
        protocol.RejectedError("no", provider="spotify", reason="http_400"),
        QUOTA,
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_would_meet_everybody_is_told_to_everybody_who_waits(error: protocol.ProviderError) -> None:
    told = errors.packed(error)
    assert told is not None
    again = errors.unpacked(error.provider, told)
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert errors.explained(again) == errors.explained(error)


@pytest.mark.parametrize(
    "kind",
    [
        protocol.NotLinkedError,
        protocol.ConsentRevokedError,
        protocol.ScopeMissingError,
        protocol.NotAllowedError,
        protocol.NoChannelError,
    ],
)
def test_what_is_about_one_account_is_not(kind: type[protocol.ProviderError]) -> None:
    assert errors.packed(kind("x", provider="spotify")) is None


def test_a_spent_allowance_says_until_when() -> None:
    told = errors.explained(QUOTA)
    assert (told.reason, told.until) == ("quota-exhausted", UNTIL)
    assert told.retry_after is not None
    assert timedelta(seconds=told.retry_after) > UNTIL - clock.now() - timedelta(minutes=1)


def test_each_says_what_to_do() -> None:
    for error in (
        errors.slow("spotify"),
        protocol.NotLinkedError("x", provider="spotify"),
        protocol.TransientError("x", provider="youtube"),
    ):
        told = errors.explained(error)
        assert told.what_to_do
        assert told.title.startswith(("Spotify", "YouTube", "No Spotify"))
    assert errors.explained(errors.slow("spotify")).reason == "provider-slow"
    assert "video, playlist, artist" in errors.not_offered("youtube").what_to_do

"""What a provider's failure means for whoever searches."""

from datetime import UTC, datetime, timedelta

import pytest

from musicconnect.platform import clock
from musicconnect.providers import base
from musicconnect.search import failures

UNTIL = datetime(2126, 11, 23, 8, tzinfo=UTC)
QUOTA = base.QuotaExhaustedError("spent", provider="youtube", bucket="search", until=UNTIL)


@pytest.mark.parametrize(
    "error",
    [
        base.RateLimitedError("slow down", provider="spotify", reason="rate_limited", retry_after=3.0),
        base.TransientError("trouble", provider="youtube", reason="http_503"),
        base.RejectedError("no", provider="spotify", reason="http_400"),
        QUOTA,
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_would_meet_everybody_is_told_to_everybody_who_waits(error: base.ProviderError) -> None:
    told = failures.packed(error)
    assert told is not None
    again = failures.unpacked(error.provider, told)
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert failures.explained(again) == failures.explained(error)


@pytest.mark.parametrize(
    "kind", [base.NotLinkedError, base.ConsentRevokedError, base.ScopeMissingError, base.NotAllowedError,
             base.NoChannelError]
)  # fmt: skip
def test_what_is_about_one_account_is_not(kind: type[base.ProviderError]) -> None:
    assert failures.packed(kind("x", provider="spotify")) is None


def test_a_spent_allowance_says_until_when() -> None:
    told = failures.explained(QUOTA)
    assert (told.reason, told.until) == ("quota-exhausted", UNTIL)
    assert told.retry_after is not None
    assert timedelta(seconds=told.retry_after) > UNTIL - clock.now() - timedelta(minutes=1)


def test_each_says_what_to_do() -> None:
    for error in (
        failures.slow("spotify"),
        base.NotLinkedError("x", provider="spotify"),
        base.TransientError("x", provider="youtube"),
    ):
        told = failures.explained(error)
        assert told.what_to_do
        assert told.title.startswith(("Spotify", "YouTube", "No Spotify"))
    assert failures.explained(failures.slow("spotify")).reason == "provider-slow"
    assert "video, playlist, artist" in failures.not_offered("youtube").what_to_do

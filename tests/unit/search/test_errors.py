"""What a provider's failure means for whoever searches."""

from datetime import UTC, datetime, timedelta

import pytest

from musicconnect.platform import clock
from musicconnect.platform.status import Reader
from musicconnect.providers import errors as providers_errors
from musicconnect.search import errors

UNTIL = datetime(2126, 11, 23, 8, tzinfo=UTC)
QUOTA = providers_errors.QuotaExhaustedError("spent", provider="youtube", bucket="search", until=UNTIL)
BERLIN = Reader.of("Europe/Berlin", datetime(2126, 11, 20, tzinfo=UTC))


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
def test_shared_failures_are_given_to_everybody_who_waits(
    error: providers_errors.ProviderError,
) -> None:
    encoded = errors.to_json(error)
    assert encoded is not None
    again = errors.from_json(error.provider, encoded)
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert errors.to_group_error(again, BERLIN).code == errors.to_group_error(error, BERLIN).code


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


def test_a_spent_allowance_says_until_when_in_the_users_zone() -> None:
    error = errors.to_group_error(QUOTA, BERLIN)
    assert (error.code, error.params) == (
        "quota-exhausted",
        {"provider": "youtube", "until": UNTIL.isoformat()},
    )
    assert "at Sat 23 Nov, 09:00." in error.message
    assert error.retry_after is not None
    assert timedelta(seconds=error.retry_after) > UNTIL - clock.now() - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (errors.slow_provider("spotify"), "provider-slow", "Spotify is slow. Try again in a few seconds"),
        (providers_errors.NotLinkedError("x", provider="spotify"), "not-linked", "No Spotify account"),
        (
            providers_errors.TransientError("x", provider="youtube"),
            "provider-unavailable",
            "YouTube does not",
        ),
        (
            providers_errors.ProviderError("x", provider="youtube", reason=errors.BUDGET),
            "too-many-at-once",
            "YouTube was searched often enough",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_each_has_a_code_and_a_message(
    error: providers_errors.ProviderError, code: str, message: str
) -> None:
    found = errors.to_group_error(error, BERLIN)
    assert (found.code, found.params) == (code, {"provider": error.provider})
    assert found.message.startswith(message)
    assert found.message.endswith(".")
    assert "/v1/" not in found.message


def test_types_that_are_not_offered_name_those_that_are() -> None:
    found = errors.not_offered("youtube", BERLIN)
    assert (found.code, found.params["types"]) == ("type-not-offered", ["video", "playlist", "artist"])
    assert "video, playlist, artist" in found.message

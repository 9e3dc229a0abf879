"""What the providers' refusals mean: every row of their error tables."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from musicconnect.platform import clock
from musicconnect.providers import errors, registry
from musicconnect.providers.quota import ledger
from musicconnect.providers.spotify import errors as spotify_errors
from musicconnect.providers.transport import ApiCall, ErrorResponse
from musicconnect.providers.youtube import errors as youtube_errors
from musicconnect.providers.youtube.errors import NEW_PLAYLISTS

READ = ApiCall(method="GET", path="/me", bucket="requests")
WRITE = ApiCall(method="POST", path="/playlists/x/items", bucket="requests")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def spotify(status: int, body: Any = None, call: ApiCall = READ, **headers: str) -> errors.ProviderError:
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return spotify_errors.error_for(ErrorResponse(status=status, headers=named, body=_bytes(body)), call)


def youtube(
    code: int,
    reason: str = "",
    message: str = "",
    call: ApiCall | None = None,
    headers: dict[str, str] | None = None,
    **error: Any,
) -> errors.ProviderError:
    entry = {"reason": reason, "message": message, "domain": "youtube"}
    body = {"error": {"code": code, "message": message, "errors": [entry], **error}}
    used = call or ApiCall(method="GET", path="/playlists", bucket="general")
    return youtube_errors.error_for(
        ErrorResponse(status=code, headers=headers or {}, body=_bytes(body)), used
    )


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def _spotify_error(message: str, status: int = 403, **more: str) -> dict[str, Any]:
    return {"error": {"status": status, "message": message, **more}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (400, _spotify_error("Invalid limit", 400), errors.RejectedError, "http_400"),
        (401, _spotify_error("Invalid access token", 401), errors.TransientError, "unauthorized"),
        (403, _spotify_error("Insufficient client scope"), errors.ScopeMissingError, "insufficient_scope"),
        (403, _spotify_error("Forbidden"), errors.NotAllowedError, "forbidden"),
        (
            403,
            _spotify_error("Active premium subscription required for the owner of the app."),
            errors.NotAllowedError,
            "premium_required",
        ),
        (403, b"Check settings, the user may not be registered.", errors.NotAllowedError, "not_registered"),
        (
            403,
            _spotify_error("User not registered in the Developer Dashboard"),
            errors.NotAllowedError,
            None,
        ),
        (403, b"", errors.NotAllowedError, "forbidden"),
        (403, b"\xff\xfe", errors.NotAllowedError, "forbidden"),
        (403, [1], errors.NotAllowedError, "forbidden"),
        (403, {"error": "text"}, errors.NotAllowedError, "forbidden"),
        (404, _spotify_error("Resource not found", 404), errors.NotFoundError, "not_found"),
        (413, b"", errors.RejectedError, "http_413"),
        (500, _spotify_error("Server error", 500), errors.TransientError, "http_500"),
        (502, b"upstream connect error", errors.TransientError, "http_502"),
        (503, b"", errors.TransientError, "http_503"),
        (409, b"", errors.TransientError, "http_409"),
        (302, b"", errors.TransientError, "http_302"),
    ],
)
def test_spotify_says(status: int, body: Any, kind: type[errors.ProviderError], reason: str | None) -> None:
    error = spotify(status, body)
    assert type(error) is kind
    assert error.provider == "spotify"
    if reason is not None:
        assert error.reason == reason


def test_spotifys_burst_limit_is_waited_out() -> None:
    error = spotify(429, _spotify_error("API rate limit exceeded", 429), retry_after="3")
    assert type(error) is errors.RateLimitedError
    assert error.retry_after == 3


@pytest.mark.parametrize("header", ["soon", "", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_retry_after_that_is_no_number_is_none(header: str) -> None:
    error = spotify(429, b"", retry_after=header)
    assert isinstance(error, errors.RateLimitedError)
    assert error.retry_after is None


@pytest.mark.parametrize(
    "body",
    [
        _spotify_error("Too many requests", 429, reason="QUOTA_EXCEEDED"),
        b"Too many requests",  # a wait of hours is no burst, whatever the body says
    ],
)
def test_spotifys_quota_is_spent_until_it_says(body: Any) -> None:
    error = spotify(429, body, retry_after="48925")
    assert isinstance(error, errors.QuotaExhaustedError)
    assert error.bucket == "requests"
    assert error.until == NOW + timedelta(seconds=48_925)


def test_spotifys_quota_without_a_time_is_looked_at_again_in_an_hour() -> None:
    error = spotify(429, _spotify_error("Too many requests", 429, reason="QUOTA_EXCEEDED"))
    assert isinstance(error, errors.QuotaExhaustedError)
    assert error.until == NOW + timedelta(hours=1)


@pytest.mark.parametrize(("call", "may"), [(READ, False), (WRITE, True)])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_write_may_have_taken_effect_when_the_server_failed(status: int, call: ApiCall, may: bool) -> None:
    for provider in (spotify_errors, youtube_errors):
        error = provider.error_for(ErrorResponse(status=status, headers={}, body=b""), call)
        assert isinstance(error, errors.TransientError)
        assert error.may_have_applied is may


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (400, "failedPrecondition", errors.RejectedError),
        (400, "manualSortRequired", errors.SelfSortedError),
        (400, "invalidPageToken", errors.RejectedError),
        (400, "missingRequiredParameter", errors.RejectedError),
        (401, "authError", errors.TransientError),
        (401, "youtubeSignupRequired", errors.NoChannelError),
        (403, "rateLimitExceeded", errors.RateLimitedError),
        (403, "userRateLimitExceeded", errors.RateLimitedError),
        (429, "rateLimitExceeded", errors.RateLimitedError),
        (429, "userRateLimitExceeded", errors.RateLimitedError),
        (403, "insufficientPermissions", errors.ScopeMissingError),
        (403, "accessNotConfigured", errors.NotAllowedError),
        (403, "playlistItemsNotAccessible", errors.NotAllowedError),
        (403, "playlistForbidden", errors.NotAllowedError),
        (403, "watchHistoryNotAccessible", errors.NotAllowedError),
        (403, "somethingNew", errors.NotAllowedError),
        (403, "playlistContainsMaximumNumberOfVideos", errors.PlaylistFullError),
        (404, "videoNotFound", errors.NotFoundError),
        (404, "playlistNotFound", errors.NotFoundError),
        (404, "playlistItemNotFound", errors.NotFoundError),
        (404, "", errors.NotFoundError),
        (409, "videoAlreadyInPlaylist", errors.DuplicateRefusedError),
        (409, "SERVICE_UNAVAILABLE", errors.TransientError),
        (500, "backendError", errors.TransientError),
        (503, "backendError", errors.TransientError),
        (308, "", errors.TransientError),
    ],
)
def test_youtube_says(status: int, reason: str, kind: type[errors.ProviderError]) -> None:
    error = youtube(status, reason)
    assert type(error) is kind
    assert error.provider == "youtube"
    assert error.reason == (reason or f"http_{status}")


def test_a_scope_that_is_missing_is_known_by_googles_detail_too() -> None:
    details = [{"@type": "x"}, {"@type": "ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]
    assert isinstance(youtube(403, "forbidden", details=details), errors.ScopeMissingError)


@pytest.mark.parametrize("reason", ["quotaExceeded", "dailyLimitExceeded"])
def test_youtubes_units_are_spent_until_pacific_midnight(reason: str) -> None:
    error = youtube(403, reason)
    assert isinstance(error, errors.QuotaExhaustedError)
    assert error.bucket == "general"
    assert error.until == datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"])
def test_youtubes_searches_are_spent_when_it_names_a_limit_per_day(reason: str) -> None:
    search = ApiCall(method="GET", path="/search", bucket="search")
    message = (
        "Quota exceeded for quota metric 'Search Queries' and limit 'Search Queries per day' of service "
        "'youtube.googleapis.com' for consumer 'project_number:123'."
    )
    error = youtube(429, reason, message, search, status="RESOURCE_EXHAUSTED")
    assert isinstance(error, errors.QuotaExhaustedError)
    assert error.bucket == "search"
    assert error.until == ledger.next_reset(registry.get("youtube"), NOW)


def test_youtubes_limit_of_new_playlists_is_no_bucket_of_the_project() -> None:
    create = ApiCall(method="POST", path="/playlists", bucket="general", cost=50)
    error = youtube(
        429, "rateLimitExceeded", "Resource has been exhausted.", create, status="RESOURCE_EXHAUSTED"
    )
    assert isinstance(error, errors.QuotaExhaustedError)
    assert error.bucket == NEW_PLAYLISTS


def test_youtubes_conflict_may_have_written() -> None:
    insert = ApiCall(method="POST", path="/playlistItems", bucket="general", cost=50)
    error = youtube(409, "SERVICE_UNAVAILABLE", "The operation was aborted.", insert)
    assert isinstance(error, errors.TransientError)
    assert error.may_have_applied
    assert error.retry_after == 0.5


def test_youtube_may_name_a_wait() -> None:
    error = youtube(503, "backendError", headers={"Retry-After": "7"})
    assert isinstance(error, errors.TransientError)
    assert error.retry_after == 7


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"null", b"[]", b'{"error":"x"}', b'{"error":{"errors":"x"}}', b'{"error":{}}']
)
def test_an_envelope_that_is_none_leaves_the_status(body: bytes) -> None:
    for status, kind in (
        (403, errors.NotAllowedError),
        (404, errors.NotFoundError),
        (500, errors.TransientError),
    ):
        error = youtube_errors.error_for(ErrorResponse(status=status, headers={}, body=body), READ)
        assert type(error) is kind


def test_messages_never_carry_what_the_provider_wrote() -> None:
    for error in (
        spotify(400, _spotify_error("secret-text", 400)),
        spotify(403, b"secret-text"),
        youtube(400, "invalid", "secret-text"),
        youtube(403, "forbidden", "secret-text"),
    ):
        assert "secret-text" not in str(error)

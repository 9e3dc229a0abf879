"""Read Spotify's refusals."""

import json
from datetime import timedelta

from musicconnect.platform import clock
from musicconnect.providers.errors import (
    NotAllowedError,
    ProviderError,
    RateLimitedError,
    ScopeMissingError,
    exhausted_error,
)
from musicconnect.providers.spotify.entry import ENTRY
from musicconnect.providers.transport import ApiCall, ErrorResponse, error_by_status, retry_after

NAME = "spotify"
MAX_BURST_WAIT_S = 300.0
"""The burst window is 30 s long: whoever is told to wait this long has spent a quota."""


def error_for(refusal: ErrorResponse, call: ApiCall) -> ProviderError:
    """Read a refusal: the error says what to do next.

    Two kinds of 429 since July 2026: a burst limit over 30 seconds, and a quota over 24 hours, which has the
    reason ``QUOTA_EXCEEDED``. Messages are not contractual: they are looked at only where nothing else
    tells two refusals apart, and what they do not tell is plain "forbidden".
    """
    message, reason = _message_and_reason(refusal.body)
    match refusal.status:
        case 401:
            reason = "unauthorized"
        case 403:
            return _forbidden(message)
        case 404:
            reason = "not_found"
        case 429:
            return _too_many(retry_after(refusal.headers), reason, call)
        case status if status >= 500 or status < 400 or status in (408, 409):
            reason = ""
    return error_by_status(NAME, refusal, call, reason or f"http_{refusal.status}")


def _forbidden(message: str) -> ProviderError:
    text = message.casefold()
    if "scope" in text:
        return ScopeMissingError(
            "The account is linked with too little access for this.",
            provider=NAME,
            reason="insufficient_scope",
        )
    if "premium" in text:
        said = "Spotify refuses the application: its owner has no Premium subscription at present."
        return NotAllowedError(said, provider=NAME, reason="premium_required")
    if "not be registered" in text or "not registered" in text:
        said = (
            "The Spotify account is not on the application's list of allowed users. "
            "Ask whoever runs this installation to add it."
        )
        return NotAllowedError(said, provider=NAME, reason="not_registered")
    said = "Spotify does not allow this. It gives a playlist's contents only to its owner and collaborators."
    return NotAllowedError(said, provider=NAME, reason="forbidden")


def _too_many(seconds: float | None, reason: str, call: ApiCall) -> ProviderError:
    if reason == "QUOTA_EXCEEDED" or (seconds is not None and seconds >= MAX_BURST_WAIT_S):
        now = clock.now()
        until = now + timedelta(seconds=seconds) if seconds else ENTRY.next_reset(now)
        return exhausted_error(NAME, call.bucket, until)
    return RateLimitedError(
        "Spotify asks us to slow down.", provider=NAME, reason="rate_limited", retry_after=seconds
    )


def _message_and_reason(body: bytes) -> tuple[str, str]:
    """Both of an error body; the body itself where it is plain text, as it is for people not on the list."""
    try:
        error = json.loads(body)["error"]
        return str(error.get("message", "")), str(error.get("reason", ""))
    except (ValueError, LookupError, TypeError, AttributeError):
        return body[:500].decode(errors="replace"), ""

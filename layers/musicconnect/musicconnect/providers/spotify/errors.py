"""What Spotify's refusals mean."""

import json
from datetime import timedelta

from musicconnect.platform import clock
from musicconnect.providers import registry
from musicconnect.providers.errors import (
    NotAllowedError,
    NotFoundError,
    ProviderError,
    RateLimitedError,
    RejectedError,
    ScopeMissingError,
    TransientError,
)
from musicconnect.providers.quota import ledger
from musicconnect.providers.transport import ApiCall, ErrorMapper, ErrorResponse, retry_after

NAME = "spotify"
MAX_BURST_WAIT_S = 300.0
"""Seconds. The burst window is 30 s long; whoever is told to wait this long has spent a quota, whatever
the body says."""


class SpotifyErrorMapper(ErrorMapper):
    """Spotify's error table.

    Two kinds of 429 since July 2026: a burst limit over 30 seconds, and a quota over 24 hours, which has the
    reason ``QUOTA_EXCEEDED``. Messages are not contractual: they are looked at only where nothing else
    tells two refusals apart, and what they do not tell is plain "forbidden".
    """

    def error_for(self, refusal: ErrorResponse, call: ApiCall) -> ProviderError:
        """The error that says what to do next."""
        message, reason = _message_and_reason(refusal.body)
        match refusal.status:
            case 401:
                # Only reached with a token that has just been renewed.
                return TransientError(
                    "Spotify did not accept a new access token.", provider=NAME, reason="unauthorized"
                )
            case 403:
                return _forbidden(message)
            case 404:
                return NotFoundError(
                    "Spotify does not have it (any more).", provider=NAME, reason="not_found"
                )
            case 429:
                return _too_many(retry_after(refusal.headers), reason, call)
            case status if status >= 500 or status in (408, 409):
                return TransientError(
                    "Spotify is in trouble.",
                    provider=NAME,
                    reason=f"http_{status}",
                    retry_after=retry_after(refusal.headers),
                    may_have_applied=call.is_write,
                )
            case status if status < 400:
                return TransientError("Spotify sent us elsewhere.", provider=NAME, reason=f"http_{status}")
            case status:
                return RejectedError(
                    "Spotify does not accept the request.", provider=NAME, reason=reason or f"http_{status}"
                )


def _forbidden(message: str) -> ProviderError:
    text = message.casefold()
    if "scope" in text:
        return ScopeMissingError(
            "The account is linked with too little access for this.",
            provider=NAME,
            reason="insufficient_scope",
        )
    if "premium" in text:
        return NotAllowedError(
            "Spotify refuses the application: its owner has no Premium subscription at present.",
            provider=NAME,
            reason="premium_required",
        )
    if "not be registered" in text or "not registered" in text:
        return NotAllowedError(
            "The Spotify account is not on the application's list of allowed users. "
            "Ask whoever runs this installation to add it.",
            provider=NAME,
            reason="not_registered",
        )
    return NotAllowedError(
        "Spotify does not allow this. The contents of a playlist are given only to its owner and "
        "collaborators.",
        provider=NAME,
        reason="forbidden",
    )


def _too_many(seconds: float | None, reason: str, call: ApiCall) -> ProviderError:
    if reason == "QUOTA_EXCEEDED" or (seconds is not None and seconds >= MAX_BURST_WAIT_S):
        now = clock.now()
        until = now + timedelta(seconds=seconds) if seconds else ledger.next_reset(registry.get(NAME), now)
        return ledger.exhausted_error(NAME, call.bucket, until)
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

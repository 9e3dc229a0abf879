"""Read the refusals of ListenBrainz and of MusicBrainz."""

import json
from collections.abc import Mapping
from typing import Any

from musicconnect.providers.errors import NotAllowedError, ProviderError, RateLimitedError, RejectedError
from musicconnect.providers.transport import ApiCall, ErrorResponse, error_by_status, retry_after

NAME = "listenbrainz"
WAIT_S = 10.0
"""The window in which ListenBrainz counts calls, where an answer does not say how much of it is left."""


def error_for(refusal: ErrorResponse, call: ApiCall) -> ProviderError:
    """Read a refusal of ListenBrainz: the error says what to do next. Bodies may be no JSON."""
    match refusal.status:
        case 403:
            return NotAllowedError("ListenBrainz does not allow this.", provider=NAME, reason="forbidden")
        case 429:
            return RateLimitedError(
                "ListenBrainz asks us to slow down.",
                provider=NAME,
                reason="rate_limited",
                retry_after=_reset_in(refusal.headers),
            )
        case 400:
            message = text_of(refusal.body) or "ListenBrainz does not accept the request."
            return RejectedError(message, provider=NAME, reason="http_400")
        case _:
            return error_by_status(NAME, refusal, call, f"http_{refusal.status}")


def musicbrainz_error_for(refusal: ErrorResponse, call: ApiCall) -> ProviderError:
    """Read a refusal of MusicBrainz, which answers 503 to calls that come too fast."""
    if refusal.status == 503:
        return RateLimitedError(
            "MusicBrainz asks us to slow down.",
            provider=NAME,
            reason="musicbrainz_rate_limited",
            retry_after=retry_after(refusal.headers) or 1.0,
        )
    return error_by_status(NAME, refusal, call, f"musicbrainz_{refusal.status}")


def text_of(body: bytes) -> str:
    """Give what a refusal says; empty where it says nothing."""
    try:
        found: Any = json.loads(body)
        return str(found.get("error") or "")
    except (ValueError, AttributeError):
        return ""


def _reset_in(headers: Mapping[str, str]) -> float:
    try:
        return max(1.0, float(headers["X-RateLimit-Reset-In"]))
    except (KeyError, ValueError):
        return WAIT_S

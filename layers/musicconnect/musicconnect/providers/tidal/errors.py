"""Read TIDAL's refusals."""

import json
from collections.abc import Mapping
from typing import Any

from musicconnect.providers.errors import (
    DuplicateRefusedError,
    NotAllowedError,
    PlaylistFullError,
    ProviderError,
    RateLimitedError,
    TransientError,
)
from musicconnect.providers.transport import ApiCall, ErrorResponse, error_by_status, retry_after

NAME = "tidal"
IN_PROGRESS = "IDEMPOTENT_REQUEST_IN_PROGRESS"
_FULL = frozenset({"TOO_MANY_ITEMS_IN_PLAYLIST", "TOO_MANY_ITEMS_IN_COLLECTION"})
_DUPLICATE = "DUPLICATE_ITEMS_IN_COLLECTION"
IN_PROGRESS_WAIT_S = 2.0
"""Until a write that is still under way is asked for again, with its key."""


def error_for(refusal: ErrorResponse, call: ApiCall) -> ProviderError:
    """Read a refusal: the error says what to do next.

    Bodies may be empty or a page of HTML. There is no daily quota: 429 is a bucket of tokens that is empty.
    """
    code = code_of(refusal.body)
    reason = code.lower() or f"http_{refusal.status}"
    match refusal.status:
        case 403:
            return NotAllowedError("TIDAL does not allow this.", provider=NAME, reason=reason)
        case 429:
            return RateLimitedError(
                "TIDAL asks us to slow down.",
                provider=NAME,
                reason="rate_limited",
                retry_after=_wait_s(refusal.headers, call),
            )
        case _ if code in _FULL:
            return PlaylistFullError("The playlist at TIDAL is full.", provider=NAME, reason=reason)
        case 409 if code == _DUPLICATE:
            return DuplicateRefusedError("TIDAL has it there already.", provider=NAME, reason=reason)
        case 409 if code == IN_PROGRESS:
            return TransientError(
                "TIDAL is still busy with the same request.",
                provider=NAME,
                reason=reason,
                retry_after=retry_after(refusal.headers) or IN_PROGRESS_WAIT_S,
                may_have_applied=True,
            )
        case _:
            return error_by_status(NAME, refusal, call, reason)


def _wait_s(headers: Mapping[str, str], call: ApiCall) -> float:
    """Seconds until the bucket holds what the call costs: as TIDAL says, or else by its headers."""
    said = retry_after(headers)
    if said is not None:
        return said
    cost = _number(headers, "x-ratelimit-requested-tokens", float(call.cost))
    left = _number(headers, "x-ratelimit-remaining", 0.0)
    rate = _number(headers, "x-ratelimit-replenish-rate", 1.0)
    return max(1.0, (cost - left) / rate) if rate > 0 else float(cost)


def _number(headers: Mapping[str, str], name: str, default: float) -> float:
    try:
        return float(headers[name])
    except (KeyError, ValueError):
        return default


def code_of(body: bytes) -> str:
    """Give the code of the first error; empty where there is none."""
    try:
        error: Any = json.loads(body)["errors"][0]
        return str(error.get("code") or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""

"""Tell callers of the API what a provider's refusal or failure means for them."""

from typing import Any

from musicconnect.platform import clock
from musicconnect.platform.problems import Problem
from musicconnect.platform.status import Reader
from musicconnect.providers import errors
from musicconnect.providers.registry import title
from musicconnect.providers.status_text import render, status_of

_PROBLEMS = {
    "not-linked": (409, "No {} account is linked"),
    "consent-needed": (409, "The account has to be linked again"),
    "more-access-needed": (409, "The account was linked with too little access"),
    "no-channel": (409, "The Google account has no YouTube channel"),
    "not-found-at-provider": (404, "{} does not have it"),
    "refused-by-provider": (409, "{} refused"),
    "quota-exhausted": (429, "{}'s daily allowance is spent"),
    "rate-limited": (429, "{} asks us to slow down"),
    "provider-unavailable": (503, "{} does not answer properly"),
}
"""HTTP status and title by code."""


def problem_for(error: errors.ProviderError) -> Problem:
    """Make the problem for a provider's error; ``action`` names what the user can do: ``link``."""
    status, now = status_of(error), clock.now()
    http_status, pattern = _PROBLEMS[status.code]
    detail = render(status, Reader(now))
    retry_after: float | None = None
    members: dict[str, Any] = {"provider": error.provider}
    match error:
        case errors.NotLinkedError() | errors.ConsentRevokedError():
            members["action"] = "link"
        case errors.ScopeMissingError():
            members |= {"action": "link", "access": "write"}
        case errors.QuotaExhaustedError():
            retry_after = max(1, (error.until - now).total_seconds())
            members |= {"bucket": error.bucket, "until": error.until.isoformat()}
        case errors.RateLimitedError():
            retry_after, detail = error.retry_after or 5, f"{detail} Try again after the time given."
    if status.code == "provider-unavailable":
        retry_after, detail = 10, f"{detail} Try again shortly."
    return Problem(
        http_status,
        status.code,
        pattern.format(title(error.provider)),
        detail,
        retry_after=retry_after,
        **members,
    )

"""Tell callers of the API what a provider's refusal or failure means for them."""

from typing import Any

from musicconnect.platform import clock, problems
from musicconnect.platform.problems import Problem
from musicconnect.providers import errors, registry


def problem_for(error: errors.ProviderError) -> Problem:
    """Tell a caller that a provider does not do its part, and what to do."""
    name = registry.title(error.provider)
    common: dict[str, Any] = {"provider": error.provider}
    match error:
        case errors.NotLinkedError():
            return problems.conflict(
                "not-linked",
                f"No {name} account is linked",
                f"Link one first: POST /v1/providers/{error.provider}/link.",
                **common,
            )
        case errors.ConsentRevokedError():
            return problems.conflict(
                "consent-needed",
                "The account has to be linked again",
                f"{name} no longer accepts our access. "
                f"Link the account again: POST /v1/providers/{error.provider}/link.",
                **common,
            )
        case errors.ScopeMissingError():
            return problems.conflict(
                "more-access-needed",
                "The account was linked with too little access",
                f'Link {name} again with {{"access": "write"}}: POST /v1/providers/{error.provider}/link.',
                **common,
            )
        case errors.NoChannelError():
            return problems.conflict(
                "no-channel",
                "The Google account has no YouTube channel",
                "Create a channel at youtube.com, then try again.",
                **common,
            )
        case errors.NotFoundError():
            return Problem(404, "not-found-at-provider", f"{name} does not have it", error.message, **common)
        case errors.NotAllowedError() | errors.RejectedError():
            return problems.conflict("refused-by-provider", f"{name} refused", error.message, **common)
        case errors.QuotaExhaustedError():
            return Problem(
                429,
                "quota-exhausted",
                f"{name}'s daily allowance is spent",
                f"It is renewed at {error.until.isoformat()}.",
                retry_after=max(1, (error.until - clock.now()).total_seconds()),
                bucket=error.bucket,
                until=error.until.isoformat(),
                **common,
            )
        case errors.RateLimitedError():
            return Problem(
                429,
                "rate-limited",
                f"{name} asks us to slow down",
                "Try again after the time given.",
                retry_after=error.retry_after or 5,
                **common,
            )
        case _:
            return Problem(
                503,
                "provider-unavailable",
                f"{name} does not answer properly",
                "Try again shortly.",
                retry_after=10,
                **common,
            )

"""What a provider's failure means for whoever searches: in words, and for those who wait as well. Pure."""

import math
from datetime import datetime
from typing import Any

from musicconnect.music.model import ProviderName
from musicconnect.platform.problems import Problem
from musicconnect.providers import errors, registry
from musicconnect.providers.problems import problem_for
from musicconnect.search.schemas import GroupError

SLOW = "deadline"
BUDGET = "request_budget"

_SHARED: dict[str, type[errors.ProviderError]] = {
    kind.__name__: kind
    for kind in (
        errors.RateLimitedError,
        errors.TransientError,
        errors.RejectedError,
        errors.QuotaExhaustedError,
    )
}
"""Failures that would meet everybody; the others are about the account of whoever asked."""


def slow_provider(provider: ProviderName) -> errors.TransientError:
    """The provider has not answered in time."""
    return errors.TransientError("The provider did not answer in time.", provider=provider, reason=SLOW)


def to_group_error(error: errors.ProviderError) -> GroupError:
    """A failure as the part of an answer that it replaces."""
    if error.reason == SLOW:
        return GroupError(
            reason="provider-slow",
            title=f"{registry.title(error.provider)} is slow",
            what_to_do="Try again in a few seconds: what it finds meanwhile will be there at once.",
            retry_after=5,
        )
    if error.reason == BUDGET:
        return GroupError(
            reason="too-many-at-once",
            title=f"{registry.title(error.provider)} was searched often enough for one request",
            what_to_do="Send what is unanswered again: what was found is remembered.",
            retry_after=1,
        )
    return of_problem(problem_for(error))


def of_problem(problem: Problem) -> GroupError:
    """A problem as the part of an answer that it replaces."""
    return GroupError(
        reason=problem.slug,
        title=problem.title,
        what_to_do=problem.detail or problem.title,
        retry_after=None if problem.retry_after is None else math.ceil(problem.retry_after),
        until=problem.members.get("until"),
    )


def not_offered(provider: ProviderName) -> GroupError:
    """The provider has nothing of the types asked for."""
    entry = registry.get(provider)
    return GroupError(
        reason="type-not-offered",
        title=f"{entry.title} has none of these",
        what_to_do=f"{entry.title} can be searched for: {', '.join(entry.item_types)}.",
    )


def to_json(error: errors.ProviderError) -> dict[str, Any] | None:
    """A failure as JSON for those who wait for the same answer; None where it is not theirs."""
    kind = type(error).__name__
    if kind not in _SHARED:
        return None
    told: dict[str, Any] = {"kind": kind, "message": error.message, "reason": error.reason}
    match error:
        case errors.QuotaExhaustedError():
            told |= {"bucket": error.bucket, "until": error.until.isoformat()}
        case errors.RetryableError():
            told |= {"retry_after": error.retry_after}
    return told


def from_json(provider: ProviderName, told: dict[str, Any]) -> errors.ProviderError:
    """The failure that was packed."""
    values = {name: value for name, value in told.items() if name not in ("kind", "message")}
    if "until" in values:
        values["until"] = datetime.fromisoformat(values["until"])
    return _SHARED[told["kind"]](told["message"], provider=provider, **values)

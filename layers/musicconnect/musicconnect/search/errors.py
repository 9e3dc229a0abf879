"""Turn providers' failures into errors of an answer's groups, and share them with those who wait. Pure."""

import math
from datetime import datetime
from typing import Any, Final

from musicconnect.music.links import LinkError
from musicconnect.music.model import ProviderName
from musicconnect.platform.status import Reader, Status, Text, render
from musicconnect.providers import errors, registry, status_text
from musicconnect.search.schemas import GroupError

SLOW = "deadline"
BUDGET = "request_budget"

TEXTS: Final[dict[str, Text]] = status_text.TEXTS | {
    "provider-slow": lambda p, _: (
        f"{registry.title(p['provider'])} is slow. "
        "Try again in a few seconds: what it finds meanwhile will be there at once."
    ),
    "too-many-at-once": lambda p, _: (
        f"{registry.title(p['provider'])} was searched often enough for one request. "
        "Send what is unanswered again: what was found is saved."
    ),
    "type-not-offered": lambda p, _: (
        f"{registry.title(p['provider'])} has none of these. It can be searched for: {', '.join(p['types'])}."
    ),
}

_SHARED: dict[str, type[errors.ProviderError]] = {
    kind.__name__: kind
    for kind in (
        errors.RateLimitedError,
        errors.TransientError,
        errors.RejectedError,
        errors.QuotaExhaustedError,
    )
}
"""Failures that would meet everybody; the others are about one user's account."""


def slow_provider(provider: ProviderName) -> errors.TransientError:
    """Make the error of a provider that has not answered in time."""
    return errors.TransientError("The provider did not answer in time.", provider=provider, reason=SLOW)


def to_group_error(error: errors.ProviderError, reader: Reader) -> GroupError:
    """Turn a failure into the part of an answer that it replaces."""
    if error.reason == SLOW:
        return _group_error(Status("provider-slow", {"provider": error.provider}), reader, 5)
    if error.reason == BUDGET:
        return _group_error(Status("too-many-at-once", {"provider": error.provider}), reader, 1)
    return _group_error(error.status, reader, error.problem().retry_after)


def not_offered(provider: ProviderName, reader: Reader) -> GroupError:
    """Make the error of a provider that has nothing of the wanted types."""
    params = {"provider": provider, "types": list(registry.get(provider).item_types)}
    return _group_error(Status("type-not-offered", params), reader)


def of_link(error: LinkError) -> GroupError:
    """Make the error of a link that cannot be resolved."""
    return GroupError(code=error.reason, message=error.message)


def _group_error(status: Status, reader: Reader, retry_after: float | None = None) -> GroupError:
    return GroupError(
        code=status.code,
        params=dict(status.params),
        message=render(TEXTS, status, reader),
        retry_after=None if retry_after is None else math.ceil(retry_after),
    )


def to_json(error: errors.ProviderError) -> dict[str, Any] | None:
    """Encode a failure for those who wait for the same page; None where it is not theirs."""
    kind = type(error).__name__
    if kind not in _SHARED:
        return None
    value: dict[str, Any] = {"kind": kind, "message": error.message, "reason": error.reason}
    match error:
        case errors.QuotaExhaustedError():
            value |= {"bucket": error.bucket, "until": error.until.isoformat()}
        case errors.RetryableError():
            value |= {"retry_after": error.retry_after}
    return value


def from_json(provider: ProviderName, value: dict[str, Any]) -> errors.ProviderError:
    """Decode what `to_json` gave."""
    params = {name: part for name, part in value.items() if name not in ("kind", "message")}
    if "until" in params:
        params["until"] = datetime.fromisoformat(params["until"])
    return _SHARED[value["kind"]](value["message"], provider=provider, **params)

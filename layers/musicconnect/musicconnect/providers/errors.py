"""Define what a provider can answer instead of what was asked, what to do next, and what callers are told."""

from datetime import datetime
from typing import Any, ClassVar

from musicconnect.music.model import ProviderName
from musicconnect.platform import clock
from musicconnect.platform.problems import Problem, ReportableError
from musicconnect.platform.status import Reader, Status
from musicconnect.providers.entry import title
from musicconnect.providers.protocol import Access
from musicconnect.providers.status_text import render


class ProviderError(ReportableError):
    """Something a provider answered, or failed to answer. Subclasses say what to do next.

    Args:
        message: What happened, in words for people.
        provider: Who answered.
        reason: The provider's own machine-readable reason, for logs.
    """

    code: ClassVar[str] = "provider-unavailable"
    """Of the problem, and of the status that the error puts things into."""
    http_status: ClassVar[int] = 503
    heading: ClassVar[str] = "{} does not answer properly"
    """The problem's title; braces for the provider's."""

    def __init__(self, message: str, *, provider: ProviderName, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.reason = reason

    @property
    def status(self) -> Status:
        """The status that the error puts things into."""
        return Status(self.code, {"provider": self.provider, **self._params()})

    def problem(self) -> Problem:
        """Make the problem; ``action`` names what the user can do: ``link``."""
        now = clock.now()
        retry_after, advice, members = self._retry(now)
        return Problem(
            self.http_status,
            self.code,
            self.heading.format(title(self.provider)),
            render(self.status, Reader(now)) + advice,
            retry_after=retry_after,
            provider=self.provider,
            **members,
        )

    def _params(self) -> dict[str, Any]:
        return {}

    def _retry(self, _now: datetime) -> tuple[float | None, str, dict[str, Any]]:
        """Give seconds to wait, a further sentence, and further members of the problem."""
        return 10, " Try again shortly.", {}


class _FinalError(ProviderError):
    http_status = 409
    members: ClassVar[dict[str, Any]] = {}

    def _retry(self, _now: datetime) -> tuple[float | None, str, dict[str, Any]]:
        return None, "", self.members


class NotLinkedError(_FinalError):
    """The person has not linked an account with this provider."""

    code, heading = "not-linked", "No {} account is linked"
    members: ClassVar = {"action": "link"}


class ConsentRevokedError(_FinalError):
    """The tokens are dead: the person has to link the account again."""

    code, heading = "consent-needed", "The account has to be linked again"
    members: ClassVar = {"action": "link"}


class ScopeMissingError(_FinalError):
    """The person's consent does not cover this call: link again with more access."""

    code, heading = "more-access-needed", "The account was linked with too little access"
    members: ClassVar = {"action": "link", "access": "write"}


class FollowsMissingError(ScopeMissingError):
    """The person's consent does not cover followed artists: link again and ask for them."""

    code, heading = "follows-needed", "The account was linked without followed artists"

    def _retry(self, _now: datetime) -> tuple[float | None, str, dict[str, Any]]:
        return None, "", {"action": "link", "access": self.access, "follows": True}

    def __init__(self, access: Access, *, provider: ProviderName) -> None:
        super().__init__("The consent does not cover followed artists.", provider=provider)
        self.access = access


class NotAllowedError(_FinalError):
    """The provider refuses this to this account or application, now and on every retry."""

    code, heading = "refused-by-provider", "{} refused"

    def _params(self) -> dict[str, Any]:
        return {"message": self.message}


class NoChannelError(NotAllowedError):
    """The Google account has no YouTube channel: the person has to create one."""

    code, heading = "no-channel", "The Google account has no YouTube channel"

    def _params(self) -> dict[str, Any]:
        return {}


class NotFoundError(_FinalError):
    """The thing is gone or never was."""

    code, http_status, heading = "not-found-at-provider", 404, "{} does not have it"

    def _params(self) -> dict[str, Any]:
        return {"message": self.message}


class RejectedError(_FinalError):
    """The request itself is refused for good (a bad id, a playlist that is full, an unavailable video)."""

    code, heading = "refused-by-provider", "{} refused"

    def _params(self) -> dict[str, Any]:
        return {"message": self.message}


class PlaylistFullError(RejectedError):
    """The playlist holds as many entries as the provider allows."""


class SelfSortedError(RejectedError):
    """The playlist sorts itself: it takes entries, and no positions."""


class DuplicateRefusedError(RejectedError):
    """The playlist already holds this entry and the provider refuses it twice."""


class RetryableError(ProviderError):
    """Worth trying again after a while.

    Args:
        message: As of `ProviderError`, like ``provider`` and ``reason``.
        provider: Who answered.
        reason: The provider's own.
        retry_after: Seconds, where the provider said so.
        may_have_applied: True when a write could have taken effect all the same: look before writing again.
    """

    def __init__(
        self,
        message: str,
        *,
        provider: ProviderName,
        reason: str | None = None,
        retry_after: float | None = None,
        may_have_applied: bool = False,
    ) -> None:
        super().__init__(message, provider=provider, reason=reason)
        self.retry_after = retry_after
        self.may_have_applied = may_have_applied


class RateLimitedError(RetryableError):
    """A burst limit: wait ``retry_after`` seconds."""

    code, http_status, heading = "rate-limited", 429, "{} asks us to slow down"

    def _retry(self, _now: datetime) -> tuple[float | None, str, dict[str, Any]]:
        return self.retry_after or 5, " Try again after the time given.", {}


class TransientError(RetryableError):
    """A time-out, a 5xx, a 409 on fast writes, a garbled answer."""


class QuotaExhaustedError(ProviderError):
    """A daily allowance is spent: nothing more from this bucket before ``until``."""

    code, http_status, heading = "quota-exhausted", 429, "{}'s daily allowance is spent"

    def __init__(
        self, message: str, *, provider: ProviderName, bucket: str, until: datetime, reason: str | None = None
    ) -> None:
        super().__init__(message, provider=provider, reason=reason)
        self.bucket = bucket
        self.until = until

    def _params(self) -> dict[str, Any]:
        return {"until": self.until.isoformat()}

    def _retry(self, now: datetime) -> tuple[float | None, str, dict[str, Any]]:
        seconds = max(1, (self.until - now).total_seconds())
        return seconds, "", {"bucket": self.bucket, "until": self.until.isoformat()}


def exhausted_error(provider: ProviderName, bucket: str, until: datetime) -> QuotaExhaustedError:
    """Make the error of a spent allowance."""
    return QuotaExhaustedError(
        f"{title(provider)}'s allowance is spent until {until:%Y-%m-%d %H:%M} UTC.",
        provider=provider,
        bucket=bucket,
        until=until,
        reason="quota_exhausted",
    )

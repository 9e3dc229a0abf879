"""Define what a provider can answer instead of what was asked, and what to do next."""

from datetime import datetime

from musicconnect.music.model import ProviderName
from musicconnect.platform.problems import Problem, ReportableError


class ProviderError(ReportableError):
    """Something a provider answered, or failed to answer. Subclasses say what to do next."""

    def __init__(self, message: str, *, provider: ProviderName, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.reason = reason
        """The provider's own machine-readable reason, for logs."""

    def problem(self) -> Problem:
        """What a caller of the API is told."""
        from musicconnect.providers import problems  # noqa: PLC0415 - the registry, which only a failure needs

        return problems.problem_for(self)


class NotLinkedError(ProviderError):
    """The person has not linked an account with this provider."""


class ConsentRevokedError(ProviderError):
    """The tokens are dead: the person has to link the account again."""


class ScopeMissingError(ProviderError):
    """The person's consent does not cover this call: link again with more access."""


class NotAllowedError(ProviderError):
    """The provider refuses this to this account or application, now and on every retry."""


class NoChannelError(NotAllowedError):
    """The Google account has no YouTube channel: the person has to create one."""


class NotFoundError(ProviderError):
    """The thing is gone or never was."""


class RejectedError(ProviderError):
    """The request itself is refused for good (a bad id, a playlist that is full, an unavailable video)."""


class PlaylistFullError(RejectedError):
    """The playlist holds as many entries as the provider allows."""


class DuplicateRefusedError(RejectedError):
    """The playlist already holds this entry and the provider refuses it twice."""


class RetryableError(ProviderError):
    """Worth trying again after a while."""

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
        """Seconds, where the provider said so."""
        self.may_have_applied = may_have_applied
        """True when a write could have taken effect all the same: look before writing again."""


class RateLimitedError(RetryableError):
    """A burst limit: wait ``retry_after`` seconds."""


class TransientError(RetryableError):
    """A time-out, a 5xx, a 409 on fast writes, a garbled answer."""


class QuotaExhaustedError(ProviderError):
    """A daily allowance is spent: nothing more from this bucket before ``until``."""

    def __init__(
        self, message: str, *, provider: ProviderName, bucket: str, until: datetime, reason: str | None = None
    ) -> None:
        super().__init__(message, provider=provider, reason=reason)
        self.bucket = bucket
        self.until = until

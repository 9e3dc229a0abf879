"""Say what a provider's answer means for the person, in one wording for the whole product.

Codes are those of the problems that `musicconnect.providers.problems` gives, so that a state and an error
about the same thing have the same name.
"""

from typing import Any, Final

from musicconnect.platform.status import Status, Text, sentence
from musicconnect.providers import errors
from musicconnect.providers.registry import title

TEXTS: Final[dict[str, Text]] = {
    "not-linked": lambda p, _: f"No {title(p['provider'])} account is linked. Link one, then try again.",
    "consent-needed": lambda p, _: (
        f"{title(p['provider'])} no longer accepts our access. Link the account again."
    ),
    "more-access-needed": lambda p, _: (
        f"Our access to {title(p['provider'])} is too narrow. "
        "Link the account again and let us change playlists."
    ),
    "no-channel": lambda p, _: (
        f"Your {title(p['provider'])} account has no channel. Create one there, then try again."
    ),
    "not-found-at-provider": lambda p, _: (
        f"{title(p['provider'])} does not have it. {sentence(p['message'])}"
    ),
    "refused-by-provider": lambda p, _: f"{title(p['provider'])} refused: {sentence(p['message'])}",
    "quota-exhausted": lambda p, reader: (
        f"{title(p['provider'])}'s allowance for today is spent. It is renewed at {reader.time(p['until'])}."
    ),
    "rate-limited": lambda p, _: f"{title(p['provider'])} asks us to slow down.",
    "provider-unavailable": lambda p, _: f"{title(p['provider'])} does not answer properly.",
}
"""By code."""


def status_of(error: errors.ProviderError) -> Status:
    """Give the status that an error puts things into."""
    params: dict[str, Any] = {"provider": error.provider}
    match error:
        case errors.NotLinkedError():
            code = "not-linked"
        case errors.ConsentRevokedError():
            code = "consent-needed"
        case errors.ScopeMissingError():
            code = "more-access-needed"
        case errors.NoChannelError():
            code = "no-channel"
        case errors.NotFoundError():
            code, params = "not-found-at-provider", params | {"message": error.message}
        case errors.NotAllowedError() | errors.RejectedError():
            code, params = "refused-by-provider", params | {"message": error.message}
        case errors.QuotaExhaustedError():
            code, params = "quota-exhausted", params | {"until": error.until.isoformat()}
        case errors.RateLimitedError():
            code = "rate-limited"
        case _:
            code = "provider-unavailable"
    return Status(code, params)

"""The switches of the ListenBrainz simulator (``PUT /_control/settings``), and the faults it has ready."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Every switch, with what holds after the start."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    identifiers_as_text: bool = False
    """Whether a track's ``identifier`` is a string instead of a list: both have been published."""
    near_misses: bool = False
    """Whether a look-up by names that finds nothing exact answers with the most similar recording."""
    needs_contact: bool = True
    """Whether MusicBrainz refuses callers whose User-Agent names nobody to write to."""


def _error(status: int, text: str) -> dict[str, Any]:
    return {"status": status, "body": {"code": status, "error": text}}


TOO_FAST: Final = (
    "You have exceeded your rate limit. See the X-RateLimit-* response headers for more information on your "
    "current rate limit."
)
READY_MADE_FAULTS: Final[dict[str, dict[str, Any]]] = {
    "rate_limited": {**_error(429, TOO_FAST), "headers": {"X-RateLimit-Reset-In": "7"}},
    "expired_token": _error(401, "Invalid authorization token."),
    "forbidden": _error(403, "You are not allowed to do this."),
    "not_found": _error(404, "Cannot find playlist."),
    "server_error": _error(500, "Something went wrong."),
    "unavailable": _error(503, "Service unavailable"),
    "musicbrainz_busy": {
        "status": 503,
        "headers": {"Retry-After": "2"},
        "body": {"error": "Your requests are exceeding the allowable rate limit."},
    },
}

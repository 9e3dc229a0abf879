"""The switches of the Spotify simulator (``PUT /_control/settings``), and the faults it has ready."""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Every switch, with what holds after the start."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    mode: Literal["development", "extended"] = "development"
    """Quota mode of the application: which endpoints, shapes and limits it gets."""
    cohort: Literal["new", "legacy"] = "new"
    """``legacy``: a development-mode application from before February 2026, which kept the old endpoints."""
    allow_list: list[str] | None = None
    """Who may use the application (development mode: at most five); null for everybody. Anybody can consent,
    but whoever is not listed gets 403 on every call."""
    not_registered_as_text: bool = True
    """Whether that 403 is plain text or JSON: both have been seen."""
    premium: bool = True
    """Whether the owner of the application pays for Spotify; without, development mode answers 403."""
    rotate_refresh_tokens: bool = False
    """Whether a refresh gives a new refresh token and kills the old one. Always so for clients without a
    secret."""
    access_token_seconds: int = Field(default=3600, ge=1)
    refresh_token_months: int = Field(default=6, ge=0)
    """Counted from the consent; refreshing does not extend it."""
    clients: dict[str, str] = Field(default_factory=dict)
    """Registered applications, id to secret. Empty: any id with any secret will do."""
    redirect_uris: list[str] = Field(default_factory=list)
    """Registered redirect URIs; a loopback one without a port stands for every port. Empty: every https URI
    and every loopback address."""
    playlist_size_limit: int = Field(default=10_000, ge=1)
    """Entries at which a playlist is full."""

    @property
    def has_old_shapes(self) -> bool:
        """Whether the endpoints and bodies from before February 2026 are in force."""
        return self.mode == "extended" or self.cohort == "legacy"

    @property
    def search_limit(self) -> int:
        """The most hits of a page."""
        return 50 if self.has_old_shapes else 10


def _error(status: int, message: str, **more: str) -> dict[str, Any]:
    return {"status": status, "body": {"error": {"status": status, "message": message, **more}}}


NOT_REGISTERED: Final = "Check settings on developer.spotify.com/dashboard, the user may not be registered."
PREMIUM_REQUIRED: Final = (
    "Active premium subscription required for the owner of the app. When the subscription status changes, "
    "it can take a few hours before requests are allowed again."
)
BURST: Final = "API rate limit exceeded"
QUOTA: Final = "Too many requests"

READY_MADE_FAULTS: Final[dict[str, dict[str, Any]]] = {
    "burst": {**_error(429, BURST), "headers": {"Retry-After": "3"}},
    "quota": {**_error(429, QUOTA, reason="QUOTA_EXCEEDED"), "headers": {"Retry-After": "48925"}},
    "server_error": _error(500, "Server error"),
    "bad_gateway": {"status": 502, "body": "upstream connect error or disconnect/reset before headers"},
    "unavailable": _error(503, "Service temporarily unavailable"),
    "expired_token": _error(401, "The access token expired"),
    "invalid_token": _error(401, "Invalid access token"),
    "forbidden": _error(403, "Forbidden"),
    "insufficient_scope": _error(403, "Insufficient client scope"),
    "not_registered": {"status": 403, "body": NOT_REGISTERED},
    "premium": _error(403, PREMIUM_REQUIRED),
    "not_found": _error(404, "Resource not found"),
    "invalid_grant": {
        "endpoint": "POST /api/token",
        "status": 400,
        "body": {"error": "invalid_grant", "error_description": "Refresh token revoked"},
    },
}

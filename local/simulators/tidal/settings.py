"""The switches of the TIDAL simulator (``PUT /_control/settings``), and the faults it has ready."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from local.simulators.tidal.errors import MEDIA_TYPE

SCOPES: Final = (
    "user.read",
    "playlists.read",
    "playlists.write",
    "collection.read",
    "collection.write",
    "search.read",
    "search.write",
    "recommendations.read",
    "entitlements.read",
    "playback",
)
"""All that an application of the tier THIRD_PARTY can be given."""


class Settings(BaseModel):
    """Every switch, with what holds after the start."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    access_token_seconds: int = Field(default=14_400, ge=1)
    code_seconds: int = Field(default=60, ge=0)
    rotate_refresh_tokens: bool = False
    """Whether a refresh answers with a new refresh token. No such answer has been seen."""
    clients: dict[str, str] = Field(default_factory=dict)
    """Registered applications, id to secret. Empty: any id with any secret will do."""
    redirect_uris: list[str] = Field(default_factory=list)
    """Registered redirect URIs, matched exactly. Empty: every https URI and every loopback address."""
    app_scopes: list[str] = Field(default_factory=lambda: list(SCOPES))
    """What is enabled for the application; asking for more shows error 11102."""
    multi_get_needs_client_token: bool = False
    """Whether ``GET /tracks`` and its like refuse the token of a person: the description says so, clients
    that do it say no."""
    relationship_stubs: bool = False
    """Whether relationships that were not asked for are there as links without ``data``."""
    short_pages: bool = False
    """Whether every second page is short, though it is not the last."""
    old_search: bool = False
    """Whether ``GET /searchResults/{query}`` still answers."""
    skips_duplicates: bool = False
    """Whether adding skips what is in the playlist already (``ALREADY_PRESENT``)."""
    gone_item_status: int = Field(default=404, ge=200, le=499)
    """Status of removing an entry that is gone: nobody knows."""
    replays_errors: bool = False
    """Whether an idempotency key replays a refusal, too."""
    others_delay_s: float = Field(default=0.0, ge=0)
    """Seconds after which a write is seen with another access token than the writer's."""
    retry_after: bool = False
    """Whether 429 says how long to wait."""
    error_body: str = Field(default="json", pattern="^(json|empty|html)$")
    """The body of 429."""
    replenish_per_s: float = Field(default=1.0, gt=0)
    """Tokens that come back each second, once the bucket has a size (``PUT /_control/quota``)."""
    nested_cost: int = Field(default=5, ge=1)
    """Tokens that a call with a nested include costs."""
    playlist_size_limit: int = Field(default=10_000, ge=1)


def _error(status: int, detail: str, **members: Any) -> dict[str, Any]:
    return {
        "status": status,
        "headers": {"content-type": MEDIA_TYPE},
        "body": {"errors": [{"status": str(status), "detail": detail, **members}]},
    }


HTML: Final = "<html><head><title>Request blocked</title></head><body>CloudFront</body></html>"

READY_MADE_FAULTS: Final[dict[str, dict[str, Any]]] = {
    "rate_limited": _error(429, "Rate limit exceeded"),
    "rate_limited_for_a_while": {
        **_error(429, "Rate limit exceeded"),
        "headers": {"content-type": MEDIA_TYPE, "Retry-After": "7"},
    },
    "blocked": {"status": 429, "body": HTML},
    "server_error": _error(500, "Internal server error"),
    "unavailable": _error(503, "Service unavailable"),
    "bad_gateway": {"status": 502, "body": HTML},
    "expired_token": _error(401, "The token has expired", code="UNAUTHORIZED", subStatus=11003),
    "not_found": _error(404, "Resource not found"),
    "forbidden": _error(403, "Forbidden"),
    "in_progress": _error(409, "The request is being processed", code="IDEMPOTENT_REQUEST_IN_PROGRESS"),
    "invalid_grant": {
        "endpoint": "POST /v1/oauth2/token",
        "status": 400,
        "body": {"status": 400, "error": "invalid_grant", "error_description": "Token has been revoked"},
    },
}

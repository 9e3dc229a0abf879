"""The errors of the YouTube Data API, each in Google's envelope.

Shapes and reasons follow https://developers.google.com/youtube/v3/docs/errors; texts that Google does not
publish are the ones its users report.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

_QUOTA_LINK = '<a href="/youtube/v3/getting-started#quota">quota</a>'
_SCOPES_URL = "https://www.googleapis.com/auth/"
_BEARER = 'Bearer realm="https://accounts.google.com/"'
_ITEM, _PLAYLIST = "youtube.playlistItem", "youtube.playlist"
_SUBSCRIPTION = "youtube.subscription"


@dataclass
class ApiError(Exception):
    """An answer other than 2xx. ``body`` is what goes over the wire."""

    code: int
    """HTTP status."""
    reason: str
    domain: str
    message: str
    _: KW_ONLY
    inner_message: str | None = None
    """The message inside ``errors`` where it differs from the outer one."""
    location: str | None = None
    location_type: str = "parameter"
    status: str | None = None
    """The canonical gRPC code that Google's newer front end adds."""
    details: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        """The JSON envelope."""
        entry: dict[str, Any] = {
            "message": self.inner_message or self.message,
            "domain": self.domain,
            "reason": self.reason,
        }
        if self.location is not None:
            entry |= {"location": self.location, "locationType": self.location_type}
        error: dict[str, Any] = {"code": self.code, "message": self.message, "errors": [entry]}
        if self.status is not None:
            error["status"] = self.status
        if self.details:
            error["details"] = self.details
        return {"error": error}


_ERRORS: Mapping[str, tuple[int, str, str, str]] = {
    # Quota and pace: until midnight Pacific, the older wording of it, short throttles, playlists of a day
    "quota_exceeded": (
        403, "quotaExceeded", "youtube.quota",
        f"The request cannot be completed because you have exceeded your {_QUOTA_LINK}.",
    ),
    "daily_limit_exceeded": (403, "dailyLimitExceeded", "usageLimits", "Daily Limit Exceeded"),
    "rate_limit_exceeded": (403, "rateLimitExceeded", "usageLimits", "Rate Limit Exceeded"),
    "user_rate_limit_exceeded": (403, "userRateLimitExceeded", "usageLimits", "User Rate Limit Exceeded"),
    "resource_exhausted": (
        429, "rateLimitExceeded", "global", "Resource has been exhausted (e.g. check quota).",
    ),
    # Two writes into one playlist at once, of which one may take effect all the same
    "aborted": (409, "SERVICE_UNAVAILABLE", "youtube.api", "The operation was aborted."),
    # Who is asking
    "auth_error": (
        401, "authError", "global",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie "
        "or other valid authentication credential. "
        "See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    ),
    "login_required": (
        401, "required", "global",
        "API keys are not supported by this API. Expected OAuth2 access token or other "
        "authentication credentials that assert a principal.",
    ),
    "unregistered_caller": (
        403, "forbidden", "global",
        "Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API.",
    ),
    "signup_required": (401, "youtubeSignupRequired", "youtube.header", "Unauthorized"),
    # Parameters and bodies
    "invalid_page_token": (
        400, "invalidPageToken", "youtube.parameter", "The request specifies an invalid page token.",
    ),
    "parse_error": (
        400, "parseError", "global",
        "Invalid JSON payload received. Unexpected end of string or unknown name.",
    ),
    # Videos, entries, playlists, channels
    "video_not_found": (404, "videoNotFound", _ITEM, "Video not found."),
    "playlist_item_not_found": (404, "playlistItemNotFound", _ITEM, "Playlist item not found."),
    "channel_not_found": (404, "channelNotFound", _PLAYLIST, "Channel not found."),
    "failed_precondition": (400, "failedPrecondition", "global", "Precondition check failed."),
    "items_not_accessible": (
        403, "playlistItemsNotAccessible", _ITEM,
        "The request is not properly authorized to access the items of the specified playlist.",
    ),
    "playlist_forbidden": (
        403, "playlistForbidden", _PLAYLIST,
        "This operation is forbidden on the given playlist or the request might not be properly authorized.",
    ),
    "playlist_full": (
        403, "playlistContainsMaximumNumberOfVideos", _ITEM,
        "The playlist already contains the maximum allowed number of items.",
    ),
    "already_in_playlist": (409, "videoAlreadyInPlaylist", _ITEM, "Video already in playlist."),
    "subscription_duplicate": (
        400, "subscriptionDuplicate", _SUBSCRIPTION,
        "The subscription that you are trying to create already exists.",
    ),
    "publisher_not_found": (
        404, "publisherNotFound", _SUBSCRIPTION,
        "The resource specified by the request's <code>snippet.resourceId</code> property cannot be found.",
    ),
    "publisher_required": (
        400, "publisherRequired", _SUBSCRIPTION,
        "The subscription resource specified in the request must use the <code>snippet.resourceId</code> "
        "property to identify the channel that is being subscribed to.",
    ),
    "subscription_not_found": (
        404, "subscriptionNotFound", _SUBSCRIPTION,
        "The subscription that you are trying to delete cannot be found.",
    ),
    # Watch history (HL) and Watch later (WL), which the API has not given out since 2016
    "HL": (
        403, "watchHistoryNotAccessible", _ITEM,
        "Items in the watch history playlist cannot be accessed through the API.",
    ),
    "WL": (
        403, "watchLaterNotAccessible", _ITEM,
        "Items in the watch later playlist cannot be accessed through the API.",
    ),
    "backend_error": (503, "backendError", "global", "Backend Error"),
    "internal_error": (500, "backendError", "global", "Backend Error"),
}  # fmt: skip
"""Status, reason, domain and message of the errors that are always the same, by name."""

_HEADER: dict[str, Any] = {"location": "Authorization", "location_type": "header"}
_MORE: Mapping[str, dict[str, Any]] = {
    "resource_exhausted": {"status": "RESOURCE_EXHAUSTED"},
    "auth_error": {
        **_HEADER,
        "inner_message": "Invalid Credentials",
        "status": "UNAUTHENTICATED",
        "headers": {"WWW-Authenticate": f'{_BEARER}, error="invalid_token"'},
    },
    "login_required": {**_HEADER, "inner_message": "Login Required.", "status": "UNAUTHENTICATED"},
    "unregistered_caller": {"status": "PERMISSION_DENIED"},
    "signup_required": _HEADER,
    "invalid_page_token": {"location": "pageToken"},
    "parse_error": {"status": "INVALID_ARGUMENT"},
    "playlist_item_not_found": {"location": "id"},
    "channel_not_found": {"location": "channelId"},
    "failed_precondition": {"status": "FAILED_PRECONDITION"},
    "HL": {"location": "playlistId"},
    "WL": {"location": "playlistId"},
}


def error(name: str) -> ApiError:
    """Make an error of the table."""
    return ApiError(*_ERRORS[name], **_MORE.get(name, {}))


def _error_info(reason: str, **metadata: str) -> list[dict[str, Any]]:
    return [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason,
            "domain": "googleapis.com",
            "metadata": {"service": "youtube.googleapis.com", **metadata},
        }
    ]


def metric_exhausted(metric: str, project_number: str) -> ApiError:
    """A bucket of its own (search, uploads, statistics) is empty until midnight Pacific."""
    message = (
        f"Quota exceeded for quota metric '{metric}' and limit '{metric} per day' of service "
        f"'youtube.googleapis.com' for consumer 'project_number:{project_number}'."
    )
    details = _error_info(
        "RATE_LIMIT_EXCEEDED",
        consumer=f"projects/{project_number}",
        quota_metric="youtube.googleapis.com/" + metric.lower().replace(" ", "_"),
    )
    return ApiError(429, "rateLimitExceeded", "global", message, status="RESOURCE_EXHAUSTED", details=details)


def insufficient_permissions(method: str = "youtube.api.v3.V3DataPlaylistItemService.Insert") -> ApiError:
    """The person's consent does not cover the call."""
    scopes = f'scope="{_SCOPES_URL}youtube {_SCOPES_URL}youtube.force-ssl"'
    return ApiError(
        403, "insufficientPermissions", "global", "Request had insufficient authentication scopes.",
        inner_message="Insufficient Permission",
        status="PERMISSION_DENIED",
        details=_error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", method=method),
        headers={"WWW-Authenticate": f'{_BEARER}, error="insufficient_scope", {scopes}'},
    )  # fmt: skip


def access_not_configured(project_number: str) -> ApiError:
    """The API is not switched on for the project."""
    message = (
        f"YouTube Data API v3 has not been used in project {project_number} before or it is "
        "disabled. Enable it in the API console, then retry."
    )
    details = _error_info("SERVICE_DISABLED", consumer=f"projects/{project_number}")
    return ApiError(
        403, "accessNotConfigured", "usageLimits", message, status="PERMISSION_DENIED", details=details
    )


def playlist_not_found(domain: str = _ITEM) -> ApiError:
    """No such playlist."""
    message = "The playlist identified with the request's <code>playlistId</code> parameter cannot be found."
    return ApiError(404, "playlistNotFound", domain, message, location="playlistId")


def bad_item(reason: str, message: str, domain: str = _ITEM) -> ApiError:
    """400 about the body of a playlist item."""
    return ApiError(400, reason, domain, message, location="body.snippet", location_type="other")


def bad_playlist(reason: str, message: str) -> ApiError:
    """400 about the body of a playlist."""
    return bad_item(reason, message, _PLAYLIST)


def subscription_forbidden(message: str) -> ApiError:
    """400 that says only in words why nobody can subscribe: too many, too many lately, one's own."""
    return ApiError(400, "subscriptionForbidden", _SUBSCRIPTION, message)


def parameter(reason: str, message: str, location: str, location_type: str = "parameter") -> ApiError:
    """400 about one query parameter."""
    return ApiError(400, reason, "youtube.parameter", message, location=location, location_type=location_type)


def missing_parameter(name: str) -> ApiError:
    """A required query parameter is absent."""
    return parameter("missingRequiredParameter", f"Missing required parameter: {name}", name)


def bad_filters(reason: str, message: str) -> ApiError:
    """400 about filters that are missing, or make no sense together."""
    return parameter(reason, message, "parameters.", "other")


def invalid_value(field_name: str, kind: str, value: str) -> ApiError:
    """A value that cannot be read as its type; the front end answers this before YouTube sees the call."""
    text = f"Invalid value at '{field_name}' ({kind}), \"{value}\""
    violation = {"field": field_name, "description": text}
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}]
    return ApiError(
        400, "invalid", "global", text, location=field_name, status="INVALID_ARGUMENT", details=details
    )

"""The errors of the YouTube Data API, each in Google's envelope.

Shapes and reasons follow https://developers.google.com/youtube/v3/docs/errors; texts that Google does not
publish are the ones its users report.
"""

from dataclasses import dataclass, field
from typing import Any

_QUOTA_LINK = '<a href="/youtube/v3/getting-started#quota">quota</a>'
_SCOPES_URL = "https://www.googleapis.com/auth/"


@dataclass(kw_only=True)
class ApiError(Exception):
    """An answer other than 2xx. ``body`` is what goes over the wire."""

    code: int
    """HTTP status."""
    reason: str
    message: str
    domain: str
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


# Quota and pace


def quota_exceeded() -> ApiError:
    """The general pool of units is empty until midnight Pacific."""
    return ApiError(
        code=403,
        reason="quotaExceeded",
        domain="youtube.quota",
        message=f"The request cannot be completed because you have exceeded your {_QUOTA_LINK}.",
    )


def daily_limit_exceeded() -> ApiError:
    """The older wording of an empty pool."""
    return ApiError(
        code=403, reason="dailyLimitExceeded", domain="usageLimits", message="Daily Limit Exceeded"
    )


def metric_exhausted(metric: str, project_number: str) -> ApiError:
    """A bucket of its own (search, uploads, statistics) is empty until midnight Pacific."""
    return ApiError(
        code=429,
        reason="rateLimitExceeded",
        domain="global",
        message=f"Quota exceeded for quota metric '{metric}' and limit '{metric} per day' of service "
        f"'youtube.googleapis.com' for consumer 'project_number:{project_number}'.",
        status="RESOURCE_EXHAUSTED",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
                "metadata": {
                    "service": "youtube.googleapis.com",
                    "consumer": f"projects/{project_number}",
                    "quota_metric": "youtube.googleapis.com/" + metric.lower().replace(" ", "_"),
                },
            }
        ],
    )


def rate_limit_exceeded() -> ApiError:
    """A short throttle of the whole project."""
    return ApiError(code=403, reason="rateLimitExceeded", domain="usageLimits", message="Rate Limit Exceeded")


def user_rate_limit_exceeded() -> ApiError:
    """A short throttle of one person."""
    return ApiError(
        code=403, reason="userRateLimitExceeded", domain="usageLimits", message="User Rate Limit Exceeded"
    )


def resource_exhausted() -> ApiError:
    """Too many playlists created today: an undocumented limit."""
    return ApiError(
        code=429,
        reason="rateLimitExceeded",
        domain="global",
        message="Resource has been exhausted (e.g. check quota).",
        status="RESOURCE_EXHAUSTED",
    )


# Who is asking


def auth_error() -> ApiError:
    """The access token is expired, revoked or unknown."""
    return ApiError(
        code=401,
        reason="authError",
        domain="global",
        message="Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie "
        "or other valid authentication credential. "
        "See https://developers.google.com/identity/sign-in/web/devconsole-project.",
        inner_message="Invalid Credentials",
        location="Authorization",
        location_type="header",
        status="UNAUTHENTICATED",
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'},
    )


def login_required() -> ApiError:
    """The call acts for a person and carries no token."""
    return ApiError(
        code=401,
        reason="required",
        domain="global",
        message="API keys are not supported by this API. Expected OAuth2 access token or other "
        "authentication credentials that assert a principal.",
        inner_message="Login Required.",
        location="Authorization",
        location_type="header",
        status="UNAUTHENTICATED",
    )


def unregistered_caller() -> ApiError:
    """Neither a token nor an API key."""
    return ApiError(
        code=403,
        reason="forbidden",
        domain="global",
        message="Method doesn't allow unregistered callers (callers without established identity). "
        "Please use API Key or other form of API consumer identity to call this API.",
        status="PERMISSION_DENIED",
    )


def signup_required() -> ApiError:
    """The Google account has no YouTube channel."""
    return ApiError(
        code=401,
        reason="youtubeSignupRequired",
        domain="youtube.header",
        message="Unauthorized",
        location="Authorization",
        location_type="header",
    )


def insufficient_permissions(method: str = "youtube.api.v3.V3DataPlaylistItemService.Insert") -> ApiError:
    """The person's consent does not cover the call."""
    return ApiError(
        code=403,
        reason="insufficientPermissions",
        domain="global",
        message="Request had insufficient authentication scopes.",
        inner_message="Insufficient Permission",
        status="PERMISSION_DENIED",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "domain": "googleapis.com",
                "metadata": {"service": "youtube.googleapis.com", "method": method},
            }
        ],
        headers={
            "WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="insufficient_scope", '
            f'scope="{_SCOPES_URL}youtube {_SCOPES_URL}youtube.force-ssl"'
        },
    )


def access_not_configured(project_number: str) -> ApiError:
    """The API is not switched on for the project."""
    return ApiError(
        code=403,
        reason="accessNotConfigured",
        domain="usageLimits",
        message=f"YouTube Data API v3 has not been used in project {project_number} before or it is "
        "disabled. Enable it in the API console, then retry.",
        status="PERMISSION_DENIED",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com",
                "metadata": {
                    "service": "youtube.googleapis.com",
                    "consumer": f"projects/{project_number}",
                },
            }
        ],
    )


# Parameters and bodies


def parameter(reason: str, message: str, location: str) -> ApiError:
    """400 about one query parameter."""
    return ApiError(code=400, reason=reason, domain="youtube.parameter", message=message, location=location)


def missing_parameter(name: str) -> ApiError:
    """A required query parameter is absent."""
    return parameter("missingRequiredParameter", f"Missing required parameter: {name}", name)


def no_filter(choices: list[str]) -> ApiError:
    """None of the filters of a list call is given."""
    return ApiError(
        code=400,
        reason="missingRequiredParameter",
        domain="youtube.parameter",
        message=f"No filter selected. Expected one of: {', '.join(choices)}",
        location="parameters.",
        location_type="other",
    )


def incompatible_parameters(names: list[str]) -> ApiError:
    """Filters that exclude each other."""
    return ApiError(
        code=400,
        reason="incompatibleParameters",
        domain="youtube.parameter",
        message=f"Incompatible parameters specified in the request: {', '.join(names)}",
        location="parameters.",
        location_type="other",
    )


def unexpected_parameter(name: str) -> ApiError:
    """A query parameter that the method does not know."""
    return parameter("unexpectedParameter", f"Unexpected parameter: {name}", name)


def invalid_page_token() -> ApiError:
    """A page token from nowhere or from another list."""
    return parameter("invalidPageToken", "The request specifies an invalid page token.", "pageToken")


def invalid_filters(message: str) -> ApiError:
    """Filters that only make sense together with others."""
    return ApiError(
        code=400,
        reason="invalidFilters",
        domain="youtube.parameter",
        message=message,
        location="parameters.",
        location_type="other",
    )


def unknown_part(name: str) -> ApiError:
    """A ``part`` that the resource does not have."""
    return ApiError(
        code=400, reason="unknownPart", domain="youtube.part", message=f"'{name}'", location="part"
    )


def out_of_range(name: str, value: str, low: int, high: int) -> ApiError:
    """A number outside its range."""
    return ApiError(
        code=400,
        reason="invalidParameter",
        domain="global",
        message=f"Invalid value '{value}'. Values must be within the range: [{low}, {high}]",
        location=name,
    )


def invalid_value(field_name: str, kind: str, value: str) -> ApiError:
    """A value that cannot be read as its type; the front end answers this before YouTube sees the call."""
    text = f"Invalid value at '{field_name}' ({kind}), \"{value}\""
    return ApiError(
        code=400,
        reason="invalid",
        domain="global",
        message=text,
        location=field_name,
        status="INVALID_ARGUMENT",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{"field": field_name, "description": text}],
            }
        ],
    )


def parse_error() -> ApiError:
    """The body is not a JSON object."""
    return ApiError(
        code=400,
        reason="parseError",
        domain="global",
        message="Invalid JSON payload received. Unexpected end of string or unknown name.",
        status="INVALID_ARGUMENT",
    )


# Google's own trouble


def backend_error(code: int = 503) -> ApiError:
    """Google's own trouble."""
    return ApiError(code=code, reason="backendError", domain="global", message="Backend Error")

"""How errors look: the problem, an example for each status, and what the gateway itself answers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from musicconnect.core import idempotency
from musicconnect.platform import pagination, problems
from musicconnect.platform.problems import Problem
from tools.openapi.schemas import REFERENCE, Schema

MEANING: Final = {
    400: "The body is not JSON, or the cursor is none of ours.",
    401: "The session is unknown, expired or revoked, or what was sent to sign in with is wrong.",
    403: "A session in a cookie came with a request that another site's page made.",
    404: "It does not exist, or it is somebody else's.",
    409: "The request is fine, but the state of things does not allow it.",
    410: "It was there, and has expired.",
    413: "The body is too large.",
    422: "Something in the request is not valid; `errors` says where.",
    429: "Too many requests, or a provider's allowance is spent. Try again after the time given.",
    500: "Something went wrong on our side; it has been recorded.",
    503: "The database or the provider does not answer, or the service is switched off. Try again later.",
}
FROM_GATEWAY: Final = frozenset({413, 429, 500, 503})
"""Statuses that may also come from the gateway itself, whose answers an HTTP API cannot change."""
RETRY_AFTER: Final = frozenset({429, 503})
REQUEST_ID: Final = "Jx3bNhG1oAMEVrQ="

PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "An error, as RFC 9457 describes it.",
    "required": ["type", "title", "status", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "The kind of problem; its meaning never changes."},
        "title": {"type": "string", "description": "The kind of problem in a few words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What happened, and what can be done about it."},
        "request_id": {
            "type": "string",
            "description": "By which the operators find the request in their logs. Tell them when you ask.",
        },
        "errors": {
            "type": "array",
            "description": "With 422: what is wrong, field by field.",
            "items": {
                "type": "object",
                "required": ["path", "message"],
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "provider": {"type": "string", "description": "Whose fault it is, where it is a provider's."},
        "reason": {"type": "string", "description": "The provider's own word for it; stable."},
        "bucket": {"type": "string", "description": "Which allowance is spent."},
        "until": {"type": "string", "format": "date-time", "description": "When it is renewed."},
        "access": {"type": "string", "description": "With `link`: which access to ask for."},
        "follows": {
            "type": "boolean",
            "description": "With `link`: whether to ask for followed artists, too.",
        },
        "service": {"type": "string", "description": "Which service is switched off."},
        "action": {"type": "string", "description": "What takes the problem away: `sign-in`, `link`."},
    },
}
GATEWAY_MESSAGE: Final[Schema] = {
    "type": "object",
    "description": "What the gateway itself answers.",
    "required": ["message"],
    "properties": {"message": {"type": "string"}},
    "examples": [{"message": "Too Many Requests"}],
}

EXAMPLES: Final[Mapping[int, tuple[Problem, ...]]] = {
    400: (
        Problem(400, "malformed-json", "The body is not JSON", "Send one JSON object: EOF while parsing."),
        pagination.invalid(),
    ),
    401: (problems.unauthorized("The session is unknown, expired or revoked. Sign in, and send the token."),),
    403: (problems.cross_origin(), problems.not_in_scope()),
    404: (problems.not_found("migration"),),
    409: (idempotency.reused(),),
    410: (Problem(410, "expired", "The files have expired", "Ask for a new export."),),
    413: (Problem(413, "too-large", "The body is too large", "Send at most 1,000,000 characters."),),
    422: (problems.invalid("query.limit", "Input should be less than or equal to 100"),),
    429: (
        Problem(
            429,
            "too-many-attempts",
            "Too many attempts",
            "Wait for the time given in Retry-After, then try again.",
        ),
    ),
    500: (
        Problem(
            500, "internal", "Something went wrong on our side", "It has been recorded. Try again later."
        ),
    ),
    503: (
        problems.database_unavailable(),
        problems.switched_off("unified-search", "Search is being rebuilt until noon."),
    ),
}


def response_name(status: int) -> str:
    """Get the name of a status' response among the components."""
    return HTTPStatus(status).name.title().replace("_", "")


def problem_response(status: int) -> dict[str, Any]:
    """Describe the answer of a status, with an example for every kind that is worth one."""
    response: dict[str, Any] = {"description": MEANING[status], "content": content_of(status)}
    if headers := headers_of(status):
        response["headers"] = headers
    return response


def content_of(status: int) -> dict[str, Any]:
    """Describe what may be the body of an error: a problem, or the message of the gateway itself."""
    content: dict[str, Any] = {
        "application/problem+json": {
            "schema": {"$ref": REFERENCE.format(model="Problem")},
            "examples": {
                problem.slug: {"value": problem.body() | {"request_id": REQUEST_ID}}
                for problem in EXAMPLES[status]
            },
        }
    }
    if status in FROM_GATEWAY:
        content["application/json"] = {"schema": {"$ref": REFERENCE.format(model="GatewayMessage")}}
    return content


def headers_of(status: int) -> dict[str, Any]:
    """Describe the headers of an error."""
    headers: dict[str, Any] = {}
    if status == 401:
        headers["WWW-Authenticate"] = {"description": "`Bearer`.", "schema": {"type": "string"}}
    if status in RETRY_AFTER:
        headers["Retry-After"] = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
    if status == 429:
        headers["RateLimit"] = {"$ref": "#/components/headers/RateLimit"}
    return headers

"""Describe routes as OpenAPI 3.1."""

import inspect
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import TypeAdapter

from musicconnect.api import app
from musicconnect.api.binding import MAX_KEY_LENGTH
from musicconnect.core import session_cookies
from tools.openapi.errors import (
    GATEWAY_MESSAGE,
    MEANING,
    PROBLEM,
    content_of,
    headers_of,
    problem_response,
    response_name,
)
from tools.openapi.routes import Operation, operation_of
from tools.openapi.schemas import (
    References,
    Schema,
    name_of,
    schemas_of,
    without_null,
    without_titles,
)

DESCRIPTION: Final = """\
Links a person's accounts of Spotify, YouTube, TIDAL and ListenBrainz and moves playlists between them. \
`GET /v1/providers` says which of them this deployment offers.

Sign up or log in to get a session token and send it as `Authorization: Bearer <token>`. Browsers ask for \
`as_cookie` instead: the session then travels in a cookie that scripts cannot read and that counts for pages \
of this origin only.

Errors are `application/problem+json` (RFC 9457): branch on `type`, show `title` and `detail`, and tell \
`request_id` when you ask about one. What the gateway refuses before any function sees it (too many \
requests, more than 10 MB) is `{"message": ...}`.

Lists answer `items` and `next_cursor`; pass the latter as `cursor` for the next page, until it is null.

Times are RFC 3339 with an offset; days are `2026-11-29`. With an `Idempotency-Key` a request whose \
answer was lost can be sent again. Every `GET` has an `ETag`: send it as `If-None-Match`, and the answer is \
304 while nothing has changed.
"""

# What the HTTP binding says for its own part, beside the statuses that a route names.
ALWAYS: Final = (429, 500, 503)
SIGNED_IN: Final = (401, 403)
WITH_BODY: Final = (400, 413, 422)

RATE_LIMIT: Final = ("RateLimit", "RateLimit-Policy")

HEADERS: Final[Mapping[str, Schema]] = {
    "Location": {
        "description": "Path of what the answer speaks of.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "ETag": {"description": "Tells states of the answer apart.", "schema": {"type": "string"}},
    "RateLimit": {
        "description": "What is left: each limit's name, `r` what remains, `t` seconds until it is full.",
        "schema": {"type": "string", "examples": ['"pair";r=9;t=60']},
    },
    "RateLimit-Policy": {
        "description": "The limits: of each its name, `q` how many requests, `w` in how many seconds.",
        "schema": {"type": "string", "examples": ['"pair";q=10;w=600']},
    },
}
PARAMETERS: Final[Mapping[str, Schema]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Yours, new for every request that is to make something. The same request with the "
        "same key makes nothing twice, and answers with what the first one made. Kept for a week.",
        # No blank at either end: what carries headers may take it away.
        "schema": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_KEY_LENGTH,
            "pattern": "^[!-~](?:[ -~]*[!-~])?$",
        },
        "example": "c8a0d7d0-6a3e-4d6e-9a41-2b1c61c7c1b5",
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "`ETag` of the answer that you have: 304 if it is still the same.",
        "schema": {"type": "string"},
    },
}


def describe(routes: Iterable[app.Route], version: str) -> dict[str, Any]:
    """The OpenAPI document.

    Raises:
        ValueError: something would be left undescribed or could not be told apart.
    """
    operations = sorted(map(operation_of, routes), key=lambda operation: operation.route.path)
    references, schemas = schemas_of(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        described = _described(operation, references, schemas)
        paths.setdefault(operation.route.path, {})[operation.route.method.lower()] = described
    names = [described["operationId"] for path in paths.values() for described in path.values()]
    if len(names) > len(set(names)):
        twice = sorted(name for name in set(names) if names.count(name) > 1)
        raise ValueError(f"two handlers have the same name: {', '.join(twice)}")
    queries = {model.__name__ for operation in operations if (model := operation.query)}
    components = {name: schema for name, schema in schemas.items() if name not in queries}
    components |= {"Problem": PROBLEM, "GatewayMessage": GATEWAY_MESSAGE}
    return {
        "openapi": "3.1.0",
        "info": {"title": "MusicConnect", "version": version, "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "security": [{"session": []}, {"cookie": []}],
        "tags": [{"name": tag} for tag in sorted({operation.route.tag for operation in operations})],
        "paths": {path: dict(sorted(methods.items())) for path, methods in paths.items()},
        "components": {
            "securitySchemes": {
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A session token, as signing up and logging in give it.",
                },
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": session_cookies.cookie_name("https://"),
                    "description": "A session of a browser. Without TLS the name has no prefix.",
                },
            },
            "parameters": dict(PARAMETERS),
            "headers": dict(HEADERS),
            "responses": {response_name(status): problem_response(status) for status in sorted(MEANING)},
            "schemas": dict(sorted(components.items())),
        },
    }


def _described(operation: Operation, references: References, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    route = operation.route
    summary, _, more = (inspect.getdoc(route.handler) or "").partition("\n")
    if not summary:
        raise ValueError(f"{route.method} {route.path}: the handler has no docstring")
    described: dict[str, Any] = {
        # Handlers are named for their own function, whose heading the tag is.
        "operationId": f"{route.tag.lower().replace(' ', '_')}_{route.handler.__name__}",
        "tags": [route.tag],
        "summary": summary.rstrip("."),
    }
    if more.strip():
        described["description"] = more.strip()
    if route.public:
        described["security"] = []
    if parameters := _parameters(operation, references, schemas):
        described["parameters"] = parameters
    if body := _body(operation, references, schemas):
        media_type = body["schema"].pop("contentMediaType", "application/json")
        # What a handler reads by itself may say that nothing of it is needed; a model is always one object.
        needed = operation.text is None or "required" in body["schema"]
        described["requestBody"] = {"required": needed, "content": {media_type: body}}
    described["responses"] = _responses(operation, references)
    return described


def _parameters(
    operation: Operation, references: References, schemas: Mapping[str, Schema]
) -> list[dict[str, Any]]:
    parameters = _path_parameters(operation)
    if operation.query:
        parameters += _query_parameters(schemas[name_of(references[operation.query, "validation"])])
    if operation.may_repeat:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if _is_read(operation):
        parameters.append({"$ref": "#/components/parameters/IfNoneMatch"})
    return parameters


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    parameters = []
    for name, annotation in operation.path.items():
        schema = without_titles(TypeAdapter(annotation).json_schema())
        if schema.get("type") == "integer":
            schema |= {"format": "int64", "minimum": 0}
        elif schema == {"type": "string"}:
            schema["minLength"] = 1
        parameters.append({"name": name, "in": "path", "required": True, "schema": schema})
    return parameters


def _query_parameters(model: Schema) -> list[dict[str, Any]]:
    parameters = []
    for name, schema in model.get("properties", {}).items():
        parameter: dict[str, Any] = {"name": name, "in": "query"}
        if name in model.get("required", ()):
            parameter["required"] = True
        if "description" in schema:
            parameter["description"] = schema["description"]
        parameter["schema"] = {
            keyword: value for keyword, value in without_null(schema).items() if keyword != "description"
        }
        parameters.append(parameter)
    return parameters


def _body(operation: Operation, references: References, schemas: Mapping[str, Schema]) -> Schema | None:
    if operation.text is not None:
        return {"schema": TypeAdapter(operation.text).json_schema()}
    if operation.body is None:
        return None
    reference = references[operation.body, "validation"]
    examples = schemas[name_of(reference)].get("examples")
    if not examples:
        raise ValueError(f"{operation.body.__name__}: a body needs an example that can be sent as it stands")
    return {"schema": reference, "example": examples[0]}


def _is_read(operation: Operation) -> bool:
    return operation.route.method == "GET" and operation.route.status == 200


def _responses(operation: Operation, references: References) -> dict[str, Any]:
    route = operation.route
    statuses = (route.status, *route.also, *((202,) if operation.accepted else ()))
    found = {str(status): _success(operation, references, status) for status in statuses}
    if _is_read(operation):
        found["304"] = {
            "description": "Nothing has changed since the answer with that `ETag`.",
            "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
        }
    for status in sorted(_problems(operation)):
        if route.foreign_errors and status != 429:  # which only the gateway answers
            reference = references[route.foreign_errors, "serialization"]
            content = {media_type: {"schema": {"type": "string"}} for media_type in route.content}
            content["application/json"] = {"schema": reference}
            if status == 404:  # a path that cannot be routed is refused before anybody knows whose it is
                content = content_of(status) | content
            found[str(status)] = {"description": HTTPStatus(status).phrase, "content": content}
            if headers := headers_of(status):
                found[str(status)]["headers"] = headers
        elif route.limited:
            response = problem_response(status)
            limits = {name: {"$ref": f"#/components/headers/{name}"} for name in RATE_LIMIT}
            found[str(status)] = response | {"headers": response.get("headers", {}) | limits}
        else:
            found[str(status)] = {"$ref": f"#/components/responses/{response_name(status)}"}
    return found


def _success(operation: Operation, references: References, status: int) -> dict[str, Any]:
    route = operation.route
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    headers = [
        *(["Location"] if status == 302 or (status in {201, 202} and route.location) else []),
        *(["ETag"] if _is_read(operation) and status == 200 else []),
        *(RATE_LIMIT if route.limited else []),
    ]
    if headers:
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    content: dict[str, Any] = {media_type: {"schema": {"type": "string"}} for media_type in route.content}
    result = operation.accepted if operation.accepted and status == 202 else operation.result
    if result and status not in {204, 302}:
        content["application/json"] = {"schema": references[result, "serialization"]}
    if content:
        answer["content"] = content
    elif not operation.documented and status not in {204, 302}:
        raise ValueError(f"{route.method} {route.path}: what it answers is no model; name its media types")
    return answer


def _problems(operation: Operation) -> set[int]:
    is_foreign = operation.route.foreign_errors is not None
    return {
        *ALWAYS,
        *operation.route.problems,
        *(() if operation.route.public else SIGNED_IN),
        *((404,) if operation.path else ()),
        *((422,) if (operation.query and not is_foreign) or operation.may_repeat else ()),
        *(WITH_BODY if operation.body else ()),
        *((409,) if operation.may_repeat else ()),
    }

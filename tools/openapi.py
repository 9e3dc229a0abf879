"""One OpenAPI description for all functions, from the routes they register.

``make openapi`` writes it to ``docs/openapi.json``; WebFunction serves that file.
"""

import importlib
import inspect
import json
import re
import sys
import tomllib
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from local.template.cloudformation import read_yaml
from musicconnect.api import app, responses

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "docs/openapi.json"
REFERENCE = "#/components/schemas/{model}"

type Schema = dict[str, Any]
"""A JSON Schema (draft 2020-12), which OpenAPI 3.1 takes as it is."""

DESCRIPTION = """\
Links a person's Spotify and YouTube accounts and moves playlists between them.

Sign up or log in to get a session token and send it as `Authorization: Bearer <token>`.

Errors are `application/problem+json` (RFC 9457): branch on `type`, show `title` and `detail`. What the \
gateway refuses before any function sees it (no token, too many requests) is `{"message": ...}`.

Lists answer `items` and `next_cursor`; pass the latter as `cursor` for the next page, until it is null.
"""

# What the HTTP binding says for its own part, beside the statuses that a route names.
ALWAYS = (429, 500, 503)
SIGNED_IN = (401,)
WITH_BODY = (400, 413, 422)

MEANING = {
    400: "The body is not JSON.",
    401: "The session is unknown, expired or revoked, or what was sent to sign in with is wrong.",
    404: "It does not exist, or it is somebody else's.",
    409: "The request is fine, but the state of things does not allow it.",
    410: "It was there, and has expired.",
    413: "The body is too large.",
    422: "Something in the request is not valid; `errors` says where.",
    429: "Too many requests, or a provider's allowance is spent. Try again after the time given.",
    500: "Something went wrong on our side; it has been recorded.",
    503: "The database or the provider does not answer. Try again after the time given.",
}
FROM_GATEWAY = {401, 429}
"""Statuses that may also come from the gateway itself, which answers in its own shape."""
RETRY_AFTER = {429, 503}

PROBLEM: Schema = {
    "type": "object",
    "description": "An error, as RFC 9457 describes it.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "description": "The kind of problem; its meaning never changes."},
        "title": {"type": "string", "description": "The kind of problem in a few words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What happened, and what can be done about it."},
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
        "bucket": {"type": "string", "description": "Which allowance is spent."},
        "until": {"type": "string", "format": "date-time", "description": "When it is renewed."},
    },
    "examples": [
        {
            "type": "urn:musicconnect:problem:not-found",
            "title": "Not found",
            "status": 404,
            "detail": "There is no such migration.",
        }
    ],
}
GATEWAY_MESSAGE: Schema = {
    "type": "object",
    "description": "What the gateway itself answers.",
    "properties": {"message": {"type": "string"}},
}


@dataclass(frozen=True, slots=True)
class Operation:
    """A route and the types that its handler is bound to."""

    route: app.Route
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    path: Mapping[str, Any]
    """Annotations of the path parameters."""
    result: type[BaseModel] | None
    documented: bool
    """Whether ``result`` says everything about the answer: not so for a `http.Reply`."""


def template_functions(template: Path = ROOT / "template.yaml") -> list[str]:
    """Packages of the functions that have routes, in the order of the template."""
    resources: dict[str, Any] = read_yaml(template)["Resources"]
    return [
        properties["Handler"].split(".", 1)[0]
        for properties in (resource.get("Properties") or {} for resource in resources.values())
        if any(event["Type"] == "HttpApi" for event in properties.get("Events", {}).values())
    ]


def registered_routes(capabilities: Iterable[str]) -> list[app.Route]:
    """The routes of these functions; a function without an ``api`` (the pages) has none to describe."""
    modules = [importlib.import_module(f"{capability}.app") for capability in capabilities]
    return [route for module in modules if hasattr(module, "api") for route in module.api.routes]


def describe(routes: Iterable[app.Route], version: str) -> dict[str, Any]:
    """The OpenAPI document."""
    operations = sorted(map(_operation, routes), key=lambda operation: operation.route.path)
    references, schemas = _schemas(operations)
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
        "security": [{"session": []}],
        "tags": [{"name": tag} for tag in sorted({operation.route.tag for operation in operations})],
        "paths": {path: dict(sorted(methods.items())) for path, methods in paths.items()},
        "components": {
            "securitySchemes": {
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A session token, as signing up and logging in give it.",
                }
            },
            "responses": {_response_name(status): _problem_response(status) for status in sorted(MEANING)},
            "schemas": dict(sorted(components.items())),
        },
    }


def _operation(route: app.Route) -> Operation:
    hints = typing.get_type_hints(route.handler)
    result = hints.get("return", inspect.Signature.empty)
    if result is inspect.Signature.empty:
        raise ValueError(f"{route.method} {route.path}: the handler has no return annotation")
    members = typing.get_args(result) or (result,)
    models = [kind for kind in members if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return Operation(
        route=route,
        body=hints.get("body"),
        query=hints.get("query"),
        path={name: hints[name] for name in re.findall(r"\{(\w+)\+?\}", route.path)},
        result=models[0] if models else None,
        documented=responses.Reply not in members,
    )


type _References = Mapping[tuple[type[BaseModel], str], Schema]


def _schemas(operations: list[Operation]) -> tuple[_References, dict[str, Schema]]:
    """A reference to each model, and the schemas that are referred to."""
    wanted: dict[tuple[type[BaseModel], Literal["validation", "serialization"]], None] = {}
    for operation in operations:
        for model in filter(None, (operation.body, operation.query)):
            wanted[model, "validation"] = None
        if operation.result:
            wanted[operation.result, "serialization"] = None
    references, definitions = models_json_schema(list(wanted), ref_template=REFERENCE)
    return (
        {(model, mode): reference for (model, mode), reference in references.items()},  # type: ignore[misc]
        {name: without_titles(schema) for name, schema in definitions.get("$defs", {}).items()},
    )


def _described(
    operation: Operation, references: _References, schemas: Mapping[str, Schema]
) -> dict[str, Any]:
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
    parameters = _path_parameters(operation)
    if operation.query:
        parameters += _query_parameters(schemas[_name(references[operation.query, "validation"])])
    if parameters:
        described["parameters"] = parameters
    if operation.body:
        content = {"application/json": {"schema": references[operation.body, "validation"]}}
        described["requestBody"] = {"required": True, "content": content}
    described["responses"] = {
        str(status): _success(operation, references, status) for status in (route.status, *route.also)
    } | {
        str(status): {"$ref": f"#/components/responses/{_response_name(status)}"}
        for status in sorted(_problems(operation))
    }
    return described


def _problems(operation: Operation) -> set[int]:
    return {
        *ALWAYS,
        *operation.route.problems,
        *(() if operation.route.public else SIGNED_IN),
        *((404,) if operation.path else ()),
        *((422,) if operation.query else ()),
        *(WITH_BODY if operation.body else ()),
    }


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    parameters = []
    for name, annotation in operation.path.items():
        schema = without_titles(TypeAdapter(annotation).json_schema())
        if schema.get("type") == "integer":
            schema |= {"format": "int64", "minimum": 0}
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
            keyword: value for keyword, value in schema.items() if keyword != "description"
        }
        parameters.append(parameter)
    return parameters


def _success(operation: Operation, references: _References, status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if operation.result:
        schema = references[operation.result, "serialization"]
        answer["content"] = {"application/json": {"schema": schema}}
    elif not operation.documented:
        answer["content"] = {"*/*": {"schema": {"type": "string"}}}
    return answer


def _problem_response(status: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": REFERENCE.format(model="Problem")}}}
    if status in FROM_GATEWAY:
        content["application/json"] = {"schema": {"$ref": REFERENCE.format(model="GatewayMessage")}}
    response: dict[str, Any] = {"description": MEANING[status], "content": content}
    if status in RETRY_AFTER:
        wait = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        response["headers"] = {"Retry-After": wait}
    return response


def _response_name(status: int) -> str:
    return HTTPStatus(status).name.title().replace("_", "")


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).rsplit("/", 1)[1]


def without_titles(schema: Any) -> Any:
    """Leave out the titles that pydantic makes of every name."""
    match schema:
        case dict():
            return {
                name: {key: without_titles(part) for key, part in value.items()}
                if name == "properties"
                else without_titles(value)
                for name, value in schema.items()
                if name != "title"
            }
        case list():
            return [without_titles(part) for part in schema]
        case _:
            return schema


def version() -> str:
    """The project's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def text() -> str:
    """The file as it should be."""
    document = describe(registered_routes(template_functions()), version())
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main(write: Callable[[str], object] = sys.stdout.write) -> None:
    """Write the description."""
    OUTPUT.write_text(text())
    write(f"wrote {OUTPUT.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()

"""Hold answers against the description of the API, more strictly than any client does.

Every answer of the functions that a test gets is held against it: its status, its media type, its headers and
its body have to be described, and a member that the description does not name is an error, too.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tools import openapi

OURS = {
    "apigw-requestid", "cache-control", "clear-site-data", "content-length", "content-type", "server-timing",
    "set-cookie", "vary",
}  # fmt: skip
"""Headers that any answer may have."""
PAGE = {"content-security-policy", "referrer-policy", "x-content-type-options"}
"""Those of an answer that a browser shows."""
SCROBBLING = {
    "access-control-allow-headers", "access-control-allow-methods", "access-control-allow-origin",
    "access-control-expose-headers", "access-control-max-age", "x-ratelimit-limit", "x-ratelimit-remaining",
    "x-ratelimit-reset", "x-ratelimit-reset-in", "retry-after", "www-authenticate",
}  # fmt: skip
"""Those of ListenBrainz's API, which docs/scrobbling.md describes for all of its operations at once."""
ADDRESS = "urn:musicconnect:openapi"
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time")
def _is_time(value: object) -> bool:
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    return not isinstance(value, str) or re.fullmatch(pattern, value, re.ASCII) is not None


@FORMATS.checks("date")
def _is_day(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) is not None


class UndescribedError(AssertionError):
    """An answer is not what the description says."""


@cache
def document() -> dict[str, Any]:
    """The description, with every object closed that does not say what else it may hold."""
    closed: dict[str, Any] = _closed(json.loads(openapi.OUTPUT.read_text()))
    return closed


def _closed(node: Any) -> Any:
    match node:
        case dict():
            parts = {name: _closed(part) for name, part in node.items()}
            if "properties" in parts and parts.get("type") == "object":
                parts.setdefault("additionalProperties", False)
            return parts
        case list():
            return [_closed(part) for part in node]
        case _:
            return node


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resource(ADDRESS, Resource.from_contents(document(), DRAFT202012))


@cache
def _validator(pointer: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": f"{ADDRESS}#{pointer}"}, registry=_registry(), format_checker=FORMATS
    )


def check(route: str, path: str, status: int, headers: Mapping[str, str], text: str) -> None:
    """Hold an answer against the description.

    Args:
        route: Method and path as the template names them.
        path: As it was asked for. Described by its own name, it is nothing that stands for many (OpenAPI 3.1,
            paths object), and has no other methods.
        status: Of the answer.
        headers: Of the answer, names in lower case.
        text: Its body.

    Raises:
        UndescribedError: it is not what the description says.
    """
    method, template = route.split(" ")
    if method.lower() not in document()["paths"].get(path, {method.lower(): None}):
        if status != 405 or "allow" not in headers:
            raise UndescribedError(f"{method} {path} is not described and answers {status}: {text[:500]}")
        return
    path = template
    pointer = f"/paths/{_escaped(path)}/{method.lower()}/responses/{status}"
    found: dict[str, Any] | None = document()["paths"][path][method.lower()]["responses"].get(str(status))
    if found is None:
        raise UndescribedError(f"{route} answers {status}, which is not described: {text[:500]}")
    if "$ref" in found:
        pointer = found["$ref"].removeprefix("#")
        found = document()["components"]["responses"][pointer.rpartition("/")[2]]
    described = {name.lower() for name in found.get("headers", {})}
    scrobbling = SCROBBLING if path.startswith(("/1/", "/2.0")) else set()
    for name in headers.keys() - described - OURS - PAGE - scrobbling:
        raise UndescribedError(f"{route} {status} has the header {name}, which is not described")
    expected = {"location", "etag", "ratelimit"} if status < 400 else {"retry-after", "www-authenticate"}
    for name in (described & expected) - headers.keys() - scrobbling:
        raise UndescribedError(f"{route} {status} lacks the header {name}")
    media_type = headers.get("content-type", "").partition(";")[0]
    content = found.get("content", {})
    if not text and not media_type:
        if content:
            raise UndescribedError(f"{route} {status} has no body")
        return
    if media_type not in content:
        raise UndescribedError(f"{route} {status} is {media_type or 'untyped'}: {text[:500]}")
    if media_type.endswith("json"):
        schema = f"{pointer}/content/{_escaped(media_type)}/schema"
        for error in _validator(schema).iter_errors(json.loads(text)):
            raise UndescribedError(f"{route} {status}: {error.message} at {error.json_path}")


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")

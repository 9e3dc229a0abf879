"""Bind requests to typed arguments of handlers; refuse what does not fit."""

import inspect
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from musicconnect.platform import config, problems
from musicconnect.platform.problems import Problem
from musicconnect.platform.text import encodable, is_storable

MAX_BODY = 1_000_000
"""Characters."""
MAX_ERRORS = 20
"""How many fields a 422 names; a hostile body can have many thousands."""
MAX_PATH = 200
"""Characters of a field's path in a 422; the names of unknown fields are the caller's."""
UNAVAILABLE = "unavailable"
"""Set in the authorizer's context when it could not look the session up: the caller gets a 503."""


class Input(BaseModel):
    """Base of what callers send: unknown fields are errors, and so are characters Postgres cannot hold."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, defer_build=True)

    @field_validator("*", check_fields=False)
    @classmethod
    def _no_nul(cls, value: Any) -> Any:
        if _has_nul(value):
            raise PydanticCustomError("nul_character", "Text must not contain the NUL character")
        return value


def printable(value: str) -> str:
    """Refuse control characters."""
    value = unicodedata.normalize("NFC", value)
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in value):
        raise PydanticCustomError("control_character", "Text must not contain control characters")
    return value


@dataclass(frozen=True, slots=True)
class Caller:
    """The signed-in person."""

    user_id: int
    session_id: int
    time_zone: str = "UTC"
    """IANA name of the zone in which they read times."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a handler may want to know about the request itself."""

    source_ip: str
    user_agent: str
    base_url: str
    """Under which the caller reached the API, without a trailing slash."""
    headers: Mapping[str, str]
    """Names in lower case."""


@cache
def parameters_of(handler: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    """List what a handler asks for."""
    return tuple(inspect.signature(handler).parameters.values())


def argument(parameter: inspect.Parameter, event: dict[str, Any], path: Mapping[str, str]) -> Any:
    """Find what a parameter of a handler asks for; `musicconnect.api.app` says what that can be."""
    match parameter.name:
        case "body":
            return _body(parameter.annotation, event)
        case "text":
            return _text(event)
        case "query":
            return _validated(parameter.annotation, event.get("queryStringParameters") or {}, "query")
        case "caller":
            return caller_of(event)
        case "request":
            return request_of(event)
        case name:
            return _path_value(parameter, path[name])


def _path_value(parameter: inspect.Parameter, text: str) -> Any:
    kind = getattr(parameter.annotation, "__value__", parameter.annotation)  # of a `type` alias
    if kind is int:
        # Postgres' bigint; anything else cannot be the id of a row.
        if text.isascii() and text.isdecimal() and len(text) <= 19 and int(text) < 2**63:
            return int(text)
    elif get_origin(kind) is Literal:
        if text in get_args(kind):
            return text
    elif is_storable(text):
        return text
    raise problems.not_found(parameter.name.removesuffix("_id").replace("_", " "))


def caller_of(event: dict[str, Any]) -> Caller:
    """Get the user whom the authorizer found; `Problem` 401 if nobody, 503 if it could not look."""
    context = event["requestContext"].get("authorizer", {}).get("lambda") or {}
    if UNAVAILABLE in context:
        raise problems.database_unavailable()
    if "user_id" not in context:
        raise problems.unauthorized(
            "The session is unknown, expired or revoked. Sign in, and send the token as "
            "`Authorization: Bearer <token>`."
        )
    return Caller(int(context["user_id"]), int(context["session_id"]), context.get("time_zone", "UTC"))


def request_of(event: dict[str, Any]) -> Request:
    """Get the facts about a request that handlers need."""
    context = event["requestContext"]
    return Request(
        source_ip=context["http"]["sourceIp"],
        user_agent=context["http"].get("userAgent", ""),
        base_url=config.public_url() or f"https://{context['domainName']}",
        headers=event.get("headers", {}),
    )


def _text(event: dict[str, Any]) -> str:
    text: str = event.get("body") or ""
    if event.get("isBase64Encoded"):
        import base64  # noqa: PLC0415 - the gateway encodes only bodies that do not claim to be text

        try:
            text = base64.b64decode(text).decode()
        except ValueError:
            raise _not_json("it is not UTF-8") from None
    return text


def _body(model: type[BaseModel], event: dict[str, Any]) -> BaseModel:
    text = _text(event)
    if len(text) > MAX_BODY:
        raise Problem(413, "too-large", "The body is too large", f"Send at most {MAX_BODY:,} characters.")
    return _validated(model, text, "body")


def _validated(model: type[BaseModel], value: Any, where: str) -> BaseModel:
    try:
        return model.model_validate_json(value) if isinstance(value, str) else model.model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        first = details[0]
        if first["type"] == "json_invalid" or (first["type"] == "string_unicode" and not first["loc"]):
            raise _not_json(first["msg"]) from None
        raise problems.invalid_fields(
            [
                {
                    "path": encodable(".".join([where, *map(str, detail["loc"])]))[:MAX_PATH],
                    "message": detail["msg"].removeprefix("Value error, "),
                }
                for detail in details[:MAX_ERRORS]
            ]
        ) from None


def _not_json(why: str) -> Problem:
    return Problem(400, "malformed-json", "The body is not JSON", f"Send one JSON object: {why}.")


def _has_nul(value: Any) -> bool:
    match value:
        case str():
            return "\x00" in value
        case list() | tuple() | set():
            return any(map(_has_nul, value))
        case dict():
            return any(_has_nul(part) for pair in value.items() for part in pair)
        case _:
            return False

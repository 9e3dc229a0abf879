"""Bind requests to typed arguments of handlers; refuse what does not fit."""

import hashlib
import inspect
import json
import re
import unicodedata
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from musicconnect.platform import config, problems
from musicconnect.platform.problems import Problem
from musicconnect.platform.text import encodable, is_storable

MAX_BODY = 1_000_000
"""Characters."""
MAX_KEY_LENGTH = 255
"""Characters of an ``Idempotency-Key``."""
MAX_OPERATION_LENGTH = 500
MAX_ERRORS = 20
"""How many fields a 422 names; a hostile body can have many thousands."""
MAX_PATH = 200
"""Characters of a field's path in a 422; the names of unknown fields are the caller's."""
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
_TRUTH: Final = {"true": True, "false": False}
SWITCHED_OFF = "switched_off"
"""Set in the authorizer's context when a service is switched off: names and reasons, as JSON."""
UNAVAILABLE = "unavailable"
"""Set in the authorizer's context when it could not look the session up: the caller gets a 503."""
REFUSED = "refused"
"""Set in the authorizer's context when the request is nobody's: why."""
CROSS_ORIGIN = "cross-origin"
SCOPE = "scope"
"""That a session came in a cookie with a request of another site's page: the caller gets a 403."""


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
    answer_headers: dict[str, str] = field(default_factory=dict)
    """Further headers of the answer, whatever it will be."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """By what a request is told from its repetition: its client's ``Idempotency-Key``."""

    operation: str
    """Method and path."""
    key: str
    request_hash: str
    """Of the body. One that holds a password is hashed without it: the hash would be a way to guess it."""


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
            return _query(parameter.annotation, event.get("queryStringParameters") or {})
        case "caller":
            return caller_of(event)
        case "request":
            return request_of(event)
        case "repeat":
            return repeat_of(event)
        case name:
            return _path_value(parameter, path[name])


def _path_value(parameter: inspect.Parameter, text: str) -> Any:
    kind = getattr(parameter.annotation, "__value__", parameter.annotation)  # of a `type` alias
    if kind is int:
        # Postgres' bigint, counted from one; anything else cannot be the id of a row.
        if text.isascii() and text.isdecimal() and len(text) <= 19 and 0 < int(text) < 2**63:
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
    if context.get(REFUSED) == CROSS_ORIGIN:
        raise problems.cross_origin()
    if context.get(REFUSED) == SCOPE:
        raise problems.not_in_scope()
    if "user_id" not in context:
        raise problems.unauthorized(
            "The session is unknown, expired or revoked. Sign in, and send the token as "
            "`Authorization: Bearer <token>`."
        )
    return Caller(int(context["user_id"]), int(context["session_id"]), context.get("time_zone", "UTC"))


def refuse_if_off(event: dict[str, Any], services: Sequence[str], path: Mapping[str, str]) -> None:
    """Refuse a request whose services are switched off, as the authorizer tells; `Problem` 503.

    Of services for a provider each, the one counts whose provider the path names; without one, all of them.
    """
    context = event["requestContext"].get("authorizer", {}).get("lambda") or {}
    off: dict[str, str] = json.loads(context.get(SWITCHED_OFF, "{}"))
    if not off:
        return
    own = f"{path.get('provider')}-core"
    needed = [own] if own in services else services
    if needed and all(service in off for service in needed):
        raise problems.switched_off(needed[0], off[needed[0]])


def request_of(event: dict[str, Any]) -> Request:
    """Get the facts about a request that handlers need."""
    context = event["requestContext"]
    return Request(
        source_ip=context["http"]["sourceIp"],
        user_agent=context["http"].get("userAgent", ""),
        base_url=config.public_url() or f"https://{context['domainName']}",
        headers=event.get("headers", {}),
    )


def repeat_of(event: dict[str, Any]) -> Repeat | None:
    """Get by what a repetition is known; None without a key, `Problem` 422 for one that is none."""
    key = event.get("headers", {}).get("idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= MAX_KEY_LENGTH or not all(" " <= character <= "~" for character in key):
        raise problems.invalid(
            "header.idempotency-key", f"Send 1 to {MAX_KEY_LENGTH} printable characters of ASCII"
        )
    text = _text(event)
    try:
        body = json.loads(text or "null")
    except (ValueError, RecursionError):
        body = text  # the binding of the body refuses it
    if isinstance(body, dict):
        body.pop("password", None)
    request = event["requestContext"]["http"]
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return Repeat(f"{request['method']} {event['rawPath']}"[:MAX_OPERATION_LENGTH], key, digest)


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


def _query(model: type[BaseModel], values: Mapping[str, str]) -> BaseModel:
    kinds = _kinds_by_name(model)
    return _validated(
        model, {name: _typed(value, kinds.get(name, ())) for name, value in values.items()}, "query"
    )


@cache
def _kinds_by_name(model: type[BaseModel]) -> Mapping[str, frozenset[Any]]:
    return {
        field.alias or name: frozenset(_kinds(field.annotation)) for name, field in model.model_fields.items()
    }


def _kinds(annotation: Any) -> Iterator[Any]:
    """Find the plain types that an annotation is made of."""
    annotation = getattr(annotation, "__value__", annotation)  # of a `type` alias
    if get_origin(annotation) is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif get_origin(annotation) in {Union, UnionType}:
        for part in get_args(annotation):
            yield from _kinds(part)
    else:
        yield annotation


def _typed(text: str, kinds: Container[Any]) -> Any:
    """Read a number or a truth value as JSON would; what is none stays a text, which the model refuses."""
    if bool in kinds:
        return _TRUTH.get(text, text)
    if int in kinds and _INTEGER.fullmatch(text):
        return int(text)
    return text


def _validated(model: type[BaseModel], value: Any, where: str) -> BaseModel:
    """Validate strictly: no number is a time or a truth value, and no text a number.

    Raises:
        Problem: 400 for what is not JSON, 422 for what does not fit the model.
    """
    try:
        if isinstance(value, str):
            return model.model_validate_json(value, strict=True)
        return model.model_validate(value, strict=True)
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

"""The HTTP side of a function: routes, binding of requests to typed arguments, answers, errors.

Powertools' resolver does the routing. Its own validation layer builds the models of OpenAPI at import, which
costs more than everything else a function imports (see docs/decisions.md), so the binding here is ours and
small: a handler's parameters say what it wants.

* ``body``: a pydantic model, from the JSON body.
* ``query``: a pydantic model, from the query string.
* ``caller``: `Caller`, who the authorizer found.
* ``text``: the body as it is, for a foreign API whose errors are its own.
* ``request``: `Request`, the few facts about the request that handlers need.
* anything else: a path parameter, converted to its annotation; what does not convert is not found.
"""

import hashlib
import inspect
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, get_args, get_origin

import psycopg
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from musicconnect.platform import clock, config, database, metrics, problems
from musicconnect.platform.logging import begin, logger
from musicconnect.platform.problems import Problem
from musicconnect.platform.text import encodable, is_storable
from musicconnect.providers import errors, registry

type Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

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


class Output(BaseModel):
    """Base of what callers get."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


@dataclass(frozen=True, slots=True)
class Caller:
    """The signed-in person."""

    user_id: int
    session_id: int


@dataclass(frozen=True, slots=True)
class Request:
    """What a handler may want to know about the request itself."""

    source_ip: str
    user_agent: str
    base_url: str
    """Under which the caller reached the API, without a trailing slash."""
    headers: Mapping[str, str]
    """Names in lower case."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not just a model: another status, headers, or another kind of content."""

    body: BaseModel | str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the API, as the description of the API needs it."""

    method: Method
    path: str
    handler: Callable[..., Any]
    status: int
    public: bool
    tag: str
    problems: tuple[int, ...]
    """Statuses of the problems that are special to it."""
    also: tuple[int, ...] = ()
    """Other statuses of a successful answer."""


class Api:
    """The routes of one function.

    Args:
        tag: The heading under which the description of the API lists them.
    """

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.routes: list[Route] = []
        self._resolver = APIGatewayHttpResolver()
        self._resolver.not_found(_no_such_route)

    def get(self, path: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a handler for GET; see `route`."""
        return self.route("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a handler for POST; see `route`."""
        return self.route("POST", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a handler for PATCH; see `route`."""
        return self.route("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a handler for DELETE; see `route`."""
        return self.route("DELETE", path, **options)

    def route(
        self,
        method: Method,
        path: str,
        *,
        status: int = 200,
        public: bool = False,
        problems: tuple[int, ...] = (),
        also: tuple[int, ...] = (),
        tag: str | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a handler.

        Args:
            method: HTTP method.
            path: As in the template: ``/v1/migrations/{migration_id}``.
            status: Of a successful answer.
            public: Whether it is reached without signing in.
            problems: Statuses of the errors worth describing beside the usual ones.
            also: Other statuses of a successful answer, with the same body.
            tag: The heading in the description, where it is not the function's.
        """

        def register(handler: Callable[..., Any]) -> Callable[..., Any]:
            self.routes.append(Route(method, path, handler, status, public, tag or self.tag, problems, also))

            def dispatch(**parameters: str) -> Response[Any]:
                return _answer(lambda: handler(**self._bind(handler, parameters, public)), status)

            self._resolver.route(path.replace("{", "<").replace("}", ">"), method)(dispatch)
            return handler

        return register

    def handle(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """The Lambda handler."""
        started, before = time.perf_counter(), (database.timing.statements, database.timing.seconds)
        request = event["requestContext"]
        begin(request.get("requestId"))
        answer = self._resolver.resolve(event, context)
        if request["http"]["method"] == "GET" and answer["statusCode"] == 200:
            _tag(event, answer)
        if answer["statusCode"] == 500:
            metrics.emit(metrics.UNEXPECTED_ERRORS)
        total = time.perf_counter() - started
        statements = database.timing.statements - before[0]
        sql = database.timing.seconds - before[1]
        answer.setdefault("headers", {})["Server-Timing"] = (
            f"app;dur={total * 1e3:.2f}, sql;dur={sql * 1e3:.2f}"
        )
        logger.info(
            "request",
            route=event.get("routeKey"),
            status=answer["statusCode"],
            ms=round(total * 1e3, 2),
            sql_ms=round(sql * 1e3, 2),
            sql_statements=statements,
        )
        return answer

    def _bind(self, handler: Callable[..., Any], path: Mapping[str, str], public: bool) -> dict[str, Any]:
        event = self._resolver.current_event.raw_event
        if not public:
            caller_of(event)  # also where the handler does not ask who it is
        return {parameter.name: _argument(parameter, event, path) for parameter in parameters_of(handler)}


@cache
def parameters_of(handler: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    """What a handler asks for."""
    return tuple(inspect.signature(handler).parameters.values())


def _argument(parameter: inspect.Parameter, event: dict[str, Any], path: Mapping[str, str]) -> Any:
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
    """Who the authorizer found.

    Raises:
        Problem: 401 if it found nobody, 503 if it could not look.
    """
    context = event["requestContext"].get("authorizer", {}).get("lambda") or {}
    if UNAVAILABLE in context:
        raise problems.database_unavailable()
    if "user_id" not in context:
        raise problems.unauthorized(
            "The session is unknown, expired or revoked. Sign in with POST /v1/auth/login and send the token "
            "as `Authorization: Bearer <token>`."
        )
    return Caller(user_id=int(context["user_id"]), session_id=int(context["session_id"]))


def request_of(event: dict[str, Any]) -> Request:
    """The facts about a request that handlers need."""
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


def _answer(call: Callable[[], Any], status: int) -> Response[Any]:
    try:
        result = call()
    except Exception as error:  # noqa: BLE001 - the last place that can still give a caller an answer
        return _problem_response(problem_for(error))
    reply = result if isinstance(result, Reply) else Reply(result, status if result is not None else 204)
    body = reply.body.model_dump_json() if isinstance(reply.body, BaseModel) else reply.body
    return Response(
        status_code=reply.status,
        content_type=reply.content_type if body is not None else None,
        headers={"Cache-Control": "no-store"} | reply.headers,
        body=body or "",
    )


def _tag(event: dict[str, Any], answer: dict[str, Any]) -> None:
    """Tell states of a thing apart, so that a caller who has the latest is not sent it again.

    An answer that brings a tag of its own knows better what of it matters; see `conditional`.
    """
    if "ETag" in answer.get("headers", {}):
        return
    tag = f'"{hashlib.blake2b(str(answer.get("body")).encode(), digest_size=12).hexdigest()}"'
    answer.setdefault("headers", {})["ETag"] = tag
    known = {name.lower(): value for name, value in event.get("headers", {}).items()}.get("if-none-match", "")
    if tag in (entry.strip().removeprefix("W/") for entry in known.split(",")):
        answer["statusCode"], answer["body"] = 304, ""


def problem_for(error: Exception) -> Problem:
    """What a caller is told about an exception. What is nobody's fault but ours is logged."""
    match error:
        case Problem():
            return error
        case errors.ProviderError():
            return provider_problem(error)
        case psycopg.OperationalError() | psycopg.InterfaceError():
            database.log_unavailable(error)
            return problems.database_unavailable()
        case _:
            logger.exception("unexpected error", exc_info=error)
            return Problem(
                500, "internal", "Something went wrong on our side", "It has been recorded. Try again later."
            )


def provider_problem(error: errors.ProviderError) -> Problem:
    """What a caller is told when a provider does not do its part."""
    name = registry.title(error.provider)
    common: dict[str, Any] = {"provider": error.provider}
    match error:
        case errors.NotLinkedError():
            return problems.conflict(
                "not-linked",
                f"No {name} account is linked",
                f"Link one first: POST /v1/providers/{error.provider}/link.",
                **common,
            )
        case errors.ConsentRevokedError():
            return problems.conflict(
                "consent-needed",
                "The account has to be linked again",
                f"{name} no longer accepts our access. "
                f"Link the account again: POST /v1/providers/{error.provider}/link.",
                **common,
            )
        case errors.ScopeMissingError():
            return problems.conflict(
                "more-access-needed",
                "The account was linked with too little access",
                f'Link {name} again with {{"access": "write"}}: POST /v1/providers/{error.provider}/link.',
                **common,
            )
        case errors.NoChannelError():
            return problems.conflict(
                "no-channel",
                "The Google account has no YouTube channel",
                "Create a channel at youtube.com, then try again.",
                **common,
            )
        case errors.NotFoundError():
            return Problem(404, "not-found-at-provider", f"{name} does not have it", error.message, **common)
        case errors.NotAllowedError() | errors.RejectedError():
            return problems.conflict("refused-by-provider", f"{name} refused", error.message, **common)
        case errors.QuotaExhaustedError():
            return Problem(
                429,
                "quota-exhausted",
                f"{name}'s daily allowance is spent",
                f"It is renewed at {error.until.isoformat()}.",
                retry_after=max(1, (error.until - clock.now()).total_seconds()),
                bucket=error.bucket,
                until=error.until.isoformat(),
                **common,
            )
        case errors.RateLimitedError():
            return Problem(
                429,
                "rate-limited",
                f"{name} asks us to slow down",
                "Try again after the time given.",
                retry_after=error.retry_after or 5,
                **common,
            )
        case _:
            return Problem(
                503,
                "provider-unavailable",
                f"{name} does not answer properly",
                "Try again shortly.",
                retry_after=10,
                **common,
            )


def _problem_response(problem: Problem) -> Response[Any]:
    headers = {"Cache-Control": "no-store"}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(problem.retry_after))
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, section 11.6.1
    return Response(
        status_code=problem.status,
        content_type="application/problem+json",
        headers=headers,
        body=json.dumps(problem.body(), ensure_ascii=False),
    )


def _no_such_route(_error: Exception) -> Response[Any]:
    return _problem_response(Problem(404, "not-found", "Not found", "There is no such operation; see /docs."))

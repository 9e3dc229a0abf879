"""Route requests to handlers: the HTTP side of a function.

Powertools' resolver does the routing. Its own validation layer builds the models of OpenAPI at import, which
costs more than everything else a function imports (see docs/decisions/), so the binding here is ours and
small: a handler's parameters say what it wants.

* ``body``: a pydantic model, from the JSON body.
* ``query``: a pydantic model, from the query string.
* ``caller``: `Caller`, who the authorizer found.
* ``text``: the body as it is, for a foreign API whose errors are its own.
* ``repeat``: `Repeat` or None, how to tell a repeated request (``Idempotency-Key``).
* ``request``: `Request`, the few facts about the request that handlers need.
* anything else: a path parameter, converted to its annotation; what does not convert is not found.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel

from musicconnect.api.binding import Request, argument, caller_of, parameters_of, refuse_if_off
from musicconnect.api.elsewhere import method_not_allowed
from musicconnect.api.responses import Reply, problem_of_error, problem_response, respond, set_etag, status_of
from musicconnect.platform import database, metrics
from musicconnect.platform.logging import logger, start_trace
from musicconnect.platform.problems import Problem

type Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


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
    location: str | None = None
    """Path of what a 201 or 202 speaks of; its names are members of the answer or of the request's path."""
    content: tuple[str, ...] = ()
    """Media types of an answer that is no model."""
    foreign_errors: type[BaseModel] | None = None
    """What the statuses of ``problems`` answer in an API whose errors have a shape of their own."""
    limited: bool = False
    """Whether its answers tell what is left of a limit (``RateLimit``)."""
    services: tuple[str, ...] = ()
    """Names of the services, as the register has them, that it belongs to."""
    stays: bool = False
    """Whether it answers although its services are switched off."""


class Api:
    """The routes of one function.

    Args:
        tag: The heading under which the description of the API lists them.
        services: The services that they belong to, where a route does not say otherwise.
        error_response: Makes the answer of what a handler raises; problem+json by default.
    """

    def __init__(
        self,
        tag: str,
        *services: str,
        error_response: Callable[[Exception], Response[Any]] = problem_of_error,
    ) -> None:
        self.tag = tag
        self.services = services
        self.routes: list[Route] = []
        self._error_response = error_response
        self._resolver = APIGatewayHttpResolver()
        self._resolver.not_found(_no_such_route)
        self.get, self.post = partial(self.route, "GET"), partial(self.route, "POST")
        self.patch, self.delete = partial(self.route, "PATCH"), partial(self.route, "DELETE")

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
        location: str | None = None,
        content: tuple[str, ...] = (),
        foreign_errors: type[BaseModel] | None = None,
        limited: bool = False,
        services: tuple[str, ...] | None = None,
        stays: bool = False,
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
            location: See `Route`; so are the following.
            content: See `Route`.
            foreign_errors: See `Route`.
            limited: See `Route`.
            services: See `Route`; the function's, if left out.
            stays: See `Route`.
        """

        def register(handler: Callable[..., Any]) -> Callable[..., Any]:
            belongs = self.services if services is None else services
            self.routes.append(
                Route(
                    method, path, handler, status, public, tag or self.tag, problems, also, location, content,
                    foreign_errors, limited, belongs, stays,
                )
            )  # fmt: skip

            def dispatch(**parameters: str) -> Response[Any]:
                if parameters and (allowed := self._methods_of(path, parameters)):
                    return self._not_allowed(allowed, public)
                bound: dict[str, Any] = {}

                def call() -> Any:
                    if not stays:
                        refuse_if_off(self._resolver.current_event.raw_event, belongs, parameters)
                    bound.update(self._bind(handler, parameters, public))
                    result = handler(**bound)
                    return result if location is None else _located(result, status, location, parameters)

                response = respond(call, status, self._error_response)
                if isinstance(request := bound.get("request"), Request):
                    response.headers.update(request.answer_headers)
                return response

            self._resolver.route(path.replace("{", "<").replace("}", ">"), method)(dispatch)
            return handler

        return register

    def handle(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Handle one request: the Lambda handler."""
        started, before = time.perf_counter(), (database.timing.statements, database.timing.seconds)
        request = event["requestContext"]
        start_trace(request.get("requestId"))
        answer = self._resolver.resolve(event, context)
        if request["http"]["method"] == "GET" and answer["statusCode"] == 200:
            set_etag(event, answer)
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

    def _methods_of(self, path: str, parameters: Mapping[str, str]) -> list[str]:
        """List the methods of the path that is described by the very name which stands here for an id."""
        named = path.format_map(parameters)
        return sorted(route.method for route in self.routes if route.path == named)

    def _not_allowed(self, allowed: list[str], public: bool) -> Response[Any]:
        try:
            if not public:
                caller_of(self._resolver.current_event.raw_event)
        except Problem as problem:
            return problem_response(problem)
        refusal, headers = method_not_allowed(allowed)
        response = problem_response(refusal)
        response.headers.update(headers)
        return response

    def _bind(self, handler: Callable[..., Any], path: Mapping[str, str], public: bool) -> dict[str, Any]:
        event = self._resolver.current_event.raw_event
        if not public:
            caller_of(event)  # also where the handler does not ask who it is
        return {parameter.name: argument(parameter, event, path) for parameter in parameters_of(handler)}


def _located(result: Any, status: int, location: str, path: Mapping[str, str]) -> Reply:
    """Say where that is which a 201 or 202 speaks of (RFC 9110, sections 15.3.2 and 15.3.3)."""
    reply = result if isinstance(result, Reply) else Reply(result, status_of(result, status))
    if reply.status not in {201, 202}:
        return reply
    members = dict(reply.body) if isinstance(reply.body, BaseModel) else {}
    return replace(reply, headers={"Location": location.format_map({**path, **members})} | reply.headers)


def _no_such_route(_error: Exception) -> Response[Any]:
    return problem_response(Problem(404, "not-found", "Not found", "There is no such operation; see /docs."))

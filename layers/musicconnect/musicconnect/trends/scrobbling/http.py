"""Answer requests of scrobbling clients as ListenBrainz's server does, whatever becomes of them.

A client that gets an answer it cannot read may take the play for stored, or throw it away. So every answer
has ``code`` and ``error``, load is refused with 503, and there is an answer before the gateway gives up.
"""

import contextvars
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from aws_lambda_powertools.event_handler import Response

from musicconnect.api.app import Api
from musicconnect.api.errors import problem_for
from musicconnect.api.responses import Reply, problem_response, respond
from musicconnect.platform import clock, database
from musicconnect.platform.logging import logger, start_trace
from musicconnect.trends.scrobbling.errors import RefusedError
from musicconnect.trends.scrobbling.limits import Limits
from musicconnect.trends.scrobbling.paths import Paths
from musicconnect.trends.scrobbling.people import SERVICE

MAX_ANSWER_S: Final = 20.0
"""Seconds after which a request is answered with a 503: the gateway gives up after 30, and its own answer has
neither ``code`` nor ``error``."""
RESERVED_S: Final = 3.0
"""Seconds of the function's time that are left for that answer."""
AUTHORIZE: Final = "/api/auth"
"""The page on which people let programs in, which another function serves. Programs add a slash."""
BUSY: Final = "The service is temporarily unavailable, please try again later."
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "21600",
    "Access-Control-Expose-Headers": (
        "X-RateLimit-Remaining,X-RateLimit-Limit,X-RateLimit-Reset,X-RateLimit-Reset-In"
    ),
}


type ErrorReply = Callable[[Exception, dict[str, Any]], Reply]


def error_response(error: Exception) -> Response[Any]:
    """Answer what a handler raised with ``code`` and ``error``."""
    if isinstance(error, RefusedError):
        return _error(error.status, error.message, error.members)
    problem = problem_for(error)
    message = BUSY if problem.status >= 500 else problem.detail or problem.title
    return _error(problem.status, message)


def _error(status: int, message: str, members: dict[str, Any] | None = None) -> Response[Any]:
    # With escapes: a refused listen may hold halves of surrogate pairs, which UTF-8 does not have.
    body = json.dumps({**(members or {}), "code": status, "error": message})
    headers = {"Cache-Control": "no-store"}
    if status == 503:
        headers["Retry-After"] = "10"
    return Response(status_code=status, content_type="application/json", headers=headers, body=body)


class ScrobblingApi(Api):
    """An `Api` whose clients are scrobblers.

    Args:
        tag: As of `Api`.
        description: File of the whole API's description, for requests that no route is for.
        replies: What answers an error in another shape, given the request's event, by the begin of the path.
    """

    def __init__(self, tag: str, description: Path, replies: Mapping[str, ErrorReply] | None = None) -> None:
        super().__init__(tag, SERVICE, error_response=self._response_to)
        self._description = description
        self._replies = replies or {}
        self._paths: Paths | None = None
        self._limits = Limits()

    def handle(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Handle one request: the Lambda handler."""
        if self._paths is None:
            self._paths = Paths((route.method, route.path) for route in self.routes)
        http = event["requestContext"]["http"]
        path, method = self._paths.normalize(event["rawPath"]), http["method"]
        if path == AUTHORIZE and event["rawPath"] != AUTHORIZE:  # a page: browsers follow
            query = event.get("rawQueryString", "")
            location = f"{AUTHORIZE}?{query}" if query else AUTHORIZE
            return {"statusCode": 302, "headers": {"Location": location}, "body": ""}
        methods = self._paths.methods(path)
        allowed = ", ".join(methods)
        cors = {**CORS, "Access-Control-Allow-Methods": allowed or "GET, OPTIONS"}
        if method == "OPTIONS" and methods:
            return {"statusCode": 200, "headers": {**cors, "Allow": allowed}, "body": ""}
        headers, is_over = self._limits.count(_client(event), clock.now().timestamp())
        if is_over:
            answer = self._failed(RefusedError(503, BUSY), path, event)
        elif method not in methods:
            error = _unrouted(path, methods)
            if error is None:
                return _refused(self._description, event)
            answer = self._failed(error, path, event)
            if methods:
                headers["Allow"] = allowed
        else:
            wanted = "GET" if method == "HEAD" else method
            answer = self._in_time(_rewritten(event, path, wanted), context, path)
        answer.setdefault("headers", {}).update({**cors, **headers})
        if method == "HEAD":
            answer["body"] = ""
        return answer

    def _in_time(self, event: dict[str, Any], context: Any, path: str) -> dict[str, Any]:
        """Handle a request on a thread, and answer without it when it takes too long.

        What it has under way is cancelled. If that was a commit, it may hold all the same, and the client
        sends again what is known then.
        """
        remaining_s = context.get_remaining_time_in_millis() / 1000 - RESERVED_S
        answers: list[dict[str, Any]] = []
        handle = super().handle
        run = contextvars.copy_context().run
        thread = threading.Thread(target=lambda: answers.append(run(handle, event, context)), daemon=True)
        began = time.monotonic()
        thread.start()
        thread.join(max(min(MAX_ANSWER_S, remaining_s), 0.0))
        if answers:
            return answers[0]
        logger.error("no answer in time", path=event["routeKey"], s=round(time.monotonic() - began, 1))
        database.abandon()
        return self._failed(RefusedError(503, BUSY), path, event)

    def _failed(self, error: Exception, path: str, event: dict[str, Any]) -> dict[str, Any]:
        """Answer outside of a handler."""
        response = self._shaped(error, path, event) or error_response(error)
        content_type = {"Content-Type": response.content_type} if response.content_type else {}
        return {
            "statusCode": response.status_code,
            "headers": {**response.headers, **content_type},
            "body": response.body,
        }

    def _response_to(self, error: Exception) -> Response[Any]:
        """Answer what a handler raised, or what did not fit it."""
        event = self._resolver.current_event.raw_event
        return self._shaped(error, event["rawPath"], event) or error_response(error)

    def _shaped(self, error: Exception, path: str, event: dict[str, Any]) -> Response[Any] | None:
        reply = next((reply for begin, reply in self._replies.items() if path.startswith(begin)), None)
        return respond(lambda: reply(error, event), 200) if reply else None


def _unrouted(path: str, methods: list[str]) -> RefusedError | None:
    """Refuse what a scrobbler asks for and there is not; None for a path that is no scrobbler's."""
    if methods:
        return RefusedError(405, "The method is not allowed for the requested URL.")
    if re.match(r"/(?:1|2\.0|api)(?:/|$)", path):
        message = (
            "There is no such operation. The address of the API for ListenBrainz's clients ends before /1."
        )
        return RefusedError(404, message)
    return None


def _refused(description: Path, event: dict[str, Any]) -> dict[str, Any]:
    """Answer a request that is no scrobbler's as everything else in the API is answered."""
    from musicconnect.api.elsewhere import refusal  # noqa: PLC0415 - no scrobbler needs it

    start_trace(event["requestContext"].get("requestId"))
    problem, headers = refusal(description, event["rawPath"])
    response = problem_response(problem)
    return {
        "statusCode": response.status_code,
        "headers": {**response.headers, **headers, "Content-Type": response.content_type},
        "body": response.body,
    }


def _rewritten(event: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    context = event["requestContext"]
    http = {**context["http"], "method": method, "path": path}
    return {**event, "rawPath": path, "requestContext": {**context, "http": http}}


def _client(event: dict[str, Any]) -> str:
    sent = {name.lower(): value for name, value in event.get("headers", {}).items()}
    return str(sent.get("authorization") or event["requestContext"]["http"].get("sourceIp", ""))

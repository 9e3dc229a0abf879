"""API Gateway's HTTP API on one machine: routes, authorizer with its cache, CORS, and its own answers.

An ASGI application. The facts it follows: what cannot be routed is 404 ``Not Found``; a request without its
identity source is 401 without a call of the authorizer; a refused one is 403 ``Forbidden``; a function that
fails or answers nonsense is 500 ``Internal Server Error``; one that takes over 30 s is 503 ``Service
Unavailable`` while it goes on; a body over 10 MB is 413. (API Gateway Developer Guide: "Quotas for HTTP
APIs", "Working with AWS Lambda authorizers for HTTP APIs", "Configuring CORS for an HTTP API".)
"""

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote

from local.gateway import payload
from local.gateway.payload import BadAnswerError, Request, Response
from local.gateway.routing import Match, Routes
from local.lambda_.invocation import PAYLOAD_LIMIT
from local.lambda_.pool import Runtime
from local.template.model import Authorizer, Cors, Template

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

API_ID = "local"
_BODY_LIMIT = 10 * 1024 * 1024
_INTEGRATION_LIMIT = 30.0
_NOT_FOUND = payload.message(404, "Not Found")
_UNAUTHORIZED = payload.message(401, "Unauthorized")
_FORBIDDEN = payload.message(403, "Forbidden")
_TOO_LARGE = payload.message(413, "Request Entity Too Large")
_FAILED = payload.message(500, "Internal Server Error")
_UNAVAILABLE = payload.message(503, "Service Unavailable")


class Gateway:
    """Answers HTTP requests by invoking functions."""

    def __init__(
        self, template: Template, runtime: Runtime, *, integration_limit: float = _INTEGRATION_LIMIT
    ) -> None:
        self._routes = Routes(template.routes)
        self._authorizers = {
            name: _Authorization(authorizer, template, runtime)
            for name, authorizer in template.authorizers.items()
        }
        self._cors = template.cors
        self._account = template.deployment.account
        self._runtime = runtime
        self._integration_limit = integration_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            raise RuntimeError(f"an HTTP API does not speak {scope['type']}")
        request_id = str(uuid.uuid4())
        body = await _read(receive)
        if body is None:
            answer = _TOO_LARGE
        else:
            answer = await self.answer(_request(scope, body, request_id))
        own = ("apigw-requestid", request_id), ("content-length", str(len(answer.body)))
        headers = [*answer.headers, *own]
        encoded = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
        await send({"type": "http.response.body", "body": answer.body})

    async def answer(self, request: Request) -> Response:
        """The response to a request."""
        if self._cors is not None:
            if _is_preflight(request):
                return Response(204, _cors_headers(self._cors, request, preflight=True), b"")
            answer = await self._routed(request)
            own = [pair for pair in answer.headers if not pair[0].startswith("access-control-")]
            return Response(answer.status, own + _cors_headers(self._cors, request), answer.body)
        return await self._routed(request)

    async def _routed(self, request: Request) -> Response:
        match = self._routes.match(request.method, request.path)
        if match is None:
            return _NOT_FOUND
        authorized: Mapping[str, Any] | None = None
        if match.route.authorizer is not None:
            verdict = await self._authorizers[match.route.authorizer].verdict(request, match)
            if isinstance(verdict, Response):
                return verdict
            authorized = verdict
        event = payload.function_event(
            request, match, api_id=API_ID, account=self._account, authorized=authorized
        )
        encoded = json.dumps(event, separators=(",", ":")).encode()
        if len(encoded) > PAYLOAD_LIMIT:
            return _TOO_LARGE
        return await self._integrated(match.route.function, encoded)

    async def _integrated(self, function: str, event: bytes) -> Response:
        running = asyncio.ensure_future(self._runtime.invoke(function, event))
        done, _ = await asyncio.wait({running}, timeout=self._integration_limit)
        if not done:
            return _UNAVAILABLE
        outcome = running.result()
        if outcome.throttled:
            return _UNAVAILABLE
        if outcome.failed:
            return _FAILED
        try:
            return payload.response(outcome.json())
        except (BadAnswerError, ValueError) as error:
            self._runtime.pool(function).log(f"the answer is not one that HTTP can carry: {error}")
            return _FAILED


class _Authorization:
    """An authorizer and its cache, which goes by the values of the identity sources alone, as on AWS.

    Refusals are cached too, failures not.
    """

    def __init__(self, authorizer: Authorizer, template: Template, runtime: Runtime) -> None:
        self._authorizer = authorizer
        self._deployment = template.deployment
        self._runtime = runtime
        self._cache: dict[tuple[str, ...], tuple[float, Response | Mapping[str, Any]]] = {}

    async def verdict(self, request: Request, match: Match) -> Response | Mapping[str, Any]:
        """The context for the function, or the answer that ends the request."""
        identity = []
        for source in self._authorizer.identity_sources:
            value = _identity(source, request, match)
            if not value:
                return _UNAUTHORIZED
            identity.append(value)
        key = tuple(identity)
        now = time.monotonic()
        known = self._cache.get(key)
        if known is not None and known[0] > now:
            return known[1]
        verdict, lasting = await self._ask(request, match, identity)
        if lasting and self._authorizer.ttl > 0:
            self._cache = {one: entry for one, entry in self._cache.items() if entry[0] > now}
            self._cache[key] = (now + self._authorizer.ttl, verdict)
        return verdict

    async def _ask(
        self, request: Request, match: Match, identity: list[str]
    ) -> tuple[Response | Mapping[str, Any], bool]:
        at = self._deployment
        event = payload.authorizer_event(
            request, match, api_id=API_ID, account=at.account, region=at.region, identity=identity
        )
        outcome = await self._runtime.invoke_json(self._authorizer.function, event)
        if outcome.failed:
            return _FAILED, False
        answer = outcome.json()
        allowed = _is_allowed(answer, simple=self._authorizer.simple)
        if allowed is None:
            self._runtime.pool(self._authorizer.function).log("the answer is not one of an authorizer")
            return _FAILED, False
        return (answer.get("context") or {}) if allowed else _FORBIDDEN, True


def _is_allowed(answer: Any, *, simple: bool) -> bool | None:
    """What an authorizer's answer says; None when it says nothing."""
    if not isinstance(answer, dict):
        return None
    if simple:
        allowed = answer.get("isAuthorized")
        return allowed if isinstance(allowed, bool) else None
    statements = (answer.get("policyDocument") or {}).get("Statement")
    if not isinstance(statements, list):
        return None
    effects = {statement.get("Effect") for statement in statements}
    return "Allow" in effects and "Deny" not in effects


def _identity(source: str, request: Request, match: Match) -> str | None:
    kind, _, name = source.removeprefix("$").rpartition(".")
    if kind == "request.header":
        return request.header(name.lower())
    if kind == "request.querystring":
        return request.query_parameters.get(name)
    known = {
        "routeKey": match.route.key,
        "httpMethod": request.method,
        "path": request.path,
        "identity.sourceIp": request.source_ip,
    }
    return known.get(source.removeprefix("$context."))


def _is_preflight(request: Request) -> bool:
    return (
        request.method == "OPTIONS"
        and request.header("origin") is not None
        and request.header("access-control-request-method") is not None
    )


def _cors_headers(cors: Cors, request: Request, *, preflight: bool = False) -> list[tuple[str, str]]:
    origin = request.header("origin")
    if origin is None or not ({"*", origin} & set(cors.origins) or _by_scheme(origin, cors)):
        return []
    headers = [("access-control-allow-origin", "*" if "*" in cors.origins else origin)]
    if cors.credentials:
        headers.append(("access-control-allow-credentials", "true"))
    if cors.expose:
        headers.append(("access-control-expose-headers", ",".join(cors.expose)))
    if preflight:
        headers.append(("access-control-allow-methods", ",".join(cors.methods)))
        headers.append(("access-control-allow-headers", ",".join(cors.headers)))
        if cors.max_age is not None:
            headers.append(("access-control-max-age", str(cors.max_age)))
    return headers


def _by_scheme(origin: str, cors: Cors) -> bool:
    """``https://*`` allows every origin of a scheme."""
    return any(allowed.endswith("://*") and origin.startswith(allowed[:-1]) for allowed in cors.origins)


async def _read(receive: Receive) -> bytes | None:
    """The body of a request; None when it is larger than API Gateway takes."""
    parts: list[bytes] = []
    size = 0
    while True:
        part = await receive()
        content = part.get("body", b"")
        size += len(content)
        if size <= _BODY_LIMIT:
            parts.append(content)
        if not part.get("more_body"):
            return b"".join(parts) if size <= _BODY_LIMIT else None


def _request(scope: Scope, body: bytes, request_id: str) -> Request:
    client = scope.get("client") or ("127.0.0.1", 0)
    raw = scope.get("raw_path") or scope["path"].encode()
    return Request(
        method=sys.intern(scope["method"]),
        path=unquote(raw.decode("latin-1")),
        query=scope["query_string"].decode("latin-1"),
        headers=[
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]
        ],
        body=body,
        source_ip=client[0],
        protocol=f"HTTP/{scope['http_version']}",
        request_id=request_id,
    )

"""Payload format 2.0: HTTP requests as functions get them, and their answers as HTTP. Pure functions.

Reference: API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs" and "Working with
AWS Lambda authorizers for HTTP APIs". ``rawPath`` is decoded: HTTP APIs hand it over so, unlike REST APIs.
"""

import base64
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from local.gateway.routing import Match

_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")
_DROPPED_REQUEST_HEADERS = {"cookie", "connection", "keep-alive", "te", "transfer-encoding", "upgrade"}
_DROPPED_RESPONSE_HEADERS = {"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"}


class BadAnswerError(Exception):
    """A function answered something that API Gateway cannot turn into HTTP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request."""

    method: str
    path: str
    """Decoded."""
    query: str
    headers: Sequence[tuple[str, str]]
    """Names in lower case."""
    body: bytes
    source_ip: str
    protocol: str
    request_id: str
    time: float = field(default_factory=time.time)
    """Seconds since the epoch."""

    def header(self, name: str) -> str | None:
        """The values of a header, joined by commas; None when it was not sent."""
        values = [value for key, value in self.headers if key == name]
        return ",".join(values) if values else None

    @property
    def query_parameters(self) -> dict[str, str]:
        """Decoded; several values of one name joined by commas."""
        found: dict[str, str] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            found[name] = f"{found[name]},{value}" if name in found else value
        return found


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def function_event(
    request: Request, match: Match, *, api_id: str, account: str, authorized: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Make the event of a route's function; ``authorized`` is the context that its authorizer gave."""
    event = {"version": "2.0", **_common(request, match, api_id=api_id, account=account)}
    if authorized is not None:
        event["requestContext"]["authorizer"] = {"lambda": dict(authorized)}
    text = _as_text(request) if request.body else ""
    if request.body:
        event["body"] = base64.b64encode(request.body).decode() if text is None else text
    event["isBase64Encoded"] = text is None
    return event


def authorizer_event(
    request: Request, match: Match, *, api_id: str, account: str, region: str, identity: Sequence[str]
) -> dict[str, Any]:
    """The event of a REQUEST authorizer in format 2.0."""
    path = request.path.lstrip("/")
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": f"arn:aws:execute-api:{region}:{account}:{api_id}/$default/{request.method}/{path}",
        "identitySource": list(identity),
        **_common(request, match, api_id=api_id, account=account),
    }


def response(answer: Any) -> Response:
    """Turn an answer of a function into HTTP; without a ``statusCode`` the whole of it is the body, as JSON.

    ``BadAnswerError``: its parts have the wrong types.
    """
    if not isinstance(answer, dict) or "statusCode" not in answer:
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return Response(200, [("content-type", "application/json")], text.encode())
    status, body = answer["statusCode"], answer.get("body", "")
    headers, cookies = answer.get("headers") or {}, answer.get("cookies") or []
    if isinstance(status, str) and status.isdigit():
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
        raise BadAnswerError(f"statusCode is {status!r}")
    if body is None:
        body = ""
    if not isinstance(body, str) or not isinstance(headers, dict) or not isinstance(cookies, list):
        raise BadAnswerError("body has to be text, headers an object and cookies a list")
    try:
        content = base64.b64decode(body, validate=True) if answer.get("isBase64Encoded") else body.encode()
    except ValueError as error:
        raise BadAnswerError(f"the body is not base64: {error}") from error
    sent = [(str(name).lower(), _header_text(value)) for name, value in headers.items() if value is not None]
    sent = [(name, value) for name, value in sent if name not in _DROPPED_RESPONSE_HEADERS]
    if content and all(name != "content-type" for name, _ in sent):
        sent.append(("content-type", "text/plain;charset=UTF-8"))
    sent += [("set-cookie", str(cookie)) for cookie in cookies]
    return Response(status, sent, content)


def message(status: int, text: str) -> Response:
    """An answer of API Gateway itself."""
    return Response(status, [("content-type", "application/json")], json.dumps({"message": text}).encode())


def _common(request: Request, match: Match, *, api_id: str, account: str) -> dict[str, Any]:
    headers: dict[str, str] = {}
    for name, value in request.headers:
        if name not in _DROPPED_REQUEST_HEADERS:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    domain = headers.get("host", "")
    headers["x-forwarded-for"] = _appended(headers.get("x-forwarded-for"), request.source_ip)
    headers["x-forwarded-port"] = domain.rpartition(":")[2] if ":" in domain else "80"
    headers["x-forwarded-proto"] = "http"
    headers.setdefault("x-amzn-trace-id", f"Root=1-{int(request.time):08x}-{request.request_id[:24]:0<24}")
    headers.setdefault("content-length", str(len(request.body)))
    at = datetime.fromtimestamp(request.time, UTC)
    event: dict[str, Any] = {
        "routeKey": match.route.key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": account,
            "apiId": api_id,
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request.request_id,
            "routeKey": match.route.key,
            "stage": "$default",
            "time": at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(request.time * 1000),
        },
    }
    cookies = [part.strip() for key, value in request.headers if key == "cookie" for part in value.split(";")]
    if cookies:
        event["cookies"] = [cookie for cookie in cookies if cookie]
    if request.query_parameters:
        event["queryStringParameters"] = request.query_parameters
    if match.parameters:
        event["pathParameters"] = match.parameters
    return event


def _appended(before: str | None, value: str) -> str:
    return f"{before}, {value}" if before else value


def _as_text(request: Request) -> str | None:
    """The body as text; None when it goes as base64, as forms and binary types do."""
    kind = (request.header("content-type") or "text/plain").lower()
    if not (kind.startswith(_TEXT_TYPES) or "+json" in kind or "+xml" in kind):
        return None
    try:
        return request.body.decode()
    except UnicodeDecodeError:
        return None


def _header_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

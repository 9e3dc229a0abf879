"""The Lambda Runtime API, as one function instance sees it.

``GET /2018-06-01/runtime/invocation/next`` waits for an event; ``POST .../invocation/{id}/response`` and
``.../error`` answer it; ``POST .../init/error`` reports that the function could not start. Every instance has
a port of its own, which says whose connection it is. Written on asyncio's transport, since what this adds to
an invocation is the overhead of the local stack.

Reference: AWS Lambda Developer Guide, "Using the Lambda runtime API".
"""

import asyncio
import re
import time
from typing import Protocol, cast

import httptools

from local.lambda_.invocation import Invocation

_PREFIX = "/2018-06-01/runtime"
_ANSWER = re.compile(rf"{_PREFIX}/invocation/([^/]+)/(response|error)")
_ACCEPTED = b'{"status":"OK"}\n'


class Environment(Protocol):
    """The execution environment on this side of the connection."""

    timeout: float
    function_arn: str

    def ready(self, connection: "RuntimeConnection") -> None:
        """The instance asks for an event."""

    def answered(self, request_id: str, body: bytes, *, failed: bool) -> bool:
        """The instance answers an event; False when it is not the one it was given."""

    def init_failed(self, body: bytes) -> None:
        """The instance could not start; it will exit."""


class RuntimeConnection(asyncio.Protocol):
    """One connection from an instance's runtime client."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._path = ""
        self._body: list[bytes] = []
        self._wants_continue = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not derive from it

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._reply(400, b'{"errorMessage":"not HTTP","errorType":"InvalidRequest"}')
            if self._transport is not None:
                self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Drop the transport; that the process ends is noticed elsewhere."""
        self._transport = None

    def on_url(self, url: bytes) -> None:
        """A request begins."""
        self._path = url.decode("latin-1")
        self._body = []
        self._wants_continue = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Curl asks before it sends a large body."""
        if name.lower() == b"expect" and value.lower() == b"100-continue":
            self._wants_continue = True

    def on_headers_complete(self) -> None:
        """Let curl go on."""
        if self._wants_continue and self._transport is not None:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """Part of a body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Act on a request."""
        method = self._parser.get_method()
        if method == b"GET" and self._path == f"{_PREFIX}/invocation/next":
            self._environment.ready(self)
            return
        body = b"".join(self._body)
        answer = _ANSWER.fullmatch(self._path)
        if method == b"POST" and answer:
            if self._environment.answered(answer[1], body, failed=answer[2] == "error"):
                self._reply(202, _ACCEPTED)
            else:
                self._reply(400, b'{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}')
        elif method == b"POST" and self._path == f"{_PREFIX}/init/error":
            self._environment.init_failed(body)
            self._reply(202, _ACCEPTED)
        else:
            self._reply(404, b'{"errorMessage":"no such path","errorType":"NotFound"}')

    def deliver(self, invocation: Invocation) -> bool:
        """Answer a waiting ``next`` with an event; False when the connection is gone."""
        deadline_ms = int((time.time() + self._environment.timeout) * 1000)
        headers = (
            f"Lambda-Runtime-Aws-Request-Id: {invocation.id}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {deadline_ms}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {self._environment.function_arn}\r\n"
            f"Lambda-Runtime-Trace-Id: {invocation.trace_id}\r\n"
        )
        if invocation.client_context is not None:
            headers += f"Lambda-Runtime-Client-Context: {invocation.client_context}\r\n"
        return self._reply(200, invocation.event, headers)

    def _reply(self, status: int, body: bytes, headers: str = "") -> bool:
        if self._transport is None or self._transport.is_closing():
            return False
        head = (
            f"HTTP/1.1 {status} {'OK' if status == 200 else 'Status'}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        )
        self._transport.write(head.encode("latin-1") + body)
        return True

"""Object storage that fails: a proxy in front of the stand-in, which can be told to misbehave.

It is reached by the setting for another endpoint, so the functions' own client is what is tested.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Call:
    """One request to the storage."""

    method: str
    target: str

    @property
    def operation(self) -> str:
        """What S3 calls it."""
        query = self.target.partition("?")[2]
        if "partNumber=" in query:
            return "UploadPart"
        if "uploads" in query:
            return "CreateMultipartUpload" if self.method == "POST" else "ListMultipartUploads"
        if "uploadId=" in query:
            return {"POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload"}[self.method]
        return {"PUT": "PutObject", "DELETE": "DeleteObject", "HEAD": "HeadObject"}.get(
            self.method, "GetObject"
        )


type Fault = Callable[[Call], tuple[int, str] | None]
"""Gives the status and the error code to answer with instead, or None; may do something else before."""
FAILED = (500, "InternalError")


@dataclass
class Proxy:
    """The proxy and what it has seen."""

    url: str
    calls: list[Call] = field(default_factory=list)
    fault: Fault | None = None
    fault_after: Fault | None = None
    """As ``fault``, when the request has taken effect."""

    def operations(self) -> list[str]:
        """What was asked for, in order."""
        return [call.operation for call in self.calls]


@contextmanager
def storage_proxy(behind: str) -> Iterator[Proxy]:
    """A proxy in front of ``behind``, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            call = Call(self.command, self.path)
            proxy.calls.append(call)
            if proxy.fault is not None and (failed := proxy.fault(call)) is not None:
                self._answer(failed[0], f"<Error><Code>{failed[1]}</Code></Error>".encode(), {})
                return
            headers = {name: value for name, value in self.headers.items() if name.lower() != "expect"}
            connection = HTTPConnection(urlsplit(behind).netloc, timeout=30)
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            status, content, told = answer.status, answer.read(), dict(answer.headers)
            connection.close()
            if proxy.fault_after is not None and (late := proxy.fault_after(call)) is not None:
                status, content, told = late[0], f"<Error><Code>{late[1]}</Code></Error>".encode(), {}
            self._answer(status, content, told)

        def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in {
                    "content-length",
                    "connection",
                    "transfer-encoding",
                    "server",
                    "date",
                }:
                    self.send_header(name, value)
            length = headers.get("Content-Length", str(len(content)))
            self.send_header("Content-Length", length if self.command == "HEAD" else str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _handle  # noqa: N815 - the base class's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy = Proxy(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def slow(seconds: float) -> Fault:
    """Answers late."""

    def fault(call: Call) -> None:
        time.sleep(seconds)

    return fault

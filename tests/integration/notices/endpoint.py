"""An endpoint of a person's, which answers as a test says, and remembers what it was sent."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesParser


@dataclass
class Received:
    """One request."""

    line: str
    headers: dict[str, str]
    body: bytes


type Answering = Callable[[socket.socket], None]


@dataclass
class Endpoint:
    """A server on this machine."""

    url: str
    port: int
    answering: Answering
    received: list[Received] = field(default_factory=list)

    def answers(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer like this from now on."""
        self.answering = fixed(status, body, **headers)


def fixed(status: int, body: bytes = b"", **headers: str) -> Answering:
    """Answer with a status, a body and headers."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    data = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return lambda connection: connection.sendall(data)


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Endpoint]:
    """Run an endpoint on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    scheme = "https" if context else "http"
    made = Endpoint(f"{scheme}://127.0.0.1:{port}/hook", port, fixed(200, b"thanks"))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=_one, args=(made, connection, context), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield made
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _one(endpoint: Endpoint, connection: socket.socket, context: ssl.SSLContext | None) -> None:
    with suppress(OSError), connection:
        wrapped = context.wrap_socket(connection, server_side=True) if context else connection
        with wrapped:
            head, _, rest = _until(wrapped, b"\r\n\r\n")
            line, _, fields = head.partition(b"\r\n")
            headers = {name.lower(): value for name, value in BytesParser().parsebytes(fields).items()}
            while len(rest) < int(headers.get("content-length", "0")):
                rest += wrapped.recv(65_536)
            endpoint.received.append(Received(line.decode(), headers, rest))
            endpoint.answering(wrapped)


def _until(connection: socket.socket, mark: bytes) -> tuple[bytes, bytes, bytes]:
    data = b""
    while mark not in data:
        part = connection.recv(65_536)
        if not part:
            raise ConnectionError
        data += part
    return data.partition(mark)

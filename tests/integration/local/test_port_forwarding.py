"""Forwarding to the loopback address, for containers."""

import http.server
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from local.containers.port_forwarding import forwarding

OTHER = "127.0.0.2"  # an address of this machine where the server itself does not listen


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with what it was sent."""

    def do_POST(self) -> None:
        """Echo."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """Of a server on the loopback address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_bytes_arrive_as_they_are_in_both_directions(port: int) -> None:
    body = bytes(range(256)) * 2000
    with forwarding(OTHER, [port]) as ports:
        for _ in range(3):
            with urllib.request.urlopen(f"http://{OTHER}:{ports[port]}/", body, timeout=10) as answer:
                assert answer.read() == body


def test_a_server_that_is_away_hangs_up(port: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    with (
        forwarding(OTHER, [free]) as ports,
        socket.create_connection((OTHER, ports[free]), timeout=10) as connection,
    ):
        assert connection.recv(1) == b""


def test_nothing_listens_afterwards(port: int) -> None:
    with forwarding(OTHER, [port]) as ports:
        there = ports[port]
        # An open connection does not keep it.
        idle = socket.create_connection((OTHER, there), timeout=10)
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((OTHER, there), timeout=10)

"""Given whatever address a webhook has, when it is sent, nothing but the public internet is reached.

On real sockets: what this process connects to is seen by the interpreter's own audit hook; a server stands
on the addresses of this machine that the tricks lead to.
"""

import ipaddress
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from musicconnect.notices.webhooks import sender
from musicconnect.notices.webhooks.sender import Answer

_connected: list[str] = []
_is_watching = threading.local()


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and getattr(_is_watching, "on", False):
        address = arguments[1]
        _connected.append(str(address[0]) if isinstance(address, tuple) else str(address))


sys.addaudithook(_audit)  # for as long as the process lives; it does nothing unless a test watches


@pytest.fixture
def connected() -> Iterator[list[str]]:
    """The addresses that this thread connects to."""
    _connected.clear()
    _is_watching.on = True
    yield _connected
    _is_watching.on = False


class Canary(BaseHTTPRequestHandler):
    """Counts who comes."""

    reached: list[str] = []  # noqa: RUF012 - shared on purpose

    def do_POST(self) -> None:
        self.reached.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Stay quiet."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Of a server on all of this machine's IPv4 addresses."""
    server = ThreadingHTTPServer(("0.0.0.0", 0), Canary)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


HOSTS = (
    # This machine, in all the ways in which resolvers read it.
    "127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7F.0x0.0x0.0x1",
    "0177.0.0.1", "0177.0000.0000.0001", "017700000001", "127.0.0.1.", "0", "0.0.0.0", "00.0.0.0",
    "localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "ip6-localhost", "[::1]",
    "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[::1%25lo]",
    # Metadata services, and neighbours.
    "169.254.169.254", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "169.254.43518", "169.254.170.2",
    "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "100.100.100.200", "168.63.129.16",
    "metadata.google.internal", "192.0.0.192", "10.0.0.1", "172.16.0.1", "192.168.0.1", "0xc0a80001",
    "100.64.0.1", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fec0::1]", "224.0.0.1", "[ff02::1]",
    "255.255.255.255", "198.18.0.1", "240.0.0.1",
    # Texts that readers of URLs read differently.
    "example.org@127.0.0.1", "127.0.0.1#@example.org", "127.0.0.1\\@example.org", "example.org:80@127.0.0.1",
    "127。0。0。1", "①②⑦.⓪.⓪.①", "127%2e0%2e0%2e1", "127.0.0.1%00.example.org",
    "127.0.0.1:{port}@example.org", "user:password@localhost",
)  # fmt: skip


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", HOSTS)
def test_no_address_reaches_a_neighbour(host: str, scheme: str, port: int, connected: list[str]) -> None:
    Canary.reached.clear()

    answer = sender.send(f"{scheme}://{host.format(port=port)}:{port}/", b"{}", {}, timeout_s=1)

    assert answer.outcome in ("address-refused", "host-not-found")
    assert connected == []
    assert Canary.reached == []


RESOLVED = (
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254",
    "169.254.170.2", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.1", "192.0.2.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::1", "::",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1", "2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "fc00::1",
    "fd00:ec2::254", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1", "100::1", "5f00::1",
)  # fmt: skip


@pytest.mark.parametrize("address", RESOLVED)
def test_no_name_that_resolves_to_a_neighbour_reaches_it(
    address: str, port: int, connected: list[str]
) -> None:
    Canary.reached.clear()

    answer = sender.send(
        f"https://hook.example.org:{port}/", b"{}", {}, resolver=lambda host, port: [address], timeout_s=1
    )

    assert answer == Answer("address-refused")
    assert connected == []
    assert Canary.reached == []


def test_there_are_tricks_enough() -> None:
    assert len(HOSTS) * 2 + len(RESOLVED) >= 40


def test_a_name_is_looked_up_once(port: int, connected: list[str]) -> None:
    """A resolver that answers with another address the second time finds nobody who asks a second time."""
    answers = iter([["203.0.113.9", "192.0.2.9"], ["127.0.0.1"]])

    answer = sender.send(
        f"https://hook.example.org:{port}/", b"{}", {}, resolver=lambda host, port: next(answers), timeout_s=1
    )

    assert answer == Answer("address-refused")
    assert next(answers) == ["127.0.0.1"], "it was asked once"
    assert connected == []


def test_of_mixed_addresses_only_public_ones_are_connected_to(
    port: int, connected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody answers at the public one here, so the next is tried: not the neighbour's."""
    monkeypatch.setattr(sender, "CONNECT_TIMEOUT_S", 0.2)
    mixed = ["127.0.0.1", "192.168.1.1", "1.1.1.1", "::1", "2606:4700::1111"]
    Canary.reached.clear()

    answer = sender.send(
        f"https://hook.example.org:{port}/", b"{}", {}, resolver=lambda host, port: mixed, timeout_s=1
    )

    assert answer.outcome in ("timed-out", "unreachable")
    assert connected
    assert all(ipaddress.ip_address(one).is_global for one in connected)
    assert Canary.reached == []


def test_whoever_is_refused_connects_nowhere_even_where_loopback_is_allowed(
    port: int, connected: list[str]
) -> None:
    for host in ("169.254.169.254", "10.0.0.1", "0xa9fea9fe", "[::ffff:127.0.0.1]", "2130706433"):
        answer = sender.send(f"http://{host}:{port}/", b"{}", {}, allow_loopback=True, timeout_s=1)
        assert answer.outcome == "address-refused", host

    assert connected == []

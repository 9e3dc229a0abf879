"""Send one message to an endpoint that somebody else chose, and see what it answers.

The name is resolved once, each address is looked at, and the connection goes to the very address that was
looked at, under the name's Host header and certificate. Redirects are not followed. All of it together, from
the connection to the last byte that is read, has to be over in time, however slowly the endpoint drips.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Final, Literal

from musicconnect.notices.webhooks import addresses
from musicconnect.notices.webhooks.addresses import RefusedError, Target

TIMEOUT_S: Final = 15.0
"""From the connection to the end of the answer; the specification advises 15 to 30 seconds."""
CONNECT_TIMEOUT_S: Final = 5.0
MAX_ADDRESSES: Final = 3
"""That are tried, one after the other."""
MAX_ANSWER_BYTES: Final = 4_096
"""That are read of an answer; the connection is closed then."""
USER_AGENT: Final = "MusicConnect-Webhooks/1"

type Outcome = Literal[
    "delivered",
    "refused",
    "redirected",
    "gone",
    "timed-out",
    "unreachable",
    "certificate-not-trusted",
    "not-http",
    "host-not-found",
    "address-refused",
]
type Resolve = Callable[[str, int], list[str]]
"""Gives the addresses of a host."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one attempt."""

    outcome: Outcome
    status: int | None = None
    """Of HTTP, where there was an answer."""
    body: str = ""
    """Its beginning."""
    retry_after_s: float | None = None


def resolve(host: str, port: int) -> list[str]:
    """Look a host up, once; `OSError` if there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def send(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allow_loopback: bool = False,
    resolver: Resolve = resolve,
    timeout_s: float = TIMEOUT_S,
) -> Answer:
    """Post a message to an endpoint; whatever goes wrong there is an answer, too.

    Args:
        url: The endpoint's.
        body: As it was signed.
        headers: Beside those of HTTP.
        allow_loopback: Whether addresses of this machine may be connected to.
        resolver: Looks the host up.
        timeout_s: Seconds that all of it may take, but for looking the host up.
    """
    try:
        target = addresses.parse(url, allow_loopback=allow_loopback)
    except RefusedError:
        return Answer("address-refused")
    try:
        found = resolver(target.host, target.port)
    except (OSError, UnicodeError):
        return Answer("host-not-found")
    allowed = [one for one in found if addresses.is_allowed(one, allow_loopback=allow_loopback)]
    if not allowed:
        return Answer("address-refused" if found else "host-not-found")
    deadline = time.monotonic() + timeout_s
    answer = Answer("unreachable")
    for address in allowed[:MAX_ADDRESSES]:
        try:
            connection = _connect(address, target.port, deadline)
        except TimeoutError:
            answer = Answer("timed-out")
        except OSError:
            answer = Answer("unreachable")
        else:
            return _exchange(connection, target, body, headers, deadline)
    return answer


def _connect(address: str, port: int, deadline: float) -> socket.socket:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return socket.create_connection((address, port), timeout=min(CONNECT_TIMEOUT_S, left))


def _exchange(
    connection: socket.socket, target: Target, body: bytes, headers: Mapping[str, str], deadline: float
) -> Answer:
    with _ended_at(connection, deadline) as watch:
        try:
            return _ask(watch, target, body, headers)
        except ssl.SSLCertVerificationError:
            return Answer("certificate-not-trusted")
        except (OSError, http.client.HTTPException, ValueError) as error:
            if watch.is_over or isinstance(error, TimeoutError):
                return Answer("timed-out")
            is_network = isinstance(error, OSError) and not isinstance(error, ssl.SSLError)
            return Answer("unreachable" if is_network else "not-http")


def _ask(watch: "_Watch", target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
    if target.is_tls:
        watch.connection = _context().wrap_socket(
            watch.connection, server_hostname=target.host, do_handshake_on_connect=False
        )
        watch.connection.do_handshake()
    client = http.client.HTTPConnection(target.host, target.port)
    client.sock = watch.connection
    with closing(client):
        client.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
        sent = {
            "Host": target.host_header,
            "User-Agent": USER_AGENT,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        }
        for name, value in sent.items():
            client.putheader(name, value)
        client.endheaders(body)
        response = client.getresponse()
        if watch.is_over:  # which looks like the end of the headers
            raise TimeoutError
        # What it did is said by the status. That its text is slow, or cut off, changes nothing about that.
        text = b""
        with suppress(OSError, http.client.HTTPException, ValueError):
            while len(text) < MAX_ANSWER_BYTES and (part := response.read1(MAX_ANSWER_BYTES - len(text))):
                text += part
        return Answer(
            _outcome(response.status),
            response.status,
            text.decode("utf-8", "replace").replace("\x00", ""),
            _seconds(response.headers.get("Retry-After")),
        )


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return "delivered"
    if status == http.HTTPStatus.GONE:
        return "gone"
    return "redirected" if 300 <= status < 400 else "refused"


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 7 else None


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@dataclass(slots=True)
class _Watch:
    """A connection that ends at a deadline, whatever is being waited for."""

    connection: socket.socket
    is_over: bool = False

    def end(self) -> None:
        self.is_over = True
        # Not the TLS socket's own method, which would take its state away from the thread that uses it.
        with suppress(OSError):
            socket.socket.shutdown(self.connection, socket.SHUT_RDWR)


@contextmanager
def _ended_at(connection: socket.socket, deadline: float) -> Iterator[_Watch]:
    # The time-out of a socket is one of each read: an endpoint that sends a byte every second never meets it.
    left = max(0.0, deadline - time.monotonic())
    connection.settimeout(left or None)
    watch = _Watch(connection)
    timer = threading.Timer(left, watch.end)
    timer.daemon = True
    timer.start()
    try:
        yield watch
    finally:
        timer.cancel()
        with suppress(OSError):
            watch.connection.close()

"""Lets containers reach what listens on this machine's loopback address only.

A forwarder listens on the address that this machine has on the containers' network, and on no other: nothing
becomes reachable from outside. Bytes are passed on as they are.
"""

import contextlib
import socket
import socketserver
import sys
import threading
from collections.abc import Iterator

LOOPBACK = "127.0.0.1"
_CHUNK = 65536
_IP_FREEBIND = 15
"""From ``linux/in.h``; Python has no name for it."""


@contextlib.contextmanager
def forwarding(address: str, ports: list[int]) -> Iterator[dict[int, int]]:
    """Forward to ports of the loopback address, for the time of a ``with`` block.

    Gives the port to use on ``address``, whose network need not be up yet, by the port that it leads to.
    """
    with contextlib.ExitStack() as stack:
        yield {port: stack.enter_context(_serving(address, port)) for port in ports}


@contextlib.contextmanager
def _serving(address: str, target: int) -> Iterator[int]:
    with _Forwarder(address, target) as forwarder:
        thread = threading.Thread(target=forwarder.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield forwarder.server_address[1]
        finally:
            forwarder.shutdown()
            thread.join()
            forwarder.hang_up()


class _Forwarder(socketserver.ThreadingTCPServer):
    """Closing it waits for the connections' threads, which `hang_up` ends."""

    def __init__(self, address: str, target: int) -> None:
        self.target = target
        self._ends: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._is_ending = False
        super().__init__((address, 0), _Connection)

    def server_bind(self) -> None:
        """Bind to an address that may not be there yet: the first container makes the bridge it is on."""
        if sys.platform == "linux":
            self.socket.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
        super().server_bind()

    @contextlib.contextmanager
    def holding(self, *ends: socket.socket) -> Iterator[None]:
        """Know the two ends of a connection while it lasts."""
        with self._guard:
            self._ends.update(ends)
            late = self._is_ending
        if late:
            self.hang_up()
        try:
            yield
        finally:
            with self._guard:
                self._ends.difference_update(ends)

    def hang_up(self) -> None:
        """End every connection: whoever reads from one sees its end."""
        with self._guard:
            self._is_ending = True
            for end in self._ends:
                _shut(end, socket.SHUT_RDWR)


class _Connection(socketserver.BaseRequestHandler):
    """One connection, in a thread of its own for each direction."""

    request: socket.socket
    server: _Forwarder

    def handle(self) -> None:
        """Pass bytes on until both sides have said all."""
        try:
            target = socket.create_connection((LOOPBACK, self.server.target))
        except OSError:
            return  # hangs up
        with target, self.server.holding(self.request, target):
            back = threading.Thread(target=_pump, args=(target, self.request))
            back.start()
            _pump(self.request, target)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the one side's way of hanging up ends the other
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)
    _shut(sink, socket.SHUT_WR)


def _shut(end: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):  # it is closed already
        end.shutdown(how)

"""Serve a simulator on the loopback interface: as a process of its own, or in a thread of a test.

As a process (``python -m local.simulators.spotify --port 0``) the first line on standard output is
``{"url": "http://127.0.0.1:PORT"}``, printed once connections are accepted.
"""

import argparse
import asyncio
import contextlib
import ctypes
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from local.simulators.catalogue import Catalogue

CLOSE_CONNECTION = "musicconnect.close_connection"
"""Key in the ASGI scope's ``state`` of a function that closes the connection without an answer."""

_STARTUP_SECONDS = 30.0


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, whose connections the application can drop (for the fault ``close``)."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][CLOSE_CONNECTION] = self.transport.close


class _Server(uvicorn.Server):
    """Calls ``on_ready`` once connections are accepted."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app, loop="uvloop", http=_Protocol, ws="none", lifespan="off", access_log=False, log_level="error",
        # Longer than a slow test between two calls: one closed just as it is used again fails the call.
        timeout_graceful_shutdown=1, timeout_keep_alive=60,
    )  # fmt: skip


def _listen(port: int) -> tuple[socket.socket, str]:
    listener = socket.create_server(("127.0.0.1", port), backlog=512)
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def serve_in_thread(app: ASGIApp) -> Iterator[str]:
    """Serve ``app`` on an ephemeral port from a thread until the block ends; gives its URL."""
    listener, url = _listen(0)
    ready = threading.Event()
    server = _Server(_config(app), ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name=f"simulator {url}")
    thread.start()
    try:
        if not ready.wait(_STARTUP_SECONDS):
            raise RuntimeError(f"the simulator at {url} did not start")
        yield url
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def die_with_parent() -> None:
    """Get SIGTERM when the process that started this one ends, however it ends.

    On Linux the kernel does it (``PR_SET_PDEATHSIG``, which fires when the *thread* that started us ends);
    elsewhere a thread looks once a second.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        if ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGTERM) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    else:
        threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # it went before we were set up
        os.kill(os.getpid(), signal.SIGTERM)


def _watch_parent(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(1.0)
    os.kill(os.getpid(), signal.SIGTERM)


def run(app: ASGIApp, port: int) -> None:
    """Serve until a signal arrives; prints the address first."""
    listener, url = _listen(port)
    with listener, contextlib.suppress(KeyboardInterrupt):
        server = _Server(_config(app), lambda: print(json.dumps({"url": url}), flush=True))
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(server.serve(sockets=[listener]))


def main(
    create_app: Callable[[Catalogue], ASGIApp], description: str, arguments: list[str] | None = None
) -> None:
    """The command line that every simulator has: ``[--port N] [--catalogue FILE] [--die-with-parent]``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--catalogue", type=Path, help="a catalogue file other than the project's own")
    parser.add_argument("--die-with-parent", action="store_true", help="end when the starting process ends")
    options = parser.parse_args(arguments)
    if options.die_with_parent:
        die_with_parent()
    run(create_app(Catalogue.load(options.catalogue)), options.port)

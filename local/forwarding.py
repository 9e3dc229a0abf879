"""Lets containers reach what listens on this machine's loopback address only.

A forwarder listens on the address that this machine has on the containers' network, and on no other: nothing
becomes reachable from outside. Bytes are passed on as they are.
"""

import asyncio
import contextlib
import socket
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

    Args:
        address: where to listen. The network it belongs to need not be up yet.
        ports: on the loopback address.

    Yields:
        The port to use on ``address``, by the port that it leads to.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="forwarding")
    thread.start()
    servers: list[asyncio.Server] = []
    try:
        servers += [asyncio.run_coroutine_threadsafe(_serve(address, port), loop).result() for port in ports]
        yield {port: server.sockets[0].getsockname()[1] for port, server in zip(ports, servers, strict=True)}
    finally:
        asyncio.run_coroutine_threadsafe(_end(servers), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _serve(address: str, target: int) -> asyncio.Server:
    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(LOOPBACK, target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, back), _pump(there, writer))

    listener = socket.socket()
    if sys.platform == "linux":
        # The bridge is made for its first container; the address may be claimed before.
        listener.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
    listener.bind((address, 0))
    return await asyncio.start_server(forward, sock=listener)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):  # the one side's way of hanging up ends the other
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    with contextlib.suppress(ConnectionError):
        writer.close()
        await writer.wait_closed()


async def _end(servers: list[asyncio.Server]) -> None:
    for server in servers:
        server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)

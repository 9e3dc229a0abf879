"""Run the functions: gateway, Runtime API, event sources and a control address.

Started as ``python -m local.stack.server CONFIG``. The first line of its output has its addresses; from then
on it runs functions on request. ``POST /open`` opens the gateway and the event sources, which is after the
schema has been migrated.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.events.sources import EventSources
from local.gateway.http_api import Gateway
from local.lambda_.environment import function_environment
from local.lambda_.invocation import Outcome
from local.lambda_.logs import LogWriter
from local.lambda_.pool import Limits, Pool, Runtime
from local.template import loader
from local.template.model import Deployment, Function


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """What the stack tells the server, as a JSON file."""

    template: str
    parameters: dict[str, str]
    """All but PublicUrl, which only the server can know."""
    public_url_parameter: bool
    """Whether the template has a parameter PublicUrl."""
    deployment: dict[str, Any]
    port: int
    """Of the gateway; 0 for any."""
    logs: str
    environment: dict[str, str]
    """Variables that every function gets besides those of the template."""
    shell: dict[str, str]
    """The environment that the stack was started in."""
    instances: int
    idle_seconds: float

    def save(self, path: Path) -> None:
        """Write the file; it can hold secrets of the template's parameters."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what ``save`` has written."""
        return cls(**json.loads(path.read_text()))


class _Uvicorn(uvicorn.Server):
    """Says when it accepts connections, and leaves the signals to this process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepting = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.accepting.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server:
    """Everything of the process."""

    def __init__(self, config: ServerConfig, gateway_socket: socket.socket) -> None:
        self._socket = gateway_socket
        self.api_url = f"http://127.0.0.1:{gateway_socket.getsockname()[1]}"
        deployment = Deployment(**config.deployment)
        parameters = dict(config.parameters)
        if config.public_url_parameter:
            parameters.setdefault("PublicUrl", self.api_url)
        self._template = loader.load(Path(config.template), parameters, deployment)
        self._log_writer = LogWriter(Path(config.logs))
        limits = Limits(instances=config.instances, idle_seconds=config.idle_seconds)

        def pool(function: Function) -> Pool:
            environment = function_environment(function, deployment, config.shell, config.environment)
            return Pool(function, environment, self._log_writer, limits)

        self._runtime = Runtime({name: pool(one) for name, one in self._template.functions.items()})
        self._sources = EventSources(self._template, self._runtime)
        self._servers: list[tuple[_Uvicorn, asyncio.Task[None]]] = []

    async def run(self) -> None:
        """Serve until SIGTERM."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        control_socket = socket.create_server(("127.0.0.1", 0))
        await self._serve(self._control(), control_socket)
        control = f"http://127.0.0.1:{control_socket.getsockname()[1]}"
        print(json.dumps({"url": control, "api_url": self.api_url}), flush=True)
        idle = asyncio.create_task(self._runtime.watch_idle())
        await stop.wait()
        idle.cancel()
        await self._sources.stop()
        await self._runtime.close()
        for server, _ in self._servers:
            server.should_exit = True
        await asyncio.gather(*(task for _, task in self._servers))
        self._socket.close()
        self._log_writer.close()

    async def _serve(self, app: Any, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app, http="httptools", ws="none", lifespan="off", access_log=False, log_level="warning",
            timeout_graceful_shutdown=1, server_header=False,
        )  # fmt: skip
        server = _Uvicorn(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await server.accepting.wait()
        self._servers.append((server, task))

    def _control(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/2015-03-31/functions/{function:path}/invocations", self._invoke, methods=["POST"]),
                Route("/functions", self._functions, methods=["GET"]),
                Route("/functions/{function}/end", self._end, methods=["POST"]),
                Route("/schedules/{name}/fire", self._fire, methods=["POST"]),
                Route("/open", self._open, methods=["POST"]),
            ]
        )

    async def _open(self, _: Request) -> Response:
        await self._serve(Gateway(self._template, self._runtime), self._socket)
        self._sources.start()
        return JSONResponse({"url": self.api_url})

    async def _invoke(self, request: Request) -> Response:
        """Like Lambda's Invoke, so that its clients work here."""
        function, event = request.path_params["function"], await request.body()
        try:
            self._runtime.pool(function)
            json.loads(event or b"{}")
        except KeyError:
            known = ", ".join(sorted(self._template.functions))
            return _problem(404, "ResourceNotFoundException", f"no function {function}; there are: {known}")
        except ValueError as error:
            return _problem(400, "InvalidRequestContentException", f"the event is not JSON: {error}")
        if request.headers.get("x-amz-invocation-type") == "Event":
            task = asyncio.ensure_future(self._runtime.invoke(function, event or b"{}"))
            task.add_done_callback(lambda done: done.exception())
            return Response(status_code=202)
        return _outcome(await self._runtime.invoke(function, event or b"{}"))

    async def _fire(self, request: Request) -> Response:
        try:
            schedule = self._sources.scheduler.find(request.path_params["name"])
        except KeyError as error:
            return _problem(404, "ResourceNotFoundException", str(error.args[0]))
        return _outcome(await self._sources.scheduler.fire(schedule))

    async def _functions(self, _: Request) -> Response:
        return JSONResponse(
            {
                name: {"instances": pool.describe(), "ended": pool.history}
                for name, pool in self._runtime.pools.items()
            }
        )

    async def _end(self, request: Request) -> Response:
        body = json.loads(await request.body() or b"{}")
        try:
            pool = self._runtime.pool(request.path_params["function"])
        except KeyError:
            return _problem(404, "ResourceNotFoundException", "no such function")
        number = int(body.get("signal", signal.SIGTERM))
        return JSONResponse({"ended": pool.end_instances(number, busy_only=bool(body.get("busy_only")))})


def _outcome(outcome: Outcome) -> Response:
    headers = {"X-Amz-Function-Error": "Unhandled"} if outcome.failed else {}
    return Response(outcome.payload, 429 if outcome.throttled else 200, headers, "application/json")


def _problem(status: int, kind: str, message: str) -> Response:
    return JSONResponse({"Type": "User", "Message": message}, status, {"x-amzn-errortype": kind})


def _listening(port: int) -> socket.socket:
    """A bound socket that does not listen yet: clients are refused until the gateway opens."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.bind(("127.0.0.1", 0))
    return listener


def main() -> None:
    """Run the server that a configuration file describes."""
    config = ServerConfig.read(Path(sys.argv[1]))
    os.chdir(Path(config.template).parent)

    async def serve() -> None:
        await Server(config, _listening(config.port)).run()

    uvloop.run(serve())


if __name__ == "__main__":
    main()

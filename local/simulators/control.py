"""The ``/_control`` endpoint that both simulators have, and the wrapper that obeys it on every provider call.

A simulator makes one ``Control``, declares its provider routes through ``Control.route`` and mounts
``Control.routes()``. What the endpoint offers (JSON in, JSON out; errors are ``{"error": text}``):

========================================  =============================================================
``GET, DELETE /_control/calls``           the calls so far, and how many by endpoint; delete them
``GET, POST, DELETE /_control/faults``    faults (``faults.Fault``), one or a list; see them, disarm all
``GET, PUT /_control/latency``            ``{"ms": n}``: every provider call waits so long first
``GET, PUT /_control/clock``              ``{"offset_seconds": n}`` or ``{"now": iso}``
``GET, PUT /_control/settings``           the simulator's switches, some or all
``GET, PUT /_control/quota``              ``{bucket: {"used", "limit", "resets_at"}}``; ``{bucket: limit}``
``GET, POST /_control/users``             the people; make one (``{"id", "display_name", ...}``)
``POST /_control/users/{id}/playlists``   ``{"name", "items": [...]}`` gives ``{"id"}``
``GET /_control/playlists/{id}/items``    what is in a playlist, in truth and at once
``POST /_control/reset``                  as just started
========================================  =============================================================

An *endpoint* is a method and a route template, ``GET /v1/playlists/{playlist_id}/items``.
"""

import asyncio
import json
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from local.simulators.clock import Clock, iso
from local.simulators.faults import GARBAGE, Fault, FaultBook
from local.simulators.server import CLOSE_CONNECTION

type JsonObject = dict[str, Any]
type Handler = Callable[[Request], Awaitable[Response]]

COST = "musicconnect.cost"
"""Key in a request's ``scope`` under which a handler leaves what the call cost (default 1)."""

_KEPT_CALLS = 200_000


class ControlError(Exception):
    """A control request that cannot be obeyed; becomes ``{"error": message}``."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Simulator(Protocol):
    """What the control endpoint asks of a simulator. Methods raise ``ControlError`` on bad input."""

    ready_made_faults: Mapping[str, JsonObject]
    """Faults by name, as bodies of ``POST /_control/faults``."""

    @property
    def settings(self) -> BaseModel:
        """Every switch; must forbid unknown fields and validate assignments."""
        ...

    def reset(self) -> None:
        """Back to the state after the start; the clock and the faults are reset by the caller."""
        ...

    def people(self) -> list[JsonObject]:
        """``[{"id", "display_name", "playlists": [{"id", "name", "count"}]}]``."""
        ...

    def add_person(self, body: JsonObject) -> JsonObject:
        """Make a person; gives them as in ``people``."""
        ...

    def add_playlist(self, person_id: str, body: JsonObject) -> str:
        """Make a playlist of catalogue ids or raw entries, free of quota; gives its id."""
        ...

    def playlist_truth(self, playlist_id: str) -> list[JsonObject]:
        """``[{"id", "title", ...}]`` in order, free of quota and of any delay."""
        ...

    def quota(self) -> JsonObject:
        """``{bucket: {"used", "limit", "resets_at"}}``."""
        ...

    def set_quota(self, limits: Mapping[str, int | None]) -> None:
        """Change limits; None is no limit."""
        ...


@dataclass(slots=True)
class Call:
    """One call that a provider route got."""

    method: str
    endpoint: str
    path: str
    query_string: bytes
    at: datetime
    status: int = 0
    """0: the connection was closed, or the client left without an answer."""
    cost: int = 1
    fault: str | None = None
    """The kind of the fault that struck it."""

    def describe(self) -> JsonObject:
        """As ``GET /_control/calls`` shows it."""
        return {
            "method": self.method,
            "endpoint": self.endpoint,
            "path": self.path,
            "query": dict(parse_qsl(self.query_string.decode(), keep_blank_values=True)),
            "status": self.status,
            "at": iso(self.at, millis=True),
            "cost": self.cost,
            "fault": self.fault,
        }


@dataclass(slots=True)
class CallLog:
    """The calls so far. Details are kept of the last 200,000, counts of all."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=_KEPT_CALLS))
    by_endpoint: Counter[str] = field(default_factory=Counter)

    def add(self, call: Call) -> None:
        """Take a call down, when it comes in."""
        self.calls.append(call)
        self.by_endpoint[call.endpoint] += 1

    def clear(self) -> None:
        """Delete all."""
        self.calls.clear()
        self.by_endpoint.clear()


class Control:
    """The state behind ``/_control``, and the wrapper of the provider's routes."""

    def __init__(self, simulator: Simulator, clock: Clock, seed: int = 0) -> None:
        self.simulator = simulator
        self.clock = clock
        self.log = CallLog()
        self.faults = FaultBook(seed)
        self.latency_ms = 0.0
        self._endpoints: set[str] = set()
        self._initial_settings = simulator.settings.model_dump()

    def route(self, path: str, handler: Handler, methods: Sequence[str]) -> Route:
        """A provider route whose calls are logged, delayed and struck by faults.

        The handler must have no ``await`` between reading and changing the state: that makes a call atomic.
        """
        self._endpoints.update(f"{method} {path}" for method in methods)
        return Route(path, _Observed(self, path, handler), methods=list(methods))

    def routes(self) -> list[BaseRoute]:
        """The routes under ``/_control``."""
        table: list[tuple[str, str, Callable[[Request], Awaitable[Any]]]] = [
            ("GET", "/calls", self._get_calls),
            ("DELETE", "/calls", self._delete_calls),
            ("GET", "/faults", self._get_faults),
            ("POST", "/faults", self._post_faults),
            ("DELETE", "/faults", self._delete_faults),
            ("GET", "/latency", self._get_latency),
            ("PUT", "/latency", self._put_latency),
            ("GET", "/clock", self._get_clock),
            ("PUT", "/clock", self._put_clock),
            ("GET", "/settings", self._get_settings),
            ("PUT", "/settings", self._put_settings),
            ("GET", "/quota", self._get_quota),
            ("PUT", "/quota", self._put_quota),
            ("GET", "/users", self._get_users),
            ("POST", "/users", self._post_users),
            ("POST", "/users/{person_id}/playlists", self._post_playlists),
            ("GET", "/playlists/{playlist_id}/items", self._get_playlist_items),
            ("POST", "/reset", self._post_reset),
        ]
        return [Route(f"/_control{path}", answering(act), methods=[method]) for method, path, act in table]

    async def _get_calls(self, _: Request) -> JsonObject:
        return {
            "calls": [call.describe() for call in self.log.calls],
            "by_endpoint": dict(self.log.by_endpoint),
        }

    async def _delete_calls(self, _: Request) -> JsonObject:
        self.log.clear()
        return {}

    async def _get_faults(self, _: Request) -> JsonObject:
        return {"faults": self.faults.describe(), "ready_made": sorted(self.simulator.ready_made_faults)}

    async def _post_faults(self, request: Request) -> JsonObject:
        body = await _json(request)
        faults = []
        for entry in body if isinstance(body, list) else [body]:
            try:
                fault = Fault.parse(entry, self.simulator.ready_made_faults)
            except KeyError as error:
                known = ", ".join(sorted(self.simulator.ready_made_faults))
                raise ControlError(400, f"no ready-made fault {error}; there are: {known}") from error
            if not any(fault.matches(endpoint) for endpoint in self._endpoints):
                known = ", ".join(sorted(self._endpoints))
                raise ControlError(400, f"no endpoint {fault.endpoint!r}; there are: {known}")
            faults.append(fault)
        for fault in faults:
            self.faults.add(fault)
        return {"faults": self.faults.describe()}

    async def _delete_faults(self, _: Request) -> JsonObject:
        self.faults.clear()
        return {}

    async def _get_latency(self, _: Request) -> JsonObject:
        return {"ms": self.latency_ms}

    async def _put_latency(self, request: Request) -> JsonObject:
        milliseconds = (await read_object(request)).get("ms")
        if not isinstance(milliseconds, int | float) or not 0 <= milliseconds <= 600_000:
            raise ControlError(400, "ms must be a number from 0 to 600000")
        self.latency_ms = milliseconds
        return {"ms": milliseconds}

    async def _get_clock(self, _: Request) -> JsonObject:
        return {
            "now": iso(self.clock.now(), millis=True),
            "offset_seconds": self.clock.offset.total_seconds(),
        }

    async def _put_clock(self, request: Request) -> JsonObject:
        match await read_object(request):
            case {"offset_seconds": int() | float() as seconds}:
                self.clock.offset = timedelta(seconds=seconds)
            case {"now": str() as moment}:
                try:
                    self.clock.shift_to(datetime.fromisoformat(moment))
                except ValueError as error:
                    raise ControlError(400, f"now: {error}") from error
            case _:
                raise ControlError(400, 'give {"offset_seconds": n} or {"now": iso}')
        return await self._get_clock(request)

    async def _get_settings(self, _: Request) -> JsonObject:
        return self.simulator.settings.model_dump(mode="json")

    async def _put_settings(self, request: Request) -> JsonObject:
        settings = self.simulator.settings
        # Checked as a whole before any of it takes effect.
        checked = type(settings).model_validate({**settings.model_dump(), **await read_object(request)})
        for name in type(settings).model_fields:
            setattr(settings, name, getattr(checked, name))
        return await self._get_settings(request)

    async def _get_quota(self, _: Request) -> JsonObject:
        return self.simulator.quota()

    async def _put_quota(self, request: Request) -> JsonObject:
        self.simulator.set_quota(await read_object(request))
        return self.simulator.quota()

    async def _get_users(self, _: Request) -> JsonObject:
        return {"users": self.simulator.people()}

    async def _post_users(self, request: Request) -> JsonObject:
        return self.simulator.add_person(await read_object(request))

    async def _post_playlists(self, request: Request) -> JsonObject:
        return {
            "id": self.simulator.add_playlist(request.path_params["person_id"], await read_object(request)),
        }

    async def _get_playlist_items(self, request: Request) -> JsonObject:
        return {"items": self.simulator.playlist_truth(request.path_params["playlist_id"])}

    async def _post_reset(self, _: Request) -> JsonObject:
        self.log.clear()
        self.faults.clear()
        self.latency_ms = 0.0
        self.clock.reset()
        for name, value in self._initial_settings.items():
            setattr(self.simulator.settings, name, value)
        self.simulator.reset()
        return {}


class _Observed:
    """A provider route as an ASGI application: log, latency, fault, handler."""

    __slots__ = ("_control", "_handler", "_names", "_path")

    def __init__(self, control: Control, path: str, handler: Handler) -> None:
        self._control = control
        self._path = path
        self._handler = handler
        self._names: dict[str, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        control = self._control
        method: str = scope["method"]
        endpoint = self._names.get(method) or self._names.setdefault(method, f"{method} {self._path}")
        call = Call(method, endpoint, scope["path"], scope["query_string"], control.clock.now())
        control.log.add(call)
        if control.latency_ms:
            await asyncio.sleep(control.latency_ms / 1000)
        fault = control.faults.pick(endpoint)
        if fault is not None:
            call.fault = fault.kind
            if fault.applied and fault.kind != "delay":
                await self._handler(Request(scope, receive))
                call.cost = scope.get(COST, 1)
            if fault.delay_ms:
                await asyncio.sleep(fault.delay_ms / 1000)
        if fault is None or fault.kind == "delay":
            call.status = 500  # stands when the handler raises
            response = await self._handler(Request(scope, receive))
            call.cost = scope.get(COST, 1)
        else:
            faulty = await _faulty_response(fault, scope, receive)
            if faulty is None:
                return
            response = faulty
        call.status = response.status_code
        await response(scope, receive, send)


async def _faulty_response(fault: Fault, scope: Scope, receive: Receive) -> Response | None:
    """What goes out in place of the answer; None when nothing does."""
    match fault.kind:
        case "garbage":
            return Response(GARBAGE, fault.status or 200, fault.headers, "application/json; charset=utf-8")
        case "empty":
            return Response(b"", fault.status or 200, fault.headers)
        case "close" | "hang":
            if fault.kind == "close":
                scope["state"][CLOSE_CONNECTION]()
            while (await receive())["type"] != "http.disconnect":
                pass
            return None
        case _:
            status = fault.status or 500
            if fault.body is None:
                return Response(b"", status, fault.headers)
            if isinstance(fault.body, str):
                return Response(fault.body, status, fault.headers, "text/plain; charset=utf-8")
            return JSONResponse(fault.body, status, fault.headers)


def answering(act: Callable[[Request], Awaitable[Any]]) -> Handler:
    """A control request as a handler: its result, or its error, as JSON. For what a simulator adds itself."""

    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await act(request))
        except ControlError as error:
            return JSONResponse({"error": error.message}, error.status)
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()
            )
            return JSONResponse({"error": problems}, 400)

    return answer


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except ValueError as error:
        raise ControlError(400, f"the body is no JSON: {error}") from error


async def read_object(request: Request) -> JsonObject:
    """The body of a control request.

    Raises:
        ControlError: 400 when it is no JSON object.
    """
    body = await _json(request)
    if not isinstance(body, dict):
        raise ControlError(400, "the body must be a JSON object")
    return body

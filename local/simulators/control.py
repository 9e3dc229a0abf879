"""The ``/_control`` endpoint that every simulator has, and the wrapper that obeys it on every provider call.

A simulator makes one ``Control``, declares its provider routes through ``Control.route`` and mounts
``Control.routes()``. What the endpoint offers (JSON in, JSON out; errors are ``{"error": text}``):

========================================  =============================================================
``GET, DELETE /_control/calls``           the calls so far, and how many by endpoint; delete them
``GET, POST, DELETE /_control/faults``    faults (``faults.Fault``), one or a list; see them, disarm all
``GET, PUT /_control/latency``            ``{"ms": n}``: every provider call waits so long first
``GET, PUT /_control/clock``              ``{"offset_seconds": n}`` or ``{"now": iso}``
``GET, PUT /_control/settings``           the simulator's switches, some or all
``GET, PUT /_control/quota``              ``{bucket: {"used", "limit", "resets_at"}}``; ``{bucket: limit}``
``GET, POST /_control/users``             the users; make one  (``{"id", "display_name", ...}``)
``POST /_control/users/{id}/playlists``   ``{"name", "items": [...]}`` gives ``{"id"}``
``GET /_control/playlists/{id}/items``    what is in a playlist, in truth and at once
``POST /_control/reset``                  as just started
========================================  =============================================================

An *endpoint* is a method and a route template, ``GET /v1/playlists/{playlist_id}/items``.
"""

import asyncio
import json
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from local.simulators.clock import Clock, iso
from local.simulators.faults import GARBAGE, Fault, FaultBook
from local.simulators.server import CLOSE_CONNECTION

type JsonObject = dict[str, Any]
type Handler = Callable[[Request], Awaitable[Response]]

COST = "musicconnect.cost"
"""Key in a request's ``scope`` under which a handler leaves what the call cost (default 1)."""

_MAX_CALLS = 200_000


@dataclass(eq=False)
class ControlError(Exception):
    """A control request that cannot be obeyed; becomes ``{"error": message}``."""

    status: int
    message: str


class Simulator(Protocol):
    """What the control endpoint asks of a simulator. Methods raise ``ControlError`` on bad input."""

    ready_made_faults: Mapping[str, JsonObject]
    """Faults by name, as bodies of ``POST /_control/faults``."""

    @property
    def settings(self) -> BaseModel:
        """Every switch; must forbid unknown fields and validate assignments."""

    def reset(self) -> None:
        """Restore the state after the start; the caller resets the clock and the faults."""

    def users(self) -> list[JsonObject]:
        """``[{"id", "display_name", "playlists": [{"id", "name", "count"}]}]``."""

    def add_user(self, body: JsonObject) -> JsonObject:
        """Make a user; gives them as in ``users``."""

    def add_playlist(self, user_id: str, body: JsonObject) -> str:
        """Make a playlist of catalogue ids or raw entries, free of quota; gives its id."""

    def playlist_truth(self, playlist_id: str) -> list[JsonObject]:
        """``[{"id", "title", ...}]`` in order, free of quota and of any delay."""

    def quota(self) -> JsonObject:
        """``{bucket: {"used", "limit", "resets_at"}}``."""

    def set_quota(self, limits: Mapping[str, int | None]) -> JsonObject:
        """Change limits, None being no limit; gives the quota."""


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

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=_MAX_CALLS))
    by_endpoint: Counter[str] = field(default_factory=Counter)

    def add(self, call: Call) -> None:
        """Record a call when it comes in."""
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
        simulator = self.simulator
        table: list[tuple[str, str, Callable[..., Any]]] = [
            ("GET", "calls", self._calls),
            ("DELETE", "calls", lambda _: self.log.clear()),
            ("GET", "faults", self._faults),
            ("POST", "faults", self._add_faults),
            ("DELETE", "faults", lambda _: self.faults.clear()),
            ("GET", "latency", lambda _: {"ms": self.latency_ms}),
            ("PUT", "latency", self._set_latency),
            ("GET", "clock", self._clock),
            ("PUT", "clock", self._set_clock),
            ("GET", "settings", lambda _: simulator.settings.model_dump(mode="json")),
            ("PUT", "settings", self._change_settings),
            ("GET", "quota", lambda _: simulator.quota()),
            ("PUT", "quota", simulator.set_quota),
            ("GET", "users", lambda _: {"users": simulator.users()}),
            ("POST", "users", simulator.add_user),
            ("POST", "users/{user}/playlists", lambda body, user: {"id": simulator.add_playlist(user, body)}),
            ("GET", "playlists/{id}/items", lambda _, id: {"items": simulator.playlist_truth(id)}),  # noqa: A006
            ("POST", "reset", self._reset),
        ]
        return [control_route(*row) for row in table]

    def _calls(self, _: object) -> JsonObject:
        calls = [call.describe() for call in self.log.calls]
        return {"calls": calls, "by_endpoint": dict(self.log.by_endpoint)}

    def _faults(self, _: object) -> JsonObject:
        return {"faults": self.faults.describe(), "ready_made": sorted(self.simulator.ready_made_faults)}

    def _add_faults(self, body: Any) -> JsonObject:
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

    def _set_latency(self, body: JsonObject) -> JsonObject:
        milliseconds = body.get("ms")
        if not isinstance(milliseconds, int | float) or not 0 <= milliseconds <= 600_000:
            raise ControlError(400, "ms must be a number from 0 to 600000")
        self.latency_ms = milliseconds
        return {"ms": milliseconds}

    def _clock(self, _: object) -> JsonObject:
        now = iso(self.clock.now(), millis=True)
        return {"now": now, "offset_seconds": self.clock.offset.total_seconds()}

    def _set_clock(self, body: JsonObject) -> JsonObject:
        match body:
            case {"offset_seconds": int() | float() as seconds}:
                self.clock.offset = timedelta(seconds=seconds)
            case {"now": str() as moment}:
                try:
                    self.clock.shift_to(datetime.fromisoformat(moment))
                except ValueError as error:
                    raise ControlError(400, f"now: {error}") from error
            case _:
                raise ControlError(400, 'give {"offset_seconds": n} or {"now": iso}')
        return self._clock(body)

    def _change_settings(self, body: JsonObject) -> JsonObject:
        settings = self.simulator.settings
        # Checked as a whole before any of it takes effect.
        checked = type(settings).model_validate({**settings.model_dump(), **body})
        for name in type(settings).model_fields:
            setattr(settings, name, getattr(checked, name))
        return settings.model_dump(mode="json")

    def _reset(self, _: object) -> None:
        self.log.clear()
        self.faults.clear()
        self.latency_ms = 0.0
        self.clock.reset()
        for name, value in self._initial_settings.items():
            setattr(self.simulator.settings, name, value)
        self.simulator.reset()


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


def new_user_id(body: JsonObject, accounts: Container[str]) -> str:
    """The id of a user to be made; 400 where it is none, 409 where somebody has it."""
    user_id = body.get("id")
    if not isinstance(user_id, str) or not user_id:
        raise ControlError(400, "id: a string that is not empty")
    if user_id in accounts:
        raise ControlError(409, f"{user_id} is there already")
    return user_id


def account_of[Account](accounts: Mapping[str, Account], user_id: str) -> Account:
    """A user's account; 404 where nobody has this id."""
    account = accounts.get(user_id)
    if account is None:
        raise ControlError(404, f"nobody is called {user_id}")
    return account


def items_of[Item](body: JsonObject, item_of: Callable[[Any], Item]) -> list[Item]:
    """The entries of a playlist to be made; 400 where one is of no known form."""
    try:
        return [item_of(raw) for raw in body.get("items", [])]
    except (KeyError, TypeError, ValueError) as error:
        raise ControlError(400, f"items: {error!r}") from error


def application(routes: Sequence[BaseRoute]) -> ASGIApp:
    """A simulator as an ASGI application: an address with a slash too many is another one."""
    made: Any = Starlette(routes=list(routes))
    made.router.redirect_slashes = False
    app: ASGIApp = made
    return app


def control_route(method: str, path: str, act: Callable[..., Any]) -> Route:
    """A route under ``/_control`` that answers with what ``act`` gives for the body and the path, as JSON.

    An empty body counts as an empty object; only faults may come as a list.
    """

    async def answer(request: Request) -> Response:
        try:
            raw = await request.body()
            try:
                body = json.loads(raw) if raw else {}
            except ValueError as error:
                raise ControlError(400, f"the body is no JSON: {error}") from error
            if not isinstance(body, dict) and path != "faults":
                raise ControlError(400, "the body must be a JSON object")
            return JSONResponse(act(body, **request.path_params) or {})
        except ControlError as error:
            return JSONResponse({"error": error.message}, error.status)
        except ValidationError as error:
            problems = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            return JSONResponse({"error": "; ".join(problems)}, 400)

    return Route(f"/_control/{path}", answer, methods=[method])

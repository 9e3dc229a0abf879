"""What every call goes through: ListenBrainz' window of ten seconds, MusicBrainz' second, tokens, errors."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.simulators.clock import Clock, iso
from local.simulators.control import ControlError, Handler
from local.simulators.listenbrainz.settings import TOO_FAST, Settings
from local.simulators.listenbrainz.state import Account, ListenBrainzState

LARGE = 100_000
WINDOW_S = {"calls": 10, "musicbrainz": 1}
"""Seconds after which an allowance is whole again, aligned to the clock."""


class ApiError(Exception):
    """A refusal in ListenBrainz' form."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has been let in."""

    account: Account | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    raw: bytes
    token: str | None

    def body(self) -> dict[str, Any]:
        """Read the body; 400 where it is no object."""
        try:
            found = json.loads(self.raw)
        except ValueError as error:
            raise ApiError(400, f"Cannot parse JSON document: {error}") from error
        if not isinstance(found, dict):
            raise ApiError(400, "Invalid JSON document submitted.")
        return found

    def number(self, name: str, default: int) -> int:
        """Read a whole number of the query."""
        try:
            found = int(self.query.get(name, default))
        except ValueError as error:
            raise ApiError(400, f"Invalid {name} argument: {self.query[name]}") from error
        if found < 0:
            raise ApiError(400, f"Invalid {name} argument: {found}")
        return found


type TokenRule = Literal["needed", "optional", "unchecked"]
"""Whether a call has to bring a token. One that is optional is refused all the same where it is wrong."""
type Act = Callable[[Call], Any]
"""One endpoint: takes a call, gives what is answered as JSON. No awaiting: calls are atomic."""


class Windows:
    """Counts calls in windows that are aligned to the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Nobody notices a limit."""
        self.limits: dict[str, int | None] = dict.fromkeys(WINDOW_S)
        self._used: dict[str, tuple[int, int]] = {}

    def take(self, name: str) -> bool:
        """Count a call; False where it is one too many."""
        window = int(self._clock.timestamp()) // WINDOW_S[name]
        at, used = self._used.get(name, (window, 0))
        used = used + 1 if at == window else 1
        self._used[name] = (window, used)
        return used <= self._limit(name)

    def headers(self, name: str) -> dict[str, str]:
        """What stands on every answer of ListenBrainz."""
        now, length = self._clock.timestamp(), WINDOW_S[name]
        ends = (int(now) // length + 1) * length
        used = self._used.get(name, (0, 0))[1]
        return {
            "X-RateLimit-Limit": str(self._limit(name)),
            "X-RateLimit-Remaining": str(max(0, self._limit(name) - used)),
            "X-RateLimit-Reset": str(ends),
            "X-RateLimit-Reset-In": str(max(1, math.ceil(ends - now))),
        }

    def _limit(self, name: str) -> int:
        limit = self.limits[name]
        return LARGE if limit is None else limit

    def set(self, limits: Mapping[str, int | None]) -> None:
        """Change limits; `ControlError` when there is no such one, or no such number."""
        for name, limit in limits.items():
            if name not in WINDOW_S:
                raise ControlError(400, f"no limit {name!r}; there are: {', '.join(WINDOW_S)}")
            if limit is not None and (not isinstance(limit, int) or limit < 0):
                raise ControlError(400, f"{name}: a whole number or null")
            self.limits[name] = limit
            self._used.pop(name, None)

    def describe(self) -> dict[str, Any]:
        """The limits as JSON."""
        now = self._clock.timestamp()
        return {
            name: {
                "used": self._used.get(name, (0, 0))[1],
                "limit": self.limits[name],
                "resets_at": iso(datetime.fromtimestamp((int(now) // length + 1) * length, UTC)),
            }
            for name, length in WINDOW_S.items()
        }


class Gate:
    """Lets calls in."""

    def __init__(self, state: ListenBrainzState, settings: Settings, windows: Windows) -> None:
        self._state = state
        self._settings = settings
        self._windows = windows

    def listenbrainz(self, act: Act, rule: TokenRule = "needed") -> Handler:
        """Put an endpoint of ListenBrainz behind the gate."""

        async def handle(request: Request) -> Response:
            raw = await request.body()
            try:
                if not self._windows.take("calls"):
                    raise ApiError(429, TOO_FAST)
                answer: Response = JSONResponse(act(self._admit(request, raw, rule)))
            except ApiError as error:
                answer = JSONResponse({"code": error.status, "error": error.text}, error.status)
            answer.headers.update(self._windows.headers("calls"))
            return answer

        return handle

    def musicbrainz(self, act: Act) -> Handler:
        """Put an endpoint of MusicBrainz behind the gate."""

        async def handle(request: Request) -> Response:
            if self._settings.needs_contact and "(" not in request.headers.get("user-agent", ""):
                return JSONResponse({"error": "Your User-Agent does not say whom to write to."}, 403)
            if not self._windows.take("musicbrainz"):
                busy = {"error": "Your requests are exceeding the allowable rate limit."}
                return JSONResponse(busy, 503, {"Retry-After": "1"})
            try:
                return JSONResponse(
                    act(Call(None, request.path_params, dict(request.query_params), b"", None))
                )
            except ApiError as error:
                return JSONResponse({"error": error.text}, error.status)

        return handle

    def _admit(self, request: Request, raw: bytes, rule: TokenRule) -> Call:
        header, account, token = request.headers.get("authorization"), None, None
        if header is not None:
            parts = header.split(" ")
            if len(parts) < 2:
                raise ApiError(401, "Provided Authorization header is invalid.")
            token = parts[1]
            account = self._state.account_of_token(token)
            if account is None and rule != "unchecked":
                raise ApiError(401, "Invalid authorization token.")
        elif rule == "needed":
            raise ApiError(401, "You need to provide an Authorization header.")
        return Call(account, request.path_params, dict(request.query_params), raw, token)

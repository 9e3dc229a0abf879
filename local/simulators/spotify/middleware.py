"""What every call of the Web API goes through: token, limits, allow-list, scopes, parameters, errors."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.simulators.control import Handler
from local.simulators.spotify.accounts import Access, Accounts
from local.simulators.spotify.errors import ApiError
from local.simulators.spotify.limits import Limits
from local.simulators.spotify.resources import page
from local.simulators.spotify.settings import NOT_REGISTERED, PREMIUM_REQUIRED, Settings
from local.simulators.spotify.state import Account, SpotifyState

_WRITES = frozenset(("POST", "PUT", "DELETE"))


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has been let in."""

    request: Request
    base: str
    """The address of the Web API as the client knows it, without a slash at the end."""
    access: Access
    caller: Account | None
    """None: the application itself."""
    body: Any
    """The JSON body; None when there is none."""

    @property
    def account(self) -> Account:
        """The user who calls; 401 when only the application does."""
        if self.caller is None:
            raise ApiError(401, "Valid user authentication required")
        return self.caller

    @property
    def path(self) -> dict[str, str]:
        """The values in the path."""
        return self.request.path_params

    def text(self, name: str) -> str | None:
        """A query parameter; None when it is absent or empty."""
        return self.request.query_params.get(name) or None

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number from the query; 400 when it is none, or out of bounds."""
        raw = self.text(name)
        if raw is None:
            return default
        try:
            value = int(raw)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise ApiError(400, f"Invalid {name}")
        return value

    def window(self, most: int = 50, default: int = 20, last_offset: int = 100_000) -> tuple[int, int]:
        """``limit`` and ``offset``."""
        return self.number("limit", default, 1, most), self.number("offset", 0, 0, last_offset)

    def page[T](self, path: str, rows: Sequence[T], write: Callable[[str, T], Any]) -> Response:
        """Answer with the part of a list that ``limit`` and ``offset`` ask for."""
        limit, offset = self.window()
        items = [write(self.base, row) for row in rows[offset : offset + limit]]
        return JSONResponse(page(f"{self.base}{path}", items, limit=limit, offset=offset, total=len(rows)))

    def object(self) -> dict[str, Any]:
        """The body, which has to be a JSON object (else 400); an absent one counts as empty."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise ApiError(400, "Error parsing JSON.")
        return self.body

    def require(self, *scopes: str) -> None:
        """Ask for scopes that depend on what the call is about; 403 without them."""
        if not self.access.scopes.issuperset(scopes):
            raise ApiError(403, "Insufficient client scope")


type Act = Callable[[Call], Response]
"""One endpoint: takes a call, gives an answer or raises ``ApiError``. No awaiting: calls are atomic."""


class Gate:
    """Lets calls in, in the order in which Spotify complains: token, limits, application, user, scope."""

    def __init__(self, state: SpotifyState, settings: Settings, accounts: Accounts, limits: Limits) -> None:
        self._state = state
        self._settings = settings
        self._accounts = accounts
        self._limits = limits

    def guard(
        self, act: Act, scopes: Collection[str] = (), unless: Callable[[], bool] | None = None
    ) -> Handler:
        """Put an endpoint behind the gate; ``unless`` tells whether it is withdrawn at the moment (403)."""
        needed = frozenset(scopes)

        async def handle(request: Request) -> Response:
            try:
                body = await _body(request) if request.method in _WRITES else None
                call = self._admit(request, body)
                if unless is not None and unless():
                    raise ApiError(403, "Forbidden")
                if not call.access.scopes >= needed:
                    if call.caller is None:
                        raise ApiError(401, "Valid user authentication required")
                    raise ApiError(403, "Insufficient client scope")
                return act(call)
            except ApiError as error:
                return error.response()

        return handle

    def _admit(self, request: Request, body: Any) -> Call:
        access = self._accounts.authenticate(request.headers.get("authorization"))
        self._limits.count()
        settings = self._settings
        caller = None
        if access.user_id is not None:
            caller = self._state.accounts.get(access.user_id)
            if caller is None:
                raise ApiError(401, "Invalid access token")
        if settings.mode == "development":
            if not settings.premium:
                raise ApiError(403, PREMIUM_REQUIRED)
            allowed = settings.allow_list
            if caller is not None and allowed is not None and caller.id not in allowed:
                raise ApiError(403, NOT_REGISTERED, as_text=settings.not_registered_as_text)
        base = f"{request.scope['scheme']}://{request.headers['host']}/v1"
        return Call(request, base, access, caller, body)


async def _body(request: Request) -> Any:
    raw = await request.body()
    if not raw:
        return None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(400, "Unsupported content type: application/json expected")
    try:
        return json.loads(raw)
    except ValueError as error:
        raise ApiError(400, "Error parsing JSON.") from error

"""What every call of the Web API goes through: token, limits, allow-list, scopes, parameters, errors."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response

from local.simulators.control import Handler
from local.simulators.spotify.accounts import Access, Accounts
from local.simulators.spotify.errors import ApiError
from local.simulators.spotify.limits import Limits
from local.simulators.spotify.settings import Settings
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
        """The person who calls.

        Raises:
            ApiError: 401 when only the application calls.
        """
        if self.caller is None:
            raise ApiError.unauthorized("Valid user authentication required")
        return self.caller

    @property
    def path(self) -> dict[str, str]:
        """The values in the path."""
        return self.request.path_params

    def text(self, name: str) -> str | None:
        """A query parameter; None when it is absent or empty."""
        return self.request.query_params.get(name) or None

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number from the query.

        Raises:
            ApiError: 400 ``Invalid <name>`` when it is none, or out of bounds.
        """
        raw = self.text(name)
        if raw is None:
            return default
        try:
            value = int(raw)
        except ValueError:
            raise ApiError.bad_request(f"Invalid {name}") from None
        if not least <= value <= most:
            raise ApiError.bad_request(f"Invalid {name}")
        return value

    def window(self, most: int = 50, default: int = 20, last_offset: int = 100_000) -> tuple[int, int]:
        """``limit`` and ``offset``."""
        return self.number("limit", default, 1, most), self.number("offset", 0, 0, last_offset)

    def object(self) -> dict[str, Any]:
        """The body, which has to be a JSON object; an absent one counts as empty.

        Raises:
            ApiError: 400.
        """
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise ApiError.bad_request("Error parsing JSON.")
        return self.body

    def require(self, *scopes: str) -> None:
        """Ask for scopes that depend on what the call is about.

        Raises:
            ApiError: 403.
        """
        if not self.access.scopes.issuperset(scopes):
            raise ApiError.insufficient_scope()


class Act(Protocol):
    """One endpoint: takes a call, gives an answer or raises ``ApiError``. No awaiting: calls are atomic."""

    def __call__(self, call: Call, /) -> Response:
        """Answer the call."""
        ...


class Gate:
    """Lets calls in, in the order in which Spotify complains: token, limits, application, person, scope."""

    def __init__(self, state: SpotifyState, settings: Settings, accounts: Accounts, limits: Limits) -> None:
        self._state = state
        self._settings = settings
        self._accounts = accounts
        self._limits = limits

    def guard(
        self, act: Act, scopes: Collection[str] = (), unless: Callable[[], bool] | None = None
    ) -> Handler:
        """An endpoint behind the gate.

        Args:
            act: the endpoint.
            scopes: all of them are needed.
            unless: tells whether the endpoint is withdrawn at the moment (403).
        """
        needed = frozenset(scopes)

        async def handle(request: Request) -> Response:
            try:
                body = await _body(request) if request.method in _WRITES else None
                call = self._admit(request, body)
                if unless is not None and unless():
                    raise ApiError.forbidden()
                if not call.access.scopes >= needed:
                    if call.caller is None:
                        raise ApiError.unauthorized("Valid user authentication required")
                    raise ApiError.insufficient_scope()
                return act(call)
            except ApiError as error:
                return error.response()

        return handle

    def _admit(self, request: Request, body: Any) -> Call:
        access = self._accounts.authenticate(request.headers.get("authorization"))
        self._limits.count()
        settings = self._settings
        caller = None
        if access.person_id is not None:
            caller = self._state.accounts.get(access.person_id)
            if caller is None:
                raise ApiError.unauthorized("Invalid access token")
        if settings.mode == "development":
            if not settings.premium:
                raise ApiError.premium_required()
            allowed = settings.allow_list
            if caller is not None and allowed is not None and caller.id not in allowed:
                raise ApiError.not_registered(as_text=settings.not_registered_as_text)
        base = f"{request.scope['scheme']}://{request.headers['host']}/v1"
        return Call(request, base, access, caller, body)


async def _body(request: Request) -> Any:
    """The JSON body of a write.

    Raises:
        ApiError: 400 when there is a body that is no JSON, or that does not say that it is.
    """
    raw = await request.body()
    if not raw:
        return None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError.bad_request("Unsupported content type: application/json expected")
    try:
        return json.loads(raw)
    except ValueError as error:
        raise ApiError.bad_request("Error parsing JSON.") from error

"""What every call of the API goes through: token, media types, limit, scopes, idempotency keys, errors."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local.simulators.clock import Clock
from local.simulators.control import COST, Handler
from local.simulators.tidal.accounts import Accounts
from local.simulators.tidal.documents import Tree, cost_of, parse_include
from local.simulators.tidal.errors import MEDIA_TYPE, ApiError, bad_request, not_found
from local.simulators.tidal.graph import Viewer
from local.simulators.tidal.limits import TokenBucket
from local.simulators.tidal.settings import Settings
from local.simulators.tidal.state import Account, TidalState

KEY_LIFETIME = timedelta(hours=1)
MAX_KEY_LENGTH = 128
DEFAULT_COUNTRY = "US"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has been let in."""

    viewer: Viewer
    path: dict[str, str]
    """The values in the path."""
    address: str
    """The path below ``/v2``."""
    query: dict[str, str]
    """Of a repeated parameter all values, joined by commas."""
    body: Any

    @property
    def account(self) -> Account:
        """The person who calls; 404 when only the application does: it owns nothing."""
        if self.viewer.account is None:
            raise not_found()
        return self.viewer.account

    def lacks(self, scope: str | None) -> bool:
        """Whether a person calls who has not consented to this; an application has no scopes."""
        return scope is not None and self.viewer.account is not None and scope not in self.viewer.token.scopes

    def tree(self, kind: str) -> Tree:
        """Read what to include."""
        return parse_include(kind, self.query.get("include", ""))

    def filters(self, *known: str) -> dict[str, list[str]]:
        """Read the filters; 400 for one that the endpoint does not have, naming those it has."""
        found = {}
        for name, value in self.query.items():
            if name.startswith("filter["):
                inner = name.removeprefix("filter[").removesuffix("]")
                if inner not in known:
                    raise bad_request(name, f"Unknown filter; available filters: {', '.join(known)}")
                found[inner] = [part for part in value.split(",") if part]
        return found

    def data(self, most: int) -> list[dict[str, Any]]:
        """Read the identifiers of a write; 400 when there are none, too many, or what is no identifier."""
        rows = self.body.get("data") if isinstance(self.body, dict) else None
        if not isinstance(rows, list) or not 1 <= len(rows) <= most:
            raise ApiError(400, f"data must have 1 to {most} elements", "INVALID_REQUEST")
        for row in rows:
            if not isinstance(row, dict) or not isinstance(row.get("id"), str) or "type" not in row:
                raise ApiError(400, "data must be resource identifiers", "INVALID_REQUEST")
        return rows


type Act = Callable[[Call], Response]
"""One endpoint: takes a call, gives an answer or raises ``ApiError``. No awaiting: calls are atomic."""


@dataclass(frozen=True, slots=True)
class _Replay:
    payload: bytes
    status: int
    body: bytes
    at: datetime


class Gate:
    """Lets calls in."""

    def __init__(
        self, state: TidalState, settings: Settings, accounts: Accounts, bucket: TokenBucket, clock: Clock
    ) -> None:
        self._state = state
        self._settings = settings
        self._accounts = accounts
        self._bucket = bucket
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Delete every idempotency key."""
        self._replays: dict[tuple[str, str], _Replay] = {}

    def guard(self, act: Act, scope: str | None = None, missing: int = 404) -> Handler:
        """Put an endpoint behind the gate; ``missing`` is the answer to a token without its scope."""

        async def handle(request: Request) -> Response:
            raw = await request.body()
            query: dict[str, str] = {}
            for name, value in request.query_params.multi_items():
                query[name] = f"{query[name]},{value}" if name in query else value
            cost = cost_of(query.get("include", ""), self._settings.nested_cost)
            request.scope[COST] = cost
            try:
                call = self._admit(request, query, raw)
                if not self._bucket.take(cost):
                    answer = self._bucket.refusal(cost)
                elif call.lacks(scope):
                    raise ApiError(missing, "Resource not found" if missing == 404 else "Forbidden")
                else:
                    answer = self._once(request, call, raw, act)
            except ApiError as error:
                answer = error.response()
            answer.headers.update(self._bucket.headers(cost))
            return answer

        return handle

    def _admit(self, request: Request, query: dict[str, str], raw: bytes) -> Call:
        token = self._accounts.authenticate(request.headers.get("authorization"))
        accepted = request.headers.get("accept", "*/*")
        if not any(one in accepted for one in (MEDIA_TYPE, "*/*", "application/*")):
            raise ApiError(406, "Not acceptable")
        body = None
        if request.method != "GET" and raw:
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
                raise ApiError(415, f"Content-Type must be {MEDIA_TYPE}")
            try:
                body = json.loads(raw)
            except ValueError as error:
                raise ApiError(400, "The body is no JSON", "INVALID_REQUEST") from error
        account = None
        if token.user_id is not None:
            account = self._state.accounts.get(token.user_id)
            if account is None:
                raise ApiError(401, "Unknown user", "UNAUTHORIZED", sub_status=6001)
        country = query.get("countryCode") or (account.country if account else DEFAULT_COUNTRY)
        viewer = Viewer(token, account, country.upper())
        address = request.url.path.removeprefix("/v2")
        return Call(viewer, dict(request.path_params), address, query, body)

    def _once(self, request: Request, call: Call, raw: bytes, act: Act) -> Response:
        """Act, or answer as before to a key that is known."""
        key = request.headers.get("idempotency-key")
        if key is None or request.method == "GET":
            return act(call)
        if len(key) > MAX_KEY_LENGTH:
            raise ApiError(400, f"Idempotency-Key is longer than {MAX_KEY_LENGTH}", "INVALID_REQUEST")
        place = (f"{call.viewer.token.client_id} {call.viewer.token.user_id}", key)
        payload = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + raw).digest()
        now = self._clock.now()
        known = self._replays.get(place)
        if known is not None and now - known.at < KEY_LIFETIME:
            if known.payload != payload:
                detail = "The key was used with another payload"
                raise ApiError(422, detail, "IDEMPOTENT_REQUEST_PAYLOAD_MISMATCH")
            return Response(known.body, known.status, media_type=MEDIA_TYPE)
        try:
            answer = act(call)
        except ApiError as error:
            answer = error.response()
        if answer.status_code < 400 or self._settings.replays_errors:
            self._replays[place] = _Replay(payload, answer.status_code, bytes(answer.body), now)
        return answer

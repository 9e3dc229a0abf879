"""What every method of the API goes through: who calls, at what cost, with which parameters."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from local.simulators.control import COST, JsonObject
from local.simulators.youtube import errors
from local.simulators.youtube.field_mask import apply_fields, parse_fields
from local.simulators.youtube.oauth import READ_SCOPES, WRITE_SCOPES
from local.simulators.youtube.parameters import Parameter, Query, read_query
from local.simulators.youtube.settings import Settings
from local.simulators.youtube.state import Account, YouTubeState

_JSON = "application/json; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Call:
    """One call that passed the common checks."""

    account: Account | None
    """None: an API key without a person."""
    query: Query
    body: JsonObject

    @property
    def caller(self) -> Account:
        """The user, who must have a channel (else 401)."""
        if self.account is None:
            raise errors.error("login_required")
        if self.account.channel_id is None:
            raise errors.error("signup_required")
        return self.account


type Handler = Callable[[Call], Awaitable[JsonObject | None]]
"""Gives the answer; None for 204."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of the API."""

    name: str
    """Google's own: ``youtube.api.v3.V3DataPlaylistService.Insert``."""
    handle: Handler
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    parts: frozenset[str] = frozenset()
    bucket: str = "general"
    cost: int = 1
    """Charged to every call that comes from a known project, whether it succeeds or not."""
    writes: bool = False
    has_body: bool = False
    needs_part: bool = True


class Gate:
    """Runs methods."""

    def __init__(self, state: YouTubeState) -> None:
        self._state = state

    def endpoint(self, methods: Mapping[str, Method]) -> Callable[[Request], Awaitable[Response]]:
        """The handler of a path, by HTTP method."""

        async def handle(request: Request) -> Response:
            verb = "GET" if request.method == "HEAD" else request.method
            try:
                return await self._run(methods[verb], request)
            except errors.ApiError as error:
                return Response(_dump(error.body, request), error.code, error.headers, _JSON)

        return handle

    async def _run(self, method: Method, request: Request) -> Response:
        raw = await request.body() if method.has_body else b""
        request.scope[COST] = 0
        account, scopes = self._authenticate(request)
        if not self._state.settings.api_enabled:
            raise errors.access_not_configured(self._state.settings.project_number)
        if not self._state.ledger.take(method.bucket, method.cost):
            raise exhausted(method.bucket, self._state.settings)
        request.scope[COST] = method.cost
        if scopes is not None and not scopes & (WRITE_SCOPES if method.writes else READ_SCOPES):
            raise errors.insufficient_permissions(method.name)
        if scopes is None and method.writes:
            raise errors.error("login_required")
        query = read_query(
            request.query_params.multi_items(), method.parameters, method.parts, needs_part=method.needs_part
        )
        fields = request.query_params.get("fields")
        mask = parse_fields(fields) if fields else {}
        body = _read_body(raw) if method.has_body else {}
        answer = await method.handle(Call(account, query, body))
        if answer is None:
            return Response(status_code=204)
        headers = {"ETag": f'"{answer["etag"]}"', "Cache-Control": "private"}
        if request.method in ("GET", "HEAD") and _is_unchanged(request, answer["etag"]):
            return Response(status_code=304, headers=headers)
        return Response(_dump(apply_fields(answer, mask), request), 200, headers, _JSON)

    def _authenticate(self, request: Request) -> tuple[Account | None, frozenset[str] | None]:
        """Who calls, and with which scopes; both None for an API key alone."""
        header = request.headers.get("authorization", "")
        kind, _, token = header.partition(" ")
        if kind.lower() != "bearer" or not token:
            token = request.query_params.get("access_token", "")
        if token:
            access = self._state.tokens.authenticate(token.strip())
            if access is None or access.user_id not in self._state.accounts:
                raise errors.error("auth_error")
            return self._state.accounts[access.user_id], access.scopes
        if header:
            raise errors.error("auth_error")
        if not request.query_params.get("key"):
            raise errors.error("unregistered_caller")
        return None, None


def exhausted(bucket: str, settings: Settings) -> errors.ApiError:
    """What an empty bucket answers: 403 for the general pool, 429 for a bucket of its own."""
    metrics = {"search": "Search Queries", "upload": "Video Uploads", "stats": "Video Stats Queries"}
    if bucket not in metrics:
        return errors.error("quota_exceeded")
    return errors.metric_exhausted(metrics[bucket], settings.project_number)


def _read_body(raw: bytes) -> JsonObject:
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise errors.error("parse_error") from error
    if not isinstance(body, dict):
        raise errors.error("parse_error")
    return body


def _is_unchanged(request: Request, etag: str) -> bool:
    """Whether the caller has this version already. The call has cost its units all the same."""
    known = request.headers.get("if-none-match", "")
    return etag in (tag.strip().removeprefix("W/").strip('"') for tag in known.split(","))


def _dump(value: JsonObject, request: Request) -> bytes:
    """JSON; indented with ``prettyPrint=true`` only. Google indents by default; that is slow here."""
    if request.query_params.get("prettyPrint") == "true":
        text = json.dumps(value, ensure_ascii=False, indent=2)
    else:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="replace")

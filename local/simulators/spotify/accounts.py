"""The accounts service: consent, authorization codes, access and refresh tokens."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from local.simulators import oauth
from local.simulators.clock import Clock
from local.simulators.spotify.errors import ApiError
from local.simulators.spotify.settings import Settings
from local.simulators.spotify.state import SpotifyState

type JSON = dict[str, object]

_GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials")


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token allows."""

    user_id: str | None
    """None: the application itself (client credentials)."""
    client_id: str
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a refresh token stands for."""

    user_id: str
    client_id: str
    scopes: tuple[str, ...]
    consented_at: datetime
    """When the person agreed: the six months run from here, whatever is refreshed later."""
    is_public: bool
    """Whether the client has no secret (PKCE only); its refresh tokens always rotate."""


def months_later(moment: datetime, months: int) -> datetime:
    """The same day some months on; the last of the month where there is no such day."""
    years, month = divmod(moment.month - 1 + months, 12)
    for day in (moment.day, 30, 29, 28):
        try:
            return moment.replace(year=moment.year + years, month=month + 1, day=min(day, moment.day))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


class Accounts:
    """The state of the accounts service and its three endpoints."""

    def __init__(self, state: SpotifyState, settings: Settings, clock: Clock) -> None:
        self._state = state
        self._settings = settings
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Delete every consent and token."""
        self._codes = oauth.AuthorizationCodes()
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, Refresh] = {}

    # --- tokens ---------------------------------------------------------------------------------------

    def authenticate(self, header: str | None) -> Access:
        """Whose call it is, by its ``Authorization`` header; 401 when nobody's."""
        if not header:
            raise ApiError(401, "No token provided")
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ApiError(400, "Only valid bearer authentication supported")
        access = self._access.get(token)
        if access is None:
            raise ApiError(401, "Invalid access token")
        if access.expires_at <= self._clock.now():
            raise ApiError(401, "The access token expired")
        return access

    def grant(self, user_id: str, client_id: str, scopes: tuple[str, ...]) -> JSON:
        """Consent without a page, for ``POST /_control/tokens``; gives what the token endpoint would."""
        refresh = Refresh(user_id, client_id, scopes, self._clock.now(), is_public=False)
        return self._issue(refresh, self._new_refresh_token(refresh))

    def revoke(self, user_id: str) -> int:
        """The person takes the consent back on Spotify's site; gives how many refresh tokens died."""
        dead = {token for token, refresh in self._refresh.items() if refresh.user_id == user_id}
        self._refresh = {token: refresh for token, refresh in self._refresh.items() if token not in dead}
        self._access = {token: access for token, access in self._access.items() if access.user_id != user_id}
        return len(dead)

    def _new_refresh_token(self, refresh: Refresh) -> str:
        token = "AQ" + secrets.token_urlsafe(96)
        self._refresh[token] = refresh
        return token

    def _issue(self, refresh: Refresh, refresh_token: str | None, *, shown: bool = True) -> JSON:
        answer: JSON = {
            "access_token": self._new_access_token(refresh.user_id, refresh.client_id, refresh.scopes),
            "token_type": "Bearer",
            "expires_in": self._settings.access_token_seconds,
            "scope": " ".join(refresh.scopes),
        }
        if shown:
            answer["refresh_token"] = refresh_token
        return answer

    def _new_access_token(self, user_id: str | None, client_id: str, scopes: tuple[str, ...]) -> str:
        expires_at = self._clock.now() + timedelta(seconds=self._settings.access_token_seconds)
        token = "BQ" + secrets.token_urlsafe(96)
        self._access[token] = Access(user_id, client_id, frozenset(scopes), expires_at)
        return token

    # --- consent --------------------------------------------------------------------------------------

    async def authorize(self, request: Request) -> Response:
        """``GET /authorize`` shows the page; ``POST`` is the page's own form.

        With ``approve=ID``, or ``login=ID&decision=approve|deny``, a script answers for the person.
        """
        query = request.query_params
        problem = self._request_problem(query)
        if problem is not None:
            return PlainTextResponse(problem, 400)
        redirect_uri, state = query["redirect_uri"], query.get("state")
        if query.get("response_type") != "code":
            return _redirect(redirect_uri, error="unsupported_response_type", state=state)
        form = await oauth.form_fields(request) if request.method == "POST" else {}
        approve = form.get("approve") or query.get("approve")
        login = approve or form.get("login") or query.get("login")
        decision = "approve" if approve else (form.get("decision") or query.get("decision"))
        if decision is None:
            return HTMLResponse(self._page(request))
        if decision != "approve":
            return _redirect(redirect_uri, error="access_denied", state=state)
        if login not in self._state.accounts:
            return PlainTextResponse("INVALID_LOGIN: nobody of that name here", 400)
        scopes = query.get("scope", "").split()
        code = self._codes.issue(oauth.Grant.of(query, login, scopes, self._clock.now()))
        return _redirect(redirect_uri, code=code, state=state)

    def _request_problem(self, query: QueryParams) -> str | None:
        """What Spotify shows on its own page, without going back to the application."""
        client_id, redirect_uri = query.get("client_id"), query.get("redirect_uri")
        if not client_id or (self._settings.clients and client_id not in self._settings.clients):
            return "INVALID_CLIENT: Invalid client"
        if not redirect_uri or not oauth.redirect_uri_is_allowed(redirect_uri):
            return "INVALID_CLIENT: Insecure redirect URI"
        if self._settings.redirect_uris and not any(
            _is_registered(redirect_uri, registered) for registered in self._settings.redirect_uris
        ):
            return "INVALID_CLIENT: Invalid redirect URI"
        if query.get("code_challenge") and query.get("code_challenge_method", "S256") != "S256":
            return "code_challenge_method must be S256"
        return None

    def _page(self, request: Request) -> str:
        query = request.query_params
        return oauth.consent_page(
            provider="Spotify",
            colour="#1a7a3c",
            action=f"{request.url.path}?{request.url.query}",
            client_id=query["client_id"],
            people=[(account.id, account.display_name) for account in self._state.accounts.values()],
            scopes=query.get("scope", "").split(),
            granular=False,
        )

    # --- token endpoint -------------------------------------------------------------------------------

    async def token(self, request: Request) -> Response:
        """``POST /api/token``."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            return Response(status_code=415)
        fields = await oauth.form_fields(request)
        try:
            client_id, is_public = self._client(request.headers.get("authorization"), fields)
            return JSONResponse(self._token(client_id, fields, is_public=is_public))
        except oauth.OAuthError as error:
            return JSONResponse(error.body, error.status)

    def _client(self, header: str | None, fields: dict[str, str]) -> tuple[str, bool]:
        """Who asks, and whether without a secret."""
        basic = oauth.basic_credentials(header)
        if header is not None and basic is None:
            raise oauth.OAuthError("invalid_client", "Invalid client")
        client_id, secret = basic or (fields.get("client_id"), fields.get("client_secret"))
        if not client_id:
            raise oauth.OAuthError("invalid_client", "Invalid client")
        clients = self._settings.clients
        if clients and client_id not in clients:
            raise oauth.OAuthError("invalid_client", "Invalid client")
        if secret is not None and (not secret or (clients and secret != clients[client_id])):
            raise oauth.OAuthError("invalid_client", "Invalid client secret")
        return client_id, secret is None

    def _token(self, client_id: str, fields: dict[str, str], *, is_public: bool) -> JSON:
        match fields.get("grant_type"):
            case "authorization_code":
                return self._exchange(client_id, fields, is_public=is_public)
            case "refresh_token":
                return self._refreshed(client_id, fields.get("refresh_token"), is_public=is_public)
            case "client_credentials" if not is_public:
                token = self._new_access_token(None, client_id, ())
                seconds = self._settings.access_token_seconds
                return {"access_token": token, "token_type": "Bearer", "expires_in": seconds}
            case None:
                raise oauth.OAuthError("unsupported_grant_type", "grant_type parameter is missing")
            case _:
                raise oauth.OAuthError(
                    "unsupported_grant_type", f"grant_type must be {', '.join(_GRANT_TYPES)}"
                )

    def _exchange(self, client_id: str, fields: dict[str, str], *, is_public: bool) -> JSON:
        try:
            grant = self._codes.redeem(fields.get("code", ""), self._clock.now())
        except oauth.CodeError as error:
            raise oauth.OAuthError("invalid_grant", str(error)) from error
        if grant.client_id != client_id:
            raise oauth.OAuthError("invalid_grant", "Invalid authorization code")
        if grant.redirect_uri != fields.get("redirect_uri"):
            raise oauth.OAuthError("invalid_grant", "Invalid redirect URI")
        verifier = fields.get("code_verifier")
        if not oauth.pkce_holds(grant.code_challenge, grant.code_challenge_method, verifier):
            raise oauth.OAuthError("invalid_grant", "code_verifier was incorrect")
        if is_public and grant.code_challenge is None:
            raise oauth.OAuthError("invalid_client", "Invalid client secret")
        refresh = Refresh(grant.user_id, client_id, grant.scopes, grant.consented_at, is_public)
        return self._issue(refresh, self._new_refresh_token(refresh))

    def _refreshed(self, client_id: str, token: str | None, *, is_public: bool) -> JSON:
        refresh = self._refresh.get(token or "")
        if token is None or refresh is None or refresh.client_id != client_id:
            raise oauth.OAuthError("invalid_grant", "Invalid refresh token")
        if is_public and not refresh.is_public:
            raise oauth.OAuthError("invalid_client", "Invalid client secret")
        if self._clock.now() >= months_later(refresh.consented_at, self._settings.refresh_token_months):
            raise oauth.OAuthError("invalid_grant", "Refresh token revoked")
        if self._settings.rotate_refresh_tokens or refresh.is_public:
            del self._refresh[token]
            return self._issue(refresh, self._new_refresh_token(refresh))
        return self._issue(refresh, token, shown=False)


def _redirect(uri: str, **parameters: str | None) -> Response:
    return RedirectResponse(oauth.with_query(uri, parameters), 302)


def _is_registered(uri: str, registered: str) -> bool:
    """Exact match, except that a loopback URI registered without a port stands for every port."""
    if uri == registered:
        return True
    wanted, given = urlsplit(registered), urlsplit(uri)
    return (
        wanted.scheme == "http"
        and wanted.port is None
        and wanted.hostname == given.hostname
        and (wanted.path, wanted.query) == (given.path, given.query)
        and oauth.redirect_uri_is_allowed(uri)
    )

"""TIDAL's sign-in service: consent, codes, tokens."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from local.simulators import oauth
from local.simulators.clock import Clock
from local.simulators.tidal.errors import ApiError
from local.simulators.tidal.settings import Settings
from local.simulators.tidal.state import TidalState


@dataclass(frozen=True, slots=True)
class Token:
    """What an access token allows."""

    text: str
    user_id: str | None
    """The name a person logs in by; None: the application itself (client credentials)."""
    client_id: str
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """What a refresh token stands for."""

    user_id: str
    client_id: str
    scopes: tuple[str, ...]


class TokenError(Exception):
    """What the token endpoint refuses with."""

    def __init__(
        self, error: str, description: str, status: int = 400, sub_status: int | None = None
    ) -> None:
        super().__init__(description)
        self.status = status
        self.body: dict[str, Any] = {"status": status, "error": error, "error_description": description}
        if sub_status is not None:
            self.body["sub_status"] = sub_status


class Accounts:
    """The state of the sign-in service, and its endpoints."""

    def __init__(self, state: TidalState, settings: Settings, clock: Clock) -> None:
        self._state = state
        self._settings = settings
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Delete every consent and token."""
        self._codes = oauth.AuthorizationCodes()
        self._tokens: dict[str, Token] = {}
        self._refresh: dict[str, Consent] = {}
        self._consented: dict[tuple[str, str], tuple[str, ...]] = {}
        """By person and client: the scopes that they get again without being asked."""

    def authenticate(self, header: str | None) -> Token:
        """Give whose call it is, by its ``Authorization`` header; 401 when nobody's."""
        scheme, _, text = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise ApiError(401, "Missing or invalid token", "UNAUTHORIZED")
        token = self._tokens.get(text)
        if token is None:
            raise ApiError(401, "Invalid token structure", "UNAUTHORIZED", sub_status=11002)
        if token.expires_at <= self._clock.now():
            raise ApiError(401, "The token has expired", "UNAUTHORIZED", sub_status=11003)
        return token

    def grant(self, user_id: str, client_id: str, scopes: tuple[str, ...]) -> dict[str, Any]:
        """Consent without a page, for ``POST /_control/tokens``; gives what the token endpoint would."""
        return self._issue(Consent(user_id, client_id, scopes), is_first=True)

    def revoke(self, user_id: str) -> int:
        """Take a person's consents back, as on TIDAL's own site; gives how many refresh tokens died."""
        dead = [text for text, consent in self._refresh.items() if consent.user_id == user_id]
        for text in dead:
            del self._refresh[text]
        self._tokens = {text: token for text, token in self._tokens.items() if token.user_id != user_id}
        self._consented = {key: scopes for key, scopes in self._consented.items() if key[0] != user_id}
        return len(dead)

    def _issue(self, consent: Consent, *, is_first: bool) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "access_token": self._access_token(consent.user_id, consent.client_id, consent.scopes),
            "token_type": "Bearer",
            "expires_in": self._settings.access_token_seconds,
            "scope": " ".join(consent.scopes),
            "user_id": int(self._state.accounts[consent.user_id].user_id),
        }
        if is_first:
            text = "eyJraWQi" + secrets.token_urlsafe(160)
            self._refresh[text] = consent
            answer["refresh_token"] = text
        return answer

    def _access_token(self, user_id: str | None, client_id: str, scopes: tuple[str, ...]) -> str:
        expires_at = self._clock.now() + timedelta(seconds=self._settings.access_token_seconds)
        text = "eyJ0eXAi" + secrets.token_urlsafe(160)
        self._tokens[text] = Token(text, user_id, client_id, frozenset(scopes), expires_at)
        return text

    # --- consent ------------------------------------------------------------------------------------------

    async def authorize(self, request: Request) -> Response:
        """``GET /authorize`` shows the page; ``POST`` is the page's own form.

        With ``login=ID&decision=approve|deny`` a script answers for the person.
        """
        query = request.query_params
        problem = self._problem(query)
        if problem is not None:
            return HTMLResponse(f"<h1>Oops</h1><p>Error {problem}</p>", 400)
        redirect_uri, state = query["redirect_uri"], query.get("state")
        form = await oauth.form_fields(request) if request.method == "POST" else {}
        login = form.get("login") or query.get("login")
        decision = form.get("decision") or query.get("decision")
        if decision is None:
            return HTMLResponse(self._page(request))
        if decision != "approve":
            refusal = {
                "error": "access_denied",
                "error_description": "The user denied access",
                "state": state,
            }
            return RedirectResponse(oauth.with_query(redirect_uri, refusal), 302)
        if login not in self._state.accounts:
            return HTMLResponse("<p>Nobody of that name</p>", 400)
        asked = tuple(query.get("scope", "").split())
        known = self._consented.get((login, query["client_id"]))
        # Whoever consented before is not asked again, and gets the old scopes, unless the page is forced.
        scopes = known if known is not None and query.get("prompt") != "consent" else asked
        self._consented[(login, query["client_id"])] = scopes
        code = self._codes.issue(oauth.Grant.of(query, login, scopes, self._clock.now()), "eyJh")
        return RedirectResponse(oauth.with_query(redirect_uri, {"code": code, "state": state}), 302)

    def _problem(self, query: QueryParams) -> str | None:
        """Give the code of the error page that is shown without going back to the application."""
        settings = self._settings
        client_id, redirect_uri = query.get("client_id", ""), query.get("redirect_uri", "")
        if not client_id or (settings.clients and client_id not in settings.clients):
            return "1002"
        allowed = (
            redirect_uri in settings.redirect_uris
            if settings.redirect_uris
            else oauth.redirect_uri_is_allowed(redirect_uri) or redirect_uri.startswith("http://localhost")
        )
        scopes = query.get("scope", "").split()
        if not allowed or not scopes or not set(scopes) <= set(settings.app_scopes):
            return "11102"
        if query.get("response_type") != "code":
            return "11101"
        if query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
            return "11101"
        return None

    def _page(self, request: Request) -> str:
        query = request.query_params
        return oauth.consent_page(
            provider="TIDAL",
            colour="#111111",
            action=f"{request.url.path}?{request.url.query}",
            client_id=query["client_id"],
            people=[(account.id, account.display_name) for account in self._state.accounts.values()],
            scopes=query.get("scope", "").split(),
            granular=False,
        )

    # --- tokens -------------------------------------------------------------------------------------------

    async def token(self, request: Request) -> Response:
        """``POST /v1/oauth2/token``."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            return Response(status_code=415)
        fields = await oauth.form_fields(request)
        try:
            client_id, has_secret = self._client(request.headers.get("authorization"), fields)
            return JSONResponse(self._token(client_id, fields, has_secret=has_secret))
        except TokenError as error:
            return JSONResponse(error.body, error.status)

    def _client(self, header: str | None, fields: dict[str, str]) -> tuple[str, bool]:
        basic = oauth.basic_credentials(header)
        client_id, secret = basic or (fields.get("client_id"), fields.get("client_secret"))
        clients = self._settings.clients
        if not client_id or (clients and client_id not in clients):
            raise TokenError("invalid_grant", f"Client with token {client_id} not found", sub_status=11101)
        if secret is not None and clients and secret != clients[client_id]:
            raise TokenError("invalid_client", "Bad client credentials", 401, 11101)
        return client_id, secret is not None

    def _token(self, client_id: str, fields: dict[str, str], *, has_secret: bool) -> dict[str, Any]:
        match fields.get("grant_type"):
            case "authorization_code":
                return self._exchange(client_id, fields)
            case "refresh_token":
                consent = self._refresh.get(fields.get("refresh_token", ""))
                if consent is None or consent.client_id != client_id:
                    raise TokenError("invalid_grant", "Token could not be verified", sub_status=11101)
                return self._issue(consent, is_first=self._settings.rotate_refresh_tokens)
            case "client_credentials" if has_secret:
                text = self._access_token(None, client_id, ())
                return {"access_token": text, "token_type": "Bearer", "expires_in": 86_400, "scope": ""}
            case "client_credentials":
                raise TokenError("invalid_client", "A client secret is needed", 401, 11101)
            case _:
                raise TokenError("invalid_request", "Unknown grant_type", sub_status=1002)

    def _exchange(self, client_id: str, fields: dict[str, str]) -> dict[str, Any]:
        lifetime = timedelta(seconds=self._settings.code_seconds)
        try:
            grant = self._codes.redeem(fields.get("code", ""), self._clock.now(), lifetime)
        except oauth.CodeError as error:
            raise TokenError("invalid_grant", str(error), sub_status=11101) from error
        if grant.client_id != client_id or grant.redirect_uri != fields.get("redirect_uri"):
            raise TokenError("invalid_grant", "Code was made for another request", sub_status=11101)
        verifier = fields.get("code_verifier")
        if not oauth.pkce_holds(grant.code_challenge, grant.code_challenge_method, verifier):
            raise TokenError("invalid_grant", "Code verifier does not match", sub_status=11101)
        return self._issue(Consent(grant.user_id, client_id, grant.scopes), is_first=True)

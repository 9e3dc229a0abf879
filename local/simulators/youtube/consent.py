"""Google's authorization server over HTTP: the consent page, ``/token`` and ``/revoke``.

For scripts, ``login=<person>&decision=approve|deny`` (or ``approve=<person>``) added to the authorize URL
answers the redirect at once; ``grant=<scopes>`` (separated by spaces, full or short names) ticks only those.
"""

import html
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from local.simulators.oauth import (
    CodeError,
    Grant,
    OAuthError,
    basic_credentials,
    consent_page,
    pkce_holds,
    redirect_uri_is_allowed,
    with_query,
)
from local.simulators.youtube.oauth import KNOWN_SCOPES
from local.simulators.youtube.state import YouTubeState

AUTHORIZE_PATH = "/o/oauth2/v2/auth"
_SCOPE_PREFIX = "https://www.googleapis.com/auth/"


@dataclass(eq=False)
class _PageError(Exception):
    """Shown to the user instead of the consent page; Google does not send these back to the application."""

    status: int
    error: str
    explanation: str


class AuthorizationServer:
    """The three endpoints."""

    def __init__(self, state: YouTubeState) -> None:
        self._state = state

    async def authorize(self, request: Request) -> Response:
        """GET shows the consent page, POST is its form; either redirects when it carries a decision."""
        asked = dict(request.query_params)
        try:
            scopes = self._check(asked)
        except _PageError as error:
            page = f"<h1>Error {error.status}: {error.error}</h1><p>{html.escape(error.explanation)}</p>"
            return HTMLResponse(f"<!doctype html><title>Sign in</title>{page}", error.status)
        if request.method == "POST":
            form = parse_qsl((await request.body()).decode(errors="replace"))
            answer = dict(form)
            ticked = [scope for name, scope in form if name == "scope"]
        else:
            answer = asked
            ticked = asked["grant"].split() if "grant" in asked else scopes
        login = answer.get("login") or answer.get("approve")
        decision = answer.get("decision") or ("approve" if "approve" in answer else None)
        if decision == "approve" and login not in self._state.accounts:
            page = f"<h1>Couldn't find your Google account</h1><p>{html.escape(login or '')}</p>"
            return HTMLResponse(f"<!doctype html><title>Sign in</title>{page}", 404)
        if decision is None:
            return self._page(request, asked, scopes)
        granted = [scope for scope in scopes if _is_ticked(scope, ticked)]
        if decision != "approve" or login is None or not granted:
            denial = {"error": "access_denied", "state": asked.get("state")}
            return RedirectResponse(with_query(asked["redirect_uri"], denial), 302)
        return RedirectResponse(self._approve(asked, login, granted), 302)

    async def token(self, request: Request) -> Response:
        """Trade a code or a refresh token for an access token."""
        return await _answering(self._token, request)

    async def revoke(self, request: Request) -> Response:
        """End a consent."""
        return await _answering(self._revoke, request)

    def _check(self, asked: Mapping[str, str]) -> list[str]:
        """The scopes asked for. Raises ``_PageError``."""
        for name in ("client_id", "redirect_uri", "response_type", "scope"):
            if not asked.get(name):
                raise _PageError(400, "invalid_request", f"Missing required parameter: {name}")
        if asked["client_id"] != self._state.settings.client_id:
            raise _PageError(401, "invalid_client", "The OAuth client was not found.")
        if not self._knows_redirect(asked["redirect_uri"]):
            raise _PageError(400, "redirect_uri_mismatch", "The redirect URI is not registered for this app.")
        if asked["response_type"] != "code":
            kind = asked["response_type"]
            raise _PageError(400, "unsupported_response_type", f"Invalid response_type: {kind}")
        scopes = list(dict.fromkeys(asked["scope"].split()))
        unknown = [scope for scope in scopes if scope not in KNOWN_SCOPES]
        if unknown:
            raise _PageError(400, "invalid_scope", f"Some requested scopes were invalid: {unknown}")
        return scopes

    def _knows_redirect(self, uri: str) -> bool:
        registered = self._state.settings.redirect_uris
        if registered is not None:
            return uri in registered
        # Unlike Spotify, Google accepts the name as well as the addresses.
        parts = urlsplit(uri)
        return redirect_uri_is_allowed(uri) or (parts.scheme == "http" and parts.hostname == "localhost")

    def _page(self, request: Request, asked: Mapping[str, str], scopes: list[str]) -> Response:
        accounts = self._state.accounts.values()
        return HTMLResponse(
            consent_page(
                provider="Google",
                colour="#0b57d0",
                action=f"{AUTHORIZE_PATH}?{request.url.query}",
                client_id=asked["client_id"],
                people=[(account.id, account.display_name) for account in accounts],
                scopes=scopes,
                granular=True,
            )
        )

    def _approve(self, asked: Mapping[str, str], login: str, granted: list[str]) -> str:
        """The address to go back to, with a code."""
        if asked.get("include_granted_scopes") == "true":
            granted = list(dict.fromkeys([*granted, *self._state.tokens.granted(login)]))
        asked_again = "consent" in asked.get("prompt", "").split()
        offline = asked.get("access_type") == "offline" and (
            asked_again or not self._state.tokens.has_refresh_token(login)
        )
        grant = Grant.of(asked, login, granted, self._state.clock.now(), offline=offline)
        answer = {
            "state": asked.get("state"),
            "code": self._state.codes.issue(grant, prefix="4/0A"),
            "scope": " ".join(granted),
            "authuser": "0",
            "prompt": asked.get("prompt"),
        }
        return with_query(asked["redirect_uri"], answer)

    async def _token(self, request: Request) -> dict[str, object]:
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        self._authenticate_client(form, request.headers.get("authorization"))
        match form.get("grant_type"):
            case "authorization_code":
                return self._state.tokens.issue(self._redeem(form))
            case "refresh_token":
                return self._state.tokens.refresh(_required(form, "refresh_token"))
            case None:
                raise OAuthError("invalid_request", "Missing required parameter: grant_type")
            case other:
                raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {other}")

    def _authenticate_client(self, form: Mapping[str, str], header: str | None) -> None:
        client_id, secret = basic_credentials(header) or (form.get("client_id"), form.get("client_secret"))
        if client_id is None:
            raise OAuthError("invalid_request", "Could not determine client ID from request.")
        if client_id != self._state.settings.client_id:
            raise OAuthError("invalid_client", "The OAuth client was not found.", status=401)
        if secret != self._state.settings.client_secret:
            raise OAuthError("invalid_client", "The provided client secret is invalid.", status=401)

    def _redeem(self, form: Mapping[str, str]) -> Grant:
        code = _required(form, "code")
        redirect_uri = _required(form, "redirect_uri")
        try:
            grant = self._state.codes.redeem(code, self._state.clock.now())
        except CodeError as error:
            raise OAuthError("invalid_grant", "Malformed auth code.") from error
        if redirect_uri != grant.redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "Bad Request")
        if not pkce_holds(grant.code_challenge, grant.code_challenge_method, form.get("code_verifier")):
            raise OAuthError("invalid_grant", "Invalid code verifier.")
        return grant

    async def _revoke(self, request: Request) -> dict[str, object]:
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        self._state.tokens.revoke(_required({**request.query_params, **form}, "token"))
        return {}


def _is_ticked(scope: str, ticked: list[str]) -> bool:
    return scope in ticked or scope.removeprefix(_SCOPE_PREFIX) in ticked


def _required(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise OAuthError("invalid_request", f"Missing required parameter: {name}")
    return form[name]


async def _answering(
    act: Callable[[Request], Awaitable[dict[str, object]]],
    request: Request,
) -> Response:
    headers = {"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate"}
    try:
        return JSONResponse(await act(request), 200, headers)
    except OAuthError as error:
        return JSONResponse(error.body, error.status, headers)

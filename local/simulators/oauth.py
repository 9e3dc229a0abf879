"""What the simulated authorization servers share: codes, PKCE, redirect URIs, the consent page.

Each simulator keeps its own token endpoint, because their tokens live and die by different rules.
"""

import base64
import hashlib
import html
import ipaddress
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request

CODE_LIFETIME = timedelta(minutes=10)


def redirect_uri_is_allowed(uri: str) -> bool:
    """HTTPS anywhere, plain HTTP on a loopback *address* only; no fragment (RFC 8252 7.3, Spotify's rule)."""
    parts = urlsplit(uri)
    if not parts.hostname or parts.fragment:
        return False
    if parts.scheme == "https":
        return True
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def with_query(uri: str, parameters: Mapping[str, str | None]) -> str:
    """Add parameters to a URI that may have some already; those that are None are left out."""
    query = urlencode({name: value for name, value in parameters.items() if value is not None})
    return f"{uri}{'&' if urlsplit(uri).query else '?'}{query}"


def pkce_challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def pkce_holds(challenge: str | None, method: str | None, verifier: str | None) -> bool:
    """Whether the verifier answers the challenge; without a challenge there must be no verifier either."""
    if challenge is None:
        return verifier is None
    if verifier is None or not 43 <= len(verifier) <= 128:
        return False
    expected = challenge if method == "S256" else pkce_challenge(challenge)
    return secrets.compare_digest(pkce_challenge(verifier), expected)


def basic_credentials(header: str | None) -> tuple[str, str] | None:
    """Id and secret of a ``Basic`` authorization header, or None."""
    if header is None or not header.lower().startswith("basic "):
        return None
    try:
        client_id, colon, secret = base64.b64decode(header[6:], validate=True).decode().partition(":")
    except ValueError:
        return None
    return (client_id, secret) if colon else None


async def form_fields(request: Request) -> dict[str, str]:
    """The fields of a URL-encoded body; of a repeated field the last value."""
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a person agreed to on the consent page."""

    user_id: str
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    code_challenge: str | None
    code_challenge_method: str | None
    consented_at: datetime
    offline: bool = True
    """Whether a refresh token was asked for (Google's ``access_type=offline``)."""

    @classmethod
    def of(
        cls,
        asked: Mapping[str, str],
        user_id: str,
        scopes: Sequence[str],
        now: datetime,
        *,
        offline: bool = True,
    ) -> "Grant":
        """What a user agrees to now, by the query of the consent page."""
        return cls(
            user_id=user_id,
            client_id=asked["client_id"],
            redirect_uri=asked["redirect_uri"],
            scopes=tuple(scopes),
            code_challenge=asked.get("code_challenge"),
            code_challenge_method=asked.get("code_challenge_method"),
            consented_at=now,
            offline=offline,
        )


class OAuthError(Exception):
    """What a token or revoke endpoint refuses with (RFC 6749 5.2)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


class CodeError(Exception):
    """An authorization code that buys nothing; the text is the provider's ``error_description``."""


class AuthorizationCodes:
    """Codes given out: each is good once, for ten minutes where its provider does not say otherwise."""

    def __init__(self) -> None:
        self._grants: dict[str, Grant] = {}

    def issue(self, grant: Grant, prefix: str = "AQ") -> str:
        """A new code for this consent."""
        code = prefix + secrets.token_urlsafe(48)
        self._grants[code] = grant
        return code

    def redeem(self, code: str, now: datetime, lifetime: timedelta = CODE_LIFETIME) -> Grant:
        """What the code stands for; it is spent by this. ``CodeError``: unknown, used before, or too old."""
        grant = self._grants.pop(code, None)
        if grant is None:
            raise CodeError("Invalid authorization code")
        if now - grant.consented_at > lifetime:
            raise CodeError("Authorization code expired")
        return grant


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{provider} (simulated): allow access</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; background: #f3f3f3; color: #191414; }}
main {{ max-width: 26rem; margin: 8vh auto; padding: 2rem; background: #fff; border-radius: 12px; }}
button {{ font: inherit; padding: .6rem 1.4rem; border-radius: 2rem; border: 1px solid #767676; }}
button[value=approve] {{ background: {colour}; color: #fff; border-color: {colour}; }}
fieldset {{ border: 0; padding: 0; margin: 1rem 0; }} label {{ display: block; }}
small {{ color: #555; }}
</style></head><body><main>
<h1>{provider}</h1>
<p><small>A simulator: nobody's real account is touched.</small></p>
<p>The application <b>{client}</b> would like to act for you.</p>
<form method="post" action="{action}">
<fieldset><legend>Who are you?</legend>{people}</fieldset>
<fieldset><legend>It asks for</legend>{scopes}</fieldset>
<button name="decision" value="approve">Agree</button> <button name="decision" value="deny">Cancel</button>
</form></main></body></html>
"""


def consent_page(
    *,
    provider: str,
    colour: str,
    action: str,
    client_id: str,
    people: Sequence[tuple[str, str]],
    scopes: Sequence[str],
    granular: bool,
) -> str:
    """The page on which a user agrees.

    The form posts ``login`` (the user), ``decision`` (``approve`` or ``deny``) and, where single scopes can
    be unticked (``granular``: Google), one ``scope`` for each box left ticked, to ``action``.
    """
    choices = "".join(
        f'<label><input type="radio" name="login" value="{html.escape(user_id)}"'
        f"{' checked' if index == 0 else ''}> {html.escape(name)}</label>"
        for index, (user_id, name) in enumerate(people)
    )
    listed = "".join(
        f'<label><input type="checkbox" name="scope" value="{html.escape(scope)}" checked> '
        f"{html.escape(scope)}</label>"
        if granular
        else f"<label>{html.escape(scope)}</label>"
        for scope in scopes
    )
    return _PAGE.format(
        provider=html.escape(provider),
        colour=colour,
        action=html.escape(action),
        client=html.escape(client_id),
        people=choices,
        scopes=listed or "<label>your public profile</label>",
    )

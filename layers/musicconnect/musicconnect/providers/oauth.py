"""Run the authorization code flow (RFC 6749) with PKCE (RFC 7636)."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from musicconnect.music.model import ProviderName
from musicconnect.platform import config, secrets
from musicconnect.providers.errors import (
    ConsentRevokedError,
    NotAllowedError,
    ProviderError,
    RateLimitedError,
    RejectedError,
    TransientError,
)
from musicconnect.providers.protocol import Access, TokenGrant

DEFAULT_LIFETIME = 3600
"""Seconds that an access token is taken to live when the answer does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationServer:
    """A provider's authorization server; implements `protocol.OAuth`."""

    name: ProviderName
    authorize_endpoint: str
    token_endpoint: str
    revoke_endpoint: str | None
    credentials_variable: str
    """The environment variable with the ARN of the secret ``{"client_id", "client_secret"}``. Revoking needs
    no secret, so a function that does nothing else has none."""
    read_scopes: tuple[str, ...]
    write_scopes: tuple[str, ...]
    """What writing needs beyond reading."""
    timeout: tuple[float, float]
    follow_scopes: tuple[str, ...] = ()
    """What seeing and then what changing whom a person follows needs, where that is asked for by itself."""
    also_asked: tuple[str, ...] = ()
    """Asked for besides; what does without it works without it."""
    implied: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Scopes that include others."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Further parameters of the authorize URL."""
    basic: bool = False
    """Whether client id and secret go into a Basic header instead of the form."""

    def scopes(self, access: Access, *, follows: bool = False) -> tuple[str, ...]:
        """List the scopes that an access level needs; ``follows``: of followed artists, too."""
        needed = self.read_scopes + (self.write_scopes if access == "write" else ())
        return needed + (self._follow_scopes(access) if follows else ()) + self.also_asked

    def covers_follows(self, scope: str, access: Access) -> bool:
        """Tell whether reported scopes cover followed artists; True where nothing was reported."""
        return not scope or set(scope.split()).issuperset(self._follow_scopes(access))

    def _follow_scopes(self, access: Access) -> tuple[str, ...]:
        return self.follow_scopes if access == "write" else self.follow_scopes[:1]

    def granted_access(self, scope: str) -> Access | None:
        """Give the access that reported scopes amount to; None when they are too few to read."""
        granted = set(scope.split())
        for name in tuple(granted):
            granted |= self.implied.get(name, frozenset())
        if not granted.issuperset(self.read_scopes):
            return None
        return "write" if granted.issuperset(self.write_scopes) else "read"

    def authorize_url(
        self, *, redirect_uri: str, state: str, code_challenge: str, access: Access, follows: bool = False
    ) -> str:
        """Build the address at which the person consents."""
        query = {
            "client_id": self._client()["client_id"],
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.scopes(access, follows=follows)),
            "state": state,
            "code_challenge": code_challenge,
            "code_challenge_method": "S256",
            **self.parameters,
        }
        return f"{self.authorize_endpoint}?{urlencode(query)}"

    def exchange(self, *, code: str, redirect_uri: str, code_verifier: str) -> TokenGrant:
        """Trade an authorization code for tokens.

        Raises:
            RejectedError: the code buys nothing (used, expired, made for another verifier).
            NotAllowedError: the provider does not know this deployment's client id or secret.
            RetryableError: it did not answer properly.
        """
        form = {"code": code, "redirect_uri": redirect_uri, "code_verifier": code_verifier}
        return self._token({"grant_type": "authorization_code", **form})

    def refresh(self, refresh_token: str) -> TokenGrant:
        """Get a new access token.

        Raises:
            ConsentRevokedError: ``invalid_grant``: revoked or expired, which providers do not tell apart.
            RetryableError: it did not answer properly, or does not accept this deployment's client id or
                secret, which its operator has to mend.
        """
        try:
            return self._token({"grant_type": "refresh_token", "refresh_token": refresh_token})
        except NotAllowedError as error:
            # The person's consent is good. Between a change of the credentials there and one here, whatever
            # needs a token waits, and nothing is given up.
            raise TransientError(
                "The provider does not accept this installation's credentials at the moment.",
                provider=self.name,
                reason=error.reason,
            ) from None
        except RejectedError as error:
            if error.reason != "invalid_grant":
                raise
            raise ConsentRevokedError(
                "The provider no longer accepts our access.", provider=self.name, reason=error.reason
            ) from None

    def revoke(self, token: str) -> bool:
        """Revoke a token; False where the provider has no such call, `ProviderError` where it fails."""
        if self.revoke_endpoint is None:
            return False
        try:
            # Whoever holds a token may give it back: no client id, no secret.
            self._send(self.revoke_endpoint, {"token": token}, None)
        except RejectedError as error:
            # Dead already: all that was wanted.
            if error.reason != "invalid_token":
                raise
        return True

    def _token(self, form: dict[str, str]) -> TokenGrant:
        from musicconnect.providers import transport  # noqa: PLC0415 - building the URL needs no HTTP client

        match _object(self._post(self.token_endpoint, form)):
            case {"access_token": str(access_token), **rest} if access_token:
                refresh_token, scope, expires_in = map(rest.get, ("refresh_token", "scope", "expires_in"))
                return TokenGrant(
                    access_token=access_token,
                    expires_in=int(expires_in) if isinstance(expires_in, int | float) else DEFAULT_LIFETIME,
                    scope=scope if isinstance(scope, str) else "",
                    refresh_token=refresh_token if isinstance(refresh_token, str) else None,
                )
            case _:
                raise transport.invalid_response(self.name)

    def _post(self, url: str, form: dict[str, str]) -> bytes:
        client = self._client()
        try:
            return self._send(url, form, client)
        except NotAllowedError:
            # Credentials that were changed since our copy was made.
            fresh = self._client(fresh=True)
            if fresh == client:
                raise
            return self._send(url, form, fresh)

    def _send(self, url: str, form: dict[str, str], client: dict[str, str] | None) -> bytes:
        from musicconnect.providers import transport  # noqa: PLC0415

        credentials = client and (client["client_id"], client["client_secret"])
        if credentials and not self.basic:
            form = form | {"client_id": credentials[0], "client_secret": credentials[1]}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if credentials and self.basic:
            pair = b64encode(":".join(credentials).encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        answer = transport.send(
            self.name,
            "POST",
            url,
            timeout=self.timeout,
            headers=headers,
            body=urlencode(form).encode(),
            is_write=False,
        )
        if isinstance(answer, bytes):
            return answer
        raise self._refused(answer.status, answer.body, transport.retry_after(answer.headers))

    def _refused(self, status: int, body: bytes, retry_after: float | None) -> ProviderError:
        if status == 429:
            return RateLimitedError(
                "Too many requests.", provider=self.name, reason="rate_limited", retry_after=retry_after
            )
        if status >= 500 or status < 400:
            return TransientError(
                "The provider's sign-in service is in trouble.", provider=self.name, reason=f"http_{status}"
            )
        # Branch on the code: descriptions are not part of any contract.
        code = _object(body).get("error")
        reason = code if isinstance(code, str) and code else f"http_{status}"
        if reason in ("invalid_client", "unauthorized_client"):
            return NotAllowedError(
                "The provider does not accept this installation's client id and secret.",
                provider=self.name,
                reason=reason,
            )
        return RejectedError(
            "The provider refused the request for tokens.", provider=self.name, reason=reason
        )

    def _client(self, *, fresh: bool = False) -> dict[str, str]:
        return secrets.get(config.require(self.credentials_variable), fresh=fresh)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}

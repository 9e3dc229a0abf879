"""Google's tokens: how they are given, refreshed, and how they die.

Sources: https://developers.google.com/identity/protocols/oauth2 and its page for web server applications.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local.simulators.clock import Clock
from local.simulators.oauth import Grant, OAuthError
from local.simulators.youtube.settings import Settings

_PREFIX = "https://www.googleapis.com/auth/"
READ_SCOPE = _PREFIX + "youtube.readonly"
WRITE_SCOPES = frozenset({_PREFIX + "youtube", _PREFIX + "youtube.force-ssl", _PREFIX + "youtubepartner"})
READ_SCOPES = WRITE_SCOPES | {READ_SCOPE}
KNOWN_SCOPES = READ_SCOPES | {
    _PREFIX + "youtube.upload",
    _PREFIX + "userinfo.email",
    _PREFIX + "userinfo.profile",
    "openid",
    "email",
    "profile",
}

TESTING_LIFETIME = timedelta(days=7)
UNUSED_LIFETIME = timedelta(days=183)
"""Six months without use."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """Acts for a person until it expires."""

    user_id: str
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(slots=True)
class RefreshToken:
    """Gets access tokens."""

    scopes: tuple[str, ...]
    used_at: datetime
    expires_at: datetime | None
    """None: it has no fixed end."""

    def is_dead(self, now: datetime) -> bool:
        """Past its seven days in testing, or not used for six months."""
        return (self.expires_at is not None and now >= self.expires_at) or (
            now - self.used_at >= UNUSED_LIFETIME
        )


@dataclass(slots=True)
class _Consent:
    """What one person has granted to the application so far."""

    scopes: dict[str, None] = field(default_factory=dict)
    """An ordered set."""
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    """Oldest first."""
    access_tokens: list[str] = field(default_factory=list)


class TokenStore:
    """Every live token of the application."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._settings = settings
        self._consents: dict[str, _Consent] = {}
        self._access: dict[str, AccessToken] = {}
        self._owner_of_refresh: dict[str, str] = {}

    def granted(self, user_id: str) -> tuple[str, ...]:
        """The scopes that the person has granted before."""
        consent = self._consents.get(user_id)
        return tuple(consent.scopes) if consent else ()

    def has_refresh_token(self, user_id: str) -> bool:
        """Whether there is a live refresh token: then a new one takes ``prompt=consent``."""
        now = self._clock.now()
        consent = self._consents.get(user_id)
        return consent is not None and any(
            not token.is_dead(now) for token in consent.refresh_tokens.values()
        )

    def issue(self, grant: Grant) -> dict[str, Any]:
        """Tokens for a redeemed code, as the token endpoint answers them."""
        consent = self._consents.setdefault(grant.user_id, _Consent())
        consent.scopes |= dict.fromkeys(grant.scopes)
        answer = self._access_token(grant.user_id, consent, grant.scopes)
        if grant.offline:
            answer |= self._refresh_token(grant.user_id, consent, grant.scopes)
        return answer

    def refresh(self, token: str) -> dict[str, Any]:
        """A new access token, or ``invalid_grant``; the refresh token stays the same and is not repeated."""
        now = self._clock.now()
        user_id = self._owner_of_refresh.get(token)
        if user_id is not None:
            consent = self._consents[user_id]
            refresh_token = consent.refresh_tokens[token]
            if not refresh_token.is_dead(now):
                refresh_token.used_at = now
                answer = self._access_token(user_id, consent, refresh_token.scopes)
                return answer | _time_left(refresh_token, now)
        raise OAuthError("invalid_grant", "Token has been expired or revoked.")

    def authenticate(self, token: str) -> AccessToken | None:
        """Whom an access token acts for; None when it is unknown or expired."""
        access_token = self._access.get(token)
        if access_token is None or self._clock.now() >= access_token.expires_at:
            return None
        return access_token

    def revoke(self, token: str) -> None:
        """End the whole consent that the access or refresh token belongs to, or ``invalid_token``."""
        access_token = self.authenticate(token)
        user_id = access_token.user_id if access_token else self._owner_of_refresh.get(token)
        if user_id is None:
            raise OAuthError("invalid_token", "Token expired or revoked")
        consent = self._consents.pop(user_id)
        for access in consent.access_tokens:
            self._access.pop(access, None)
        for refresh in consent.refresh_tokens:
            self._owner_of_refresh.pop(refresh, None)

    def _access_token(self, user_id: str, consent: _Consent, scopes: Sequence[str]) -> dict[str, Any]:
        token = "ya29.a0" + secrets.token_urlsafe(96)
        seconds = self._settings.access_token_seconds
        expires_at = self._clock.now() + timedelta(seconds=seconds)
        self._access[token] = AccessToken(user_id, frozenset(scopes), expires_at)
        consent.access_tokens.append(token)
        scope = " ".join(scopes)
        return {"access_token": token, "expires_in": seconds, "scope": scope, "token_type": "Bearer"}

    def _refresh_token(self, user_id: str, consent: _Consent, scopes: Sequence[str]) -> dict[str, Any]:
        now = self._clock.now()
        token = "1//0g" + secrets.token_urlsafe(64)
        expires_at = now + TESTING_LIFETIME if self._settings.testing_mode else None
        issued = consent.refresh_tokens[token] = RefreshToken(tuple(scopes), now, expires_at)
        self._owner_of_refresh[token] = user_id
        surplus = len(consent.refresh_tokens) - self._settings.refresh_tokens_per_account
        for oldest in list(consent.refresh_tokens)[: max(surplus, 0)]:
            del consent.refresh_tokens[oldest]
            del self._owner_of_refresh[oldest]
        return {"refresh_token": token} | _time_left(issued, now)


def _time_left(token: RefreshToken, now: datetime) -> dict[str, int]:
    """``refresh_token_expires_in``, which only tokens with a fixed end come with."""
    if token.expires_at is None:
        return {}
    return {"refresh_token_expires_in": max(int((token.expires_at - now).total_seconds()) - 1, 0)}

"""Find the owner of the session or personal token that a request comes with.

The authorizer imports this on every cold start: the database, and nothing of the HTTP side.
"""

import re
from dataclasses import dataclass, field

from musicconnect.core import store
from musicconnect.core.tokens import store as tokens_store
from musicconnect.platform import clock, tokens
from musicconnect.platform.database import Database

# RFC 6750, section 2.1, with tokens as `tokens.new_token` makes them; the scheme is compared without case
# (RFC 9110, section 11.1). What cannot be a token costs no query.
_SESSION = re.compile(r"[A-Za-z0-9_-]{43}")
_BEARER = re.compile(rf"bearer +({_SESSION.pattern})", re.IGNORECASE)
_TOKEN = re.compile(rf"token +({_SESSION.pattern})", re.IGNORECASE)  # as ListenBrainz's clients send it


@dataclass(frozen=True, slots=True)
class Owner:
    """The user whose session a token opens."""

    user_id: int
    session_id: int
    """0 for a personal token, which is no session."""
    time_zone: str = "UTC"
    """IANA name."""
    switched_off: dict[str, str] = field(default_factory=dict)
    """Services that the operators have switched off, with the reasons."""
    scope: str | None = None
    """Of a personal token; None for a session."""


def authenticate(database: Database, authorization: str | None) -> Owner | None:
    """Find whose session or personal token it is; what that is good for, `scopes` says.

    None if the header is malformed, or the token unknown, expired or revoked.

    Raises:
        psycopg.OperationalError: the database cannot be reached.
    """
    header = (authorization or "").strip(" \t")
    personal = _TOKEN.fullmatch(header)
    if personal:
        return token_owner(database, personal[1])
    match = _BEARER.fullmatch(header)
    return session_owner(database, match[1]) if match else None


def session_owner(database: Database, token: str) -> Owner | None:
    """Find whose session it is; None if it is unknown, expired or revoked.

    Raises:
        psycopg.OperationalError: the database cannot be reached.
    """
    if not _SESSION.fullmatch(token):
        return None
    with database.transaction() as connection:
        found = store.find_session(connection, tokens.token_hash(token), clock.now())
    if found is None:
        return None
    return Owner(session_id=found[0], user_id=found[1], time_zone=found[2], switched_off=found[3] or {})


def token_owner(database: Database, token: str) -> Owner | None:
    """Find whose personal token it is; None if it is unknown, expired or revoked.

    Raises:
        psycopg.OperationalError: the database cannot be reached.
    """
    with database.transaction() as connection:
        found = tokens_store.find_token(connection, tokens.token_hash(token), clock.now())
    if found is None:
        return None
    _, user_id, switched_off, scope, time_zone = found
    return Owner(user_id, 0, time_zone, switched_off or {}, scope)

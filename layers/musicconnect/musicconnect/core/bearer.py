"""From the Authorization header to the session and its owner.

The authorizer imports this on every cold start: the database, and nothing of the HTTP side.
"""

import re
from dataclasses import dataclass

from musicconnect import clock, crypto
from musicconnect.core import store
from musicconnect.db import Database

# RFC 6750, section 2.1, with tokens as `crypto.new_token` makes them; the scheme is compared without case
# (RFC 9110, section 11.1). What cannot be a token costs no query.
_BEARER = re.compile(r"bearer +([A-Za-z0-9_-]{43})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose session a token opens."""

    user_id: int
    session_id: int


def owner_of(database: Database, authorization: str | None) -> Owner | None:
    """Whose session it is; None if the header is malformed or the token unknown, expired or revoked.

    Raises:
        psycopg.OperationalError: the database cannot be reached.
    """
    match = _BEARER.fullmatch((authorization or "").strip(" \t"))
    if match is None:
        return None
    with database.transaction() as connection:
        found = store.find_session(connection, crypto.token_hash(match[1]), clock.now())
    return Owner(session_id=found[0], user_id=found[1]) if found else None

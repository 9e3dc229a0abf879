"""Find out who asks, and whose plays they may read."""

import re
from typing import Final

from musicconnect.api.binding import Request
from musicconnect.core import authentication
from musicconnect.core.client_names import client_name
from musicconnect.core.tokens import scopes
from musicconnect.platform import problems
from musicconnect.platform.database import Database
from musicconnect.trends.plays import store as plays_store
from musicconnect.trends.scrobbling import store
from musicconnect.trends.scrobbling.errors import RefusedError

SERVICE: Final = "user-trends"
"""In the register of services."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_MD5: Final = re.compile(r"[0-9a-f]{32}")
_ID: Final = re.compile(r"[1-9][0-9]{0,17}")


def owner_of(database: Database, token: str) -> int | None:
    """Find whose personal token it is; None if it is unknown, expired, revoked, or only for reading."""
    return _owner(database, token) if _TOKEN.fullmatch(token) else None


def owner_of_session(database: Database, key: str) -> int | None:
    """Find whose session key it is: a personal token, or what md5 makes of it and the user's name."""
    if _MD5.fullmatch(key.lower()):
        return _owner(database, key.lower())
    return owner_of(database, key)


def _owner(database: Database, token: str) -> int | None:
    owner = authentication.token_owner(database, token)
    if owner is None or not scopes.opens_scrobbling(owner.scope or ""):
        return None
    if SERVICE in owner.switched_off:
        raise problems.switched_off(SERVICE, owner.switched_off[SERVICE])
    return owner.user_id


def authenticate(database: Database, request: Request) -> int:
    """Find whose token the Authorization header has, whatever the scheme, or raise `RefusedError` 401."""
    header = request.headers.get("authorization", "")
    if not header:
        raise RefusedError(401, "You need to provide an Authorization header.")
    parts = header.split(" ")
    if len(parts) < 2:
        raise RefusedError(401, "Provided Authorization header is invalid.")
    user_id = owner_of(database, parts[1])
    if user_id is None:
        raise RefusedError(401, "Invalid authorization token.")
    return user_id


def require_self(database: Database, name: str, request: Request) -> int:
    """Find the user who asks, or raise `RefusedError`: 404 if the name is not their own."""
    user_id = authenticate(database, request)
    if not is_name_of(database, user_id, name):
        raise RefusedError(404, f"Cannot find user: {name}")
    return user_id


def require_readable(database: Database, name: str, request: Request) -> int:
    """Find the user of a name, if whoever asks may read their plays.

    Everybody may read their own. Those who made theirs public are read by all, with and without a token.
    Everybody else is as unknown as somebody who does not exist.

    Raises:
        RefusedError: 404; without a valid token 401.
    """
    public = find_public(database, name)
    return require_self(database, name, request) if public is None else public


def find_public(database: Database, name: str) -> int | None:
    """Find the user of a name, if everybody may read their plays."""
    named = name.rpartition("-")[2]
    if not _ID.fullmatch(named):
        return None
    with database.transaction() as connection:
        return int(named) if store.is_public(connection, int(named)) else None


def user_name(database: Database, user_id: int) -> str:
    """Make a user's name for clients: the display name without spaces, and the id, which makes it unique."""
    with database.transaction(user_id) as connection:
        return client_name(plays_store.get_display_name(connection, user_id), user_id)


def is_name_of(database: Database, user_id: int, name: str) -> bool:
    """Whether a name is this user's, with whatever display name before the number."""
    return name.rpartition("-")[2] == str(user_id) or name.casefold() == user_name(database, user_id)

"""Sign programs in as Last.fm does. A session key is a personal token, and ends with it."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from musicconnect.core.approvals import redeem
from musicconnect.platform import clock
from musicconnect.trends.lastfm.call import Call
from musicconnect.trends.lastfm.errors import LastfmError
from musicconnect.trends.scrobbling import people

TOKEN_LIFETIME: Final = timedelta(minutes=60)
_TOKEN: Final = re.compile(r"([0-9a-f]{8})[0-9a-f]{24}")


def get_mobile_session(call: Call) -> dict[str, Any]:
    """Sign in with a personal token as the password, or with what md5 makes of it and the name.

    The token alone says whose it is; a name that was typed wrong does no harm.
    """
    if call.method != "POST":
        raise LastfmError(4, "Authentication Failed - Send this with POST")
    key = call.parameters.get("password") or call.parameters.get("authtoken")
    if key is None:
        raise LastfmError(6, "Invalid parameters - password is missing: a personal token")
    user_id = people.owner_of_session(call.database, key)
    if user_id is None:
        raise LastfmError(
            4, "Authentication Failed - The password is one of your personal tokens, made at /v1/auth/tokens"
        )
    return _session(people.user_name(call.database, user_id), key)


def get_token(_call: Call) -> dict[str, Any]:
    """Make a token for a user to approve. Nothing is kept of it until then; it says itself when it ends."""
    return {"token": f"{int(clock.now().timestamp()):08x}{secrets.token_hex(12)}"}


def get_session(call: Call) -> dict[str, Any]:
    """Exchange an approved token, once, for a session key: a personal token of the user who approved."""
    token = call.require("token").lower()
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise LastfmError(4, "Authentication Failed - There is no such token")
    made_at = datetime.fromtimestamp(int(match[1], 16), UTC)
    if not clock.now() - TOKEN_LIFETIME <= made_at <= clock.now() + TOKEN_LIFETIME:
        raise LastfmError(15)
    redeemed = redeem(call.database, token)
    if redeemed is None:
        raise LastfmError(14)
    if redeemed.token is None:
        raise LastfmError(4, "Authentication Failed - The token was used before")
    return _session(people.user_name(call.database, redeemed.user_id), redeemed.token)


def _session(name: str, key: str) -> dict[str, Any]:
    return {"session": {"name": name, "key": key, "subscriber": 0}}

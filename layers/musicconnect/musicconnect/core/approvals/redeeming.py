"""Exchange a user's approval for a personal token."""

from dataclasses import dataclass

from musicconnect.core.approvals import store
from musicconnect.platform import clock, tokens
from musicconnect.platform.database import Database


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What an approval was exchanged for."""

    user_id: int
    token: str | None
    """None: it was exchanged before."""


def redeem(database: Database, requested: str) -> Redeemed | None:
    """Exchange the approval of a program's token for a personal token; None if nobody has approved it."""
    token = tokens.new_token()
    with database.transaction() as connection:
        found = store.redeem(connection, tokens.token_hash(requested), tokens.token_hash(token), clock.now())
    if found is None:
        return None
    user_id, is_new = found
    return Redeemed(user_id, token if is_new else None)

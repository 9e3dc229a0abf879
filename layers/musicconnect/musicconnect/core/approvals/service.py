"""Let programs in that sign in through a page, as at Last.fm."""

from datetime import timedelta
from typing import Final

from musicconnect.api.binding import Caller
from musicconnect.core.approvals import store
from musicconnect.core.approvals.schemas import AppApproval
from musicconnect.core.tokens.service import MAX_TOKENS
from musicconnect.platform import clock, problems, tokens
from musicconnect.platform.database import Database

LIFETIME: Final = timedelta(hours=2)
"""Longer than a program's token lives, so that it can be said that it was used."""


def approve(database: Database, caller: Caller, body: AppApproval) -> None:
    """Let a program have a personal token, which it fetches by itself.

    Raises:
        Problem: 409 if the user has as many tokens as anybody may have.
    """
    at = clock.now()
    with database.transaction(caller.user_id) as connection:
        is_added = store.insert(
            connection,
            caller.user_id,
            request_hash=tokens.token_hash(body.token),
            app=body.app,
            at=at,
            expires_at=at + LIFETIME,
            max_tokens=MAX_TOKENS,
        )
    if not is_added:
        raise problems.conflict(
            "too-many-tokens", "There are too many tokens", f"Revoke one of the {MAX_TOKENS} first."
        )

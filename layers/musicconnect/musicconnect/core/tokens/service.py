"""Manage tokens for programs that act for a user, each for as much as its scope says."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from musicconnect.api.binding import Caller, Repeat
from musicconnect.core import idempotency
from musicconnect.core import store as core_store
from musicconnect.core.client_names import client_name
from musicconnect.core.tokens import store
from musicconnect.core.tokens.schemas import NewToken, Token, TokenCreate, TokenList, TokenListQuery
from musicconnect.platform import clock, pagination, problems, tokens
from musicconnect.platform.database import Database

MAX_TOKENS = 50
"""Tokens of one user."""


def create(database: Database, caller: Caller, body: TokenCreate, repeat: Repeat | None = None) -> NewToken:
    """Make a token; this is the only time it is shown.

    What is stored of it cannot be shown again. So a repeated request, whose first answer was lost, gets
    another secret for the same token.

    Raises:
        Problem: 409 if the person has as many as anybody may have.
    """
    at = clock.now()
    token = tokens.new_token()
    expires_at = at + timedelta(days=body.expires_in_days) if body.expires_in_days else None
    with database.transaction(caller.user_id) as connection:
        user = core_store.get_user(connection, caller.user_id)
        name = client_name(user.display_name if user else "", caller.user_id)
        hashes = tokens.token_hash(token), tokens.token_hash(hidden_by_md5(name, token))
        earlier = idempotency.find(connection, caller.user_id, repeat)
        if earlier is not None:
            row = store.replace_token(connection, caller.user_id, earlier, *hashes)
            if row is None:
                raise idempotency.gone()
            return _new_token(token, name, row)
        row = store.insert_token(
            connection,
            caller.user_id,
            name=body.name,
            scope=body.scope,
            token_hash=hashes[0],
            md5_hash=hashes[1],
            at=at,
            expires_at=expires_at,
            limit=MAX_TOKENS,
        )
        if row is None:
            raise problems.conflict(
                "too-many-tokens", "There are too many tokens", f"Revoke one of the {MAX_TOKENS} first."
            )
        idempotency.save(connection, caller.user_id, repeat, row.id)
    return _new_token(token, name, row)


def hidden_by_md5(user_name: str, token: str) -> str:
    """Make what programs send instead of a password that they hide: ``md5(username + md5(password))``.

    Last.fm's ``authToken``. Only its hash is kept, as of the token itself, so it costs no secret; but it
    holds for the name that the user had when the token was made.
    """
    password = hashlib.md5(token.encode(), usedforsecurity=False).hexdigest()
    return hashlib.md5(f"{user_name}{password}".encode(), usedforsecurity=False).hexdigest()


def list_tokens(database: Database, caller: Caller, query: TokenListQuery) -> TokenList:
    """List the caller's tokens, newest first."""
    key = pagination.decode(query.cursor, int)
    with database.transaction(caller.user_id) as connection:
        rows = store.list_tokens(
            connection, caller.user_id, before=key[0] if key else None, limit=query.limit
        )
    rows, next_cursor = pagination.page(rows, query.limit, lambda row: [row.id])
    return TokenList(items=[Token.model_validate(row) for row in rows], next_cursor=next_cursor)


def valid(connection: Connection[Any], user_id: int, at: datetime) -> list[Token]:
    """List all tokens of a user that are valid, newest first."""
    rows = store.list_tokens(connection, user_id, before=None, limit=MAX_TOKENS)
    return [Token.model_validate(row) for row in rows if row.expires_at is None or row.expires_at > at]


def revoke(database: Database, caller: Caller, token_id: int) -> None:
    """End one of the caller's tokens; `Problem` 404 if there is no such token."""
    with database.transaction(caller.user_id) as connection:
        if not store.delete_token(connection, caller.user_id, token_id):
            raise problems.not_found("token")


def _new_token(token: str, user_name: str, row: store.TokenRow) -> NewToken:
    return NewToken(token=token, user_name=user_name, **Token.model_validate(row).model_dump())

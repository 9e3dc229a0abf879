"""Manage tokens for programs that act for a user: they open plays in, and nothing else."""

from datetime import timedelta

from musicconnect.api.binding import Caller, Repeat
from musicconnect.core import idempotency
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
        earlier = idempotency.find(connection, caller.user_id, repeat)
        if earlier is not None:
            row = store.replace_token(connection, caller.user_id, earlier, tokens.token_hash(token))
            if row is None:
                raise idempotency.gone()
            return _new_token(token, row)
        row = store.insert_token(
            connection,
            caller.user_id,
            name=body.name,
            token_hash=tokens.token_hash(token),
            at=at,
            expires_at=expires_at,
            limit=MAX_TOKENS,
        )
        if row is None:
            raise problems.conflict(
                "too-many-tokens", "There are too many tokens", f"Revoke one of the {MAX_TOKENS} first."
            )
        idempotency.save(connection, caller.user_id, repeat, row.id)
    return _new_token(token, row)


def list_tokens(database: Database, caller: Caller, query: TokenListQuery) -> TokenList:
    """List the caller's tokens, newest first."""
    key = pagination.decode(query.cursor, int)
    with database.transaction(caller.user_id) as connection:
        rows = store.list_tokens(
            connection, caller.user_id, before=key[0] if key else None, limit=query.limit
        )
    rows, next_cursor = pagination.page(rows, query.limit, lambda row: [row.id])
    return TokenList(items=[Token.model_validate(row) for row in rows], next_cursor=next_cursor)


def revoke(database: Database, caller: Caller, token_id: int) -> None:
    """End one of the caller's tokens; `Problem` 404 if there is no such token."""
    with database.transaction(caller.user_id) as connection:
        if not store.delete_token(connection, caller.user_id, token_id):
            raise problems.not_found("token")


def _new_token(token: str, row: store.TokenRow) -> NewToken:
    return NewToken(token=token, **Token.model_validate(row).model_dump())

"""List and end sessions."""

from dataclasses import asdict

from musicconnect.api.binding import Caller, Request
from musicconnect.core import session_cookies, store
from musicconnect.core.schemas import Revoked, Session, SessionList, SessionQuery
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database


def list_sessions(database: Database, caller: Caller, query: SessionQuery) -> SessionList:
    """List the caller's live sessions, newest first."""
    key = pagination.decode(query.cursor, int)
    with database.transaction(caller.user_id) as connection:
        rows = store.list_sessions(
            connection, caller.user_id, at=clock.now(), before=key[0] if key else None, limit=query.limit
        )
    rows, next_cursor = pagination.page(rows, query.limit, lambda row: [row.id])
    return SessionList(
        items=[
            Session.model_validate({**asdict(row), "current": row.id == caller.session_id}) for row in rows
        ],
        next_cursor=next_cursor,
    )


def sign_out(database: Database, caller: Caller, request: Request) -> None:
    """End the session that the request came with."""
    with database.transaction(caller.user_id) as connection:
        store.delete_session(connection, caller.user_id, caller.session_id, clock.now())
    clear_browser(request)


def clear_browser(request: Request) -> None:
    """Have a browser delete the cookie, and whatever else our pages left there, with the answer."""
    if "authorization" not in request.headers:
        request.answer_headers["Set-Cookie"] = session_cookies.clear_cookie(request.base_url)
        request.answer_headers["Clear-Site-Data"] = '"cache", "storage"'


def revoke(database: Database, caller: Caller, session_id: int) -> None:
    """End one of the caller's sessions; `Problem` 404 if there is no such session."""
    with database.transaction(caller.user_id) as connection:
        if not store.delete_session(connection, caller.user_id, session_id, clock.now()):
            raise problems.not_found("session")


def revoke_others(database: Database, caller: Caller) -> Revoked:
    """End all of the caller's sessions but the one that the request came with."""
    with database.transaction(caller.user_id) as connection:
        ended = store.delete_other_sessions(connection, caller.user_id, keep=caller.session_id)
    return Revoked(revoked=ended)

"""Tell people that somebody signed in to their account from where they have not been before."""

from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from musicconnect.api.binding import Request
from musicconnect.outbox import service as outbox
from musicconnect.platform.text import one_line, storable

MAX_USER_AGENT: Final = 100
"""Characters that are told of what a client calls itself."""


def record(
    connection: Connection[Any], user_id: int, session_id: int, request: Request, at: datetime
) -> None:
    """Record a sign-in, in the transaction that opens its session."""
    params = {
        "session_id": session_id,
        "ip_address": request.source_ip,
        "user_agent": one_line(storable(request.user_agent))[:MAX_USER_AGENT],
        "at": at.isoformat(),
    }
    outbox.record(connection, user_id, "sign-in-from-new-place", params, key=f"sign-in:{session_id}", at=at)

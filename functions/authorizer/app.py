"""The HTTP API's authorizer: from the bearer token to the person."""

from typing import Any

import psycopg

from musicconnect import db
from musicconnect.core import bearer
from musicconnect.observability import logger


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Say whose request it is (payload format 2.0, simple response).

    With the database away it lets the request pass as nobody's, marked so that the function behind answers
    503 with Retry-After: the gateway itself would make a 500 without a reason of it. Functions refuse what
    comes without a person, and row-level security shows nobody's transaction no rows.
    """
    logger.set_correlation_id(event.get("requestContext", {}).get("requestId"))
    try:
        owner = bearer.owner_of(
            db.shared(), event.get("headers", {}).get("authorization"), event.get("rawPath", "")
        )
    except psycopg.OperationalError as error:
        db.log_unavailable(error)
        return {"isAuthorized": True, "context": {"unavailable": "database"}}
    if owner is None:
        return {"isAuthorized": False}
    return {
        "isAuthorized": True,
        "context": {"user_id": str(owner.user_id), "session_id": str(owner.session_id)},
    }

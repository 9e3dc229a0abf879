"""The HTTP API's authorizer: from the bearer token to the person."""

import json
from typing import Any

import psycopg

from musicconnect.core import authentication
from musicconnect.platform import database
from musicconnect.platform.logging import start_trace


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Say whose request it is (payload format 2.0, simple response).

    What is nobody's request passes too, without a person in it: the gateway could answer a refusal only with
    a bare 403, and a database that is away with a 500. The function behind answers what a client can act on,
    a 401 or a 503 problem; no function serves what is not public without a person, and row-level security
    shows nobody's transaction no rows.
    """
    start_trace(event.get("requestContext", {}).get("requestId"))
    try:
        owner = authentication.authenticate(
            database.shared(), event.get("headers", {}).get("authorization"), event.get("rawPath", "")
        )
    except psycopg.OperationalError as error:
        database.log_unavailable(error)
        return {"isAuthorized": True, "context": {"unavailable": "database"}}
    if owner is None:
        return {"isAuthorized": True, "context": {"refused": "no valid session"}}
    context = {
        "user_id": str(owner.user_id),
        "session_id": str(owner.session_id),
        "time_zone": owner.time_zone,
    }
    if owner.switched_off:
        context["switched_off"] = json.dumps(owner.switched_off)
    return {"isAuthorized": True, "context": context}

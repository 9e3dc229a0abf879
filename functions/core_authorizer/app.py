"""The HTTP API's authorizer: from the bearer token, or a browser's cookie, to the person."""

import json
from typing import Any

import psycopg

from musicconnect.core import authentication, session_cookies
from musicconnect.core.authentication import Owner
from musicconnect.core.tokens import scopes
from musicconnect.platform import config, database
from musicconnect.platform.logging import start_trace


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Say whose request it is (payload format 2.0, simple response).

    What is nobody's request passes too, without a person in it: the gateway could answer a refusal only with
    a bare 403, and a database that is away with a 500. The function behind answers what a client can act on,
    a 401 or a 503 problem; no function serves what is not public without a person, and row-level security
    shows nobody's transaction no rows.
    """
    start_trace(event.get("requestContext", {}).get("requestId"))
    cookie = _cookie_of(event)
    if cookie is not None and not _is_same_origin(event):
        return {"isAuthorized": True, "context": {"refused": "cross-origin"}}
    try:
        owner = _owner(event, cookie)
    except psycopg.OperationalError as error:
        database.log_unavailable(error)
        return {"isAuthorized": True, "context": {"unavailable": "database"}}
    if owner is None:
        return {"isAuthorized": True, "context": {"refused": "no valid session"}}
    if owner.scope is not None and not scopes.allows(owner.scope, event.get("routeKey", "")):
        return {"isAuthorized": True, "context": {"refused": scopes.REFUSED_SCOPE}}
    context = {
        "user_id": str(owner.user_id),
        "session_id": str(owner.session_id),
        "time_zone": owner.time_zone,
    }
    if owner.switched_off:
        context["switched_off"] = json.dumps(owner.switched_off)
    return {"isAuthorized": True, "context": context}


def _owner(event: dict[str, Any], cookie: str | None) -> Owner | None:
    if cookie is not None:
        return authentication.session_owner(database.shared(), cookie)
    return authentication.authenticate(database.shared(), event.get("headers", {}).get("authorization"))


def _cookie_of(event: dict[str, Any]) -> str | None:
    """Get the session in the cookie. Whoever sends a token means the token, whatever the browser adds."""
    if "authorization" in event.get("headers", {}):
        return None
    return session_cookies.token_of(_base_url(event), event.get("cookies", []))


def _is_same_origin(event: dict[str, Any]) -> bool:
    method = event["requestContext"]["http"]["method"]
    return session_cookies.is_same_origin(_base_url(event), method, event.get("headers", {}))


def _base_url(event: dict[str, Any]) -> str:
    return config.public_url() or f"https://{event['requestContext']['domainName']}"

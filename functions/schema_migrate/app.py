"""Brings the database to the newest revision, on deploy: schema, passwords of roles, register of services."""

import os
from typing import Any
from urllib.parse import quote

import psycopg

from musicconnect.core import services
from musicconnect.platform import config, secrets
from musicconnect.platform.logging import logger, start_trace
from schema_migrate import cloudformation, roles
from schema_migrate.upgrade import ADVISORY_LOCK, Choice, contract, everything, expand, upgrade

ROLE_SECRET = "ROLE_SECRET_"  # noqa: S105 - the beginning of a variable's name
"""``ROLE_SECRET_MC_CORE`` names the secret of the role ``mc_core``."""
ACTIONS: dict[str, Choice] = {"upgrade": everything, "expand": expand, "contract": contract}


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer a CloudFormation custom resource, do one of `ACTIONS`, or switch a service.

    ``{"action": "switch", "service": "unified-search", "is_active": false, "reason": "..."}`` switches a
    service off, whose operations then answer 503 with that reason; with ``true`` on again.

    CloudFormation asks before it touches any other function, so what it gets is what the code in place works
    with, too. ``contract`` comes when that code is gone; ``upgrade`` is both at once, for where none runs.

    Returns:
        The revision ``from`` and ``to``, the ``roles`` whose passwords were set, the ``services`` registered;
        for a deletion, nothing.

    Raises:
        ValueError: the event is none of these.
        LookupError: there is no such service.
    """
    start_trace(event.get("RequestId"))
    if "RequestType" in event:
        return cloudformation.answer(event, lambda: _bring_up_to_date(expand))
    if event.get("action") == "switch":
        return _switch(event)
    if set(event) != {"action"} or event["action"] not in ACTIONS:
        raise ValueError(f'Send {{"action": ...}} with one of {", ".join(ACTIONS)}.')
    return _bring_up_to_date(ACTIONS[event["action"]])


def _bring_up_to_date(choose: Choice) -> dict[str, Any]:
    url = admin_url()
    before, after = upgrade(url, choose)
    with psycopg.connect(url, autocommit=True) as connection:
        # Two at once would change the same rows of the server's catalogue, which Postgres refuses.
        connection.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        with connection.transaction():
            changed = roles.set_passwords(connection, role_passwords())
            limits = roles.limit_connections(connection, changed)
            registered = services.register(connection, config.public_url())
    logger.info("database up to date", revision_before=before, revision=after, roles=changed, limits=limits)
    return {"from": before, "to": after, "roles": changed, "services": registered}


def _switch(event: dict[str, Any]) -> dict[str, Any]:
    match event:
        case {"service": str(name), "is_active": bool(is_active)}:
            with psycopg.connect(admin_url()) as connection:
                services.switch(connection, name, is_active=is_active, reason=str(event.get("reason", "")))
            logger.info("service switched", name_of_service=name, is_active=is_active)
            return {"service": name, "is_active": is_active}
    raise ValueError('Send {"action": "switch", "service": NAME, "is_active": false, "reason": TEXT}.')


def admin_url() -> str:
    """The URL of the role that owns the schema: ``DATABASE_URL``, or what its secret and ``DATABASE_*`` say.

    Host, port and name in the secret, which the secrets of RDS have, stand in for missing variables.
    """
    if url := os.environ.get("DATABASE_URL"):
        return url
    secret = secrets.get(config.require("DATABASE_ADMIN_SECRET_ARN"), fresh=True)
    user, password = (quote(secret[part], safe="") for part in ("username", "password"))
    host = os.environ.get("DATABASE_HOST") or secret.get("host") or config.require("DATABASE_HOST")
    port = os.environ.get("DATABASE_PORT") or secret.get("port") or "5432"
    name = os.environ.get("DATABASE_NAME") or secret.get("dbname") or config.require("DATABASE_NAME")
    sslmode = os.environ.get("DATABASE_SSLMODE") or "verify-full"
    options = f"sslmode={sslmode}"
    if sslmode.startswith("verify"):
        options += f"&sslrootcert={quote(config.database_authorities())}"
    return f"postgresql://{user}:{password}@{host}:{port}/{quote(name, safe='')}?{options}"


def role_passwords() -> dict[str, str]:
    """Read every role's password, from the secret that its variable names."""
    passwords = {}
    for variable, arn in os.environ.items():
        if variable.startswith(ROLE_SECRET) and arn:
            # Never a copy: an environment that is still warm would set the password of before.
            role = variable.removeprefix(ROLE_SECRET).lower()
            secret = secrets.get(arn, fresh=True)
            if secret["username"] != role:
                raise roles.RoleError(f"The secret in {variable} is that of {secret['username']!r}.")
            passwords[role] = secret["password"]
    return passwords

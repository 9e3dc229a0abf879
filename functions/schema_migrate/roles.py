"""Passwords and rights to connect of the roles that the functions log in as."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from psycopg import Connection, sql

FOR_ADMINISTRATION: Final = 5
"""Connections that no service may take, beside those that the server itself keeps back."""
LEAST: Final = 2
SHARES: Final[Mapping[str, float]] = {
    "mc_authorizer": 0.18,
    "mc_search": 0.19,
    "mc_providers": 0.12,
    "mc_migrations": 0.12,
    "mc_core": 0.10,
    "mc_user_trends": 0.09,
    "mc_exports": 0.06,
    "mc_notices": 0.04,
    "mc_public": 0.04,
    "mc_trends": 0.06,
}
"""Of what is left when every role has its `LEAST`. Together they are all of it: a flood of one service (of
searches, while a provider is slow) leaves the connections of all others free."""


class RoleError(Exception):
    """A role's secret does not belong to it, or there is no such role."""


def set_passwords(connection: Connection[Any], passwords: Mapping[str, str]) -> list[str]:
    """Let every role log in with its password, and give the roles' names.

    The verifier is made here (SCRAM-SHA-256), so that no password travels in a statement that a server with
    ``log_statement = ddl`` writes down.
    """
    query = "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND rolcanlogin"
    known = {name for (name,) in connection.execute(query, [list(passwords)])}
    if unknown := sorted(passwords.keys() - known):
        raise RoleError(f"There is no role to log in as: {', '.join(unknown)}.")
    for role, password in sorted(passwords.items()):
        verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
        name, database = sql.Identifier(role), sql.Identifier(connection.info.dbname)
        text = sql.Literal(verifier.decode())
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, text))
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, name))
    return sorted(passwords)


def connection_limits(roles: Sequence[str], available: int) -> dict[str, int]:
    """Share the connections of a server among roles; their sum is at most ``available``, if it is enough.

    Args:
        roles: All that log in.
        available: Connections that they may have together.
    """
    spare = max(0, available - LEAST * len(roles))
    return {role: LEAST + int(SHARES.get(role, 0) * spare) for role in roles}


def limit_connections(connection: Connection[Any], roles: Sequence[str]) -> dict[str, int]:
    """Limit how many connections each role may have, by what the server takes; give the limits."""
    row = connection.execute(
        """
        SELECT sum(setting::integer) FILTER (WHERE name = 'max_connections')
             - sum(setting::integer) FILTER (WHERE name <> 'max_connections')
        FROM pg_settings
        WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections',
                       'rds.rds_superuser_reserved_connections')
        """
    ).fetchone()
    assert row is not None
    limits = connection_limits(roles, int(row[0]) - FOR_ADMINISTRATION)
    for role, limit in limits.items():
        statement = sql.SQL("ALTER ROLE {} CONNECTION LIMIT {}")
        connection.execute(statement.format(sql.Identifier(role), sql.Literal(limit)))
    return limits

"""Passwords and rights to connect of the roles that the functions log in as."""

from collections.abc import Mapping
from typing import Any

from psycopg import Connection, sql


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

"""A real Postgres for tests: one server per session, one database per module, copied from a template."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg

from local.simulators.clock import base_offset
from local.stack.wait import wait_until
from musicconnect.platform import database
from schema_migrate.upgrade import upgrade
from tests.support import pooler

TEMPLATE = "musicconnect_template"
ROLE_PASSWORD = "only-for-tests"
ROLES = (
    "mc_core", "mc_authorizer", "mc_providers", "mc_search", "mc_migrations",
    "mc_exports", "mc_user_trends", "mc_dispatch", "mc_rollup", "mc_trends",
    "mc_play_poll", "mc_maintenance", "mc_notices", "mc_public", "mc_operator",
)  # fmt: skip
SHIFTED_PATH = 'shifted, pg_catalog, "$user", public'
_numbers = itertools.count(1)


def make_template(server_url: str) -> None:
    """Make the migrated database that all others are copied from, and give every role its test password."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
        ahead = base_offset()
        if ahead:
            _shift_now(url_for(server_url, dbname=TEMPLATE), ahead)
        upgrade(url_for(server_url, dbname=TEMPLATE))
        for role in ROLES:
            connection.execute(f"ALTER ROLE {role} PASSWORD '{ROLE_PASSWORD}'")
            if ahead:
                connection.execute(f"ALTER ROLE {role} SET search_path = {SHIFTED_PATH}")


def _shift_now(url: str, ahead: timedelta) -> None:
    """Make ``now()`` the suite's time: found before the built-in one in the owner's and all roles' paths."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA shifted")
        connection.execute("GRANT USAGE ON SCHEMA shifted TO PUBLIC")
        connection.execute(
            "CREATE FUNCTION shifted.now() RETURNS timestamptz LANGUAGE sql STABLE "
            f"RETURN pg_catalog.now() + make_interval(secs => {ahead.total_seconds()})".encode()
        )
        connection.execute(f"ALTER ROLE CURRENT_USER SET search_path = {SHIFTED_PATH}")


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """A migrated, empty database; yields the owner's URL."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        try:
            yield url_for(server_url, dbname=name)
        finally:
            release(url_for(server_url, dbname=name))
            connection.execute(f"DROP DATABASE {name}")


def release(url: str) -> None:
    """Close the functions' connections and wait until the server has noticed.

    The databases' owner is no superuser, as on AWS, and may not end other roles' connections.
    """
    database.close_all()
    # To one who is no superuser, other roles' backends show little more than that they are there.
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    wait_until(lambda: sql(url, others) == [(0,)], seconds=20, what="connections to end")


def url_for(url: str, *, dbname: str | None = None, role: str | None = None, direct: bool = False) -> str:
    """The same server's URL for another database, or for one of the services' roles.

    That of a role leads through the pooler, where there is one in front of the server, unless ``direct``.
    """
    parts = urlsplit(url)
    port = (None if direct else pooler.port_of(parts.hostname, parts.port)) or parts.port
    netloc = f"{role}:{ROLE_PASSWORD}@{parts.hostname}:{port}" if role else parts.netloc
    return parts._replace(netloc=netloc, path=f"/{dbname}" if dbname else parts.path).geturl()


def sql(url: str, statement: str, *parameters: object) -> list[tuple[object, ...]]:
    """Run one statement as the URL's role and give its rows: the test's own look at the truth."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), parameters)  # bytes: a test's own text
        return cursor.fetchall() if cursor.description else []

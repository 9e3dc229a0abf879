"""The embedded PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from local.stack.postgres import ADMIN, DATABASE, ExternalPostgres, Postgres, PostgresError, postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres(throwaway=True) as running:
        yield running


def test_it_listens_on_tcp_and_wants_a_password(server: Postgres) -> None:
    with psycopg.connect(server.url()) as connection:
        assert connection.info.host == "127.0.0.1"
        assert connection.info.server_version >= 150000
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url(password="wrong"))


def test_the_administrator_owns_the_database_and_is_no_superuser(server: Postgres) -> None:
    with psycopg.connect(server.url(user=ADMIN), autocommit=True) as connection:
        rights = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert rights == (False, False, True)
        connection.execute("CREATE SCHEMA own")
        connection.execute("CREATE ROLE some_service LOGIN")
        assert connection.info.dbname == DATABASE


@pytest.mark.parametrize("immediate", [False, True])
def test_a_restart_drops_connections_and_keeps_commits(server: Postgres, *, immediate: bool) -> None:
    port = server.port
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("TRUNCATE kept")
        connection.execute("INSERT INTO kept VALUES (7)")
        server.restart(immediate=immediate)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert server.port == port
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_while_it_is_stopped_connections_are_refused(server: Postgres) -> None:
    server.stop(immediate=True)
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(server.url())
    server.start()
    psycopg.connect(server.url()).close()


def test_a_cluster_is_used_again(tmp_path: Path) -> None:
    for expected in ([], [(1,)]):
        with postgres(tmp_path) as running, psycopg.connect(running.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
            assert connection.execute("SELECT number FROM kept").fetchall() == expected
            connection.execute("INSERT INTO kept VALUES (1)")


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with postgres(tmp_path):
        pass
    (tmp_path / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(PostgresError, match="no_such_setting"), postgres(tmp_path):
        pass


def test_an_external_server_is_named_by_its_url() -> None:
    external = ExternalPostgres("postgresql://me:s%2Fcret@db.example:6432/music?sslmode=require")
    assert (external.host, external.port, external.database) == ("db.example", 6432, "music")
    assert (external.user, external.password) == ("me", "s/cret")


@pytest.mark.parametrize("url", ["mysql://me@host/db", "postgresql:///db", "nonsense"])
def test_a_url_that_names_no_server_is_refused(url: str) -> None:
    with pytest.raises(PostgresError, match="DATABASE_URL"):
        ExternalPostgres(url)

"""One connection, replaced when it is dead; transactions as one person, committed or not at all."""

import contextlib
import json
import time
import uuid
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import boto3
import psycopg
import pytest

from local.stack.wait import wait_until
from musicconnect.platform import database as platform_database
from musicconnect.platform import secrets
from musicconnect.platform.config import DatabaseSettings
from tests.support import pooler
from tests.support.postgres import ROLE_PASSWORD, sql, url_for


def backend(database: platform_database.Database) -> int:
    """The server's process; what the connection itself says of it is a pooler's invention."""
    with database.transaction() as connection:
        return server_process(connection)


def server_process(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    assert row is not None
    return int(row[0])


def kill(database_url: str, pid: int) -> None:
    """End a connection from the server's side, as its own role may."""
    url = url_for(database_url, role="mc_core", direct=True)
    sql(url, "SELECT pg_terminate_backend(%s, 5000)", pid)


def new_limit(key: str) -> str:
    return f"INSERT INTO core.sign_in_limits VALUES ('{key}', 1, now(), now())"


class TestConnections:
    def test_are_opened_when_first_used_and_kept(self, database: platform_database.Database) -> None:
        assert backend(database) == backend(database)

    def test_are_replaced_when_they_died_while_idle(
        self, database: platform_database.Database, database_url: str
    ) -> None:
        first = backend(database)
        kill(database_url, first)

        assert backend(database) != first

    def test_are_replaced_after_they_died_in_a_transaction(
        self, database: platform_database.Database, database_url: str
    ) -> None:
        def die() -> None:
            with database.transaction() as connection:
                kill(database_url, server_process(connection))
                connection.execute("SELECT 1")

        with pytest.raises(psycopg.OperationalError):
            die()

        assert backend(database) > 0

    def test_a_transaction_is_never_run_again_by_itself(
        self, database: platform_database.Database, database_url: str
    ) -> None:
        """It may have been committed; only its caller can find out."""
        runs = []

        def die_before_the_commit() -> None:
            with database.transaction() as connection:
                runs.append(connection.execute(new_limit("never-again")).rowcount)
                kill(database_url, server_process(connection))

        with pytest.raises(psycopg.OperationalError):
            die_before_the_commit()

        assert runs == [1]
        assert sql(database_url, "SELECT FROM core.sign_in_limits WHERE key = 'never-again'") == []

    def test_that_cannot_be_opened_say_so(self, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        gone = urlsplit(database_url)._replace(netloc="mc_core:x@127.0.0.1:1").geturl()
        monkeypatch.setenv("DATABASE_URL", gone)

        with pytest.raises(psycopg.OperationalError), platform_database.shared().transaction():
            pytest.fail("there is no such server")

        platform_database.close_all()

    @pytest.mark.skipif(pooler.IS_WANTED, reason="a pooler's connections to the server are its own")
    def test_are_shared_within_an_environment_until_closed(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", url_for(database_url, role="mc_core"))
        first = backend(platform_database.shared())
        assert backend(platform_database.shared()) == first

        platform_database.close_all()

        assert backend(platform_database.shared()) != first
        platform_database.close_all()


@pytest.mark.skipif(pooler.IS_WANTED, reason="a pooler's connections to the server are its own")
def test_connections_lent_to_threads_are_not_all_kept(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment serves one request at a time; what a search took for a moment is nobody's afterwards."""
    monkeypatch.setenv("DATABASE_URL", url_for(database_url, role="mc_core"))
    platform_database.close_all()

    def others() -> int:
        query = "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
        ((found,),) = sql(database_url, query)
        return int(str(found))

    wait_until(lambda: others() == 0, seconds=20, what="nobody to be connected")
    with contextlib.ExitStack() as lent:
        for _ in range(5):
            backend(lent.enter_context(platform_database.dedicated_connection()))
        assert others() == 5
    try:
        wait_until(lambda: others() == 2, seconds=20, what="connections to be closed")
        with platform_database.dedicated_connection() as again:
            backend(again)
            assert others() == 2, "those that are kept are lent again"
    finally:
        platform_database.close_all()


class TestTransactions:
    def test_run_as_one_person_and_leave_nothing_of_it(self, database: platform_database.Database) -> None:
        who = "SELECT core.current_user_id()"
        with database.transaction(42) as connection:
            assert connection.execute(who).fetchone() == (42,)
        with database.transaction() as connection:
            assert connection.execute(who).fetchone() == (None,)

    def test_commit_what_succeeds(self, database: platform_database.Database, database_url: str) -> None:
        with database.transaction() as connection:
            connection.execute(new_limit("kept"))

        assert sql(database_url, "SELECT key FROM core.sign_in_limits WHERE key = 'kept'") == [("kept",)]

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
    def test_take_back_what_fails(
        self, database: platform_database.Database, database_url: str, error: type[BaseException]
    ) -> None:
        def fail() -> None:
            with database.transaction() as connection:
                connection.execute(new_limit("taken-back"))
                raise error

        with pytest.raises(error):
            fail()

        assert sql(database_url, "SELECT FROM core.sign_in_limits WHERE key = 'taken-back'") == []
        assert backend(database) > 0

    def test_a_swallowed_error_cannot_pass_for_success(
        self, database: platform_database.Database, database_url: str
    ) -> None:
        """Postgres answers the COMMIT of a failed transaction with a rollback, and no error."""

        def swallow() -> None:
            with database.transaction() as connection:
                connection.execute(new_limit("lost"))
                with suppress(psycopg.errors.DivisionByZero):
                    connection.execute("SELECT 1 / 0")

        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            swallow()

        assert sql(database_url, "SELECT key FROM core.sign_in_limits WHERE key = 'lost'") == []
        assert backend(database) > 0

    def test_do_not_nest(self, database: platform_database.Database, database_url: str) -> None:
        """The inner one's COMMIT would end the outer one."""

        def nest() -> None:
            with database.transaction() as connection:
                connection.execute(new_limit("nested"))
                with database.transaction():
                    pytest.fail("a transaction inside a transaction")

        with pytest.raises(RuntimeError, match="open already"):
            nest()

        assert sql(database_url, "SELECT key FROM core.sign_in_limits WHERE key = 'nested'") == []
        assert backend(database) > 0

    def test_are_counted_and_timed(self, database: platform_database.Database) -> None:
        backend(database)
        statements, seconds = platform_database.timing.statements, platform_database.timing.seconds
        with database.transaction() as connection:
            connection.execute("SELECT pg_sleep(0.02)")
            with connection.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO core.sign_in_limits VALUES (%s, 1, now(), now())", [("many-1",), ("many-2",)]
                )

        assert (
            platform_database.timing.statements - statements == 5
        )  # BEGIN, who it is, two statements, COMMIT
        assert platform_database.timing.seconds - seconds >= 0.02


def asking(text: str) -> platform_database.Query[list[tuple[object, ...]]]:
    return platform_database.Query(text, [], list)


class TestPipelines:
    """Statements that do not wait for each other's answers."""

    def test_run_as_one_person_in_order_and_leave_nothing_of_it(
        self, database: platform_database.Database
    ) -> None:
        who = "SELECT core.current_user_id()"
        assert database.pipeline(42, asking(who), asking("SELECT 1 UNION ALL SELECT 2")) == [
            [(42,)],
            [(1,), (2,)],
        ]
        with database.transaction() as connection:
            assert connection.execute(who).fetchone() == (None,)

    def test_commit_together_or_not_at_all(
        self, database: platform_database.Database, database_url: str
    ) -> None:
        database.pipeline(1, asking(new_limit("at-once") + " RETURNING key"))
        with pytest.raises(psycopg.errors.DivisionByZero):
            database.pipeline(1, asking(new_limit("not-kept") + " RETURNING key"), asking("SELECT 1 / 0"))

        kept = "SELECT key FROM core.sign_in_limits WHERE key IN ('at-once', 'not-kept')"
        assert sql(database_url, kept) == [("at-once",)]
        assert backend(database) > 0, "and the connection is good for more"

    def test_are_not_sent_to_a_connection_that_died_while_idle(
        self, database: platform_database.Database, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = backend(database)
        kill(database_url, first)
        monkeypatch.setattr(platform_database, "IDLE_LIMIT", 0.0)

        ((other,),) = database.pipeline(1, asking("SELECT pg_backend_pid()"))

        assert other != (first,)

    def test_do_not_nest(self, database: platform_database.Database) -> None:
        with database.transaction(), pytest.raises(RuntimeError, match="open already"):
            database.pipeline(1, asking("SELECT 1"))

    def test_are_counted_and_timed(self, database: platform_database.Database) -> None:
        backend(database)
        statements, seconds = platform_database.timing.statements, platform_database.timing.seconds
        began = time.monotonic()

        database.pipeline(1, asking("SELECT pg_sleep(0.02)::text"))

        assert platform_database.timing.statements - statements == 2  # who it is, and the statement
        assert 0.02 <= platform_database.timing.seconds - seconds <= time.monotonic() - began


class TestSecrets:
    @pytest.fixture
    def settings(self, database_url: str, aws: str) -> DatabaseSettings:
        """The database by host, port and name, and a secret with an outdated password."""
        parts = urlsplit(database_url)
        value = {"username": "mc_core", "password": "outdated"}
        arn = boto3.client("secretsmanager").create_secret(
            Name=str(uuid.uuid4()), SecretString=json.dumps(value)
        )["ARN"]
        assert parts.hostname is not None
        assert parts.port is not None
        return DatabaseSettings(
            url=None,
            host=parts.hostname,
            port=parts.port,
            name=parts.path[1:],
            sslmode="disable",
            secret_arn=arn,
        )

    def test_a_rotated_password_is_fetched_again(self, settings: DatabaseSettings) -> None:
        secrets.get(settings.secret_arn)  # the outdated one is at hand
        rotated = json.dumps({"username": "mc_core", "password": ROLE_PASSWORD})
        boto3.client("secretsmanager").put_secret_value(SecretId=settings.secret_arn, SecretString=rotated)
        database = platform_database.Database(settings)

        assert backend(database) > 0

        database.close()

    def test_a_wrong_password_is_refused_after_one_more_look(self, settings: DatabaseSettings) -> None:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            backend(platform_database.Database(settings))

    def test_a_server_that_is_away_is_not_asked_twice(self, settings: DatabaseSettings) -> None:
        away = DatabaseSettings(
            url=None,
            host="127.0.0.1",
            port=1,
            name="x",
            sslmode="disable",
            secret_arn=settings.secret_arn,
        )

        with pytest.raises(psycopg.OperationalError, match="refused"):
            backend(platform_database.Database(away))

    def test_a_verified_connection_trusts_the_systems_authorities(self, settings: DatabaseSettings) -> None:
        """The test server speaks no TLS: what matters is that it is not spoken to without."""
        strict = DatabaseSettings(
            url=None,
            host=settings.host,
            port=settings.port,
            name=settings.name,
            sslmode="verify-full",
            secret_arn=settings.secret_arn,
        )

        with pytest.raises(psycopg.OperationalError, match="SSL"):
            backend(platform_database.Database(strict))

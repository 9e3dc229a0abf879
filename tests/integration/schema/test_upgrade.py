"""Upgrading: from nothing, again, twice at once; and the function that does it on deploy."""

import json
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import psycopg
import pytest

from local.stack import postgres as embedded
from local.stack.wait import wait_until
from musicconnect.core import services
from musicconnect.platform import secrets
from schema_migrate import app
from schema_migrate.roles import LEAST, SHARES, RoleError, connection_limits
from schema_migrate.upgrade import upgrade
from tests.integration.schema.overview import OVERVIEW
from tests.support.lambda_context import Context
from tests.support.postgres import ROLES, sql, url_for

HEAD = "0012"
ADMIN_VARIABLES = ("DATABASE_URL", "DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME", "DATABASE_SSLMODE")
PASSWORD = "p'a ss%w\"ö:/?#@rd"


@pytest.fixture
def empty_database(own_server: embedded.Postgres) -> str:
    """An empty database of the administrator, who is no superuser."""
    name = f"empty_{uuid.uuid4().hex}"
    url = own_server.url(user=embedded.ADMIN)
    sql(url, f"CREATE DATABASE {name}")
    return url_for(url, dbname=name)


@pytest.fixture
def deployed(
    own_server: embedded.Postgres, empty_database: str, aws: str, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The function's environment as a deployment sets it, on an empty database; gives the owner's URL."""
    name = psycopg.conninfo.conninfo_to_dict(empty_database)["dbname"]
    for variable in ADMIN_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    environment = {
        "DATABASE_HOST": own_server.host,
        "DATABASE_PORT": str(own_server.port),
        "DATABASE_NAME": str(name),
        "DATABASE_SSLMODE": "disable",
        "DATABASE_ADMIN_SECRET_ARN": secret({"username": embedded.ADMIN, "password": own_server.password}),
        "PUBLIC_URL": "https://music.example/",
        **{
            f"ROLE_SECRET_{role.upper()}": secret({"username": role, "password": PASSWORD + role})
            for role in ROLES
        },
    }
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    return empty_database


def secret(value: dict[str, str]) -> str:
    client = boto3.client("secretsmanager")
    made = client.create_secret(Name=str(uuid.uuid4()), SecretString=json.dumps(value))
    return made["ARN"]


def log_in(url: str, role: str, password: str) -> str:
    # What is named beside the URL overrides what the URL says of its owner.
    with psycopg.connect(url, user=role, password=password) as connection:
        return str(connection.execute("SELECT current_user").fetchall()[0][0])


class TestUpgrading:
    def test_starts_from_nothing_as_an_administrator_without_superuser(self, empty_database: str) -> None:
        assert sql(empty_database, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [(False,)]

        assert upgrade(empty_database) == (None, HEAD)

        found = sql(
            empty_database,
            "SELECT n.nspname || '.' || relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace",
        )
        assert {(name,) for name in OVERVIEW} <= set(found)

    def test_again_changes_nothing(self, empty_database: str) -> None:
        upgrade(empty_database)
        definitions = "SELECT oid, relname, relfilenode FROM pg_class WHERE relnamespace > 16384 ORDER BY oid"
        before = sql(empty_database, definitions)

        assert upgrade(empty_database) == (HEAD, HEAD)

        assert sql(empty_database, definitions) == before

    def test_two_at_once_do_it_once(self, empty_database: str) -> None:
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(upgrade, [empty_database] * 2))

        assert sorted(results, key=str) == [(HEAD, HEAD), (None, HEAD)]

    def test_one_that_fails_leaves_nothing_behind(self, empty_database: str) -> None:
        sql(empty_database, "CREATE SCHEMA trends")  # the last of the schemas to be made

        with pytest.raises(Exception, match="trends"):
            upgrade(empty_database)

        assert sql(empty_database, "SELECT nspname FROM pg_namespace WHERE nspname = 'core'") == []
        sql(empty_database, "DROP SCHEMA trends")
        assert upgrade(empty_database) == (None, HEAD)

    def test_gives_up_waiting_for_a_lock(self, empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """A change behind a long transaction ends before everybody queues up behind it."""
        monkeypatch.setattr("schema_migrate.upgrade.LOCK_TIMEOUT", "100ms")
        with psycopg.connect(empty_database) as busy:
            busy.execute("CREATE SCHEMA core")

            with pytest.raises(Exception, match="lock timeout"):
                upgrade(empty_database)

            busy.rollback()
        assert upgrade(empty_database) == (None, HEAD)


class TestTheFunction:
    def test_upgrades_sets_passwords_and_registers_services(self, deployed: str) -> None:
        answer = app.handler({"action": "upgrade"}, Context())

        assert answer == {
            "from": None,
            "to": HEAD,
            "roles": sorted(ROLES),
            "services": [service.name for service in services.registry(None)],
        }
        assert [log_in(deployed, role, PASSWORD + role) for role in ROLES] == list(ROLES)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            log_in(deployed, "mc_core", "something else")

    def test_shares_the_connections_so_that_one_service_cannot_take_those_of_another(
        self, deployed: str
    ) -> None:
        app.handler({"action": "upgrade"}, Context())

        limits = dict(sql(deployed, "SELECT rolname, rolconnlimit FROM pg_roles "))
        limits = {role: int(str(limits[role])) for role in ROLES}
        assert min(limits.values()) > 0
        assert limits["mc_search"] == max(limits.values())
        ((server,),) = sql(deployed, "SHOW max_connections")
        assert sum(limits.values()) <= int(str(server)) - 5

        def connect(role: str) -> psycopg.Connection[Any]:
            return psycopg.connect(deployed, user=role, password=PASSWORD + role)

        with ExitStack() as held:
            for _ in range(limits["mc_dispatch"]):
                held.enter_context(connect("mc_dispatch"))
            with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
                connect("mc_dispatch")
            connect("mc_authorizer").close()

    @pytest.mark.parametrize("available", [0, 30, 75, 823, 5000])
    def test_shares_are_never_more_than_there_is(self, available: int) -> None:
        limits = connection_limits(ROLES, available)
        assert set(limits) == set(ROLES)
        assert sum(limits.values()) <= max(available, LEAST * len(ROLES))
        assert min(limits.values()) >= LEAST
        assert set(SHARES) <= set(ROLES)

    def test_again_changes_nothing_but_the_revision_it_starts_from(self, deployed: str) -> None:
        first = app.handler({"action": "upgrade"}, Context())
        register = "SELECT * FROM core.services ORDER BY id"
        before = sql(deployed, register)

        again = app.handler({"action": "upgrade"}, Context())

        assert again == {**first, "from": HEAD}
        assert sql(deployed, register) == before

    def test_two_at_once_both_succeed(self, deployed: str) -> None:
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: app.handler({"action": "upgrade"}, Context()), range(2)))

        assert {str(answer["from"]) for answer in answers} == {"None", HEAD}

    def test_registers_the_eight_services_under_the_public_address(self, deployed: str) -> None:
        app.handler({"action": "upgrade"}, Context())

        rows = sql(deployed, "SELECT name, base_url, is_active FROM core.services ORDER BY id")

        assert len(rows) == 8
        assert ("musicconnect-core", "https://music.example/v1", True) in rows
        assert ("playlist-migration", "https://music.example/v1", True) in rows
        assert ("data-exports", "https://music.example/v1/exports", True) in rows
        assert {is_active for _, _, is_active in rows} == {True}

    def test_a_service_that_was_switched_off_stays_so(self, deployed: str) -> None:
        app.handler({"action": "upgrade"}, Context())
        off = {"action": "switch", "service": "unified-search", "is_active": False, "reason": "Moving."}
        assert app.handler(off, Context()) == {"service": "unified-search", "is_active": False}

        app.handler({"action": "upgrade"}, Context())

        state = "SELECT is_active, reason FROM core.services WHERE name = 'unified-search'"
        assert sql(deployed, state) == [(False, "Moving.")]
        app.handler({"action": "switch", "service": "unified-search", "is_active": True}, Context())
        assert sql(deployed, state) == [(True, "")]

    @pytest.mark.parametrize(
        ("event", "error"),
        [
            ({"action": "switch", "service": "no-such", "is_active": False}, LookupError),
            ({"action": "switch", "service": "unified-search"}, ValueError),
            ({"action": "switch", "service": "unified-search", "is_active": "no"}, ValueError),
        ],
    )
    def test_a_switch_that_says_too_little_is_refused(
        self, deployed: str, event: dict[str, Any], error: type[Exception]
    ) -> None:
        app.handler({"action": "upgrade"}, Context())
        with pytest.raises(error):
            app.handler(event, Context())

    def test_mends_the_register_and_leaves_other_entries(
        self, deployed: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app.handler({"action": "upgrade"}, Context())
        sql(deployed, "UPDATE core.services SET description = 'wrong' WHERE name = 'spotify-core'")
        sql(deployed, "INSERT INTO core.services (name, base_url) VALUES ('of-our-own', 'https://x')")
        monkeypatch.setenv("PUBLIC_URL", "https://elsewhere.example")

        app.handler({"action": "upgrade"}, Context())

        rows = sql(deployed, "SELECT name, base_url, description FROM core.services")
        found = {str(name): (url, str(description)) for name, url, description in rows}
        assert found["of-our-own"] == ("https://x", "")
        url, description = found["spotify-core"]
        assert url == "https://elsewhere.example/v1"
        assert description != "wrong"

    def test_a_changed_secret_changes_the_password(
        self, deployed: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app.handler({"action": "upgrade"}, Context())
        monkeypatch.setenv("ROLE_SECRET_MC_CORE", secret({"username": "mc_core", "password": "rotated"}))

        app.handler({"action": "upgrade"}, Context())

        assert log_in(deployed, "mc_core", "rotated") == "mc_core"

    def test_no_password_is_sent_or_logged_in_the_clear(
        self,
        deployed: str,
        own_server: embedded.Postgres,
        capfd: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """Were the server to write down every statement, as many do."""
        superuser = own_server.url()
        sql(superuser, "ALTER SYSTEM SET log_statement = 'all'")
        sql(superuser, "SELECT pg_reload_conf()")
        wait_until(
            lambda: sql(superuser, "SHOW log_statement") == [("all",)],
            seconds=10,
            what="the server to write statements down",
        )
        try:
            app.handler({"action": "upgrade"}, Context())
        finally:
            sql(superuser, "ALTER SYSTEM RESET log_statement")
            sql(superuser, "SELECT pg_reload_conf()")

        server_log = own_server.directory.with_name("postgres.log").read_text()
        assert "ALTER ROLE" in server_log
        for text in (server_log, *capfd.readouterr(), caplog.text):
            assert PASSWORD not in text
            assert own_server.password not in text

    @pytest.mark.parametrize(
        "event", [{}, {"action": "drop"}, {"action": "upgrade", "to": "base"}, {"Records": []}]
    )
    def test_does_nothing_else(self, event: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="upgrade"):
            app.handler(event, Context())

    def test_refuses_another_roles_secret(self, deployed: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ROLE_SECRET_MC_CORE", secret({"username": "mc_exports", "password": "x"}))

        with pytest.raises(RoleError, match="ROLE_SECRET_MC_CORE"):
            app.handler({"action": "upgrade"}, Context())

    def test_refuses_a_role_that_is_not_there(self, deployed: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ROLE_SECRET_MC_NOBODY", secret({"username": "mc_nobody", "password": "x"}))

        with pytest.raises(RoleError, match="mc_nobody"):
            app.handler({"action": "upgrade"}, Context())

    def test_takes_the_whole_address_from_a_secret_that_rds_keeps(
        self, own_server: embedded.Postgres, empty_database: str, aws: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for variable in ADMIN_VARIABLES:
            monkeypatch.delenv(variable, raising=False)
        kept = {
            "username": embedded.ADMIN,
            "password": "a/b",
            "host": "db.example",
            "port": "6543",
            "dbname": "music",
        }
        monkeypatch.setenv("DATABASE_ADMIN_SECRET_ARN", secret(kept))

        assert app.admin_url() == (
            f"postgresql://{embedded.ADMIN}:a%2Fb@db.example:6543/music?sslmode=verify-full&sslrootcert=system"
        )
        monkeypatch.setenv("DATABASE_SSLROOTCERT", "/opt/certificates/region.pem")
        assert app.admin_url().endswith("&sslrootcert=/opt/certificates/region.pem")

    def test_a_whole_url_stands_for_everything_else(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://me@somewhere/else")

        assert app.admin_url() == "postgresql://me@somewhere/else"


class Stack:
    """CloudFormation's side: takes one answer at an address of its own."""

    def __init__(self) -> None:
        self.answers: list[dict[str, Any]] = []
        self.content_types: list[str | None] = []
        stack = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                length = int(self.headers["Content-Length"])
                stack.answers.append(json.loads(self.rfile.read(length)))
                stack.content_types.append(self.headers["Content-Type"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def request(self, kind: str, **more: str) -> dict[str, Any]:
        return {
            "RequestType": kind,
            "ResponseURL": f"http://127.0.0.1:{self.server.server_port}/signed?with=signature",
            "StackId": "arn:aws:cloudformation:us-east-1:1:stack/musicconnect/1",
            "RequestId": "request-1",
            "ResourceType": "Custom::SchemaUpgrade",
            "LogicalResourceId": "SchemaUpgrade",
            "ResourceProperties": {"ServiceToken": "arn", "Package": "1"},
            **more,
        }

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def stack() -> Iterator[Stack]:
    made = Stack()
    yield made
    made.close()


class TestAsACustomResource:
    def test_tells_cloudformation_that_it_worked(self, deployed: str, stack: Stack) -> None:
        app.handler(stack.request("Create"), Context())

        [answer] = stack.answers
        assert answer.pop("Data")["to"] == HEAD
        assert answer == {
            "Status": "SUCCESS",
            "Reason": "",
            "PhysicalResourceId": "musicconnect-schema",
            "StackId": "arn:aws:cloudformation:us-east-1:1:stack/musicconnect/1",
            "RequestId": "request-1",
            "LogicalResourceId": "SchemaUpgrade",
        }
        assert stack.content_types == [""]
        assert sql(deployed, "SELECT version_num FROM alembic_version") == [(HEAD,)]

    def test_an_update_keeps_the_resource(self, deployed: str, stack: Stack) -> None:
        app.handler(stack.request("Update", PhysicalResourceId="as-it-was-called"), Context())

        assert (stack.answers[0]["Status"], stack.answers[0]["PhysicalResourceId"]) == (
            "SUCCESS",
            "as-it-was-called",
        )

    def test_tells_it_of_a_failure_without_details(
        self, deployed: str, stack: Stack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_PORT", "1")

        with pytest.raises(Exception, match="connection"):
            app.handler(stack.request("Create"), Context())

        [answer] = stack.answers
        assert answer["Status"] == "FAILED"
        assert answer["Reason"] == "OperationalError; see the function's log"

    def test_deleting_the_stack_leaves_the_data_alone(self, deployed: str, stack: Stack) -> None:
        app.handler({"action": "upgrade"}, Context())

        assert app.handler(stack.request("Delete", PhysicalResourceId="musicconnect-schema"), Context()) == {}

        assert stack.answers[0]["Status"] == "SUCCESS"
        assert sql(deployed, "SELECT count(*) FROM core.users") == [(0,)]


@pytest.fixture(autouse=True)
def _no_secret_is_remembered() -> None:
    secrets._cache.clear()

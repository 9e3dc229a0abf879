"""PgBouncer in transaction mode: many environments share few connections, and nobody sees anybody else's."""

import ipaddress
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.stack import postgres as embedded
from local.stack.wait import wait_until
from local.supervisor import die_with_parent
from local.template.cloudformation import read_yaml
from musicconnect.platform import clock
from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.database import Database, Query
from schema_migrate.roles import LEAST, SHARES, connection_limits
from tests.support import ROOT, pooler
from tests.support.functions import SERVICE_ROLES, FunctionRunner
from tests.support.postgres import ROLE_PASSWORD, ROLES, url_for

pytestmark = pytest.mark.skipif(
    pooler.find() is None, reason="needs PgBouncer: apt-get install --no-install-recommends pgbouncer"
)
ENVIRONMENTS = 60


@pytest.fixture(scope="module", autouse=True)
def through_a_pooler(postgres_server: embedded.Postgres) -> Iterator[None]:
    if pooler.IS_WANTED:  # the whole suite goes through one
        yield
        return
    passwords = dict.fromkeys(ROLES, ROLE_PASSWORD)
    with pooler.in_front_of(postgres_server.host, postgres_server.port, passwords):
        yield


def test_many_at_once_share_few_connections_and_stay_themselves(database_url: str) -> None:
    settings = DatabaseSettings(
        url=url_for(database_url, role="mc_core"), host="", port=0, name="", sslmode="", secret_arn=""
    )
    databases = [Database(settings) for _ in range(ENVIRONMENTS)]
    together, most = Barrier(ENVIRONMENTS), 0

    def act(number: int) -> set[str]:
        together.wait(timeout=60)
        seen: set[str] = set()
        for _ in range(5):
            with databases[number].transaction(number) as connection:
                for _ in range(2):  # in the same transaction, whichever server process has it
                    seen |= {connection.execute("SELECT current_setting('app.user_id')").fetchall()[0][0]}
            query = Query[str]("SELECT current_setting('app.user_id')", (), lambda rows: rows[0][0])
            seen |= set(databases[number].pipeline(number, query, query))
            with databases[number].statement() as connection:
                # Nothing of the person stays with the connection for whoever has it next.
                seen |= {
                    left
                    for (left,) in connection.execute(
                        "SELECT current_setting('app.user_id', true)"
                    ).fetchall()
                    if left
                }
        return seen

    with ThreadPoolExecutor(ENVIRONMENTS) as pool:
        acting = [pool.submit(act, number) for number in range(ENVIRONMENTS)]
        while not all(one.done() for one in acting):
            most = max(most, pooler.server_connections(database_url))
        seen = [one.result() for one in acting]
    for database in databases:
        database.close()

    assert seen == [{str(number)} for number in range(ENVIRONMENTS)]
    assert 0 < most <= pooler.SERVER_CONNECTIONS


def test_the_functions_work_through_it(core_harness: FunctionRunner) -> None:
    person = core_harness.sign_up()
    assert person.call("GET", "/v1/me").json["email"] == person.email
    assert core_harness.sign_up().call("GET", "/v1/me").status == 200


# -- What templates/pooler.yaml starts


@pytest.fixture
def certificate() -> dict[str, str]:
    """Of 127.0.0.1, signed by itself, as the template's secret has it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pooler")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = clock.now()
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    public = signed.public_bytes(pem).decode().strip()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode().strip()
    return {"TLS_CERTIFICATE": public, "TLS_KEY": private, "TLS_AUTHORITIES": public}


def test_the_task_of_the_template_lets_every_role_in_by_tls(
    postgres_server: embedded.Postgres, database_url: str, certificate: dict[str, str], tmp_path: Path
) -> None:
    """Its script, with another port and a server without TLS, which the tests' is."""
    (container,) = read_yaml(ROOT / "templates/pooler.yaml")["Resources"]["Task"]["Properties"][
        "ContainerDefinitions"
    ]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (script,) = container["Command"]
    script = script.replace("6432", str(port)).replace("0.0.0.0", "127.0.0.1")
    assert "server_tls_sslmode = verify-full" in script
    script = script.replace("server_tls_sslmode = verify-full", "server_tls_sslmode = disable")
    named = [one["Name"] for one in container["Secrets"] if one["Name"].startswith("MC_")]
    environment = {
        "PATH": f"{os.environ['PATH']}:/usr/sbin",
        "DATABASE_HOST": postgres_server.host,
        "DATABASE_PORT": str(postgres_server.port),
        "POOL_SIZE": "5",
        **dict.fromkeys(named, ROLE_PASSWORD),
        **certificate,
    }
    authorities = tmp_path / "authorities.pem"
    authorities.write_text(certificate["TLS_AUTHORITIES"])
    process = subprocess.Popen(
        [*container["EntryPoint"], script],
        env=environment,
        cwd="/",
        stderr=subprocess.PIPE,
        **({"user": "nobody"} if os.geteuid() == 0 else {}),
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - nothing else runs yet
    )
    try:

        def role_at_the_other_end(role: str) -> str | None:
            assert process.poll() is None, process.stderr and process.stderr.read()
            parts = urlsplit(database_url)
            url = f"postgresql://{role}:{ROLE_PASSWORD}@127.0.0.1:{port}{parts.path}"
            safely = f"?sslmode=verify-full&sslrootcert={authorities}"
            try:
                with psycopg.connect(url + safely, prepare_threshold=None) as connection:
                    assert connection.info.pgconn.ssl_in_use
                    return str(connection.execute("SELECT current_user").fetchall()[0][0])
            except psycopg.OperationalError as error:
                if "refused" in str(error):  # it is about to start
                    return None
                raise

        for role in (name.lower() for name in named):
            found = wait_until(lambda role=role: role_at_the_other_end(role), seconds=20, what="the pooler")
            assert found == role
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_the_task_knows_every_role_that_a_function_connects_as() -> None:
    document = read_yaml(ROOT / "templates/pooler.yaml")
    (container,) = document["Resources"]["Task"]["Properties"]["ContainerDefinitions"]
    named = {one["Name"].lower() for one in container["Secrets"]} - {
        "tls_certificate",
        "tls_key",
        "tls_authorities",
    }
    assert named == set(SERVICE_ROLES.values())
    assert all(f" {name.upper()}" in container["Command"][0] for name in named)
    arns = {name for name in document["Parameters"] if name.endswith("RoleSecretArn")}
    outputs = read_yaml(ROOT / "template.yaml")["Outputs"]
    assert arns <= set(outputs), "they are taken from the application's stack"
    assert len(arns) == len(named)


MAX_CONNECTIONS = 400
"""Of the smallest server for which the template's default is meant, less what PostgreSQL reserves."""


def test_the_pools_of_the_template_stay_within_what_the_database_lets_each_role_have() -> None:
    document = read_yaml(ROOT / "templates/pooler.yaml")
    parameters = document["Parameters"]
    assert parameters["Tasks"]["Default"] <= parameters["Tasks"]["MaxValue"] <= LEAST
    (container,) = document["Resources"]["Task"]["Properties"]["ContainerDefinitions"]
    (found,) = re.findall(r"for role in (mc_[a-z_ ]+); do", container["Command"][0])
    by_timers = set(found.split())
    limits = connection_limits(sorted({*SERVICE_ROLES.values(), *SHARES}), MAX_CONNECTIONS - 10)
    assert by_timers == set(SERVICE_ROLES.values()) - set(SHARES)
    for role in SERVICE_ROLES.values():
        size = 1 if role in by_timers else parameters["PoolSize"]["Default"]
        assert size * parameters["Tasks"]["Default"] <= limits[role], role
    rollout = document["Resources"]["Service"]["Properties"]["DeploymentConfiguration"]
    assert rollout["MaximumPercent"] <= 100, "a rollout would double the connections"

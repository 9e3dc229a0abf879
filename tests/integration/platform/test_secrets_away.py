"""Secrets Manager does not answer: who has a copy goes on, who has none says so, soon."""

import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import boto3
import pytest

from musicconnect.platform import database as platform_database
from musicconnect.platform import metrics, secrets
from musicconnect.platform.secrets import SecretsUnavailableError
from tests.support.functions import SERVICE_ROLES, FunctionRunner
from tests.support.logs import written
from tests.support.postgres import ROLE_PASSWORD
from tests.support.storage_proxy import Proxy, storage_proxy

ROLES = sorted(set(SERVICE_ROLES.values()))
AWAY = (503, "ServiceUnavailableException")


@pytest.fixture
def manager(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Secrets Manager, behind something that can be told to fail."""
    with storage_proxy(aws) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", proxy.url)
        secrets._client.cache_clear()
        secrets._cache.clear()
        secrets._retry_at.clear()
        yield proxy
    secrets._client.cache_clear()
    secrets._cache.clear()


@pytest.fixture
def arn(manager: Proxy) -> str:
    return secret_of("mc_core")


def secret_of(role: str) -> str:
    value = json.dumps({"username": role, "password": ROLE_PASSWORD})
    client = boto3.client("secretsmanager")
    return str(client.create_secret(Name=str(uuid.uuid4()), SecretString=value)["ARN"])


@contextmanager
def away(manager: Proxy) -> Iterator[None]:
    manager.fault = lambda _: AWAY
    try:
        yield
    finally:
        manager.fault = None


def outdate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let copies be too old to be used without asking."""
    monkeypatch.setattr(secrets, "CACHE_TTL_S", 0.0)


def test_a_copy_that_is_too_old_is_used_while_there_is_no_newer(
    manager: Proxy, arn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = secrets.get(arn)
    outdate(monkeypatch)
    with away(manager), written() as log:
        assert secrets.get(arn) == before
        asked = len(manager.calls)
        assert secrets.get(arn) == before
        assert len(manager.calls) == asked, "not every request waits for what does not answer"
    assert len(log.metrics(metrics.SECRET_READ_FAILURES.name)) == 1

    secrets._retry_at.clear()
    boto3.client("secretsmanager").put_secret_value(SecretId=arn, SecretString='{"username": "new"}')
    assert secrets.get(arn) == {"username": "new"}


def test_without_a_copy_or_with_one_that_was_refused_it_is_an_error(manager: Proxy, arn: str) -> None:
    with away(manager), pytest.raises(SecretsUnavailableError, match="503"):
        secrets.get(arn)
    secrets.get(arn)
    with away(manager), pytest.raises(SecretsUnavailableError):
        secrets.get(arn, fresh=True)
    assert SecretsUnavailableError("x").problem().status == 503


def test_an_address_where_nobody_listens_is_the_same(arn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", f"http://127.0.0.1:{taken.getsockname()[1]}")
        secrets._client.cache_clear()
        with pytest.raises(SecretsUnavailableError, match="EndpointConnectionError"):
            secrets.get(arn)


def test_the_client_is_made_once_and_gives_up_before_the_gateway_does(manager: Proxy, arn: str) -> None:
    """An authorizer has ten seconds; botocore's own time-outs are sixty, five times over."""
    secrets.get(arn)
    secrets.get(arn, fresh=True)

    assert secrets._client.cache_info().misses == 1
    config = secrets._client().meta.config
    attempts = config.retries["total_max_attempts"]
    assert attempts * (config.connect_timeout + config.read_timeout) < 10


class TestFunctions:
    @pytest.fixture
    def runner(self, core_harness: FunctionRunner, manager: Proxy) -> Iterator[FunctionRunner]:
        """The functions as they are deployed: the password of the database in a secret."""
        yield Deployed(core_harness.database_url, {}, secrets={role: secret_of(role) for role in ROLES})
        platform_database.close_all()

    def test_requests_go_on_with_the_copy(
        self, runner: FunctionRunner, manager: Proxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = runner.sign_up()
        assert person.call("GET", "/v1/me").status == 200
        outdate(monkeypatch)
        platform_database.close_all()  # as in an environment that has lost its connection
        with away(manager):
            assert person.call("GET", "/v1/me").status == 200

    def test_without_a_copy_they_say_that_it_will_pass(self, runner: FunctionRunner, manager: Proxy) -> None:
        person = runner.sign_up()
        platform_database.close_all()
        secrets._cache.clear()
        with away(manager):
            answer = person.call("GET", "/v1/me")
        assert answer.status == 503, answer.text
        assert answer.json["type"] == "urn:musicconnect:problem:database-unavailable"
        assert int(answer.headers["retry-after"]) > 0
        assert person.call("GET", "/v1/me").status == 200


@dataclass
class Deployed(FunctionRunner):
    """Runs functions by their secrets, without the address that stands for everything else."""

    secrets: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def environment_of(self, capability: str) -> Iterator[None]:
        parts = urlsplit(self.database_url)
        with super().environment_of(capability), pytest.MonkeyPatch.context() as patch:
            patch.delenv("DATABASE_URL")
            patch.setenv("DATABASE_HOST", str(parts.hostname))
            patch.setenv("DATABASE_PORT", str(parts.port))
            patch.setenv("DATABASE_NAME", parts.path[1:])
            patch.setenv("DATABASE_SSLMODE", "disable")
            patch.setenv("DATABASE_SECRET_ARN", self.secrets[SERVICE_ROLES[capability]])
            yield

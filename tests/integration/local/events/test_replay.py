"""Every event under ``events/``, replayed in this process; ``make sam-local`` replays them in containers."""

import itertools
import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from local.events import replay
from tests.support.functions import FunctionRunner
from tests.support.lambda_context import Context
from tests.support.mailbox import MAIL_FROM
from tests.support.postgres import ROLE_PASSWORD, ROLES, sql
from web.app import handler as web

CAPABILITIES = {
    "CoreApiFunction": "core_api",
    "CoreAuthorizerFunction": "core_authorizer",
    "ExportsWorkerFunction": "exports_worker",
    "ExportsApiFunction": "exports_api",
    "MailWorkerFunction": "mail_worker",
    "MigrationsDispatcherFunction": "migrations_dispatcher",
    "MigrationsWorkerFunction": "migrations_worker",
    "MigrationsApiFunction": "migrations_api",
    "MigrationsImportWorkerFunction": "migrations_import_worker",
    "SyncApiFunction": "sync_api",
    "SyncWorkerFunction": "sync_worker",
    "ProvidersSyncWorkerFunction": "providers_sync_worker",
    "ProvidersPlaylistsApiFunction": "providers_playlists_api",
    "ProvidersPublicApiFunction": "providers_public_api",
    "ProvidersApiFunction": "providers_api",
    "TrendsImportWorkerFunction": "trends_import_worker",
    "TrendsPollWorkerFunction": "trends_poll_worker",
    "TrendsPlaysApiFunction": "trends_plays_api",
    "TrendsScrobblingApiFunction": "trends_scrobbling_api",
    "TrendsRollupFunction": "trends_rollup",
    "MaintenanceFunction": "maintenance",
    "TrendsApiFunction": "trends_api",
    "SearchApiFunction": "search_api",
    "NoticesApiFunction": "notices_api",
    "OperatorFunction": "operators",
    "NoticesDispatcherFunction": "notices_dispatcher",
    "NoticesWebhookWorkerFunction": "notices_webhook_worker",
}


class HarnessEnvironment:
    """Steps and events are carried out by the functions in this process."""

    def __init__(self, harness: FunctionRunner, response_url: str, upgrade: Mapping[str, str]) -> None:
        self._harness = harness
        self._upgrade = upgrade
        self._sources = itertools.count()
        self.addresses = {
            "spotify_url": harness.environment["SPOTIFY_ACCOUNTS_URL"],
            "youtube_url": harness.environment["GOOGLE_TOKEN_URL"],
            "tidal_url": harness.environment["TIDAL_AUTH_URL"],
            "response_url": response_url,
        }

    def call(self, method: str, path: str, body: Any, token: str | None) -> tuple[int, Any]:
        """One request through authorizer and function."""
        # Every case signs somebody up, and together they are more than one source may be.
        source = f"198.51.100.{next(self._sources) % 250}"
        answer = self._harness.call(method, path, body, token=token, source_ip=source)
        return answer.status, answer.json if answer.text else None

    def invoke(self, function: str, event: Any) -> Any:
        """Run a function by its logical id."""
        if function == "WebFunction":
            return web(event, Context())
        if function == "SchemaMigrateFunction":
            return self._upgraded(event)
        if function == "MailWorkerFunction":
            with pytest.MonkeyPatch.context() as patch:
                patch.setitem(self._harness.environment, "MAIL_FROM", MAIL_FROM)
                patch.setitem(self._harness.environment, "MAIL_FEEDBACK_QUEUE_NAME", "MailFeedbackQueue")
                return self._harness.invoke(CAPABILITIES[function], event)
        return self._harness.invoke(CAPABILITIES[function], event)

    def _upgraded(self, event: Any) -> Any:
        from schema_migrate.app import handler  # noqa: PLC0415 - takes SQLAlchemy along

        with pytest.MonkeyPatch.context() as environment:
            for name, value in self._upgrade.items():
                environment.setenv(name, value)
            return handler(event, Context())


@pytest.fixture(scope="module")
def environment(harness: FunctionRunner) -> Iterator[HarnessEnvironment]:
    """The functions of this process; the schema upgrade has its secrets in Secrets Manager."""
    secrets = boto3.client("secretsmanager")

    def secret(username: str, password: str) -> str:
        text = json.dumps({"username": username, "password": password})
        return secrets.create_secret(Name=str(uuid.uuid4()), SecretString=text)["ARN"]

    database = urlsplit(harness.database_url)
    assert database.username
    assert database.password
    upgrade = {
        "DATABASE_ADMIN_SECRET_ARN": secret(database.username, database.password),
        "DATABASE_HOST": database.hostname or "",
        "DATABASE_PORT": str(database.port),
        "DATABASE_NAME": database.path.lstrip("/"),
        "DATABASE_SSLMODE": "disable",
        **{f"ROLE_SECRET_{role.upper()}": secret(role, ROLE_PASSWORD) for role in ROLES},
    }
    s3 = boto3.client("s3")
    bucket = f"answers-{uuid.uuid4()}"
    s3.create_bucket(Bucket=bucket)
    response_url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "answer"})
    yield HarnessEnvironment(harness, response_url, upgrade)
    # An upgrade limits the connections of roles, which are the whole server's, with all its databases.
    for role in ROLES:
        sql(harness.database_url, f"ALTER ROLE {role} CONNECTION LIMIT -1")


@pytest.mark.usefixtures("built_console")
@pytest.mark.parametrize("case", list(replay.read_cases()), ids=str)
def test_every_event_is_answered_as_expected(case: replay.Case, environment: HarnessEnvironment) -> None:
    known = replay.prepare(case, environment)
    try:
        answer = environment.invoke(case.function, replay.fill(case.event, known))
    except Exception as error:  # noqa: BLE001 - how a function ends is what is compared
        answer = {"error": type(error).__name__, "detail": repr(error)}
    assert replay.differences(case.expected, answer, known) == [], json.dumps(answer)


def test_a_custom_resource_is_answered_where_cloudformation_listens(environment: HarnessEnvironment) -> None:
    (case,) = [one for one in replay.read_cases() if str(one) == "SchemaMigrateFunction/deployment"]
    environment.invoke(case.function, replay.fill(case.event, environment.addresses))
    bucket, key = urlsplit(environment.addresses["response_url"]).path.strip("/").split("/")
    answer = json.load(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"])
    assert (answer["Status"], answer["RequestId"]) == ("SUCCESS", "event-deployment")

"""Fixtures for everybody: Postgres, SQS and Secrets Manager, the simulators, the functions."""

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from local.simulators.server import serve_in_thread
from local.simulators.spotify import app as spotify
from local.simulators.youtube import app as youtube
from local.stack import postgres as embedded
from tests.support.clock import CLOCK_FILE_VARIABLE, ShiftedClock, start_clock
from tests.support.functions import FunctionRunner
from tests.support.postgres import fresh_database, make_template

SECRETS = {
    "TOKEN_KEYS_SECRET_ARN": {"current": "k1", "k1": "only for tests, only for tests, only for tests"},
    "SPOTIFY_SECRET_ARN": {"client_id": "musicconnect-local", "client_secret": "local-secret"},
    "YOUTUBE_SECRET_ARN": {"client_id": "musicconnect-local", "client_secret": "local-secret"},
}
QUEUES = (
    "MIGRATIONS_QUEUE_URL",
    "PROVIDERS_SYNC_QUEUE_URL",
    "TRENDS_IMPORT_QUEUE_URL",
    "MIGRATIONS_IMPORT_QUEUE_URL",
    "TRENDS_POLL_QUEUE_URL",
    "MAINTENANCE_QUEUE_URL",
    "EXPORTS_QUEUE_URL",
)

start_clock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[embedded.Postgres]:
    """A throwaway server that holds the migrated template."""
    with embedded.postgres(throwaway=True) as server:
        make_template(server.url(user=embedded.ADMIN))
        yield server


@pytest.fixture(scope="module")
def database_url(postgres_server: embedded.Postgres) -> Iterator[str]:
    """The owner's URL of a migrated database that is this module's alone."""
    with fresh_database(postgres_server.url(user=embedded.ADMIN)) as url:
        yield url


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """SQS, S3 and Secrets Manager; the process environment points boto3 at them."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    yield environment["AWS_ENDPOINT_URL"]
    server.stop()
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="module")
def spotify_url() -> Iterator[str]:
    """A Spotify simulator of this module's own."""
    with serve_in_thread(spotify.create_app()) as server:
        yield server.url


@pytest.fixture(scope="module")
def youtube_url() -> Iterator[str]:
    """A YouTube simulator of this module's own."""
    with serve_in_thread(youtube.create_app()) as server:
        yield server.url


@pytest.fixture(scope="module")
def core_harness(database_url: str, aws: str) -> FunctionRunner:
    """The functions without any provider: what only accounts and sessions need."""
    return _harness(database_url)


@pytest.fixture(scope="module")
def harness(database_url: str, aws: str, spotify_url: str, youtube_url: str) -> FunctionRunner:
    """The functions on their own database, queues and simulators."""
    made = _harness(database_url)
    made.environment |= {
        "SPOTIFY_API_URL": f"{spotify_url}/v1",
        "SPOTIFY_ACCOUNTS_URL": spotify_url,
        "YOUTUBE_API_URL": f"{youtube_url}/youtube/v3",
        "GOOGLE_AUTH_URL": f"{youtube_url}/o/oauth2/v2/auth",
        "GOOGLE_TOKEN_URL": youtube_url,
        "PROVIDER_TIMEOUT_SECONDS": "5",
    }
    return made


@pytest.fixture
def shifted_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ShiftedClock:
    """The functions' clock, which a test moves."""
    path = tmp_path / "clock-offset"
    monkeypatch.setenv(CLOCK_FILE_VARIABLE, str(path))
    return ShiftedClock(path)


def _harness(database_url: str) -> FunctionRunner:
    environment = {}
    for variable, value in SECRETS.items():
        secret = boto3.client("secretsmanager").create_secret(
            Name=f"{variable}-{uuid.uuid4()}", SecretString=json.dumps(value)
        )
        environment[variable] = secret["ARN"]
    queues = {}
    for variable in QUEUES:
        name = f"{variable.lower().replace('_', '-')}-{uuid.uuid4()}"
        queues[variable] = boto3.client("sqs").create_queue(
            QueueName=name, Attributes={"VisibilityTimeout": "0"}
        )["QueueUrl"]
    environment["UPLOAD_BUCKET"] = f"uploads-{uuid.uuid4()}"
    environment["EXPORT_BUCKET"] = f"exports-{uuid.uuid4()}"
    for variable in ("UPLOAD_BUCKET", "EXPORT_BUCKET"):
        boto3.client("s3").create_bucket(Bucket=environment[variable])
    return FunctionRunner(database_url, environment, queues)

"""Services that the tests of this ring run on: Postgres, SQS, S3 and Secrets Manager, the simulators."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import boto3
import pytest

from local.simulators.listenbrainz import app as listenbrainz_app
from local.simulators.server import serve_in_thread
from local.simulators.spotify import app as spotify_app
from local.simulators.tidal import app as tidal_app
from local.simulators.youtube import app as youtube_app
from local.stack import postgres as embedded
from musicconnect.platform import passwords
from tests.support import pooler
from tests.support.aws import simulated_aws
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner
from tests.support.postgres import ROLE_PASSWORD, ROLES, fresh_database, make_template
from tests.support.simulator import Simulator

SECRETS = {
    "TOKEN_KEYS_SECRET_ARN": {"current": "k1", "k1": "only for tests, only for tests, only for tests"},
    "SPOTIFY_SECRET_ARN": {"client_id": "musicconnect-local", "client_secret": "local-secret"},
    "YOUTUBE_SECRET_ARN": {"client_id": "musicconnect-local", "client_secret": "local-secret"},
    "TIDAL_SECRET_ARN": {"client_id": "musicconnect-local", "client_secret": "local-secret"},
}
QUEUES = (
    "MIGRATIONS_QUEUE_URL",
    "PROVIDERS_SYNC_QUEUE_URL",
    "TRENDS_IMPORT_QUEUE_URL",
    "MIGRATIONS_IMPORT_QUEUE_URL",
    "SYNC_QUEUE_URL",
    "TRENDS_POLL_QUEUE_URL",
    "MAINTENANCE_QUEUE_URL",
    "EXPORTS_QUEUE_URL",
    "NOTICES_WEBHOOK_QUEUE_URL",
    "MAIL_QUEUE_URL",
)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[embedded.Postgres]:
    """A throwaway server that holds the migrated template."""
    with embedded.postgres(throwaway=True) as server:
        make_template(server.url(user=embedded.ADMIN))
        if not pooler.IS_WANTED:
            yield server
            return
        with pooler.in_front_of(server.host, server.port, dict.fromkeys(ROLES, ROLE_PASSWORD)):
            yield server


@pytest.fixture(scope="module")
def database_url(postgres_server: embedded.Postgres) -> Iterator[str]:
    """The owner's URL of a migrated database that is this module's alone."""
    with fresh_database(postgres_server.url(user=embedded.ADMIN)) as url:
        yield url


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """SQS, S3 and Secrets Manager; the process environment points boto3 at them."""
    with simulated_aws() as url:
        yield url


@pytest.fixture(scope="module")
def spotify_url() -> Iterator[str]:
    """A Spotify simulator of this module's own."""
    with serve_in_thread(spotify_app.create_app()) as url:
        yield url


@pytest.fixture(scope="module")
def youtube_url() -> Iterator[str]:
    """A YouTube simulator of this module's own."""
    with serve_in_thread(youtube_app.create_app()) as url:
        yield url


@pytest.fixture(scope="module")
def tidal_url() -> Iterator[str]:
    """A TIDAL simulator of this module's own."""
    with serve_in_thread(tidal_app.create_app()) as url:
        yield url


@pytest.fixture(scope="module")
def listenbrainz_url() -> Iterator[str]:
    """A ListenBrainz simulator of this module's own."""
    with serve_in_thread(listenbrainz_app.create_app()) as url:
        yield url


@pytest.fixture(scope="module")
def core_harness(database_url: str, aws: str) -> FunctionRunner:
    """The functions without any provider: what only accounts and sessions need."""
    return _harness(database_url)


@pytest.fixture(scope="module")
def harness(
    database_url: str, aws: str, spotify_url: str, youtube_url: str, tidal_url: str
) -> FunctionRunner:
    """The functions on their own database, queues and simulators."""
    made = _harness(database_url)
    urls = {"spotify": spotify_url, "youtube": youtube_url, "tidal": tidal_url}
    made.environment |= {**addresses(urls), "PROVIDER_TIMEOUT_SECONDS": "5"}
    return made


def addresses(urls: Mapping[str, str]) -> dict[str, str]:
    """Point functions at simulators, by the providers' names."""
    found = {
        "SPOTIFY_API_URL": f"{urls['spotify']}/v1",
        "SPOTIFY_ACCOUNTS_URL": urls["spotify"],
        "YOUTUBE_API_URL": f"{urls['youtube']}/youtube/v3",
        "GOOGLE_AUTH_URL": f"{urls['youtube']}/o/oauth2/v2/auth",
        "GOOGLE_TOKEN_URL": urls["youtube"],
    }
    if tidal_url := urls.get("tidal"):
        found |= {
            "TIDAL_API_URL": f"{tidal_url}/v2",
            "TIDAL_LOGIN_URL": tidal_url,
            "TIDAL_AUTH_URL": tidal_url,
            "TIDAL_TOKENS": "100000 100000",
            "TIDAL_TERMS_READ": "true",
        }
    return found


@contextmanager
def offered_listenbrainz(harness: FunctionRunner, url: str) -> Iterator[None]:
    """Offer ListenBrainz, which is off unless somebody names it."""
    own = {
        "OPTIONAL_PROVIDERS": "listenbrainz",
        "LISTENBRAINZ_API_URL": url,
        "MUSICBRAINZ_API_URL": url,
        "LISTENBRAINZ_RATE": "100000 100000",
        "MUSICBRAINZ_RATE": "100000 100000",
        "MUSICBRAINZ_CONTACT": "music@example.org",
    }
    harness.environment |= own
    try:
        yield
    finally:
        for name in own:
            harness.environment.pop(name, None)


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


@pytest.fixture(scope="module", autouse=True)
def _cheap_password_hashes() -> Iterator[None]:
    """Hash with the least parameters: tests of the hash itself see to its cost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "ARGON2_ITERATIONS", 1)
        patch.setattr(passwords, "ARGON2_LANES", 1)
        patch.setattr(passwords, "ARGON2_MEMORY_KIB", 64)
        yield


@pytest.fixture
def spotify(spotify_url: str) -> Simulator:
    """The Spotify simulator, as just started."""
    return Simulator(spotify_url).reset()


@pytest.fixture
def youtube(youtube_url: str) -> Simulator:
    """The YouTube simulator, as just started."""
    return Simulator(youtube_url).reset()


@pytest.fixture
def tidal(tidal_url: str) -> Simulator:
    """The TIDAL simulator, as just started."""
    return Simulator(tidal_url).reset()


@pytest.fixture
def listenbrainz(listenbrainz_url: str, harness: FunctionRunner) -> Iterator[Simulator]:
    """The ListenBrainz simulator, as just started; ListenBrainz is offered as long as the test runs."""
    with offered_listenbrainz(harness, listenbrainz_url):
        yield Simulator(listenbrainz_url).reset()


@pytest.fixture
def later(
    request: pytest.FixtureRequest,
    shifted_clock: ShiftedClock,
    spotify: Simulator,
    youtube: Simulator,
    tidal: Simulator,
) -> Callable[[float], None]:
    """Moves the clock of functions and simulators to so many seconds from now."""
    simulators = [spotify, youtube, tidal]

    def move(seconds: float) -> None:
        shifted_clock.set_offset(seconds)
        also = [request.getfixturevalue("listenbrainz")] if "listenbrainz" in request.fixturenames else []
        for simulator in (*simulators, *also):
            simulator.set_clock_offset(seconds)

    return move

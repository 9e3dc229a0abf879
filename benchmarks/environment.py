"""The engine's scenario without a test runner: Postgres, queues, simulators as processes of their own."""

import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
for _place in ("layers/musicconnect", "functions"):
    sys.path.insert(0, str(ROOT / _place))

import boto3  # noqa: E402
import psycopg  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

from local.stack import postgres as embedded  # noqa: E402
from local.stack.wait import DeadlineExceededError  # noqa: E402
from musicconnect.platform.logging import logger  # noqa: E402
from tests.integration.conftest import _harness, addresses, offered_listenbrainz  # noqa: E402
from tests.integration.migrations.scenario import MigrationScenario  # noqa: E402
from tests.support.clock import ShiftedClock  # noqa: E402
from tests.support.postgres import fresh_database, make_template  # noqa: E402


@dataclass
class Environment:
    """What a benchmark of the engine stands in."""

    scenario: MigrationScenario
    variables: dict[str, str]
    """Of a worker's process."""
    server: embedded.Postgres


@contextmanager
def start_environment(
    catalogue: Path | None = None, providers: Sequence[str] = ("spotify", "youtube")
) -> Iterator[Environment]:
    """Start everything; a fresh person has linked an account of each provider and quotas are lifted."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        urls = {name: stack.enter_context(_simulator(name, catalogue)) for name in providers}
        server = stack.enter_context(embedded.postgres(throwaway=True))
        make_template(server.url(user=embedded.ADMIN))
        database = fresh_database(server.url(user=embedded.ADMIN))
        database_url = database.__enter__()
        stack.callback(_close, database)
        clock_file = folder / "clock"
        shifted_clock = ShiftedClock(clock_file)
        aws = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        aws.start()
        stack.callback(aws.stop)
        host, port = aws.get_host_and_port()
        variables = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "MUSICCONNECT_CLOCK_FILE": str(clock_file),
            "LOG_LEVEL": "CRITICAL",
        }
        os.environ.update(variables)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        logging.getLogger("musicconnect").setLevel(logging.CRITICAL)
        # Standard output is for what was measured here, not for what the functions count.
        quiet = stack.enter_context(Path(os.devnull).open("w"))
        before = logger.registered_handler.setStream(quiet)  # type: ignore[attr-defined]
        stack.callback(logger.registered_handler.setStream, before)  # type: ignore[attr-defined]
        harness = _harness(database_url)
        harness.environment |= {**addresses(urls), "PROVIDER_TIMEOUT_SECONDS": "10"}
        if "listenbrainz" in urls:
            stack.enter_context(offered_listenbrainz(harness, urls["listenbrainz"]))
        scenario = MigrationScenario(harness, urls, shifted_clock)
        scenario.begin()
        yield Environment(scenario, variables, server)
        boto3.DEFAULT_SESSION = None


def _close(database: AbstractContextManager[str]) -> None:
    # Where the server was crashed on purpose, the connection that would drop the database is gone; the whole
    # server goes in a moment.
    # So is one whose connections are slow to end, on a machine with much else to do.
    with suppress(psycopg.OperationalError, DeadlineExceededError):
        database.__exit__(None, None, None)


@contextmanager
def _simulator(name: str, catalogue: Path | None) -> Iterator[str]:
    command = [sys.executable, "-m", f"local.simulators.{name}", "--port", "0", "--die-with-parent"]
    if catalogue is not None:
        command += ["--catalogue", str(catalogue)]
    with Popen(command, stdout=PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            yield str(json.loads(line)["url"])
        finally:
            process.terminate()


def endpoints(scenario: MigrationScenario) -> dict[str, int]:
    """Calls by provider and endpoint."""
    return {
        f"{provider} {endpoint}": count
        for provider in scenario.urls
        for endpoint, count in sorted(scenario.calls(provider).items())
    }


def as_json(text: str) -> Any:
    """The last line of a process's output."""
    return json.loads(text.strip().splitlines()[-1])

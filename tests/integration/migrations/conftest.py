"""A person with both accounts, the simulators' control endpoints, and a clock that all of them share."""

from collections.abc import Iterator

import pytest

from tests.integration.migrations.everywhere import scenario_with
from tests.integration.migrations.fault_injection import Interruption
from tests.integration.migrations.scenario import MigrationScenario
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner


@pytest.fixture
def scenario(
    harness: FunctionRunner, spotify_url: str, youtube_url: str, shifted_clock: ShiftedClock
) -> Iterator[MigrationScenario]:
    """A fresh pair of simulators and a fresh person; empty queues."""
    made = MigrationScenario(harness, {"spotify": spotify_url, "youtube": youtube_url}, shifted_clock)
    made.begin()
    yield made
    made.end()


@pytest.fixture
def everywhere(
    harness: FunctionRunner,
    spotify_url: str,
    youtube_url: str,
    tidal_url: str,
    listenbrainz_url: str,
    shifted_clock: ShiftedClock,
) -> Iterator[MigrationScenario]:
    """A fresh person with an account of every provider; empty queues, quotas that nobody notices."""
    urls = {
        "spotify": spotify_url, "youtube": youtube_url, "tidal": tidal_url, "listenbrainz": listenbrainz_url,
    }  # fmt: skip
    with scenario_with(harness, urls, shifted_clock) as made:
        yield made


@pytest.fixture
def interruption(monkeypatch: pytest.MonkeyPatch) -> Iterator[Interruption]:
    """Sits between the clients and the providers."""
    with monkeypatch.context() as patch:
        yield Interruption(patch)

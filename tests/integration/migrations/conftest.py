"""A person with both accounts, the simulators' control endpoints, and a clock that all of them share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.migrations.scenario import MigrationScenario
from tests.support.functions import FunctionRunner


@pytest.fixture
def world(
    harness: FunctionRunner, spotify_url: str, youtube_url: str, clock_file: Path
) -> Iterator[MigrationScenario]:
    """A fresh pair of simulators and a fresh person; empty queues."""
    made = MigrationScenario(harness, {"spotify": spotify_url, "youtube": youtube_url}, clock_file)
    made.begin()
    yield made
    made.end()

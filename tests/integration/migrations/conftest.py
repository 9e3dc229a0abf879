"""A person with both accounts, the simulators' control endpoints, and a clock that all of them share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.migrations.world import World
from tests.support.harness import Harness


@pytest.fixture
def world(harness: Harness, spotify_url: str, youtube_url: str, clock_file: Path) -> Iterator[World]:
    """A fresh pair of simulators and a fresh person; empty queues."""
    made = World(harness, {"spotify": spotify_url, "youtube": youtube_url}, clock_file)
    made.begin()
    yield made
    made.end()

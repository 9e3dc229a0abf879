"""A person with both accounts, the simulators' control endpoints, and a clock that all of them share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.waiting import wait_until
from musicconnect import db
from tests.integration.migrations.world import World
from tests.support.harness import Harness
from tests.support.postgres import sql


@pytest.fixture(scope="module", autouse=True)
def _no_connection_outlives_its_database(database_url: str) -> Iterator[None]:
    yield
    db.close_all()
    # To one who is no superuser, other roles' backends show little more than that they are there.
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    wait_until(lambda: sql(database_url, others) == [(0,)], seconds=20, what="connections to end")


@pytest.fixture
def world(harness: Harness, spotify_url: str, youtube_url: str, clock_file: Path) -> Iterator[World]:
    """A fresh pair of simulators and a fresh person; empty queues."""
    made = World(harness, {"spotify": spotify_url, "youtube": youtube_url}, clock_file)
    made.begin()
    yield made
    made.end()

"""A maintenance for every test."""

from collections.abc import Iterator

import psycopg
import pytest

from musicconnect.platform import clock
from tests.integration.maintenance.runner import MaintenanceRunner
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner
from tests.support.postgres import sql
from tests.support.simulator import Simulator


@pytest.fixture
def maintenance(
    harness: FunctionRunner,
    spotify_url: str,
    youtube_url: str,
    shifted_clock: ShiftedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MaintenanceRunner]:
    """Nobody is here, nothing is kept, and it is now."""
    monkeypatch.setitem(harness.environment, "SEARCH_HISTORY_DAYS", "90")
    tables = ", ".join(
        name
        for (name,) in sql(
            harness.database_url,
            """
            SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname IN ('core', 'providers', 'search', 'migrations', 'exports', 'trends')
              AND c.relkind IN ('r', 'p') AND NOT c.relispartition
              AND c.relname NOT IN ('services', 'rollup_state')""",
        )
    )
    sql(harness.database_url, f"TRUNCATE {tables} CASCADE")
    spotify, youtube = Simulator(spotify_url), Simulator(youtube_url)
    for simulator in (spotify, youtube):
        simulator.control("POST", "/reset")
    with psycopg.connect(harness.database_url, autocommit=True) as connection:
        # The clock is at no offset yet, and so never behind Postgres' now().
        yield MaintenanceRunner(harness, spotify, youtube, shifted_clock, connection, clock.now())

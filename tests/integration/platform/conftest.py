"""What the tests of the platform share."""

from collections.abc import Iterator

import pytest

from musicconnect.platform import database as platform_database
from musicconnect.platform.config import DatabaseSettings
from tests.integration.migrations.scenario import MigrationScenario
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner
from tests.support.postgres import url_for


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[platform_database.Database]:
    """The database as a function opens it, as MusicConnect Core."""
    monkeypatch.setenv("DATABASE_URL", url_for(database_url, role="mc_core"))
    made = platform_database.Database(DatabaseSettings.from_environment())
    yield made
    made.close()


@pytest.fixture
def scenario(
    harness: FunctionRunner, spotify_url: str, youtube_url: str, shifted_clock: ShiftedClock
) -> Iterator[MigrationScenario]:
    """A person with both accounts, where Spotify may be polled."""
    harness.environment["PLAY_POLL_ENABLED"] = "true"
    made = MigrationScenario(harness, {"spotify": spotify_url, "youtube": youtube_url}, shifted_clock)
    made.begin()
    yield made
    made.end()
    del harness.environment["PLAY_POLL_ENABLED"]

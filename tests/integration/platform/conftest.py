"""What the tests of the foundation share."""

from collections.abc import Iterator

import pytest

from musicconnect.platform import database as platform_database
from musicconnect.platform.config import DatabaseSettings
from tests.support.postgres import url_for


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[platform_database.Database]:
    """The database as a function opens it, as MusicConnect Core."""
    monkeypatch.setenv("DATABASE_URL", url_for(database_url, role="mc_core"))
    made = platform_database.Database(DatabaseSettings.from_environment())
    yield made
    made.close()

"""What the tests of accounts share."""

import pytest

from musicconnect.platform import database
from tests.support.functions import FunctionRunner


@pytest.fixture(scope="module")
def core_database(core_harness: FunctionRunner) -> database.Database:
    """The database as MusicConnect Core sees it."""
    with core_harness.environment_of("core_api"):
        return database.shared()


@pytest.fixture
def owner_url(database_url: str) -> str:
    """The owner's URL: the test's own look at the truth."""
    return database_url

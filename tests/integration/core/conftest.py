"""What the tests of accounts share."""

import pytest

from musicconnect.platform import database, passwords
from tests.support.functions import FunctionRunner


@pytest.fixture(scope="module")
def core_database(core_harness: FunctionRunner) -> database.Database:
    """The database as MusicConnect Core sees it."""
    with core_harness.environment_of("core_api"):
        return database.shared()


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of a hash is held by a test of its own; here it would be most of the time."""
    monkeypatch.setattr(passwords, "ARGON2_ITERATIONS", 1)
    monkeypatch.setattr(passwords, "ARGON2_LANES", 1)
    monkeypatch.setattr(passwords, "ARGON2_MEMORY_KIB", 64)


@pytest.fixture
def owner_url(database_url: str) -> str:
    """The owner's URL: the test's own look at the truth."""
    return database_url

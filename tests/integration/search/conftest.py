"""What the tests of search share."""

from collections.abc import Iterator

import pytest

from tests.support.functions import FunctionRunner, Person, new_person
from tests.support.oauth import link
from tests.support.postgres import release, sql
from tests.support.simulator import Simulator


@pytest.fixture
def nobody(harness: FunctionRunner, spotify: Simulator, youtube: Simulator) -> Person:
    """Somebody who is signed in and has linked nothing; nothing was searched, found or spent before."""
    for table in ("providers.accounts", "providers.quota_usage", "providers.match_store", "search.cache",
                  "search.queries", "search.pinned_items", "providers.name_reports",
                  "providers.learned_names", "providers.artist_channels", "providers.seeds"):  # fmt: skip
        sql(harness.database_url, f"DELETE FROM {table}")
    return new_person(harness)


@pytest.fixture
def person(nobody: Person, spotify: Simulator, youtube: Simulator) -> Person:
    """Somebody with both accounts, whom the simulators have not yet been called for."""
    linked(nobody)
    spotify.clear_calls()
    youtube.clear_calls()
    return nobody


def linked(person: Person, login: str = "ada") -> Person:
    """Link both accounts."""
    for provider in ("spotify", "youtube"):
        link(person, provider, "read", login)
    return person


@pytest.fixture
def another(harness: FunctionRunner, person: Person) -> Person:
    """Somebody else with accounts of their own."""
    return linked(new_person(harness), "grace")


@pytest.fixture(scope="module", autouse=True)
def _released(database_url: str) -> Iterator[None]:
    yield
    release(database_url)

"""What the tests of search share."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from musicconnect.api import binding
from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.database import Database
from musicconnect.search import service
from musicconnect.search.schemas import SearchAnswer, SearchQuery
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


@pytest.fixture
def at_once(harness: FunctionRunner) -> Callable[..., list[SearchAnswer]]:
    """Makes searches of several people at the same moment, each as a process of its own would."""

    def run(people: list[Person], queries: list[dict[str, Any]]) -> list[SearchAnswer]:
        barrier = threading.Barrier(len(people))

        def one(person: Person, query: dict[str, Any]) -> SearchAnswer:
            with closing(Database(DatabaseSettings.from_environment())) as database:
                barrier.wait()
                return service.search(database, binding.Caller(person.id, 0), SearchQuery(**query))

        with harness.environment_of("search_api"), ThreadPoolExecutor(len(people)) as pool:
            return list(pool.map(one, people, queries))

    return run


@pytest.fixture(scope="module", autouse=True)
def _released(database_url: str) -> Iterator[None]:
    yield
    release(database_url)

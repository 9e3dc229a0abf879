"""People with playlists at both providers."""

from collections.abc import Iterator

import pytest

from tests.support.functions import FunctionRunner, Person
from tests.support.oauth import link
from tests.support.postgres import sql
from tests.support.simulator import Simulator


@pytest.fixture
def spotify(spotify_url: str) -> Iterator[Simulator]:
    simulator = Simulator(spotify_url)
    simulator.clear_calls()
    yield simulator
    simulator.control("DELETE", "/faults")


@pytest.fixture
def youtube(youtube_url: str) -> Iterator[Simulator]:
    simulator = Simulator(youtube_url)
    simulator.clear_calls()
    yield simulator
    simulator.control("DELETE", "/faults")


@pytest.fixture
def person(harness: FunctionRunner) -> Person:
    sql(harness.database_url, "DELETE FROM providers.quota_usage")
    return harness.sign_up(display_name="Ada Lovelace", time_zone="Europe/Berlin")


@pytest.fixture
def linked(person: Person) -> Person:
    link(person, "spotify")
    link(person, "youtube")
    return person


def some_tracks(simulator: Simulator, most: int) -> list[str]:
    """Ids that are in the catalogue, taken from a playlist of the simulator's person."""
    ids: list[str] = []
    for user in simulator.control("GET", "/users")["users"]:
        for playlist in user["playlists"]:
            ids += [one for one in simulator.truth(playlist["id"]) if one and ":" not in one]
    return list(dict.fromkeys(ids))[:most]


def made(simulator: Simulator, name: str, count: int = 3) -> tuple[str, list[str]]:
    """A playlist with a track that stands in it twice; gives its id and what is in it."""
    ids = some_tracks(simulator, count)
    items = [*ids, ids[0]]
    return simulator.playlist(name=name, items=items), items

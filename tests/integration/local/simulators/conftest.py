"""The Spotify simulator for the tests of this folder: one per module, as just started for every test."""

from collections.abc import Iterator

import pytest

from local.simulators.catalogue import Catalogue
from tests.integration.local.simulators.spotify_factories import Spotify, simulated_spotify


@pytest.fixture(scope="module")
def _running_spotify() -> Iterator[Spotify]:
    with simulated_spotify() as running:
        yield running


@pytest.fixture
def spotify(_running_spotify: Spotify) -> Spotify:
    _running_spotify.control("POST", "reset")
    return _running_spotify


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="session")
def track_ids(catalogue: Catalogue) -> list[str]:
    return list(catalogue.tracks_by_id)

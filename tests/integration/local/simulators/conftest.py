"""The simulators for the tests of this folder: one per module, as just started for every test."""

from collections.abc import Iterator

import pytest

from local.simulators.catalogue import Catalogue
from local.simulators.listenbrainz.catalogue import MusicBrainzCatalogue
from local.simulators.tidal.catalogue import TidalCatalogue
from tests.integration.local.simulators.listenbrainz_factories import ListenBrainz, simulated_listenbrainz
from tests.integration.local.simulators.spotify_factories import Spotify, simulated_spotify
from tests.integration.local.simulators.tidal_factories import Tidal, simulated_tidal
from tests.integration.local.simulators.youtube_factories import YouTube, simulated_youtube


@pytest.fixture(scope="module")
def _running_spotify() -> Iterator[Spotify]:
    with simulated_spotify() as running:
        yield running


@pytest.fixture
def spotify(_running_spotify: Spotify) -> Spotify:
    _running_spotify.control("POST", "reset")
    return _running_spotify


@pytest.fixture(scope="module")
def _running_tidal() -> Iterator[Tidal]:
    with simulated_tidal() as running:
        yield running


@pytest.fixture
def tidal(_running_tidal: Tidal) -> Tidal:
    _running_tidal.control("POST", "reset")
    return _running_tidal


@pytest.fixture(scope="session")
def tidal_catalogue(catalogue: Catalogue) -> TidalCatalogue:
    return TidalCatalogue(catalogue)


@pytest.fixture(scope="session")
def tidal_ids(tidal_catalogue: TidalCatalogue) -> list[str]:
    """Ids of tracks that can be played everywhere."""
    return [track.id for track in tidal_catalogue.tracks.values() if not track.country]


@pytest.fixture(scope="module")
def _running_listenbrainz() -> Iterator[ListenBrainz]:
    with simulated_listenbrainz() as running:
        yield running


@pytest.fixture
def listenbrainz(_running_listenbrainz: ListenBrainz) -> ListenBrainz:
    _running_listenbrainz.control("POST", "reset")
    return _running_listenbrainz


@pytest.fixture(scope="session")
def musicbrainz(catalogue: Catalogue) -> MusicBrainzCatalogue:
    return MusicBrainzCatalogue(catalogue)


@pytest.fixture(scope="session")
def mbids(musicbrainz: MusicBrainzCatalogue) -> list[str]:
    """Ids of recordings that exist."""
    return list(musicbrainz.recordings)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="session")
def track_ids(catalogue: Catalogue) -> list[str]:
    return list(catalogue.tracks_by_id)


@pytest.fixture(scope="module")
def simulator() -> Iterator[YouTube]:
    with simulated_youtube() as running:
        yield running


@pytest.fixture
def youtube(simulator: YouTube) -> YouTube:
    simulator.control("POST", "reset")
    return simulator


@pytest.fixture
def token(youtube: YouTube) -> str:
    return str(youtube.grant()["access_token"])


@pytest.fixture(scope="module")
def videos() -> list[str]:
    return list(Catalogue.load().uploads_by_id)

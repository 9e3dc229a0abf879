"""Recordings that every provider has, and their ids there: for what has to work in every direction."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import permutations
from typing import Final

from local.simulators.catalogue import Recording
from local.simulators.listenbrainz.catalogue import MusicBrainzCatalogue
from local.simulators.tidal.catalogue import TidalCatalogue
from tests.integration.conftest import offered_listenbrainz
from tests.integration.migrations.scenario import MigrationScenario, catalogue, well_known
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner

PROVIDERS: Final = ("spotify", "youtube", "tidal", "listenbrainz")
EVERY_WAY: Final = list(permutations(PROVIDERS, 2))
EACH_TWICE: Final = list(zip(PROVIDERS, (*PROVIDERS[1:], PROVIDERS[0]), strict=True))
"""Ways in which every provider is the source once and the target once."""


def direction(text: str) -> tuple[str, str]:
    """Read ``spotify-tidal``."""
    source, _, target = text.partition("-")
    if (source, target) not in EVERY_WAY:
        raise ValueError(text)
    return source, target


def providers_of(ways: Sequence[tuple[str, str]] | None) -> list[str]:
    """List the providers that these directions need, and the first two."""
    named = {"spotify", "youtube"}.union(*ways or ())
    return [provider for provider in PROVIDERS if provider in named]


@cache
def musicbrainz() -> MusicBrainzCatalogue:
    return MusicBrainzCatalogue(catalogue())


@cache
def on_tidal() -> TidalCatalogue:
    return TidalCatalogue(catalogue())


@cache
def known() -> list[Recording]:
    """Recordings that every provider has and that any matcher finds."""
    names = Counter((one.title, one.artists) for one in musicbrainz().recordings.values())
    return [
        one
        for one in well_known(200)
        if (id_ := one.tracks[0].id) in on_tidal().of_spotify.keys() & musicbrainz().of_spotify.keys()
        # Names alone do not tell a clean version from its original.
        and names[
            (it := musicbrainz().recordings[musicbrainz().of_spotify[id_]]).title, it.artists
        ] == 1
    ]  # fmt: skip


def songs_of(scenario: MigrationScenario, count: int) -> list[Recording]:
    """Give recordings that each provider of a scenario has and that any matcher finds."""
    is_more = set(scenario.urls) > {"spotify", "youtube"}
    found = known()[:count] if is_more else well_known(count)
    assert len(found) == count
    return found


def ids(provider: str, recordings: Sequence[Recording]) -> list[str]:
    """Give what a provider calls recordings."""
    if provider == "youtube":
        return [one.uploads[0].video_id for one in recordings]
    named: Mapping[str, Mapping[str, str]] = {
        "tidal": on_tidal().of_spotify, "listenbrainz": musicbrainz().of_spotify,
    }  # fmt: skip
    own = [one.tracks[0].id for one in recordings]
    return [named[provider][one] for one in own] if provider in named else own


@cache
def truth() -> Mapping[str, Recording]:
    """Which recording an id is, whichever provider's it is."""
    return musicbrainz().recording_of | on_tidal().recording_of | catalogue().recording_of


@contextmanager
def scenario_with(
    harness: FunctionRunner, urls: Mapping[str, str], shifted_clock: ShiftedClock
) -> Iterator[MigrationScenario]:
    """Begin with a person who has an account of each of these providers; nothing stays behind."""
    made = MigrationScenario(harness, dict(urls), shifted_clock)
    with ExitStack() as stack:
        if "listenbrainz" in urls:
            stack.enter_context(offered_listenbrainz(harness, urls["listenbrainz"]))
        made.begin()
        made.lift_quotas()
        yield made
        harness.environment["TIDAL_TOKENS"] = "100000 100000"
        made.end()

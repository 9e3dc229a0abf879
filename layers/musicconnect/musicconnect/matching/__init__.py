"""Is this the same recording? Pure functions over tracks of two providers: no I/O, no clock, no chance.

``score`` says how sure it is about one pair, ``choose`` decides among candidates, ``queries`` says what to
search for, ``parse_upload`` reads artist and title out of a YouTube entry, ``normal_form`` gives a key under
which a recording is found again.

What they know about titles takes some twenty milliseconds to set up, so it is loaded with the first question:
many who import this package only pass its answers on.
"""

# ruff: noqa: PLC0415

from collections.abc import Sequence

from musicconnect.matching.model import (
    SAME_LENGTH_MS,
    ChannelKind,
    Choice,
    Featured,
    Outcome,
    Score,
    Scored,
    Upload,
)
from musicconnect.music.model import Track

MATCHER_VERSION: int = 1
"""Goes into the match store with every answer. Raise it whenever a decision can come out differently."""

__all__ = [
    "MATCHER_VERSION",
    "SAME_LENGTH_MS",
    "ChannelKind",
    "Choice",
    "Featured",
    "Outcome",
    "Score",
    "Scored",
    "Upload",
    "choose",
    "clean_title",
    "forget",
    "normal_form",
    "parse_upload",
    "queries",
    "same_edition",
    "score",
]


def choose(source: Track, candidates: Sequence[Track]) -> Choice:
    """Decide which of the candidates, if any, is the recording of ``source``: see `choice`."""
    from musicconnect.matching import choice

    return choice.choose(source, candidates)


def score(source: Track, candidate: Track) -> Score:
    """How sure it is that two entries are the same recording: see `scoring`."""
    from musicconnect.matching import scoring

    return scoring.score(source, candidate)


def queries(source: Track, target_provider: str) -> list[str]:
    """Search queries for a track on a provider, best first: see `search_queries`."""
    from musicconnect.matching import search_queries

    return search_queries.queries(source, target_provider)


def parse_upload(title: str, channel: str | None = None, description: str | None = None) -> Upload:
    """What the text around a video says about the recording in it: see `titles.youtube`."""
    from musicconnect.matching.titles import youtube

    return youtube.parse_upload(title, channel, description)


def clean_title(title: str, *, featured: Featured = "keep") -> str:
    """A title without what is no part of it: see `titles.cleaning`."""
    from musicconnect.matching.titles import cleaning

    return cleaning.clean_title(title, featured=featured)


def normal_form(track: Track) -> str | None:
    """A key of main artist, title and version; None where one of them cannot be told: see `keys`."""
    from musicconnect.matching import keys

    return keys.normal_form(track)


def same_edition(one: Track, other: Track) -> bool:
    """Whether two entries say the same about version and mastering: see `keys`."""
    from musicconnect.matching import keys

    return keys.same_edition(one, other)


def forget() -> None:
    """Empty every memory of the package, so that a measurement starts cold: see `caches`."""
    from musicconnect.matching import caches

    caches.forget()

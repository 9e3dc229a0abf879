"""Decide whether entries of two providers are the same recording. Pure: no I/O, no clock, no randomness.

``score`` rates one pair, ``choose`` decides among candidates, ``queries`` gives searches, ``parse_upload``
reads artist and title out of a YouTube entry, ``normal_form`` gives a key to find a recording by again.

The data about titles takes some twenty milliseconds to load, so it is loaded with the first call: many
importers only pass the results on.
"""

# ruff: noqa: PLC0415

from collections.abc import Callable, Sequence
from functools import cache

from musicconnect.matching.model import (
    NOTHING_LEARNED,
    SAME_LENGTH_MS,
    ChannelKind,
    Choice,
    Content,
    Featured,
    Knowledge,
    LearnedNames,
    Lesson,
    Outcome,
    Preferences,
    Score,
    Scored,
    Upload,
)
from musicconnect.music.model import Track
from musicconnect.music.search_policy import SearchPolicy

MATCHER_VERSION: int = 5
"""Goes into the match store with every answer. Raise it whenever a decision can come out differently."""

DEFAULT_PREFERENCES = Preferences()

__all__ = [
    "DEFAULT_PREFERENCES",
    "MATCHER_VERSION",
    "NOTHING_LEARNED",
    "SAME_LENGTH_MS",
    "ChannelKind",
    "Choice",
    "Content",
    "Featured",
    "Knowledge",
    "LearnedNames",
    "Lesson",
    "Outcome",
    "Preferences",
    "Score",
    "Scored",
    "Upload",
    "choose",
    "clean_title",
    "clear_caches",
    "knowledge_of",
    "lessons",
    "name_keys",
    "normal_form",
    "parse_upload",
    "queries",
    "same_edition",
    "score",
    "topic_key",
]


def choose(
    source: Track,
    candidates: Sequence[Track],
    preferences: Preferences = DEFAULT_PREFERENCES,
    knowledge: Knowledge | None = None,
) -> Choice:
    """Decide which of the candidates, if any, is the recording of ``source``.

    Args:
        source: what is looked for.
        candidates: what a search gave, in any order.
        preferences: what the person wants where versions differ.
        knowledge: what earlier matches have taught about these artists and channels.
    """
    from musicconnect.matching.choosing import choose as decide

    return decide(source, candidates, preferences, knowledge)


def score(
    source: Track,
    candidate: Track,
    preferences: Preferences = DEFAULT_PREFERENCES,
    knowledge: Knowledge | None = None,
) -> Score:
    """Score how surely two entries are the same recording; the arguments are those of `choose`."""
    return _rate()(source, candidate, preferences, knowledge)


@cache
def _rate() -> Callable[[Track, Track, Preferences, Knowledge | None], Score]:
    """Load what scores; looked up once, since an import costs a fiftieth of a pair each time."""
    from musicconnect.matching.scoring import score as rate

    return rate


def knowledge_of(learned: LearnedNames, source: Track, candidates: Sequence[Track]) -> Knowledge | None:
    """Give what has been learned that concerns a track and its candidates, in their own words."""
    if not learned:
        return None
    from musicconnect.matching import learned_names

    return learned_names.knowledge_of(learned, source, candidates)


def lessons(source: Track, target: Track) -> tuple[Lesson, ...]:
    """Give what an accepted pair teaches about channels and names."""
    from musicconnect.matching import learned_names

    return learned_names.lessons(source, target)


def name_keys(track: Track) -> frozenset[str]:
    """Give the keys of the names by which a track's artist may be known."""
    from musicconnect.matching import learned_names

    return learned_names.keys_of(track)


def queries(source: Track, policy: SearchPolicy) -> list[str]:
    """List search queries for a track on a provider with this policy, best first."""
    from musicconnect.matching import search_queries

    return search_queries.queries(source, policy)


def parse_upload(title: str, channel: str | None = None, description: str | None = None) -> Upload:
    """Read what the text around a video says about the recording in it."""
    from musicconnect.matching.titles import youtube

    return youtube.parse_upload(title, channel, description)


def clean_title(title: str, *, featured: Featured = "keep") -> str:
    """Remove from a title what is no part of it."""
    from musicconnect.matching.titles import cleaning

    return cleaning.clean_title(title, featured=featured)


def normal_form(track: Track) -> str | None:
    """Give a key of main artist, title and version; None where one of them is unknown."""
    from musicconnect.matching import keys

    return keys.normal_form(track)


def same_edition(one: Track, other: Track) -> bool:
    """Decide whether two entries say the same about version and mastering."""
    from musicconnect.matching import keys

    return keys.same_edition(one, other)


def topic_key(track: Track, suffix: str) -> str:
    """Give the key of the artist whose generated channel an upload is on; empty for any other channel."""
    from musicconnect.matching import listings

    return listings.topic_key(track, suffix)


def clear_caches() -> None:
    """Empty every cache of the package, so that a measurement starts cold."""
    from musicconnect.matching import artists, keys, learned_names, letters, normalization
    from musicconnect.matching.titles import parsing, youtube

    for cached in (
        parsing.read_text, parsing.read_reference, parsing.read_album_facts, letters.loosely_romanised,
        artists.read_name, artists.read_channel,
        normalization.SPELLINGS, youtube.parse_upload, youtube.read_description, keys.read_keys,
        learned_names.name_key,
    ):  # fmt: skip
        cached.cache_clear()

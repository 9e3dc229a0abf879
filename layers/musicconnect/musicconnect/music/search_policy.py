"""Say how a provider's search is asked for a recording. Pure: the registry of providers has one for each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPolicy:
    """How many searches a track may cost, and what a search understands."""

    max_queries: int = 3
    """Searches per track; fewer where they are dear. A query without any hit may be replaced by the next."""
    finds_isrc: bool = False
    """Whether ``isrc:`` finds recordings by their code."""
    finds_fields: bool = False
    """Whether ``track:`` and ``artist:`` say what a word belongs to."""

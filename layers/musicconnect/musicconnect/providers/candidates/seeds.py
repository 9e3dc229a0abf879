"""Find what open data names for recordings: ids that are looked up before anything is searched for.

They are old, dead or wrong often enough: whoever offers them looks them up and decides as always.
"""

from collections.abc import Sequence
from typing import Any, Final

from psycopg import Connection

from musicconnect.matching import normal_form
from musicconnect.matching.candidate_search import CandidateSearch
from musicconnect.music.model import ItemKind, ProviderName, Track
from musicconnect.platform.text import storable
from musicconnect.providers import registry
from musicconnect.providers.candidates import seeds_store

MAX_APART_MS: Final = 10_000
"""Lengths further apart are another recording's: not worth a lookup."""


def find(
    connection: Connection[Any], provider: ProviderName, tracks: Sequence[Track]
) -> dict[str, list[str]]:
    """Find candidates of tracks on a provider: ids by source id, those that more sources name first.

    None of a provider whose searches are not dear.
    """
    keys: list[tuple[str, str, int | None]] = []
    for track in tracks if registry.get(provider).search.uses_seeds else ():
        if track.id:
            named = (normal_form(track), track.isrc.upper() if track.isrc else None)
            keys += [(track.id, storable(key), track.duration_ms) for key in named if key]
    found: dict[str, list[str]] = {}
    if keys:
        for source_id, track_id in seeds_store.find(connection, provider, keys, MAX_APART_MS):
            found.setdefault(source_id, []).append(track_id)
    return found


def offer(connection: Connection[Any], provider: ProviderName, searches: Sequence[CandidateSearch]) -> None:
    """Offer each search what open data names for its track: ids alone, which a lookup completes."""
    named = find(connection, provider, [search.source for search in searches])
    for search in searches:
        ids = named.get(search.source.id, ())
        search.offer([Track(provider=provider, id=one, title="", kind=ItemKind.VIDEO) for one in ids], "seed")

"""Find what open data names for recordings: ids that are looked up before anything is searched for.

They are old, dead or wrong often enough: whoever offers them looks them up and decides as always.
"""

from collections.abc import Sequence
from typing import Any, Final

from psycopg import Connection

from musicconnect.matching import normal_form
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


def candidates(provider: ProviderName, ids: Sequence[str]) -> list[Track]:
    """Give candidates of which only the ids are known: a lookup completes them."""
    return [Track(provider=provider, id=track_id, title="", kind=ItemKind.VIDEO) for track_id in ids]

"""Refresh what the match store says about a provider's recordings before it gets too old.

A video that is gone takes its matches along. One whose facts have changed may be another recording now: what
the matcher decided about it goes and is decided anew when somebody needs it; what a user confirmed stays.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from musicconnect.music.model import ProviderName, Track
from musicconnect.providers.match_store import store
from musicconnect.providers.match_store.rows import DueMatch, encode_facts

DUE_AFTER: Final = timedelta(days=22)
"""A week before it would have to be deleted, so that a spent allowance or an outage loses nothing."""
MAX_AGE: Final = timedelta(days=180)
"""A match that nobody has made again for so long is not refreshed any more. The other provider's side is as
old, and may be kept for a while but not for good."""
MAX_ROWS: Final = 200


def find_due(
    connection: Connection[Any], provider: ProviderName, now: datetime, max_ids: int
) -> list[DueMatch]:
    """Get the oldest matches that are worth refreshing, with at most ``max_ids`` ids on a provider."""
    times = {"now": now, "fetched_before": now - DUE_AFTER, "updated_after": now - MAX_AGE}
    found = store.find_due(connection, provider, **times, max_rows=MAX_ROWS)
    ids = set(list(dict.fromkeys(match.id_on(provider) for match in found))[:max_ids])
    return [match for match in found if match.id_on(provider) in ids]


def save_refreshed(
    connection: Connection[Any],
    provider: ProviderName,
    matches: Sequence[DueMatch],
    tracks: Mapping[str, Track],
    now: datetime,
) -> None:
    """Save what a provider answered about its side of matches: ``tracks`` by id; what is missing is gone."""
    facts = [refreshed_facts(match, provider, tracks) for match in matches]
    refreshed = [
        (match, None if track is None else encode_facts(track))
        for match, track in zip(matches, facts, strict=True)
    ]
    store.save_refreshed(connection, provider, refreshed, now)


def refreshed_facts(match: DueMatch, provider: ProviderName, tracks: Mapping[str, Track]) -> Track | None:
    """Give the facts of a match's side from now on; None: the match no longer holds. Pure."""
    fresh, known = tracks.get(match.id_on(provider)), match.facts_on(provider)
    if fresh is None or not fresh.is_public:
        return None  # gone, or no longer for everybody to know
    said, before = ((one.title, one.channel, one.duration_ms) for one in (fresh, known))
    is_same = said == before
    return fresh if is_same or match.confirmed_by == "person" else None

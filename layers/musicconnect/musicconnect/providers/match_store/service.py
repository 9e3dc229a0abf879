"""Find and store counterparts of recordings: found once, known to everybody.

Each function is one statement in the caller's transaction. What rows are worth for a track, `model` decides;
whoever searches stores the result with `upsert`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.matching import DEFAULT_PREFERENCES, Preferences
from musicconnect.music.model import ProviderName, Track
from musicconnect.providers.candidates import channels
from musicconnect.providers.match_store import model, names, rows, store, votes_store
from musicconnect.providers.match_store.model import Finding, StoredMatch
from musicconnect.providers.match_store.store import delete_stale, drop_dead, find_origins, search_titles

__all__ = ["delete_stale", "disputed", "drop_dead", "find", "find_origins", "search_titles", "upsert"]


def find(
    connection: Connection[Any],
    tracks: Sequence[Track],
    target_provider: ProviderName,
    now: datetime,
    preferences: Preferences = DEFAULT_PREFERENCES,
) -> dict[str, StoredMatch]:
    """Find the stored counterparts of tracks, by source id.

    Args:
        connection: Of a role with rights to the store.
        tracks: At most some hundreds. The more is known about them, the more is found.
        target_provider: Where the counterparts are.
        now: The current time.
        preferences: Of the person who asks.

    Returns:
        Nothing for a track that the store cannot say anything about. Take answers that are ``settled`` as
        they are; ``candidates`` of the others are to be decided about together with what a search finds.
    """
    wanted = {track.id: track for track in tracks if track.id}
    if not wanted:
        return {}
    found: dict[str, list[StoredMatch]] = {}
    doubted: dict[str, frozenset[str]] = {}
    for row in store.find_rows(connection, [*map(model.keys_of, wanted.values())], target_provider, now):
        if (track := wanted.get(row["wanted"])) is not None:
            found.setdefault(track.id, []).append(rows.from_row(track, row))
            doubted[track.id] = frozenset(row["disputed"])
    resolved = {
        track_id: model.resolve_rows(wanted[track_id], matches, now, doubted[track_id])
        for track_id, matches in found.items()
    }
    return {
        track_id: model.preferred(wanted[track_id], match, preferences)
        for track_id, match in resolved.items()
        if match is not None
    }


def disputed(
    connection: Connection[Any], tracks: Sequence[Track], target_provider: ProviderName
) -> dict[str, frozenset[str]]:
    """Find the counterparts of tracks that somebody replaced, by source id: take none of them silently."""
    sources = [(track.provider, track.id) for track in tracks if track.id]
    found: dict[str, set[str]] = {}
    for source_id, target_id in votes_store.find_disputes(connection, sources, target_provider):
        found.setdefault(source_id, set()).add(target_id)
    return {source_id: frozenset(ids) for source_id, ids in found.items()}


def upsert(connection: Connection[Any], findings: Sequence[Finding], now: datetime) -> None:
    """Store findings in both directions, without those about entries that not everybody may see.

    A provider's failure is no finding: only a search that was answered says that there is nothing. What they
    teach about names is reported under the transaction's person (see `names`).

    Args:
        connection: Of a role with rights to the store.
        findings: By the current matcher, or a user's.
        now: The current time.
    """
    by_key: dict[tuple[str, str, str], dict[str, Any]] = {}
    # What was found directly counts more than the same the other way round: it comes last.
    for is_mirrored in (True, False):
        for finding in filter(model.is_shareable, findings):
            directed = model.mirrored(finding) if is_mirrored else finding
            if directed is not None and directed.source.id:
                row = rows.to_row(directed, now, is_mirrored)
                by_key[row["source_provider"], row["source_id"], row["target_provider"]] = row
    if by_key:
        store.upsert(connection, list(by_key.values()), now)
        met = (
            track
            for finding in findings
            for track in (finding.source, finding.target, *finding.candidates)
            if track is not None and finding.fetched_at is None
        )
        channels.note(connection, met, now)
        names.report(connection, list(filter(model.is_shareable, findings)), now)

"""Tell where a person's playlists were moved to, for those who list them."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection

from musicconnect.migrations import targets_store
from musicconnect.music.model import ProviderName
from musicconnect.providers import registry
from musicconnect.providers.playlists.schemas import PlaylistTarget


def find(
    connection: Connection[Any], playlists: Sequence[tuple[ProviderName, str]]
) -> Mapping[tuple[ProviderName, str], list[PlaylistTarget]]:
    """Find the targets of playlists, given by provider and its id, and keyed by both; the oldest first."""
    found: dict[tuple[ProviderName, str], list[PlaylistTarget]] = {}
    for row in targets_store.find(connection, playlists):
        target = PlaylistTarget(
            provider=row.target_provider,
            provider_playlist_id=row.target_playlist_id,
            name=row.target_name or "",
            url=registry.get(row.target_provider).playlist_address(row.target_playlist_id),
            migration_id=row.migration_id,
            since=row.since,
        )
        found.setdefault((row.source_provider, row.source_playlist_id), []).append(target)
    return found


def find_writer(connection: Connection[Any], provider: ProviderName, playlist_id: str) -> int | None:
    """Find the migration that is writing into one of the person's playlists; None: there is none."""
    return targets_store.find_writer(connection, provider, playlist_id)

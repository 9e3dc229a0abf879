"""The SQL of artists' channels. Each function is one statement in the caller's transaction."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

MAX_CHANNELS = 3
"""Of artists of one name, which may be different people."""


def find(
    connection: Connection[Any], provider: str, artists: Sequence[str], since: datetime
) -> list[tuple[str, str, list[list[str]] | None, bool]]:
    """Get channel, artist, uploads and whether they are all, of channels heard of since then."""
    return connection.execute(
        """
        SELECT c.channel_id, w.artist, c.uploads, c.is_complete
        FROM unnest(%(artists)s::text[]) AS w (artist)
        CROSS JOIN LATERAL (
            SELECT * FROM providers.artist_channels k
            WHERE k.provider = %(provider)s AND k.artist = w.artist AND k.fetched_at > %(since)s
            ORDER BY k.uploads IS NULL, k.fetched_at DESC, k.channel_id LIMIT %(most)s) c
        ORDER BY w.artist, c.uploads IS NULL, c.channel_id""",
        {"artists": list(artists), "provider": provider, "since": since, "most": MAX_CHANNELS},
    ).fetchall()


def note(connection: Connection[Any], rows: Sequence[tuple[str, str, str]], now: datetime) -> None:
    """Note provider, channel and artist. What a channel lists is no newer for being heard of again."""
    names = ("provider", "channel_id", "artist")
    connection.execute(
        """
        INSERT INTO providers.artist_channels AS c (provider, channel_id, artist, fetched_at)
        SELECT r.provider, r.channel_id, r.artist, %(now)s
        FROM jsonb_to_recordset(%(rows)s) AS r (provider text, channel_id text, artist text)
        ORDER BY r.provider, r.channel_id -- two at once do not wait in a circle
        ON CONFLICT (provider, channel_id) DO UPDATE
        SET artist = excluded.artist, fetched_at = excluded.fetched_at
        WHERE c.uploads IS NULL AND c.fetched_at < excluded.fetched_at - interval '1 day'""",
        {"rows": json.dumps([dict(zip(names, row, strict=True)) for row in rows]), "now": now},
    )


def save_listing(connection: Connection[Any], row: Mapping[str, Any], now: datetime) -> None:
    """Store what a channel lists in place of what it listed before."""
    connection.execute(
        """
        INSERT INTO providers.artist_channels AS c (provider, channel_id, artist, uploads, is_complete,
            fetched_at)
        VALUES (%(provider)s, %(channel)s, %(artist)s, %(uploads)s, %(complete)s, %(now)s)
        ON CONFLICT (provider, channel_id) DO UPDATE
        SET artist = excluded.artist, uploads = excluded.uploads, is_complete = excluded.is_complete,
            fetched_at = excluded.fetched_at""",
        {**row, "uploads": Jsonb(row["uploads"]), "now": now},
    )


def delete_stale(connection: Connection[Any], provider: str, before: datetime, limit: int) -> int:
    """Delete channels of a provider that were last heard of before then; gives how many."""
    return connection.execute(
        """
        DELETE FROM providers.artist_channels WHERE (provider, channel_id) IN (
            SELECT provider, channel_id FROM providers.artist_channels
            WHERE provider = %s AND fetched_at < %s ORDER BY fetched_at LIMIT %s)""",
        [provider, before, limit],
    ).rowcount

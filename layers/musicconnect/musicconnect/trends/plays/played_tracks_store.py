"""Run the SQL that tells what a person's plays call a provider's tracks."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection


def find(
    connection: Connection[Any], provider: str, ids: Sequence[str]
) -> list[tuple[str, str, str, int | None]]:
    """Give id, title, artist and length of tracks, as the latest play of each tells them."""
    return connection.execute(
        """
        SELECT DISTINCT ON (provider_track_id) provider_track_id, title, artist, duration_ms
        FROM trends.plays
        WHERE user_id = (SELECT core.current_user_id()) AND provider = %s AND provider_track_id = ANY (%s)
        ORDER BY provider_track_id, played_at DESC""",
        [provider, list(ids)],
    ).fetchall()

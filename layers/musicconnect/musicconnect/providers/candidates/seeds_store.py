"""The SQL of what open data names. One statement in the caller's transaction."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

MAX_SEEDS = 5
"""Of one track: what many uploads are named for is a favourite, and found by any search."""


def find(
    connection: Connection[Any], provider: str, keys: Sequence[tuple[str, str, int | None]], apart_ms: int
) -> list[tuple[str, str]]:
    """Get source id and candidate for source ids with their keys and lengths in ms."""
    return connection.execute(
        """
        SELECT source_id, track_id FROM (
            SELECT w.source_id, s.track_id, row_number() OVER (
                PARTITION BY w.source_id
                ORDER BY count(*) DESC, min(abs(s.duration_ms - w.length)), s.track_id) AS rank
            FROM unnest(%(ids)s::text[], %(keys)s::text[], %(lengths)s::bigint[])
                AS w (source_id, key, length)
            JOIN providers.seeds s ON s.key = w.key AND s.provider = %(provider)s
             AND (s.duration_ms IS NULL OR w.length IS NULL OR abs(s.duration_ms - w.length) <= %(apart)s)
            GROUP BY w.source_id, s.track_id) ranked
        WHERE rank <= %(most)s ORDER BY source_id, rank""",
        {
            "ids": [key[0] for key in keys], "keys": [key[1] for key in keys],
            "lengths": [key[2] for key in keys], "provider": provider, "apart": apart_ms, "most": MAX_SEEDS,
        },
    ).fetchall()  # fmt: skip

"""Keeping the match store's facts for longer than they may be kept: by fetching them again.

YouTube's facts are refreshed or deleted within 30 days (see `match_model.FRESH_FOR`). Whoever keeps house
calls `refresh` first, with any client of YouTube, and `matchstore.forget_stale` after it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from musicconnect.db import Database
from musicconnect.providers import matchstore
from musicconnect.providers.base import ProviderName, Track
from musicconnect.providers.match_model import FRESH_FOR, keys_of

REFRESH_AFTER = FRESH_FOR - timedelta(days=4)
"""So many days are left to find a quota for it."""
MOST_BATCHES = 20
"""Units of the provider's allowance that one run spends at most."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a run came to, in entries of the provider's catalogue."""

    refreshed: int
    gone: int
    """No longer there: what the store knew about them is forgotten."""


def refresh(
    database: Database,
    look_up: Callable[[Sequence[str]], Sequence[Track]],
    now: datetime,
    *,
    provider: ProviderName = "youtube",
    batch: int = 50,
    most: int = MOST_BATCHES,
) -> Refreshed:
    """Fetch facts again that will soon be too old to be kept, the oldest first.

    What was refreshed before a failure stays refreshed, so that calling it again goes on from there.

    Args:
        database: Of a role with rights to the store.
        look_up: `base.Client.tracks` of the provider. Pays for its calls itself; leaves out what is gone.
        now: The current time.
        provider: Whose facts age.
        batch: Ids of one call (`Limits.lookup_batch`).
        most: Calls.

    Raises:
        ProviderError: a call failed, or there is no quota left for it.
    """
    with database.transaction() as connection:
        ids = _aged(connection, provider, now, batch * most)
    refreshed = gone = 0
    for chunk in batched(ids, batch, strict=False):
        found = {track.id: track for track in look_up(chunk)}
        lost = [track_id for track_id in chunk if track_id not in found]
        with database.transaction() as connection:
            _forget(connection, provider, lost, now)
            _renew(connection, provider, list(found.values()), now)
        refreshed += len(found)
        gone += len(lost)
    return Refreshed(refreshed, gone)


def _aged(connection: Connection[Any], provider: ProviderName, now: datetime, most: int) -> list[str]:
    """Ids of entries with facts that are old, and young enough to be there still."""
    rows = connection.execute(
        """
        SELECT id FROM (
            SELECT fetched_at,
                   CASE WHEN source_provider = %(provider)s THEN source_id ELSE target_id END AS id
            FROM providers.match_store
            WHERE fetched_at <= %(old)s AND target_id IS NOT NULL
              AND %(provider)s IN (source_provider, target_provider)
        ) aged
        GROUP BY id ORDER BY min(fetched_at), id LIMIT %(most)s""",
        {"provider": provider, "old": now - REFRESH_AFTER, "most": most},
    ).fetchall()
    return [row[0] for row in rows]


# Both look at old rows only: there is an index for that, and the others need nothing.


def _forget(connection: Connection[Any], provider: ProviderName, ids: Sequence[str], now: datetime) -> None:
    if ids:
        connection.execute(
            """
            DELETE FROM providers.match_store
            WHERE fetched_at <= %(old)s
              AND ((source_provider = %(provider)s AND source_id = ANY (%(ids)s))
                   OR (target_provider = %(provider)s AND target_id = ANY (%(ids)s)))""",
            {"provider": provider, "ids": list(ids), "old": now - REFRESH_AFTER},
        )


def _renew(
    connection: Connection[Any], provider: ProviderName, tracks: Sequence[Track], now: datetime
) -> None:
    rows = [
        {
            "id": track.id,
            "facts": matchstore.encoded(track),
            "normal_form": keys_of(track).normal_form,
            "duration_ms": track.duration_ms,
        }
        for track in tracks
    ]
    if not rows:
        return
    connection.execute(
        """
        WITH fresh AS MATERIALIZED (
            SELECT * FROM jsonb_to_recordset(%(rows)s)
                AS r (id text, facts jsonb, normal_form text, duration_ms integer)
        ), targets AS (
            UPDATE providers.match_store m SET target = f.facts, fetched_at = %(now)s, updated_at = %(now)s,
                source = CASE WHEN m.source_provider = %(provider)s THEN f.facts ELSE m.source END
            FROM fresh f
            WHERE m.target_provider = %(provider)s AND m.target_id = f.id AND m.fetched_at <= %(old)s
        )
        UPDATE providers.match_store m SET source = f.facts, fetched_at = %(now)s, updated_at = %(now)s,
            normal_form = coalesce(f.normal_form, m.normal_form),
            source_duration_ms = coalesce(f.duration_ms, m.source_duration_ms)
        FROM fresh f
        WHERE m.source_provider = %(provider)s AND m.source_id = f.id AND m.fetched_at <= %(old)s
          AND m.target_provider <> %(provider)s""",
        {"rows": Jsonb(rows), "provider": provider, "now": now, "old": now - REFRESH_AFTER},
    )

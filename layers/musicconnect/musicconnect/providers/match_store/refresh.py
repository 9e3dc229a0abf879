"""Keeping the match store fresh: what it says about a provider's recordings, asked for again in time.

A video that is gone takes its matches along. One whose facts have changed may be another recording now: what
the matcher decided about it goes and is decided anew when somebody needs it; what a person said stays.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row

from musicconnect.matching import MATCHER_VERSION
from musicconnect.music.codec import decode
from musicconnect.music.model import ProviderName, Track
from musicconnect.providers.match_store.model import FRESH_FOR
from musicconnect.providers.match_store.store import encode_facts

DUE_AFTER: Final = timedelta(days=22)
"""A week before it would have to be deleted, so that a spent allowance or an outage loses nothing."""
MAX_AGE: Final = timedelta(days=180)
"""A match that nobody has made again for so long is not refreshed any more. The other provider's side is as
old, and may be kept for a while but not for good."""
MAX_ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class DueMatch:
    """A match of which one side is to be asked for again."""

    source_provider: ProviderName
    source_id: str
    target_provider: ProviderName
    target_id: str
    source: dict[str, Any]
    target: dict[str, Any]
    confirmed_by: str
    fetched_at: datetime

    def id_on(self, provider: ProviderName) -> str:
        """The id of the side in question."""
        return self.source_id if self.source_provider == provider else self.target_id

    def facts_on(self, provider: ProviderName) -> Track:
        """What is known of it."""
        return decode(provider, self.source if self.source_provider == provider else self.target)


def find_due(connection: Connection[Any], provider: ProviderName, now: datetime, ids: int) -> list[DueMatch]:
    """The oldest matches that are worth refreshing, with at most so many different ids on a provider."""
    with connection.cursor(row_factory=class_row(DueMatch)) as cursor:
        found = cursor.execute(
            """
            SELECT source_provider, source_id, target_provider, target_id, source, target, confirmed_by,
                   fetched_at
            FROM providers.match_store
            WHERE fetched_at < %(due)s AND fetched_at > %(stale)s AND updated_at > %(oldest)s
              AND target_id IS NOT NULL AND source IS NOT NULL AND target IS NOT NULL
              AND (matcher_version = %(version)s OR confirmed_by = 'person')
              AND %(provider)s IN (source_provider, target_provider)
            ORDER BY fetched_at LIMIT %(most)s""",
            {
                "due": now - DUE_AFTER,
                "stale": now - FRESH_FOR,
                "oldest": now - MAX_AGE,
                "version": MATCHER_VERSION,
                "provider": provider,
                "most": MAX_ROWS,
            },
        ).fetchall()
    wanted = list(dict.fromkeys(match.id_on(provider) for match in found))[:ids]
    return [match for match in found if match.id_on(provider) in set(wanted)]


def save_refreshed(
    connection: Connection[Any],
    provider: ProviderName,
    matches: Sequence[DueMatch],
    told: Mapping[str, Track],
    now: datetime,
) -> None:
    """Take in what the provider said; what it said nothing about is gone.

    Args:
        connection: Of a role with rights to the store.
        provider: Whose side was asked for.
        matches: All that were.
        told: By id.
        now: When.
    """
    rows = []
    for match in matches:
        facts = refreshed_facts(match, provider, told)
        rows.append(
            {
                "source_provider": match.source_provider,
                "source_id": match.source_id,
                "target_provider": match.target_provider,
                "fetched_at": match.fetched_at.isoformat(),
                "facts": None if facts is None else encode_facts(facts),
            }
        )
    # A match that somebody made anew in the meantime is fresher than what is known here.
    connection.execute(
        """
        WITH r AS (
            SELECT * FROM jsonb_to_recordset(%(rows)s) AS r (source_provider text, source_id text,
                target_provider text, fetched_at timestamptz, facts jsonb)
        ), gone AS (
            DELETE FROM providers.match_store m USING r
            WHERE (m.source_provider, m.source_id, m.target_provider, m.fetched_at)
                = (r.source_provider, r.source_id, r.target_provider, r.fetched_at) AND r.facts IS NULL)
        UPDATE providers.match_store m
        SET source = CASE WHEN m.source_provider = %(provider)s THEN r.facts ELSE m.source END,
            target = CASE WHEN m.target_provider = %(provider)s THEN r.facts ELSE m.target END,
            fetched_at = %(now)s
        FROM r
        WHERE (m.source_provider, m.source_id, m.target_provider, m.fetched_at)
            = (r.source_provider, r.source_id, r.target_provider, r.fetched_at) AND r.facts IS NOT NULL""",
        {"rows": json.dumps(rows), "provider": provider, "now": now},
    )


def refreshed_facts(match: DueMatch, provider: ProviderName, told: Mapping[str, Track]) -> Track | None:
    """What is known of a match's side from now on; None: the match no longer stands. Pure."""
    fresh, known = told.get(match.id_on(provider)), match.facts_on(provider)
    if fresh is None or not fresh.is_public:
        return None  # gone, or no longer for everybody to know
    is_same = (fresh.title, fresh.channel, fresh.duration_ms) == (
        known.title,
        known.channel,
        known.duration_ms,
    )
    return fresh if is_same or match.confirmed_by == "person" else None

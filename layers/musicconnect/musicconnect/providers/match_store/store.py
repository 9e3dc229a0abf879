"""The SQL of the match store. Each function is one statement in the caller's transaction."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from musicconnect.matching import MATCHER_VERSION, SAME_LENGTH_MS
from musicconnect.music.codec import decode
from musicconnect.music.model import ProviderName, Track
from musicconnect.platform.text import storable
from musicconnect.providers.match_store.model import (
    FRESH_FOR,
    MAX_MISS_LIFETIME,
    MIN_MISS_LIFETIME,
    MatchKeys,
)
from musicconnect.providers.match_store.rows import DueMatch, OutdatedMatch

# Each branch is an index scan per track. Rows of the source itself come first, then those that share its
# ISRC, then those of the same name and length. A few of each are enough to find one that holds.
_FIND = """
    SELECT w.id AS wanted, found.*, ARRAY(
        SELECT d.target_id FROM providers.match_disputes d
        WHERE d.source_provider = w.provider AND d.source_id = w.id AND d.target_provider = %(target)s
    ) AS disputed
    FROM unnest(%(providers)s::text[], %(ids)s::text[], %(isrcs)s::text[], %(forms)s::text[],
                %(lengths)s::integer[]) AS w (provider, id, isrc, form, length)
    CROSS JOIN LATERAL (
        (SELECT 1 AS rank, m.* FROM providers.match_store m
         WHERE m.source_provider = w.provider AND m.source_id = w.id AND m.target_provider = %(target)s)
        UNION ALL
        (SELECT 2, m.* FROM providers.match_store m
         WHERE m.isrc = w.isrc AND m.target_provider = %(target)s
           AND (m.source_provider, m.source_id) <> (w.provider, w.id)
         ORDER BY m.target_id IS NULL, m.fetched_at DESC LIMIT 3)
        UNION ALL
        (SELECT 3, m.* FROM providers.match_store m
         WHERE m.normal_form = w.form AND m.target_provider = %(target)s AND m.target_id IS NOT NULL
           AND abs(m.source_duration_ms - w.length) <= %(apart)s
           AND (m.source_provider, m.source_id) <> (w.provider, w.id)
         ORDER BY m.fetched_at DESC LIMIT 3)
    ) found
    WHERE (found.expires_at IS NULL OR found.expires_at > %(now)s)
      AND (found.fetched_at > %(stale)s OR found.confirmed_by = 'person')
    ORDER BY w.id, found.rank, found.confirmed_by, found.score DESC NULLS LAST"""

# A person's word gives way to another person's only; the other way round and "nothing found" never replace
# what was found directly and still holds. The order keeps two that store at once from waiting in a circle.
_UPSERT = """
    INSERT INTO providers.match_store AS m
        (source_provider, source_id, target_provider, target_id, outcome, score, parts, reasons,
         confirmed_by, matcher_version, mirrored, isrc, normal_form, source_duration_ms, source, target,
         candidates, fetched_at, misses, expires_at, created_at, updated_at)
    SELECT r.source_provider, r.source_id, r.target_provider, r.target_id, r.outcome, r.score, r.parts,
           r.reasons, r.confirmed_by, %(version)s, r.mirrored, r.isrc, r.normal_form, r.source_duration_ms,
           r.source, r.target, r.candidates, r.fetched_at, (r.target_id IS NULL)::integer,
           CASE WHEN r.target_id IS NULL THEN %(now)s + %(first)s END, %(now)s, %(now)s
    FROM jsonb_to_recordset(%(rows)s) AS r (
        source_provider text, source_id text, target_provider text, target_id text, outcome text,
        score numeric, parts jsonb, reasons jsonb, confirmed_by text, mirrored boolean, isrc text,
        normal_form text, source_duration_ms integer, source jsonb, target jsonb, candidates jsonb,
        fetched_at timestamptz)
    ORDER BY r.source_provider, r.source_id, r.target_provider
    ON CONFLICT (source_provider, source_id, target_provider) DO UPDATE SET
        target_id = excluded.target_id,
        outcome = excluded.outcome,
        score = excluded.score,
        parts = excluded.parts,
        reasons = excluded.reasons,
        confirmed_by = CASE WHEN m.target_id = excluded.target_id AND m.confirmed_by = 'person'
                            THEN 'person' ELSE excluded.confirmed_by END,
        matcher_version = excluded.matcher_version,
        mirrored = excluded.mirrored AND m.mirrored,
        isrc = coalesce(excluded.isrc, m.isrc),
        normal_form = coalesce(excluded.normal_form, m.normal_form),
        source_duration_ms = coalesce(excluded.source_duration_ms, m.source_duration_ms),
        source = excluded.source,
        target = excluded.target,
        candidates = excluded.candidates,
        fetched_at = excluded.fetched_at,
        misses = CASE WHEN excluded.target_id IS NULL THEN m.misses + 1 ELSE 0 END,
        expires_at = CASE WHEN excluded.target_id IS NULL
            THEN %(now)s + least(%(longest)s, %(first)s * power(2, least(m.misses, 20))) END,
        updated_at = excluded.updated_at
    WHERE coalesce(m.target_id = excluded.target_id, false)
       OR ((m.confirmed_by = 'score' OR excluded.confirmed_by = 'person')
           AND NOT ((excluded.target_id IS NULL OR excluded.mirrored)
                    AND m.target_id IS NOT NULL AND NOT m.mirrored AND m.fetched_at > %(stale)s
                    AND m.matcher_version >= excluded.matcher_version))"""

# A miss is kept for a while after it has expired: the next one is believed for longer.
_DELETE_STALE = """
    WITH gone AS (
        DELETE FROM providers.match_store
        WHERE (source_provider, source_id, target_provider) IN (
            SELECT source_provider, source_id, target_provider FROM providers.match_store
            WHERE (confirmed_by = 'score' OR target_id IS NULL)
              AND (fetched_at <= %(stale)s OR expires_at < %(now)s - %(longest)s)
            LIMIT %(limit)s)
        RETURNING 1
    ), emptied AS (
        UPDATE providers.match_store
        SET source = NULL, target = NULL, candidates = '[]', normal_form = NULL, source_duration_ms = NULL
        WHERE (source_provider, source_id, target_provider) IN (
            SELECT source_provider, source_id, target_provider FROM providers.match_store
            WHERE confirmed_by = 'person' AND target_id IS NOT NULL AND fetched_at <= %(stale)s
              AND target IS NOT NULL
            LIMIT %(limit)s)
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM emptied)"""


def find_rows(
    connection: Connection[Any], keys: Sequence[MatchKeys], target_provider: ProviderName, now: datetime
) -> list[dict[str, Any]]:
    """Get unexpired rows with any of these keys, the surest key first; ``wanted`` names the source id."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            _FIND,
            {
                "providers": [key.source_provider for key in keys],
                "ids": [key.source_id for key in keys],
                "isrcs": [key.isrc for key in keys],
                "forms": [key.normal_form for key in keys],
                "lengths": [key.duration_ms for key in keys],
                "target": target_provider, "apart": SAME_LENGTH_MS, "now": now, "stale": now - FRESH_FOR,
            },
        ).fetchall()  # fmt: skip


def upsert(connection: Connection[Any], rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """Store what was found out, with ``storable`` texts, unless the store knows better."""
    connection.execute(
        _UPSERT,
        {
            "rows": json.dumps(rows), "version": MATCHER_VERSION, "now": now,
            "first": MIN_MISS_LIFETIME, "longest": MAX_MISS_LIFETIME, "stale": now - FRESH_FOR,
        },
    )  # fmt: skip


def search_titles(
    connection: Connection[Any], words: str, provider: ProviderName, now: datetime, limit: int
) -> list[tuple[Track, datetime]]:
    """Find the entries of a catalogue that hold all of these words; with when they were fetched.

    For when the catalogue itself cannot be searched.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (m.target_id) m.target, m.fetched_at
            FROM providers.match_store m
            WHERE providers.match_words(m.source, m.target) @@ plainto_tsquery('simple', %(words)s)
              AND m.target IS NOT NULL AND m.target_provider = %(provider)s AND m.fetched_at > %(stale)s
            ORDER BY m.target_id, m.fetched_at DESC LIMIT %(limit)s""",
            {"words": storable(words), "provider": provider, "stale": now - FRESH_FOR, "limit": limit},
        )
        return [(decode(provider, row["target"]), row["fetched_at"]) for row in cursor]


def delete_stale(connection: Connection[Any], now: datetime, limit: int = 10_000) -> int:
    """Delete matches, and facts, that were not fetched again in time: at most ``limit`` rows of each.

    What a user confirmed stays, as ids. Returns the number of rows.
    """
    row = connection.execute(
        _DELETE_STALE, {"now": now, "stale": now - FRESH_FOR, "longest": MAX_MISS_LIFETIME, "limit": limit}
    ).fetchone()
    assert row is not None
    return int(row[0])


def find_origins(
    connection: Connection[Any], provider: ProviderName, ids: Sequence[str], now: datetime
) -> list[tuple[str, Track]]:
    """Find the recordings of other providers of which entries are known counterparts, the surest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            """
            SELECT m.target_id, m.source_provider, m.source FROM providers.match_store m
            WHERE m.target_provider = %(provider)s AND m.target_id = ANY (%(ids)s)
              AND m.outcome = 'matched' AND m.source IS NOT NULL AND m.fetched_at > %(stale)s
            ORDER BY m.score DESC NULLS LAST, m.source_provider, m.source_id""",
            {"provider": provider, "ids": [storable(one) for one in ids], "stale": now - FRESH_FOR},
        )
        return [(row["target_id"], decode(row["source_provider"], row["source"])) for row in cursor]


def drop_dead(connection: Connection[Any], provider: ProviderName, ids: Sequence[str]) -> int:
    """Delete for everybody the matches of entries that a provider no longer has; gives how many."""
    return connection.execute(
        """
        DELETE FROM providers.match_store m
        WHERE (m.target_provider = %(provider)s AND m.target_id = ANY (%(ids)s))
           OR (m.source_provider = %(provider)s AND m.source_id = ANY (%(ids)s))""",
        {"provider": provider, "ids": [storable(one) for one in ids]},
    ).rowcount


def find_due(
    connection: Connection[Any],
    provider: ProviderName,
    *,
    now: datetime,
    fetched_before: datetime,
    updated_after: datetime,
    max_rows: int,
) -> list[DueMatch]:
    """Get the oldest matches with an entry of a provider that are still worth refreshing."""
    with connection.cursor(row_factory=class_row(DueMatch)) as cursor:
        return cursor.execute(
            """
            SELECT source_provider, source_id, target_provider, target_id, source, target, confirmed_by,
                   fetched_at
            FROM providers.match_store
            WHERE fetched_at < %(due)s AND fetched_at > %(stale)s AND updated_at > %(oldest)s
              AND target_id IS NOT NULL AND source IS NOT NULL AND target IS NOT NULL
              AND (matcher_version = %(version)s OR confirmed_by = 'person')
              AND %(provider)s IN (source_provider, target_provider)
            ORDER BY fetched_at LIMIT %(max_rows)s""",
            {
                "due": fetched_before, "stale": now - FRESH_FOR, "oldest": updated_after,
                "version": MATCHER_VERSION, "provider": provider, "max_rows": max_rows,
            },
        ).fetchall()  # fmt: skip


def save_refreshed(
    connection: Connection[Any],
    provider: ProviderName,
    refreshed: Sequence[tuple[DueMatch, dict[str, Any] | None]],
    now: datetime,
) -> None:
    """Replace the facts of a provider's side; delete matches without any. Rows made anew meanwhile stay."""
    rows = [
        {
            "source_provider": match.source_provider,
            "source_id": match.source_id,
            "target_provider": match.target_provider,
            "fetched_at": match.fetched_at.isoformat(),
            "facts": facts,
        }
        for match, facts in refreshed
    ]
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


def find_outdated(connection: Connection[Any], now: datetime, limit: int) -> list[OutdatedMatch]:
    """Lock matches of older versions of the matcher of which the facts of both sides may still be used."""
    with connection.cursor(row_factory=class_row(OutdatedMatch)) as cursor:
        return cursor.execute(
            """
            SELECT source_provider, source_id, target_provider, source, target, confirmed_by, mirrored
            FROM providers.match_store
            WHERE matcher_version < %(version)s AND target_id IS NOT NULL
              AND source IS NOT NULL AND target IS NOT NULL AND fetched_at > %(stale)s
            ORDER BY matcher_version LIMIT %(limit)s FOR UPDATE SKIP LOCKED""",
            {"version": MATCHER_VERSION, "stale": now - FRESH_FOR, "limit": limit},
        ).fetchall()


def save_rescored(connection: Connection[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Save the current matcher's scores of locked matches; delete those without one."""
    connection.execute(
        """
        WITH r AS (
            SELECT * FROM jsonb_to_recordset(%(rows)s) AS r (source_provider text, source_id text,
                target_provider text, score numeric, parts jsonb, reasons jsonb)
        ), gone AS (
            DELETE FROM providers.match_store m USING r
            WHERE (m.source_provider, m.source_id, m.target_provider)
                = (r.source_provider, r.source_id, r.target_provider) AND r.score IS NULL)
        UPDATE providers.match_store m
        SET score = r.score, parts = r.parts, matcher_version = %(version)s,
            reasons = CASE WHEN m.confirmed_by = 'person' THEN m.reasons ELSE r.reasons END
        FROM r
        WHERE (m.source_provider, m.source_id, m.target_provider)
            = (r.source_provider, r.source_id, r.target_provider) AND r.score IS NOT NULL""",
        {"rows": json.dumps(rows), "version": MATCHER_VERSION},
    )

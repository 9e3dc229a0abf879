"""The match store: what is the counterpart of a recording, found once and known to everybody.

Each of its functions is one statement in the caller's transaction. What they found is worth what
`match_model.judge` says; whoever searches tells the store what came of it, with `remember`.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from musicconnect.matching import MATCHER_VERSION, SAME_LENGTH_MS, Outcome
from musicconnect.music.codec import decode, encode
from musicconnect.music.model import ProviderName, Track
from musicconnect.platform.text import storable
from musicconnect.providers.match_store import model
from musicconnect.providers.match_store.model import (
    FRESH_FOR,
    MAX_CANDIDATES,
    MAX_DESCRIPTION_LENGTH,
    MAX_MISS_LIFETIME,
    MIN_MISS_LIFETIME,
    Finding,
    StoredMatch,
    keys_of,
    resolve_rows,
)

# Each branch is an index scan per track. Rows of the source itself come first, then those that share its
# ISRC, then those of the same name and length. A few of each are enough to find one that holds.
_FIND = """
    SELECT w.id AS wanted, found.*
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
# what was found directly and still holds. The order keeps two that remember at once from waiting in a circle.
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
            LIMIT %(most)s)
        RETURNING 1
    ), emptied AS (
        UPDATE providers.match_store
        SET source = NULL, target = NULL, candidates = '[]', normal_form = NULL, source_duration_ms = NULL
        WHERE (source_provider, source_id, target_provider) IN (
            SELECT source_provider, source_id, target_provider FROM providers.match_store
            WHERE confirmed_by = 'person' AND target_id IS NOT NULL AND fetched_at <= %(stale)s
              AND target IS NOT NULL
            LIMIT %(most)s)
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM emptied)"""


def find(
    connection: Connection[Any], tracks: Sequence[Track], target_provider: ProviderName, now: datetime
) -> dict[str, StoredMatch]:
    """What the store knows about the counterparts of tracks, by source id; in one statement.

    Args:
        connection: Of a role with rights to the store.
        tracks: Of one provider, at most some hundreds. The more is known about them (ISRC, length, artists),
            the more is found.
        target_provider: Where the counterparts are.
        now: The current time.

    Returns:
        Nothing for a track that the store cannot say anything about. Take answers that are ``settled`` as
        they are; ``candidates`` of the others are to be decided about together with what a search finds.
    """
    wanted = {track.id: track for track in tracks if track.id}
    if not wanted:
        return {}
    keys = [keys_of(track) for track in wanted.values()]
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            _FIND,
            {
                "providers": [track.provider for track in wanted.values()],
                "ids": [storable(key.source_id) for key in keys],
                "isrcs": [key.isrc and storable(key.isrc) for key in keys],
                "forms": [key.normal_form for key in keys],
                "lengths": [_length(key.duration_ms) for key in keys],
                "target": target_provider,
                "apart": SAME_LENGTH_MS,
                "now": now,
                "stale": now - FRESH_FOR,
            },
        )
        rows: dict[str, list[StoredMatch]] = {}
        for row in cursor:
            if row["wanted"] in wanted:
                rows.setdefault(row["wanted"], []).append(_to_match(wanted[row["wanted"]], row))
    judged = {wanted_id: resolve_rows(wanted[wanted_id], found, now) for wanted_id, found in rows.items()}
    return {wanted_id: match for wanted_id, match in judged.items() if match is not None}


def upsert(connection: Connection[Any], findings: Sequence[Finding], now: datetime) -> None:
    """Tell the store what was found, in both directions; in one statement.

    A provider's failure is no finding: only a search that was answered says that there is nothing. Whatever
    is about an entry that not everybody may see is left out.

    Args:
        connection: Of a role with rights to the store.
        findings: By the current matcher, or a person's.
        now: The current time.
    """
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    # What was found directly counts more than the same the other way round: it comes last.
    for is_mirrored in (True, False):
        for finding in filter(model.is_shareable, findings):
            told = model.mirrored(finding) if is_mirrored else finding
            if told is not None and told.source.id:
                row = _to_row(told, now, is_mirrored)
                rows[row["source_provider"], row["source_id"], row["target_provider"]] = row
    if not rows:
        return
    connection.execute(
        _UPSERT,
        {
            "rows": json.dumps(list(rows.values())),
            "version": MATCHER_VERSION,
            "now": now,
            "first": MIN_MISS_LIFETIME,
            "longest": MAX_MISS_LIFETIME,
            "stale": now - FRESH_FOR,
        },
    )


def search_titles(
    connection: Connection[Any], words: str, provider: ProviderName, now: datetime, limit: int
) -> list[tuple[Track, datetime]]:
    """Entries of a catalogue that the store knows by these words, all of them; with when they were fetched.

    For when the catalogue itself cannot be searched. One statement.
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


def delete_stale(connection: Connection[Any], now: datetime, most: int = 10_000) -> int:
    """Delete what may no longer be kept, and facts that were not fetched again in time: so many of each.

    What a person confirmed stays, as ids. Gives the number of rows.
    """
    row = connection.execute(
        _DELETE_STALE, {"now": now, "stale": now - FRESH_FOR, "longest": MAX_MISS_LIFETIME, "most": most}
    ).fetchone()
    assert row is not None
    return int(row[0])


def _to_row(finding: Finding, now: datetime, is_mirrored: bool) -> dict[str, Any]:
    source, target, keys = finding.source, finding.target, keys_of(finding.source)
    score = None if finding.score is None else round(min(100.0, max(0.0, finding.score)), 2)
    return {
        "source_provider": source.provider,
        "source_id": storable(source.id),
        "target_provider": finding.target_provider,
        "target_id": None if target is None else storable(target.id),
        "outcome": finding.outcome.value,
        "score": score,
        "parts": finding.parts,
        "reasons": [storable(reason) for reason in finding.reasons],
        "confirmed_by": finding.confirmed_by,
        "mirrored": is_mirrored,
        "isrc": keys.isrc and storable(keys.isrc),
        "normal_form": keys.normal_form,
        "source_duration_ms": _length(keys.duration_ms),
        "source": encode_facts(source),
        "target": None if target is None else encode_facts(target),
        "candidates": [encode_facts(track) for track in finding.candidates if track.is_public][
            :MAX_CANDIDATES
        ],
        "fetched_at": (finding.fetched_at or now).isoformat(),
    }


def encode_facts(track: Track) -> dict[str, Any]:
    """A track as the store keeps it."""
    values = encode(track)
    if track.description:
        values["description"] = track.description[:MAX_DESCRIPTION_LENGTH]
    return {
        name: storable(value)
        if isinstance(value, str)
        else [storable(part) for part in value]
        if isinstance(value, list)
        else value
        for name, value in values.items()
    }


def _length(duration_ms: int | None) -> int | None:
    # Whatever is no length of a recording (a stream of days) is not compared by it.
    return duration_ms if duration_ms is not None and 0 < duration_ms < 2**31 else None


def _to_match(track: Track, row: dict[str, Any]) -> StoredMatch:
    target_provider = row["target_provider"]
    return StoredMatch(
        source_provider=track.provider,
        source_id=track.id,
        target_provider=target_provider,
        outcome=Outcome(row["outcome"]),
        target_id=row["target_id"],
        target=None if row["target"] is None else decode(target_provider, row["target"]),
        source=None if row["source"] is None else decode(row["source_provider"], row["source"]),
        score=None if row["score"] is None else float(row["score"]),
        parts=row["parts"],
        reasons=row["reasons"],
        candidates=tuple(decode(target_provider, entry) for entry in row["candidates"]),
        confirmed_by=row["confirmed_by"],
        matcher_version=row["matcher_version"],
        found_by=("id", "isrc", "normal_form")[row["rank"] - 1],
        fetched_at=row["fetched_at"],
        expires_at=row["expires_at"],
        settled=False,
    )

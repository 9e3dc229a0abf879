"""Run the SQL of lists of tracks, in transactions of the migrations' owner."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from psycopg import Connection, sql
from psycopg.rows import DictRow, dict_row

from musicconnect.migrations.review.schemas import TrackOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFilter:
    """Which tracks; None: whatever it is."""

    job_id: int | None = None
    """None: of every migration, but for what a later one of the same playlist has taken over."""
    playlist_id: int | None = None
    track_id: int | None = None
    status: str | None = None
    outcome: TrackOutcome | None = None
    reason: str | None = None
    code: str | None = None
    written: bool | None = None


_COLUMNS: Final[LiteralString] = """
    t.id, p.job_id AS migration_id, t.playlist_migration_id AS playlist_id,
    p.source_name AS playlist_name, t.position,
    coalesce(t.source ->> 'provider', j.source_provider) AS source_provider, t.source_track_id,
    t.source_title, t.source_artist, t.source_kind, t.source AS source_facts, j.target_provider,
    t.target_track_id, t.target_title, t.target_artist, t.target AS target_facts, t.status, t.outcome,
    t.match_score::float8 AS match_score, t.match_parts, coalesce(t.match_reasons, '[]') AS match_reasons,
    coalesce(t.candidates, '[]') AS candidates, t.error_code AS code, t.error_params AS params,
    t.write_state = 'written' AS written"""
_FROM: Final[LiteralString] = """
    migrations.tracks t
    JOIN migrations.playlists p ON p.id = t.playlist_migration_id
    JOIN migrations.jobs j ON j.id = p.job_id"""
# By the outcome's own word and not by a parameter: only so the index of what is to be reviewed is of use.
_OUTCOMES: Final[Mapping[TrackOutcome, LiteralString]] = {
    "matched": "t.outcome = 'matched'",
    "needs_review": "t.outcome = 'needs_review'",
    "no_match": "t.outcome = 'no_match'",
    "not_transferable": "t.outcome = 'not_transferable'",
}
_CONDITIONS: Final[Mapping[str, LiteralString]] = {
    "job_id": "p.job_id = %(job_id)s",
    "playlist_id": "t.playlist_migration_id = %(playlist_id)s",
    "track_id": "t.id = %(track_id)s",
    "status": "t.status = %(status)s",
    "reason": "%(reason)s = ANY (t.match_codes)",
    "code": "t.error_code = %(code)s",
    "written": "(t.write_state = 'written') = %(written)s",
}
# Whoever moves a playlist again decides about its tracks there.
_IS_NEWEST: Final[LiteralString] = """
    NOT EXISTS (
        SELECT FROM migrations.playlists n JOIN migrations.jobs k ON k.id = n.job_id
        WHERE n.user_id = (SELECT core.current_user_id()) AND n.source_playlist_id = p.source_playlist_id
          AND n.id > p.id AND n.job_id <> p.job_id AND n.stage <> 'read'
          AND k.target_provider = j.target_provider
          AND (j.dry_run OR NOT k.dry_run))"""


def _where(wanted: TrackFilter) -> sql.Composed:
    conditions: list[LiteralString] = ["t.user_id = (SELECT core.current_user_id())"]
    if wanted.outcome is not None:
        conditions.append(_OUTCOMES[wanted.outcome])
    conditions += [text for name, text in _CONDITIONS.items() if getattr(wanted, name) is not None]
    if wanted.job_id is None and wanted.track_id is None:
        conditions.append(_IS_NEWEST)
    return sql.SQL(" AND ").join(map(sql.SQL, conditions))


def _parameters(wanted: TrackFilter) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in _CONDITIONS}


def list_by_position(
    connection: Connection[Any], wanted: TrackFilter, *, after: tuple[int, int], limit: int
) -> list[DictRow]:
    """List tracks playlist by playlist, behind a playlist's id and a position in it."""
    with connection.cursor(row_factory=dict_row) as cursor:
        # The rows of one job lie in as many ranges of the index as it has playlists: each is read in
        # order, and the first so many of all are what the page needs.
        query = sql.SQL(
            """
            SELECT t.* FROM migrations.playlists l JOIN migrations.jobs k ON k.id = l.job_id
            CROSS JOIN LATERAL (
                SELECT {columns} FROM {tables}
                WHERE {where} AND p.id = l.id AND t.playlist_migration_id = l.id
                  AND (l.id > %(playlist)s OR t.position > %(position)s)
                ORDER BY t.position LIMIT %(limit)s
            ) t
            WHERE l.user_id = (SELECT core.current_user_id()) AND l.id >= %(playlist)s
              AND (%(job_id)s::bigint IS NULL OR l.job_id = %(job_id)s)
              AND (%(playlist_id)s::bigint IS NULL OR l.id = %(playlist_id)s)
            ORDER BY t.playlist_id, t.position LIMIT %(limit)s
            """
        ).format(columns=sql.SQL(_COLUMNS), tables=sql.SQL(_FROM), where=_where(wanted))
        values = _parameters(wanted) | {"playlist": after[0], "position": after[1], "limit": limit}
        return cursor.execute(query, values).fetchall()


def list_by_score(
    connection: Connection[Any], wanted: TrackFilter, *, after: tuple[float, int] | None, limit: int
) -> list[DictRow]:
    """List tracks by their score, the lowest first, behind a score and a track's id."""
    with connection.cursor(row_factory=dict_row) as cursor:
        query = sql.SQL(
            """
            SELECT {columns} FROM {tables}
            WHERE {where}
              AND (%(score)s::numeric IS NULL
                   OR (coalesce(t.match_score, -1), t.id) > (%(score)s::numeric, %(id)s))
            ORDER BY coalesce(t.match_score, -1), t.id LIMIT %(limit)s
            """
        ).format(columns=sql.SQL(_COLUMNS), tables=sql.SQL(_FROM), where=_where(wanted))
        score, track_id = after or (None, 0)
        return cursor.execute(
            query, _parameters(wanted) | {"score": score, "id": track_id, "limit": limit}
        ).fetchall()


def tally(connection: Connection[Any], wanted: TrackFilter) -> list[DictRow]:
    """Count tracks by kind (``outcome``, ``code``, ``found_by``, ``reason``, ``written``) and name."""
    with connection.cursor(row_factory=dict_row) as cursor:
        query = sql.SQL(
            """
            WITH chosen AS MATERIALIZED (
                SELECT t.outcome, t.error_code, t.status, t.match_codes, t.write_state, t.found_by
                FROM {tables} WHERE {where})
            SELECT 'outcome' AS kind, coalesce(outcome, 'pending') AS name, count(*) AS tracks
            FROM chosen GROUP BY 2
            UNION ALL
            SELECT 'code', error_code, count(*) FROM chosen
            WHERE status = 'failed' AND error_code IS NOT NULL GROUP BY 2
            UNION ALL
            SELECT 'reason', r.code, count(*) FROM chosen, unnest(match_codes) AS r (code)
            WHERE outcome IN ('needs_review', 'no_match') GROUP BY 2
            UNION ALL
            SELECT 'found_by', CASE WHEN 'own-choice' = ANY (match_codes) THEN 'rule' ELSE found_by END,
                count(*)
            FROM chosen WHERE status = 'matched' AND found_by IS NOT NULL GROUP BY 2
            UNION ALL
            SELECT 'written', 'written', count(*) FROM chosen WHERE write_state = 'written'
            """
        ).format(tables=sql.SQL(_FROM), where=_where(wanted))
        return cursor.execute(query, _parameters(wanted)).fetchall()

"""Run the SQL of people's decisions about tracks, in transactions of their owner.

A decision is saved first and applied when no worker is at its playlist: at once, or by the worker that is
there, when it is done. Applying changes the tracks, and asks for what has to be written.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString

from psycopg import Connection
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb

from musicconnect.matching import reason_codes
from musicconnect.migrations import rules, status_text
from musicconnect.platform.logging import correlation_id
from musicconnect.platform.status import Reader, Status
from musicconnect.platform.text import storable_value

CHANGED: Final = (
    "status", "outcome", "target_track_id", "target_title", "target_artist", "target", "match_score",
    "match_parts", "match_reasons", "match_codes", "error_code", "error_params", "error_message",
    "write_state",
)  # fmt: skip
"""The columns of a track that a decision changes."""
_LEFT_OUT: Final = Status("left-out")

_BEFORE: LiteralString = """
    jsonb_build_object('status', t.status, 'outcome', t.outcome, 'target_track_id', t.target_track_id,
        'target_title', t.target_title, 'target_artist', t.target_artist, 'target', t.target,
        'match_score', t.match_score, 'match_parts', t.match_parts, 'match_reasons', t.match_reasons,
        'match_codes', t.match_codes, 'error_code', t.error_code, 'error_params', t.error_params,
        'error_message', t.error_message, 'write_state', t.write_state)"""


def lock_tracks(connection: Connection[Any], track_ids: Sequence[int]) -> list[DictRow]:
    """Lock tracks and their playlists, so that no worker begins meanwhile; playlist by playlist."""
    with connection.cursor(row_factory=dict_row) as cursor:
        # Always in one order, and the playlists before their tracks, as workers do.
        cursor.execute(
            """
            SELECT p.id FROM migrations.playlists p
            WHERE p.id IN (SELECT t.playlist_migration_id FROM migrations.tracks t WHERE t.id = ANY (%(ids)s)
                           AND t.user_id = core.current_user_id())
            ORDER BY p.id FOR NO KEY UPDATE
            """,
            {"ids": list(track_ids)},
        )
        return cursor.execute(
            """
            SELECT t.id, t.position, t.source_track_id, t.source_title, t.source_artist, t.source,
                   t.candidates, t.status, t.outcome, t.write_state, t.target_track_id, t.target_title,
                   t.target_artist, t.target, t.match_score::float8 AS match_score, t.match_codes,
                   t.source_kind, p.id AS playlist_id, p.lease_until, p.status AS playlist_status, p.stage,
                   j.id AS job_id,
                   j.source_provider, j.target_provider, j.dry_run
            FROM migrations.tracks t
            JOIN migrations.playlists p ON p.id = t.playlist_migration_id
            JOIN migrations.jobs j ON j.id = p.job_id
            WHERE t.id = ANY (%(ids)s) AND t.user_id = core.current_user_id()
            ORDER BY p.id, t.position FOR NO KEY UPDATE OF t
            """,
            {"ids": list(track_ids)},
        ).fetchall()


def insert(connection: Connection[Any], decisions: Iterable[Mapping[str, Any]], now: datetime) -> list[int]:
    """Save decisions, as ``track_id``, ``playlist_id``, ``kind``, ``target`` and ``rule_before``."""
    rows = connection.execute(
        """
        INSERT INTO migrations.decisions (user_id, playlist_migration_id, track_id, kind, target, rule_before,
            decided_at)
        SELECT core.current_user_id(), r.playlist_id, r.track_id, r.kind, r.target, r.rule_before, %(now)s
        FROM jsonb_to_recordset(%(rows)s) AS r (playlist_id bigint, track_id bigint, kind text, target jsonb,
            rule_before jsonb)
        RETURNING id
        """,
        {"rows": _json([dict(row) for row in decisions]), "now": now},
    ).fetchall()
    return [int(row[0]) for row in rows]


def apply_before_work(connection: Connection[Any], playlist_id: int, now: datetime) -> None:
    """Apply what waits for a playlist whose worker died before it could."""
    idle = connection.execute(
        """
        SELECT p.id FROM migrations.playlists p
        WHERE p.id = %(id)s AND (p.lease_until IS NULL OR p.lease_until <= %(now)s)
          AND EXISTS (SELECT FROM migrations.decisions d
                      WHERE d.playlist_migration_id = p.id AND d.status = 'queued')
        FOR NO KEY UPDATE
        """,
        {"id": playlist_id, "now": now},
    ).fetchone()
    if idle is not None:
        apply_queued(connection, playlist_id, now)


def apply_queued(connection: Connection[Any], playlist_id: int, now: datetime) -> bool:
    """Apply the decisions that wait for a playlist; gives whether there is something to be done now.

    Its row is locked by the caller, and nobody is at work on it. What is in doubt waits until it is not.
    """
    waiting = _queued(connection, playlist_id)
    if not waiting:
        return False
    _change_tracks(connection, waiting, now)
    connection.execute(
        """
        UPDATE migrations.decisions d SET status = 'applied', applied_at = %(now)s
        WHERE d.id = ANY (%(ids)s)
        """,
        {"ids": [row["id"] for row in waiting], "now": now},
    )
    begins = _recount(connection, playlist_id, now, writes=not waiting[0]["dry_run"])
    if begins:
        _reopen(connection, waiting[0]["job_id"])
    return begins


def _queued(connection: Connection[Any], playlist_id: int) -> list[DictRow]:
    """List the last waiting decision of each track that may be changed, with what the track is now."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            f"""
            UPDATE migrations.decisions d SET track_before = {_BEFORE}
            FROM migrations.tracks t, migrations.playlists p, migrations.jobs j
            WHERE d.playlist_migration_id = %s AND d.status = 'queued' AND t.id = d.track_id
              AND p.id = d.playlist_migration_id AND j.id = p.job_id
              AND t.write_state IN ('none', 'refused', 'written') AND p.change_set_id IS NULL
            RETURNING d.id, d.track_id, d.kind, d.target, t.source_title, t.source_artist, t.target_track_id,
                      j.id AS job_id, j.target_provider, j.dry_run
            """,  # noqa: S608 - a constant
            [playlist_id],
        ).fetchall()


def _change_tracks(connection: Connection[Any], decisions: Sequence[DictRow], now: datetime) -> None:
    """Make the tracks what was decided; of several decisions about one the last counts."""
    rows = {row["track_id"]: _columns(row, now) for row in sorted(decisions, key=lambda row: row["id"])}
    connection.execute(
        """
        UPDATE migrations.tracks t
        SET status = r.status, outcome = r.outcome, target_track_id = r.target_track_id,
            target_title = r.target_title, target_artist = r.target_artist, target = r.target,
            match_score = r.match_score, match_parts = r.match_parts, match_reasons = r.match_reasons,
            match_codes = coalesce(r.match_codes, '{}'), error_code = r.error_code,
            error_params = r.error_params, error_message = r.error_message, search = NULL,
            -- What stands in the target goes when the other is written; who comes back to it finds it there.
            write_state = CASE
                WHEN r.target_track_id = t.target_track_id AND t.write_state = 'written' THEN 'written'
                WHEN r.target_track_id = t.replaced ->> 'id' THEN 'written' ELSE 'none' END,
            target_item_id = CASE
                WHEN r.target_track_id = t.target_track_id AND t.write_state = 'written' THEN t.target_item_id
                WHEN r.target_track_id = t.replaced ->> 'id' THEN t.replaced ->> 'item_id' END,
            replaced = CASE
                WHEN r.target_track_id = t.target_track_id AND t.write_state = 'written' THEN NULL
                WHEN r.target_track_id = t.replaced ->> 'id' THEN NULL
                WHEN t.write_state = 'written' THEN jsonb_build_object('id', t.target_track_id,
                    'item_id', t.target_item_id, 'title', t.target_title, 'artist', t.target_artist)
                ELSE t.replaced END
        FROM jsonb_to_recordset(%(rows)s) AS r (id bigint, status text, outcome text, target_track_id text,
            target_title text, target_artist text, target jsonb, match_score numeric, match_parts jsonb,
            match_reasons jsonb, match_codes text[], error_code text, error_params jsonb, error_message text)
        WHERE t.id = r.id
        """,
        {"rows": _json(list(rows.values()))},
    )


def _columns(row: DictRow, now: datetime) -> dict[str, Any]:
    if row["kind"] == "undo":
        return {"id": row["track_id"], **row["target"]}
    target = row["target"]
    reasons = [rules.LEFT_OUT if target is None else rules.CHOSEN]
    columns: dict[str, Any] = {
        "id": row["track_id"],
        "status": "failed" if target is None else "matched",
        "outcome": "no_match" if target is None else "matched",
        "match_reasons": reasons,
        "match_codes": reason_codes.codes(reasons),
    }
    if target is None:
        message = status_text.render(_LEFT_OUT, Reader(now))
        return columns | {"error_code": _LEFT_OUT.code, "error_params": {}, "error_message": message}
    artists = target.get("artists") or ()
    return columns | {
        "target_track_id": target["id"],
        # Where only the id is known, the source's own names stand in for the target's.
        "target_title": target.get("title") or row["source_title"],
        "target_artist": ", ".join(artists) or target.get("channel") or row["source_artist"],
        "target": {name: value for name, value in target.items() if name not in _NOT_SHOWN},
        "match_score": target.get("score"),
        "match_parts": target.get("parts"),
    }


_NOT_SHOWN: Final = {"score", "parts", "description"}


_CHANGES: Final = "t.status = 'matched' AND t.write_state = 'none' OR t.replaced IS NOT NULL"


def _recount(connection: Connection[Any], playlist_id: int, now: datetime, *, writes: bool) -> bool:
    """Count a playlist's tracks again; gives whether there is something to be done about it now."""
    row = connection.execute(
        f"""
        UPDATE migrations.playlists p
        SET matched_count = c.matched, failed_count = c.failed, review_count = c.review,
            written_count = c.written, may_rewrite = false,
            status = CASE WHEN c.begins THEN 'running' ELSE p.status END,
            status_code = CASE WHEN c.begins THEN 'starting' ELSE p.status_code END,
            status_params = CASE WHEN c.begins THEN '{{}}' ELSE p.status_params END,
            finished_at = CASE WHEN c.begins THEN NULL ELSE p.finished_at END,
            due_at = CASE WHEN c.begins THEN %(now)s ELSE p.due_at END,
            enqueued_at = CASE WHEN c.begins THEN %(now)s ELSE p.enqueued_at END,
            look_count = 0, repair_count = 0, target_read = NULL,
            stage = CASE WHEN c.changes AND p.stage IN ('write', 'verify', 'done') THEN 'create'
                         ELSE p.stage END
        FROM (
            SELECT count(*) FILTER (WHERE t.status = 'matched') AS matched,
                   count(*) FILTER (WHERE t.status = 'failed') AS failed,
                   count(*) FILTER (WHERE t.outcome = 'needs_review') AS review,
                   count(*) FILTER (WHERE t.write_state = 'written') AS written,
                   %(writes)s AND bool_or({_CHANGES}) AS changes,
                   %(writes)s AND bool_or({_CHANGES})
                       AND bool_and(l.status = 'completed' OR l.status_code = 'mend-costs') AS begins
            FROM migrations.playlists l JOIN migrations.tracks t ON t.playlist_migration_id = l.id
            WHERE l.id = %(id)s) c
        WHERE p.id = %(id)s
        RETURNING p.status = 'running' AND p.stage = 'create' AND p.due_at <= %(now)s
        """,  # noqa: S608 - a constant
        {"id": playlist_id, "now": now, "writes": writes},
    ).fetchone()
    return bool(row and row[0])


def confirm_cost(connection: Connection[Any], job_id: int, playlist_id: int, now: datetime) -> bool | None:
    """Accept what a playlist costs; False if it waits for no word, None if there is none."""
    row = connection.execute(
        "SELECT status_code = 'mend-costs' FROM migrations.playlists "
        "WHERE id = %s AND job_id = %s FOR NO KEY UPDATE",
        [playlist_id, job_id],
    ).fetchone()
    if row is None or not row[0]:
        return None if row is None else False
    connection.execute(
        """
        UPDATE migrations.playlists
        SET may_rewrite = true, status = 'running', stage = 'write', status_code = 'starting',
            status_params = '{}', error_message = NULL, finished_at = NULL, due_at = %(now)s,
            enqueued_at = %(now)s, attempts = 0, look_count = 0, repair_count = 0, target_read = NULL
        WHERE id = %(id)s
        """,
        {"id": playlist_id, "now": now},
    )
    _reopen(connection, job_id)
    return True


def _reopen(connection: Connection[Any], job_id: int) -> None:
    """Let an ended job go on."""
    connection.execute(
        "UPDATE migrations.jobs SET stop = CASE WHEN stop = 'cancel' THEN NULL ELSE stop END, "
        "is_rollback = false, correlation_id = %s WHERE id = %s",
        [correlation_id(), job_id],
    )


def last_of_tracks(connection: Connection[Any], track_ids: Sequence[int]) -> dict[int, DictRow]:
    """Give the last decision about each track, by the track's id."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            """
            SELECT DISTINCT ON (d.track_id) d.id, d.track_id, d.kind, d.status, d.decided_at, d.track_before,
                   d.rule_before
            FROM migrations.decisions d
            WHERE d.track_id = ANY (%s) AND d.status <> 'undone' AND d.kind <> 'undo'
            ORDER BY d.track_id, d.id DESC
            """,
            [list(track_ids)],
        ).fetchall()
    return {row["track_id"]: row for row in rows}


def mark_undone(connection: Connection[Any], decision_id: int) -> None:
    """Mark a decision as undone."""
    connection.execute("UPDATE migrations.decisions SET status = 'undone' WHERE id = %s", [decision_id])


def _json(value: Any) -> Jsonb:
    return Jsonb(storable_value(value))

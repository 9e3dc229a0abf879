"""Run the SQL of mending: other counterparts for what stands in the target, and for what is gone there."""

from collections.abc import Sequence
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row


def list_replaced(connection: Connection[Any], playlist_id: int) -> list[dict[str, Any]]:
    """List the tracks that stand or stood in the target, in order: those that are written or replace one."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            SELECT id, status, target_track_id, target_title, target_artist, write_state, target_item_id,
                   replaced
            FROM migrations.tracks
            WHERE playlist_migration_id = %s
              AND (status = 'matched' AND write_state IN ('written', 'none') OR replaced IS NOT NULL)
            ORDER BY position
            """,
            [playlist_id],
        ).fetchall()


SAVE_MENDED: LiteralString = """
    UPDATE migrations.tracks t
    SET write_state = CASE WHEN r.is_refused AND t.replaced IS NULL THEN 'refused' WHEN t.status = 'failed'
                      THEN 'none' WHEN r.is_added OR r.is_refused THEN 'written' ELSE t.write_state END,
        target_item_id = CASE WHEN r.is_added THEN r.item_id WHEN r.is_refused THEN t.replaced ->> 'item_id'
                         END,
        target_track_id = CASE WHEN r.is_refused AND t.replaced IS NOT NULL THEN t.replaced ->> 'id'
                          ELSE t.target_track_id END,
        target_title = CASE WHEN r.is_refused AND t.replaced IS NOT NULL THEN t.replaced ->> 'title'
                       ELSE t.target_title END,
        target_artist = CASE WHEN r.is_refused AND t.replaced IS NOT NULL THEN t.replaced ->> 'artist'
                        ELSE t.target_artist END,
        target = CASE WHEN r.is_refused AND t.replaced IS NOT NULL THEN NULL ELSE t.target END,
        status = CASE WHEN r.is_refused AND t.replaced IS NULL THEN 'failed' ELSE t.status END,
        error_code = CASE WHEN r.is_refused THEN r.error_code ELSE t.error_code END,
        error_params = CASE WHEN r.is_refused THEN r.error_params ELSE t.error_params END,
        error_message = CASE WHEN r.is_refused THEN r.error_message ELSE t.error_message END,
        replaced = NULL
    FROM held, jsonb_to_recordset(%(rows)s) AS r (id bigint, is_added boolean, is_refused boolean,
        item_id text, error_code text, error_params jsonb, error_message text)
    WHERE t.id = r.id AND t.playlist_migration_id + 0 = held.id"""
"""What a change set made of tracks: a refused replacement leaves what stood there."""


def count_again(connection: Connection[Any], playlist_id: int) -> tuple[int, int, int]:
    """Count a playlist's tracks again, and save it: matched, failed, written."""
    row = connection.execute(
        """
        UPDATE migrations.playlists p
        SET matched_count = c.matched, failed_count = c.failed, written_count = c.written,
            review_count = c.review
        FROM (SELECT count(*) FILTER (WHERE status = 'matched')::integer AS matched,
                     count(*) FILTER (WHERE status = 'failed')::integer AS failed,
                     count(*) FILTER (WHERE outcome = 'needs_review')::integer AS review,
                     count(*) FILTER (WHERE write_state = 'written')::integer AS written
              FROM migrations.tracks WHERE playlist_migration_id = %(id)s) c
        WHERE p.id = %(id)s RETURNING p.matched_count, p.failed_count, p.written_count
        """,
        {"id": playlist_id},
    ).fetchone()
    assert row is not None
    return (row[0], row[1], row[2])


def has_replaced(connection: Connection[Any], playlist_id: int) -> bool:
    """Tell whether something in the target is to give way."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM migrations.tracks "
        "WHERE playlist_migration_id = %s AND replaced IS NOT NULL)",
        [playlist_id],
    ).fetchone()
    return bool(row and row[0])


def set_change_set(connection: Connection[Any], playlist_id: int, change_set_id: int) -> None:
    """Say which edits of the target are being made."""
    connection.execute(
        "UPDATE migrations.playlists SET change_set_id = %s WHERE id = %s", [change_set_id, playlist_id]
    )


SEARCH_AGAIN: LiteralString = """
    UPDATE migrations.tracks t
    SET status = 'pending', outcome = NULL, target_track_id = NULL, target_title = NULL,
        target_artist = NULL, target = NULL, candidates = NULL, write_state = 'none', target_item_id = NULL,
        error_code = NULL, error_params = NULL, error_message = NULL,
        replaced = coalesce(r.replaced, t.replaced),
        search = jsonb_build_object('tried', 0, 'found', '[]'::jsonb, 'incomplete', '[]'::jsonb,
            'gone', coalesce(t.search -> 'gone', '[]') || to_jsonb(t.target_track_id))
    FROM held, jsonb_to_recordset(%(rows)s) AS r (id bigint, replaced jsonb)
    WHERE t.id = r.id AND t.playlist_migration_id + 0 = held.id"""
"""Their counterparts are no longer there: look for others."""


def earlier_targets(
    connection: Connection[Any], playlist_id: int, target_ids: Sequence[str]
) -> list[tuple[int, str]]:
    """List tracks that have another counterpart than an earlier migration wrote, if it is one of these."""
    return connection.execute(
        """
        SELECT DISTINCT ON (t.id) t.id, e.target_track_id
        FROM migrations.playlists now
        JOIN migrations.tracks t ON t.playlist_migration_id = now.id
        JOIN migrations.playlists p ON p.target_playlist_id = now.target_playlist_id AND p.id < now.id
        JOIN migrations.tracks e ON e.playlist_migration_id = p.id AND e.source_track_id = t.source_track_id
        WHERE now.id = %s AND e.target_track_id = ANY (%s) AND e.write_state = 'written'
          AND t.status = 'matched' AND t.write_state = 'none' AND t.target_track_id <> e.target_track_id
        ORDER BY t.id, p.id DESC
        """,
        [playlist_id, list(target_ids)],
    ).fetchall()


SET_REPLACED: LiteralString = """
    UPDATE migrations.tracks t SET replaced = r.replaced
    FROM held, jsonb_to_recordset(%(rows)s) AS r (id bigint, replaced jsonb)
    WHERE t.id = r.id AND t.playlist_migration_id + 0 = held.id"""
"""What stands at their places gives way to them."""


def order_before(connection: Connection[Any], playlist_id: int) -> list[str]:
    """List what the last migration of a source into the same target wrote, in order."""
    rows = connection.execute(
        """
        SELECT e.target_track_id FROM migrations.tracks e
        WHERE e.playlist_migration_id = (
            SELECT max(p.id) FROM migrations.playlists now
            JOIN migrations.playlists p ON p.target_playlist_id = now.target_playlist_id AND p.id < now.id
                AND p.source_playlist_id = now.source_playlist_id
            WHERE now.id = %s)
          AND e.write_state = 'written' AND e.target_track_id IS NOT NULL
        ORDER BY e.position
        """,
        [playlist_id],
    ).fetchall()
    return [row[0] for row in rows]

"""The SQL of the order of a person's unfinished playlists."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow, dict_row

MAX_LISTED = 1000


def lock(connection: Connection[Any], ids: Sequence[int]) -> dict[int, str]:
    """Lock playlists of the person; gives the status of each that there is."""
    rows = connection.execute(
        """
        SELECT id, status FROM migrations.playlists
        WHERE user_id = core.current_user_id() AND id = ANY (%s) ORDER BY id FOR UPDATE""",
        [list(ids)],
    )
    return dict(rows.fetchall())


def put_first(connection: Connection[Any], ids: Sequence[int]) -> None:
    """Give playlists ranks before all that the person has."""
    connection.execute(
        """
        UPDATE migrations.playlists p SET rank = first.rank - %(count)s + named.place
        FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS named (id, place),
             (SELECT least(min(coalesce(rank, id)), 0) - 1 AS rank FROM migrations.playlists
              WHERE user_id = core.current_user_id() AND status IN ('pending', 'running')) AS first
        WHERE p.id = named.id AND p.user_id = core.current_user_id()""",
        {"ids": list(ids), "count": len(ids)},
    )


def list_waiting(connection: Connection[Any]) -> list[DictRow]:
    """List the person's unfinished playlists, the first one first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            SELECT p.id, p.job_id AS migration_id, p.source_name, p.part, coalesce(p.parts, 1) AS parts,
                   j.target_provider, p.status_code AS code, p.status_params AS params, p.waiting_for,
                   CASE WHEN p.waiting_for IS NOT NULL THEN p.due_at END AS waiting_until
            FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
            WHERE p.user_id = core.current_user_id() AND p.status IN ('pending', 'running')
            ORDER BY coalesce(p.rank, p.id), p.id LIMIT %s""",
            [MAX_LISTED],
        ).fetchall()

"""The SQL of pairs, their states and runs, in the caller's transaction, as their owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection, sql
from psycopg.rows import DictRow, class_row, dict_row
from psycopg.types.json import Jsonb

from musicconnect.platform.text import storable_value
from musicconnect.platform.work.lease import Lease, LeaseLostError
from musicconnect.providers import registry

MAX_EARLY = timedelta(seconds=1)
"""A message may come this much before its pairs are due: SQS counts whole seconds."""


@dataclass(slots=True, kw_only=True)
class PairRow:
    """A pair as its worker knows it."""

    id: int
    user_id: int
    left_provider: str
    left_playlist_id: str
    left_name: str
    right_provider: str
    right_playlist_id: str
    right_name: str
    mode: str
    schedule: str
    max_removals: int
    max_removal_share: float
    keeps_order: bool
    removes_foreign: bool
    is_approved: bool
    allows_removals: bool
    is_watched: bool
    left_version: str | None
    right_version: str | None
    left_fingerprint: str | None
    right_fingerprint: str | None
    read_at: datetime | None
    wrote_at: datetime | None
    run_id: int | None
    attempts: int

    @property
    def sides(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Give provider and playlist of both sides."""
        return (self.left_provider, self.left_playlist_id), (self.right_provider, self.right_playlist_id)

    @property
    def versions(self) -> tuple[str | None, str | None]:
        """Give the versions of both sides as they were last read."""
        return self.left_version, self.right_version

    @property
    def fingerprints(self) -> tuple[str | None, str | None]:
        """Give what both sides' contents came to when they were last read."""
        return self.left_fingerprint, self.right_fingerprint

    def is_liked(self, side: int) -> bool:
        """Tell whether a side is its provider's list of likes."""
        provider, playlist_id = self.sides[side]
        return playlist_id == registry.get(provider).liked_id


_ROW: LiteralString = """
    p.id, p.user_id, p.left_provider, p.left_playlist_id, p.left_name, p.right_provider, p.right_playlist_id,
    p.right_name, p.mode, p.schedule, p.max_removals, p.max_removal_share::float AS max_removal_share,
    p.keeps_order, p.removes_foreign, p.is_approved, p.allows_removals, p.is_watched, p.left_version,
    p.right_version, p.left_fingerprint, p.right_fingerprint, p.read_at, p.wrote_at, p.run_id, p.attempts"""


def claim(
    connection: Connection[Any], lease: Lease, user_id: int, *, now: datetime, limit: int
) -> list[PairRow]:
    """Claim the person's pairs that are due, under one lease; none while another worker has some of theirs.

    Pairs may share a playlist: those of one person are worked on one after the other. A pair of which a side
    is being repaired waits.
    """
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('sync.pairs', %s))", [user_id])
    with connection.cursor(row_factory=class_row(PairRow)) as cursor:
        return cursor.execute(
            f"""
            UPDATE sync.pairs p SET lease_token = %(token)s, lease_until = %(until)s
            WHERE p.id IN (
                SELECT d.id FROM sync.pairs d
                WHERE d.user_id = core.current_user_id() AND d.status = 'active' AND d.due_at <= %(due)s
                  AND NOT EXISTS (
                    SELECT FROM sync.repairs r
                    WHERE r.user_id = d.user_id AND r.status IN ('applying', 'undoing')
                      AND (r.provider, r.playlist_id) IN (
                        (d.left_provider, d.left_playlist_id), (d.right_provider, d.right_playlist_id)))
                ORDER BY d.due_at, d.id LIMIT %(limit)s)
              AND NOT EXISTS (
                SELECT FROM sync.pairs o WHERE o.user_id = core.current_user_id() AND o.lease_until > %(now)s)
            RETURNING {_ROW}""",  # noqa: S608 - constants
            {"token": lease.token, "until": lease.until, "now": now, "due": now + MAX_EARLY, "limit": limit},
        ).fetchall()


def lease_of(connection: Connection[Any], provider: str, playlist_id: str, now: datetime) -> datetime | None:
    """Give until when a worker has one of the person's pairs with a playlist; None if none has."""
    row = connection.execute(
        """
        SELECT max(lease_until) FROM sync.pairs
        WHERE user_id = core.current_user_id() AND lease_until > %(now)s
          AND (%(provider)s, %(playlist)s) IN (
            (left_provider, left_playlist_id), (right_provider, right_playlist_id))""",
        {"now": now, "provider": provider, "playlist": playlist_id},
    ).fetchone()
    return row and row[0]


def write(connection: Connection[Any], lease: Lease, *, now: datetime, changes: Mapping[str, Any]) -> None:
    """Change a pair's row if the lease still holds. Raises `LeaseLostError`; then nothing was written."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in changes
    )
    query = sql.SQL(
        "UPDATE sync.pairs SET {} WHERE id = %(_id)s AND lease_token = %(_token)s AND lease_until > %(_now)s"
    ).format(assignments)
    values = {name: Jsonb(value) if isinstance(value, dict) else value for name, value in changes.items()}
    done = connection.execute(query, values | {"_id": lease.id, "_token": lease.token, "_now": now})
    if done.rowcount == 0:
        raise LeaseLostError


def release(connection: Connection[Any], lease: Lease, rows: Sequence[Mapping[str, Any]]) -> None:
    """Release pairs that need nothing more, each with when it is due and the versions that were seen."""
    connection.execute(
        """
        UPDATE sync.pairs p
        SET lease_token = NULL, lease_until = NULL, due_at = r.due_at, enqueued_at = NULL, attempts = 0,
            left_version = r.left_version, right_version = r.right_version, is_watched = false,
            status_code = r.status_code, status_params = '{}'
        FROM jsonb_to_recordset(%s) AS r (id bigint, due_at timestamptz, left_version text,
            right_version text, status_code text)
        WHERE p.id = r.id AND p.lease_token = %s""",
        [Jsonb(list(rows)), lease.token],
    )


def put_back(connection: Connection[Any], lease: Lease, pair_ids: Sequence[int]) -> None:
    """Release pairs that were claimed and not worked on: they stay due."""
    connection.execute(
        """
        UPDATE sync.pairs SET lease_token = NULL, lease_until = NULL
        WHERE id = ANY (%s) AND lease_token = %s""",
        [list(pair_ids), lease.token],
    )


def load_state(connection: Connection[Any], pair_id: int) -> dict[str, Any] | None:
    """Load what is known of a pair's rows; None where nothing is."""
    row = connection.execute("SELECT state FROM sync.states WHERE pair_id = %s", [pair_id]).fetchone()
    return row and row[0]


def load_states_of(
    connection: Connection[Any], provider: str, playlist_id: str
) -> list[tuple[int, int, dict[str, Any] | None]]:
    """Load what is known of the person's pairs with a playlist: pair, the playlist's side, and the state."""
    return connection.execute(
        """
        SELECT p.id, CASE WHEN (p.left_provider, p.left_playlist_id) = (%(provider)s, %(playlist)s)
            THEN 0 ELSE 1 END, s.state
        FROM sync.pairs p LEFT JOIN sync.states s ON s.pair_id = p.id
        WHERE p.user_id = core.current_user_id()
          AND (%(provider)s, %(playlist)s) IN (
            (p.left_provider, p.left_playlist_id), (p.right_provider, p.right_playlist_id))
        ORDER BY p.id""",
        {"provider": provider, "playlist": playlist_id},
    ).fetchall()


def save_state(
    connection: Connection[Any], pair_id: int, user_id: int, state: Mapping[str, Any], now: datetime
) -> None:
    """Save what is known of a pair's rows."""
    connection.execute(
        """
        INSERT INTO sync.states (pair_id, user_id, state, saved_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (pair_id) DO UPDATE SET state = excluded.state, saved_at = excluded.saved_at""",
        [pair_id, user_id, Jsonb(storable_value(dict(state))), now],
    )


# --- runs ---------------------------------------------------------------------------------------------

_RUN: LiteralString = """
    SELECT id, pair_id, cause, status, status_code, status_params, guards, counts, cost, undoes, undone_by,
           created_at, finished_at
    FROM sync.runs"""


def create_run(
    connection: Connection[Any],
    pair_id: int,
    user_id: int,
    cause: str,
    now: datetime,
    *,
    undoes: int | None = None,
) -> int:
    """Begin a run; gives its id."""
    row = connection.execute(
        "INSERT INTO sync.runs (pair_id, user_id, cause, undoes, created_at) VALUES (%s, %s, %s, %s, %s) "
        "RETURNING id",
        [pair_id, user_id, cause, undoes, now],
    ).fetchone()
    assert row is not None
    run_id: int = row[0]
    return run_id


def update_run(connection: Connection[Any], run_id: int, **changes: Any) -> None:
    """Change a run."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in changes
    )
    values = {
        name: Jsonb(storable_value(value)) if isinstance(value, dict | list) else value
        for name, value in changes.items()
    }
    query = sql.SQL("UPDATE sync.runs SET {} WHERE id = %(_id)s").format(assignments)
    connection.execute(query, values | {"_id": run_id})


def get_run(connection: Connection[Any], pair_id: int, run_id: int) -> DictRow | None:
    """Get a run of a pair; None if there is none."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_RUN + " WHERE pair_id = %s AND id = %s", [pair_id, run_id]).fetchone()


def list_runs(connection: Connection[Any], pair_id: int, *, before: int | None, limit: int) -> list[DictRow]:
    """List a pair's runs, the latest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            _RUN + " WHERE pair_id = %(pair)s AND (%(before)s::bigint IS NULL OR id < %(before)s) "
            "ORDER BY id DESC LIMIT %(limit)s",
            {"pair": pair_id, "before": before, "limit": limit},
        ).fetchall()


def runs_from(connection: Connection[Any], pair_id: int, first: int) -> list[int]:
    """List the runs of a pair that wrote something from one on, the latest first."""
    rows = connection.execute(
        "SELECT id FROM sync.runs WHERE pair_id = %s AND id >= %s AND status = 'completed' ORDER BY id DESC",
        [pair_id, first],
    ).fetchall()
    return [row[0] for row in rows]


# --- what people see ----------------------------------------------------------------------------------

_PAIR: LiteralString = f"""
    SELECT {_ROW}, p.status, p.status_code, p.status_params, p.created_at, p.due_at
    FROM sync.pairs p"""  # noqa: S608 - constants


def create_pair(connection: Connection[Any], values: Mapping[str, Any]) -> int:
    """Make a pair, whose first run is one by hand: its person waits for what it shows. Gives its id."""
    row = connection.execute(
        """
        INSERT INTO sync.pairs (user_id, left_provider, left_playlist_id, left_name, right_provider,
            right_playlist_id, right_name, mode, schedule, max_removals, max_removal_share, keeps_order,
            removes_foreign, is_watched, created_at, due_at, enqueued_at, correlation_id)
        VALUES (%(user_id)s, %(left_provider)s, %(left_playlist_id)s, %(left_name)s, %(right_provider)s,
            %(right_playlist_id)s, %(right_name)s, %(mode)s, %(schedule)s, %(max_removals)s,
            %(max_removal_share)s, %(keeps_order)s, %(removes_foreign)s, true, %(now)s, %(now)s, %(now)s,
            %(correlation_id)s)
        RETURNING id""",
        values,
    ).fetchone()
    assert row is not None
    pair_id: int = row[0]
    return pair_id


def lock_pairs(connection: Connection[Any], user_id: int) -> None:
    """Keep others from making or claiming pairs of a person until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('sync.pairs', %s))", [user_id])


def list_pairs(connection: Connection[Any], *, after: int, limit: int) -> list[DictRow]:
    """List the person's pairs in the order in which they were made."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            _PAIR + " WHERE p.user_id = core.current_user_id() AND p.id > %s ORDER BY p.id LIMIT %s",
            [after, limit],
        ).fetchall()


def urgent_pairs(connection: Connection[Any], limit: int) -> tuple[list[DictRow], int]:
    """List the person's pairs, those that ask first, and count all that ask."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT q.*, count(*) FILTER (WHERE q.status = 'asking') OVER () AS asking FROM ("  # noqa: S608
            + _PAIR
            + " WHERE p.user_id = core.current_user_id()) q ORDER BY q.status <> 'asking', q.id LIMIT %s",
            [limit],
        ).fetchall()
    return rows, int(rows[0]["asking"]) if rows else 0


def get_pair(connection: Connection[Any], pair_id: int, *, is_locked: bool = False) -> DictRow | None:
    """Get a pair; None if there is none. ``is_locked``: nobody changes it until the transaction ends."""
    lock = " FOR UPDATE" if is_locked else ""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_PAIR + " WHERE p.id = %s" + lock, [pair_id]).fetchone()


def change_pair(connection: Connection[Any], pair_id: int, **changes: Any) -> None:
    """Change a pair as its person wishes. A worker that has it in hand finds out at its next commit."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in changes
    )
    values = {name: Jsonb(value) if isinstance(value, dict) else value for name, value in changes.items()}
    query = sql.SQL("UPDATE sync.pairs SET {} WHERE id = %(_id)s").format(assignments)
    connection.execute(query, values | {"_id": pair_id})


def delete_pair(connection: Connection[Any], pair_id: int) -> bool:
    """End a pair; False if there is none."""
    return connection.execute("DELETE FROM sync.pairs WHERE id = %s", [pair_id]).rowcount == 1


def claim_due(connection: Connection[Any], now: datetime, limit: int) -> list[tuple[int, datetime, str]]:
    """Claim due pairs across people: person, due time, correlation id."""
    return connection.execute(
        "SELECT user_id, due_at, correlation_id FROM sync.claim_due_pairs(%s, %s)", [now, limit]
    ).fetchall()

"""Run the SQL of repairs, in the caller's transaction, as their owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection, sql
from psycopg.rows import DictRow, class_row, dict_row
from psycopg.types.json import Jsonb

from musicconnect.platform.text import storable_value
from musicconnect.platform.work.lease import Lease, LeaseLostError

MAX_EARLY = timedelta(seconds=1)
"""A message may come this much before its repair is due: SQS counts whole seconds."""
OPEN = ("checking", "applying", "undoing")
"""The states in which a worker has something to do."""


@dataclass(slots=True, kw_only=True)
class RepairRow:
    """A repair as its worker knows it."""

    id: int
    user_id: int
    provider: str
    playlist_id: str
    country: str | None
    status: str
    entries: list[dict[str, Any]] | None
    """None: the playlist has not been looked at yet."""
    before: list[list[Any]] | None
    counts: dict[str, Any]
    cost: dict[str, Any]
    set_id: int | None
    undo_set_id: int | None
    attempts: int
    schedule_id: int | None
    """Of the schedule whose check it is."""


_ROW: LiteralString = """
    r.id, r.user_id, r.provider, r.playlist_id, r.country, r.status, r.entries, r.before, r.counts, r.cost,
    r.set_id, r.undo_set_id, r.attempts, r.schedule_id"""


def claim(connection: Connection[Any], lease: Lease, *, now: datetime) -> RepairRow | None:
    """Claim the lease; None while somebody has it, or where nothing is due."""
    with connection.cursor(row_factory=class_row(RepairRow)) as cursor:
        return cursor.execute(
            f"""
            UPDATE sync.repairs r SET lease_token = %(token)s, lease_until = %(until)s
            WHERE r.id = %(id)s AND r.status = ANY (%(open)s) AND r.due_at <= %(due)s
              AND (r.lease_until IS NULL OR r.lease_until <= %(now)s)
            RETURNING {_ROW}""",  # noqa: S608 - constants
            {
                "id": lease.id, "token": lease.token, "until": lease.until, "now": now,
                "due": now + MAX_EARLY, "open": list(OPEN),
            },
        ).fetchone()  # fmt: skip


def write(connection: Connection[Any], lease: Lease, *, now: datetime, changes: Mapping[str, Any]) -> None:
    """Change a repair if the lease still holds. Raises `LeaseLostError`; then nothing was written."""
    query = sql.SQL(
        "UPDATE sync.repairs SET {} "
        "WHERE id = %(_id)s AND lease_token = %(_token)s AND lease_until > %(_now)s"
    ).format(_assignments(changes))
    values = _values(changes) | {"_id": lease.id, "_token": lease.token, "_now": now}
    if connection.execute(query, values).rowcount == 0:
        raise LeaseLostError


def create(connection: Connection[Any], values: Mapping[str, Any]) -> int:
    """Make a repair that is due at once; gives its id."""
    row = connection.execute(
        """
        INSERT INTO sync.repairs (user_id, provider, playlist_id, name, country, created_at, expires_at,
            due_at, enqueued_at, correlation_id)
        VALUES (%(user_id)s, %(provider)s, %(playlist_id)s, %(name)s, %(country)s, %(now)s, %(expires)s,
            %(now)s, %(now)s, %(correlation_id)s)
        RETURNING id""",
        values,
    ).fetchone()
    assert row is not None
    repair_id: int = row[0]
    return repair_id


def lock(connection: Connection[Any], user_id: int) -> None:
    """Keep others from making repairs of a person until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('sync.repairs', %s))", [user_id])


_SHOWN: LiteralString = f"""
    SELECT {_ROW}, r.name, r.status_code, r.status_params, r.created_at, r.finished_at, r.due_at,
           r.expires_at
    FROM sync.repairs r"""  # noqa: S608 - constants


def get(connection: Connection[Any], repair_id: int, *, is_locked: bool = False) -> DictRow | None:
    """Get a repair; None if there is none. ``is_locked``: nobody changes it until the transaction ends."""
    lock_clause = " FOR UPDATE" if is_locked else ""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SHOWN + " WHERE r.id = %s" + lock_clause, [repair_id]).fetchone()


def get_many(connection: Connection[Any], repair_ids: Sequence[int]) -> dict[int, DictRow]:
    """Get repairs by their ids; those that there are."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SHOWN + " WHERE r.id = ANY(%s)", [list(repair_ids)]).fetchall()
    return {row["id"]: row for row in rows}


def list_page(connection: Connection[Any], *, before: int | None, limit: int) -> list[DictRow]:
    """List the person's repairs, the latest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            _SHOWN + " WHERE r.user_id = core.current_user_id() "
            "AND (%(before)s::bigint IS NULL OR r.id < %(before)s) ORDER BY r.id DESC LIMIT %(limit)s",
            {"before": before, "limit": limit},
        ).fetchall()


def list_checked(
    connection: Connection[Any],
    provider: str | None,
    *,
    with_dead: bool,
    after: tuple[str, str] | None,
    limit: int,
) -> list[DictRow]:
    """List the person's playlists that were checked, by provider and id, each as its latest check has it.

    ``dead`` and ``checked_at`` are None where no check has ended yet.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            WITH latest AS (
                SELECT r.provider, r.playlist_id, max(r.id) AS any_id,
                       bool_or(r.status = 'checking') AS is_being_checked,
                       max(r.id) FILTER (WHERE r.counts ? 'dead') AS ended_id
                FROM sync.repairs r
                WHERE r.user_id = core.current_user_id()
                  AND (%(provider)s::text IS NULL OR r.provider = %(provider)s)
                  AND (%(id)s::text IS NULL OR (r.provider, r.playlist_id) > (%(after)s, %(id)s))
                GROUP BY r.provider, r.playlist_id
            ), checked AS (
                SELECT l.provider, l.playlist_id, coalesce(l.ended_id, l.any_id) AS repair_id,
                       l.is_being_checked,
                       -- What was taken back stands there dead again.
                       (e.counts ->> 'dead')::integer - CASE WHEN e.status = 'undone' THEN 0
                           ELSE coalesce((e.counts ->> 'replaced')::integer, 0) END AS dead,
                       e.created_at AS checked_at
                FROM latest l LEFT JOIN sync.repairs e ON e.id = l.ended_id
            )
            SELECT * FROM checked
            WHERE NOT %(with_dead)s OR dead > 0
            ORDER BY provider, playlist_id LIMIT %(limit)s""",
            {
                "provider": provider, "with_dead": with_dead, "after": after and after[0],
                "id": after and after[1], "limit": limit,
            },
        ).fetchall()  # fmt: skip


def find_open(connection: Connection[Any]) -> list[tuple[str, str]]:
    """List the playlists of the person's repairs that are in work: provider, and its id."""
    return connection.execute(
        "SELECT provider, playlist_id FROM sync.repairs "
        "WHERE user_id = core.current_user_id() AND status = ANY (%s)",
        [list(OPEN)],
    ).fetchall()


def change(connection: Connection[Any], repair_id: int, **changes: Any) -> None:
    """Change a repair as its person wishes."""
    query = sql.SQL("UPDATE sync.repairs SET {} WHERE id = %(_id)s").format(_assignments(changes))
    connection.execute(query, _values(changes) | {"_id": repair_id})


def claim_due(connection: Connection[Any], now: datetime, limit: int) -> list[tuple[int, int, datetime, str]]:
    """Claim due repairs across people: id, person, due time, correlation id."""
    return connection.execute(
        "SELECT id, user_id, due_at, correlation_id FROM sync.claim_due_repairs(%s, %s)", [now, limit]
    ).fetchall()


def _assignments(changes: Mapping[str, Any]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in changes
    )


def _values(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: Jsonb(storable_value(value)) if isinstance(value, dict | list) else value
        for name, value in changes.items()
    }

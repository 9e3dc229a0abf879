"""The SQL of change sets. Every function runs in the caller's transaction, as the set's owner."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from musicconnect.changes.model import ChangeSet, Draft, Entry, Kind, Operation, State
from musicconnect.platform.status import Status
from musicconnect.platform.text import storable_value

RETENTION = timedelta(days=28)
"""Shorter than the 30 days for which YouTube lets anybody keep what it said."""


def create(
    connection: Connection[Any],
    *,
    user_id: int,
    owner: str,
    owner_id: int,
    draft: Draft,
    now: datetime,
    undo_of: int | None = None,
) -> int:
    """Store edits before anything is written; gives the set's id.

    ``owner`` and ``owner_id`` say whose they are: ``sync`` and a run, ``migrations`` and a playlist.
    """
    row = connection.execute(
        """
        INSERT INTO changes.sets
            (user_id, owner, owner_id, provider, playlist_id, before, version, undo_of, created_at,
             expires_at)
        VALUES (%(user)s, %(owner)s, %(owner_id)s, %(provider)s, %(playlist)s, %(before)s, %(version)s,
                %(undo_of)s, %(now)s, %(expires)s)
        RETURNING id""",
        {
            "user": user_id, "owner": owner, "owner_id": owner_id, "provider": draft.provider,
            "playlist": draft.playlist_id, "version": draft.version, "undo_of": undo_of, "now": now,
            "expires": now + RETENTION,
            "before": Jsonb(storable_value([list(astuple(entry)) for entry in draft.before])),
        },
    ).fetchone()  # fmt: skip
    assert row is not None
    connection.execute(
        """
        INSERT INTO changes.operations
            (set_id, user_id, number, kind, ref, track_id, after_ref, requires, name, description, title,
             artist, reason, subject, restores)
        SELECT %(set)s, %(user)s, r.number, r.kind, r.ref, r.track_id, r.after, r.requires, r.name,
               r.description, r.title, r.artist, r.reason, r.subject,
               r.restores
        FROM jsonb_to_recordset(%(rows)s) AS r (number integer, kind text, ref text, track_id text,
            after text, requires integer, name text, description text, title text, artist text,
            reason jsonb, subject bigint, restores jsonb)""",
        {"set": row[0], "user": user_id, "rows": _rows(draft.operations)},
    )
    set_id: int = row[0]
    return set_id


def load(connection: Connection[Any], set_id: int) -> ChangeSet | None:
    """Load a set with its journal; None where it has expired, or is somebody else's."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            """
            SELECT s.id, s.user_id, s.provider, s.playlist_id, s.before, s.status, s.version,
                   coalesce((SELECT jsonb_agg(to_jsonb(o) ORDER BY o.number) FROM changes.operations o
                             WHERE o.set_id = s.id), '[]') AS operations
            FROM changes.sets s WHERE s.id = %s""",
            [set_id],
        ).fetchone()
    if row is None:
        return None
    before = [Entry(*entry) for entry in row.pop("before")]
    operations = [_operation(one) for one in row.pop("operations")]
    return ChangeSet(before=before, operations=operations, **row)


def of_owner(connection: Connection[Any], owner: str, owner_id: int) -> list[int]:
    """List the ids of an owner's sets, oldest first."""
    rows = connection.execute(
        "SELECT id FROM changes.sets WHERE owner = %s AND owner_id = %s ORDER BY id", [owner, owner_id]
    ).fetchall()
    return [row[0] for row in rows]


def discard(connection: Connection[Any], set_id: int, now: datetime, reason: Status | None = None) -> None:
    """Give up a set of which nothing, or nothing more, is to be written.

    ``reason``: why what is open of it is dropped; None: it stays as it was planned, to be looked at.
    """
    connection.execute(
        """
        UPDATE changes.sets SET status = 'discarded', finished_at = %s
        WHERE id = %s AND status IN ('planned', 'running')""",
        [now, set_id],
    )
    if reason is not None:
        connection.execute(
            """
            UPDATE changes.operations SET state = 'dropped', error = %s
            WHERE set_id = %s AND state IN ('planned', 'intended')""",
            [Jsonb(reason.to_json()), set_id],
        )


def save(
    connection: Connection[Any], set_id: int, operations: Sequence[Operation], now: datetime, *, is_done: bool
) -> None:
    """Record what became of operations; the set is being written from then on, or done."""
    status = "done" if is_done else "running"
    connection.execute(
        """
        WITH held AS (
            UPDATE changes.sets
            SET status = %(status)s, started_at = coalesce(started_at, %(now)s),
                finished_at = CASE WHEN %(status)s = 'done' THEN %(now)s END
            WHERE id = %(set)s RETURNING id)
        UPDATE changes.operations o
        SET state = r.state, item_id = r.item_id, is_misplaced = r.is_misplaced, error = r.error,
            intended_at = r.intended_at, restores = r.restores
        FROM held, jsonb_to_recordset(%(rows)s) AS r (number integer, state text, item_id text,
            is_misplaced boolean, error jsonb, intended_at timestamptz, restores jsonb)
        WHERE o.set_id = held.id AND o.number = r.number""",
        {"set": set_id, "status": status, "now": now, "rows": _rows(operations)},
    )


def _rows(operations: Sequence[Operation]) -> Jsonb:
    return Jsonb(storable_value([_row(one) for one in operations]))


def _row(operation: Operation) -> dict[str, Any]:
    row = asdict(operation)
    row["intended_at"] = operation.intended_at and operation.intended_at.isoformat()
    row["reason"] = operation.reason.to_json()
    row["error"] = operation.error and operation.error.to_json()
    return row


def _operation(row: Mapping[str, Any]) -> Operation:
    intended_at = row["intended_at"]
    return Operation(
        number=row["number"],
        kind=Kind(row["kind"]),
        ref=row["ref"],
        track_id=row["track_id"],
        after=row["after_ref"],
        requires=row["requires"],
        name=row["name"],
        description=row["description"],
        title=row["title"],
        artist=row["artist"],
        reason=Status.from_json(row["reason"]),
        subject=row["subject"],
        state=State(row["state"]),
        item_id=row["item_id"],
        is_misplaced=row["is_misplaced"],
        error=row["error"] and Status.from_json(row["error"]),
        intended_at=intended_at and datetime.fromisoformat(intended_at),
        restores=[(ref, after) for ref, after in row["restores"]],
    )

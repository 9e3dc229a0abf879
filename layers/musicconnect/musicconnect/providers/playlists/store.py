"""The SQL of playlist snapshots and how they are kept. Every function runs in the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from musicconnect.music.model import Playlist, ProviderName
from musicconnect.platform.status import Reader, Status
from musicconnect.platform.text import storable
from musicconnect.platform.work.lease import Lease
from musicconnect.providers.status_text import render

type SyncStatus = Literal["pending", "running", "completed", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow:
    """What is kept of one playlist."""

    id: int
    provider: ProviderName
    provider_playlist_id: str
    name: str
    description: str
    track_count: int
    is_own: bool
    is_liked: bool
    last_synced_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRow:
    """How the reading of an account's playlists stands; mostly None before the first one."""

    account_id: int
    provider: ProviderName
    status: SyncStatus | None
    status_code: str | None
    status_params: dict[str, Any] | None
    started_at: datetime | None
    finished_at: datetime | None
    due_at: datetime | None
    playlists: int
    """How many are known at present."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRun:
    """A run that is in this worker's hands."""

    account_id: int
    provider: ProviderName
    cursor: str | None
    started_at: datetime
    attempts: int


_SNAPSHOT = """
    SELECT s.id, a.provider, s.provider_playlist_id, s.name, s.description, s.track_count, s.is_own,
           s.is_liked, s.last_synced_at
    FROM providers.playlist_snapshots s JOIN providers.accounts a ON a.id = s.account_id
    WHERE s.user_id = core.current_user_id()"""


def snapshots(
    connection: Connection[Any], *, provider: ProviderName | None, after: int, most: int
) -> list[SnapshotRow]:
    """The person's playlists in the order in which they became known."""
    with connection.cursor(row_factory=class_row(SnapshotRow)) as cursor:
        return cursor.execute(
            _SNAPSHOT
            + """
              AND s.id > %(after)s AND (%(provider)s::text IS NULL OR a.provider = %(provider)s)
            ORDER BY s.id LIMIT %(most)s""",
            {"provider": provider, "after": after, "most": most},
        ).fetchall()


def find_snapshots(
    connection: Connection[Any], provider: ProviderName, ids: Sequence[str] | None, limit: int
) -> list[SnapshotRow]:
    """List the person's playlists with a provider: those with these ids, or all."""
    with connection.cursor(row_factory=class_row(SnapshotRow)) as cursor:
        return cursor.execute(
            _SNAPSHOT
            + """
              AND a.provider = %(provider)s
              AND (%(ids)s::text[] IS NULL OR s.provider_playlist_id = ANY (%(ids)s))
            ORDER BY s.id LIMIT %(limit)s""",
            {"provider": provider, "ids": ids, "limit": limit},
        ).fetchall()


def snapshot(connection: Connection[Any], playlist_id: int) -> SnapshotRow | None:
    """One of the person's playlists."""
    with connection.cursor(row_factory=class_row(SnapshotRow)) as cursor:
        return cursor.execute(_SNAPSHOT + " AND s.id = %s", [playlist_id]).fetchone()


def syncs(connection: Connection[Any]) -> list[SyncRow]:
    """How it stands for each of the person's accounts."""
    with connection.cursor(row_factory=class_row(SyncRow)) as cursor:
        return cursor.execute(
            """
            SELECT a.id AS account_id, a.provider, y.status, y.status_code, y.status_params, y.started_at,
                   y.finished_at, y.due_at,
                   (SELECT count(*) FROM providers.playlist_snapshots s WHERE s.account_id = a.id) playlists
            FROM providers.accounts a LEFT JOIN providers.snapshot_syncs y ON y.account_id = a.id
            WHERE a.user_id = core.current_user_id() ORDER BY a.id"""
        ).fetchall()


def request_sync(
    connection: Connection[Any], *, account_id: int, user_id: int, state: Status, now: datetime
) -> bool:
    """Ask for a run; one that is under way goes on.

    False if it is in a worker's hands or waits for its time.
    """
    return (
        connection.execute(
            """
            INSERT INTO providers.snapshot_syncs AS y
                (account_id, user_id, status, status_message, status_code, status_params, due_at, enqueued_at)
            VALUES (%(account)s, %(user)s, 'pending', %(message)s, %(code)s, %(params)s, %(now)s, %(now)s)
            ON CONFLICT (account_id) DO UPDATE
            SET status = CASE WHEN y.status = 'running' THEN y.status ELSE 'pending' END,
                status_message =
                    CASE WHEN y.status = 'running' THEN y.status_message ELSE excluded.status_message END,
                status_code = CASE WHEN y.status = 'running' THEN y.status_code ELSE excluded.status_code END,
                status_params =
                    CASE WHEN y.status = 'running' THEN y.status_params ELSE excluded.status_params END,
                cursor = CASE WHEN y.status = 'running' THEN y.cursor END,
                started_at = CASE WHEN y.status = 'running' THEN y.started_at END,
                finished_at = CASE WHEN y.status = 'running' THEN y.finished_at END,
                attempts = CASE WHEN y.status = 'running' THEN y.attempts ELSE 0 END,
                due_at = excluded.due_at,
                enqueued_at = excluded.enqueued_at
            WHERE y.status IN ('completed', 'failed')
               OR (y.due_at <= %(now)s AND (y.lease_until IS NULL OR y.lease_until <= %(now)s))""",
            {"account": account_id, "user": user_id, "now": now, **_columns(state, now)},
        ).rowcount
        > 0
    )


def claim_sync(
    connection: Connection[Any], lease: Lease, *, state: Status, now: datetime, due_by: datetime
) -> SyncRun | None:
    """Take a run that is due and in nobody's hands; None if it is not, or not of the person's account.

    What was finished begins again from the start.
    """
    with connection.cursor(row_factory=class_row(SyncRun)) as cursor:
        return cursor.execute(
            """
            UPDATE providers.snapshot_syncs y
            SET lease_token = %(token)s, lease_until = %(until)s, status = 'running',
                status_message = %(message)s, status_code = %(code)s, status_params = %(params)s,
                finished_at = NULL,
                cursor = CASE WHEN y.status IN ('pending', 'running') THEN y.cursor END,
                attempts = CASE WHEN y.status IN ('pending', 'running') THEN y.attempts ELSE 0 END,
                started_at = CASE WHEN y.status IN ('pending', 'running')
                                  THEN coalesce(y.started_at, %(now)s) ELSE %(now)s END
            FROM providers.accounts a
            WHERE a.id = y.account_id AND y.account_id = %(account)s AND y.user_id = core.current_user_id()
              AND y.due_at <= %(due_by)s AND (y.lease_until IS NULL OR y.lease_until <= %(now)s)
            RETURNING y.account_id, a.provider, y.cursor, y.started_at, y.attempts""",
            {
                "account": lease.id,
                "token": lease.token,
                "now": now,
                "due_by": due_by,
                "until": lease.until,
                **_columns(state, now),
            },
        ).fetchone()


def lock_account(connection: Connection[Any], account_id: int) -> bool:
    """Keep an account from being deleted until the transaction ends; False if it is gone.

    To be taken before the row of the run: whoever unlinks holds the account and then wants that row, so that
    the other order would be a deadlock.
    """
    return (
        connection.execute(
            "SELECT 1 FROM providers.accounts WHERE id = %s FOR KEY SHARE", [account_id]
        ).fetchone()
        is not None
    )


def save_page(connection: Connection[Any], lease: Lease, cursor: str | None) -> bool:
    """Move on to the next page and hold on for longer; False if somebody else has the run by now."""
    return (
        connection.execute(
            """
            UPDATE providers.snapshot_syncs SET cursor = %s, lease_until = %s, attempts = 0
            WHERE account_id = %s AND lease_token = %s""",
            [cursor, lease.until, lease.id, lease.token],
        ).rowcount
        > 0
    )


def finish_step(
    connection: Connection[Any],
    lease: Lease,
    *,
    status: SyncStatus,
    state: Status,
    now: datetime,
    due_at: datetime | None,
    enqueued_at: datetime | None = None,
    attempts: int = 0,
    restart: bool = False,
) -> bool:
    """Release a run; False if somebody else has it by now.

    Args:
        connection: The transaction.
        lease: The worker's.
        status: What it is now.
        state: The same for the user.
        now: The current time.
        due_at: When to work on it again; None: not before it is asked for.
        enqueued_at: When a message about it is, or will be, on the queue.
        attempts: Failures in a row.
        restart: Whether to begin again with the first page.
    """
    is_over = status in ("completed", "failed")
    return (
        connection.execute(
            """
            UPDATE providers.snapshot_syncs
            SET status = %(status)s, status_message = %(message)s, status_code = %(code)s,
                status_params = %(params)s, finished_at = %(finished)s, due_at = %(due)s,
                enqueued_at = %(enqueued)s, attempts = %(attempts)s,
                cursor = CASE WHEN %(restart)s THEN NULL ELSE cursor END,
                lease_token = NULL, lease_until = NULL
            WHERE account_id = %(account)s AND lease_token = %(token)s""",
            {
                "status": status, "finished": now if is_over else None, "due": due_at,
                "enqueued": enqueued_at, "attempts": attempts, "restart": restart or is_over,
                "account": lease.id, "token": lease.token, **_columns(state, now),
            },
        ).rowcount
        > 0
    )  # fmt: skip


def upsert_snapshots(
    connection: Connection[Any],
    *,
    account_id: int,
    user_id: int,
    playlists: Iterable[Playlist],
    now: datetime,
) -> None:
    """Keep what a page told."""
    # A page that shifted while it was read can name a playlist twice.
    rows = list({playlist.id: playlist for playlist in playlists}.values())
    if not rows:
        return
    connection.execute(
        """
        INSERT INTO providers.playlist_snapshots
            (account_id, user_id, provider_playlist_id, name, description, track_count, version, is_own,
             is_liked, last_synced_at, created_at)
        SELECT %(account)s, %(user)s, p.*, %(now)s, %(now)s
        FROM unnest(%(ids)s::text[], %(names)s::text[], %(descriptions)s::text[], %(counts)s::integer[],
                    %(versions)s::text[], %(own)s::boolean[], %(liked)s::boolean[]) AS p
        ON CONFLICT (account_id, provider_playlist_id) DO UPDATE
        SET name = excluded.name, description = excluded.description, track_count = excluded.track_count,
            version = excluded.version, is_own = excluded.is_own, is_liked = excluded.is_liked,
            last_synced_at = excluded.last_synced_at""",
        {
            "account": account_id,
            "user": user_id,
            "now": now,
            "ids": [storable(row.id) for row in rows],
            "names": [storable(row.name) for row in rows],
            "descriptions": [storable(row.description) for row in rows],
            "counts": [row.track_count for row in rows],
            "versions": [row.version and storable(row.version) for row in rows],
            "own": [row.is_own for row in rows],
            "liked": [row.is_liked for row in rows],
        },
    )


def delete_unseen(connection: Connection[Any], *, account_id: int, since: datetime) -> None:
    """Forget the playlists that a complete run has not seen."""
    connection.execute(
        "DELETE FROM providers.playlist_snapshots WHERE account_id = %s AND last_synced_at < %s",
        [account_id, since],
    )


def clear_no_channel(connection: Connection[Any], account_id: int, now: datetime) -> None:
    """A run that went through shows that the channel is there."""
    connection.execute(
        """
        UPDATE providers.accounts SET status = 'active', status_reason = NULL, status_since = %s
        WHERE id = %s AND status = 'no_channel'""",
        [now, account_id],
    )


def claim_due_syncs(connection: Connection[Any], now: datetime, most: int) -> list[tuple[int, int]]:
    """Account and owner of runs that are due, claimed for five minutes."""
    return connection.execute(
        "SELECT account_id, user_id FROM providers.claim_due_syncs(%s, %s)", [now, most]
    ).fetchall()


def _columns(state: Status, now: datetime) -> dict[str, Any]:
    """Give a state's code and params, and its words for those who read the table itself."""
    return {
        "code": state.code,
        "params": Jsonb(dict(state.params)),
        "message": render(state, Reader(now)),
    }

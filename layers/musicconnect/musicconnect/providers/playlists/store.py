"""The SQL of playlist snapshots and their syncs. Every function runs in the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, LiteralString

from psycopg import Connection, sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from musicconnect.music.model import Playlist, ProviderName
from musicconnect.platform.status import Reader, Status
from musicconnect.platform.text import storable
from musicconnect.platform.work.lease import Lease
from musicconnect.providers.playlists.sort_order import SortOrder
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
    owner: str | None
    is_public: bool | None
    last_synced_at: datetime
    sort_name: str
    """The name as a list is sorted by it: the database's idea of lower case."""


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
    """A claimed run."""

    account_id: int
    provider: ProviderName
    cursor: str | None
    started_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOutcome:
    """How a worker's share of a run ends."""

    status: SyncStatus
    state: Status
    """The same for the user."""
    due_at: datetime | None
    """When to work on it again; None: not before it is asked for."""
    attempts: int = 0
    """Failures in a row."""
    restart: bool = False
    """Whether to begin again with the first page."""

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.status in ("completed", "failed")


SORTED_BY: Final[dict[SortOrder, tuple[LiteralString, LiteralString]]] = {
    "known": ("s.id", "ASC"),
    "name": ("lower(s.name)", "ASC"),
    "tracks": ("s.track_count", "DESC"),
}
"""What a list of playlists is sorted by, and which way."""

_SNAPSHOT: LiteralString = """
    SELECT s.id, a.provider, s.provider_playlist_id, s.name, s.description, s.track_count, s.is_own,
           s.is_liked, s.owner, s.is_public, s.last_synced_at,
           lower(s.name) AS sort_name
    FROM providers.playlist_snapshots s JOIN providers.accounts a ON a.id = s.account_id
    WHERE s.user_id = core.current_user_id()"""


def snapshots(
    connection: Connection[Any],
    *,
    provider: ProviderName | None,
    words: str | None = None,
    sort: SortOrder = "known",
    after: tuple[str | int, int] | None,
    limit: int,
) -> list[SnapshotRow]:
    """List the person's playlists.

    Args:
        connection: In a transaction of the person.
        provider: Of this one only.
        words: What their names have to contain, in any case.
        sort: `SORTED_BY` says by what; equal ones in the order in which they became known.
        after: Of the last one seen, what it is sorted by and its id.
        limit: How many.
    """
    key, direction = SORTED_BY[sort]
    query = sql.SQL(_SNAPSHOT) + sql.SQL(
        """
          AND (%(provider)s::text IS NULL OR a.provider = %(provider)s)
          AND (%(words)s::text IS NULL OR strpos(lower(s.name), lower(%(words)s)) > 0)
          AND (%(after_id)s::bigint IS NULL OR ({key}, s.id) {comparison} (%(after)s, %(after_id)s))
        ORDER BY {key} {direction}, s.id {direction} LIMIT %(limit)s"""
    ).format(
        key=sql.SQL(key),
        direction=sql.SQL(direction),
        comparison=sql.SQL("<" if direction == "DESC" else ">"),
    )
    with connection.cursor(row_factory=class_row(SnapshotRow)) as cursor:
        return cursor.execute(
            query,
            {
                "provider": provider, "words": words, "limit": limit,
                "after": after and after[0], "after_id": after and after[1],
            },
        ).fetchall()  # fmt: skip


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
    """Get one of the person's playlists."""
    with connection.cursor(row_factory=class_row(SnapshotRow)) as cursor:
        return cursor.execute(_SNAPSHOT + " AND s.id = %s", [playlist_id]).fetchone()


def syncs(connection: Connection[Any]) -> list[SyncRow]:
    """List the syncs of the person's accounts."""
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
    """Request a run; one that is under way goes on. False if a worker has it or it waits for its time."""
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
    """Claim a run that is due and nobody's; None if it is not, or not of the person's account.

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
                "account": lease.id, "token": lease.token, "now": now, "due_by": due_by,
                "until": lease.until, **_columns(state, now),
            },
        ).fetchone()  # fmt: skip


def lock_account(connection: Connection[Any], account_id: int) -> bool:
    """Keep an account from being deleted until the transaction ends; False if it is gone.

    To be taken before the row of the run: whoever unlinks holds the account and then wants that row, so that
    the other order would be a deadlock.
    """
    found = connection.execute("SELECT 1 FROM providers.accounts WHERE id = %s FOR KEY SHARE", [account_id])
    return found.fetchone() is not None


def save_page(connection: Connection[Any], lease: Lease, cursor: str | None) -> bool:
    """Save the next page's cursor and extend the lease; False if somebody else has the run by now."""
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
    outcome: SyncOutcome,
    *,
    now: datetime,
    enqueued_at: datetime | None = None,
) -> bool:
    """Release a run, with a message queued for ``enqueued_at``; False if it is another worker's by now."""
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
                "status": outcome.status, "finished": now if outcome.is_over else None,
                "due": outcome.due_at, "enqueued": enqueued_at, "attempts": outcome.attempts,
                "restart": outcome.restart or outcome.is_over,
                "account": lease.id, "token": lease.token, **_columns(outcome.state, now),
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
    """Save the playlists of a page."""
    # A page that shifted while it was read can name a playlist twice.
    rows = list({playlist.id: playlist for playlist in playlists}.values())
    if not rows:
        return
    connection.execute(
        """
        INSERT INTO providers.playlist_snapshots
            (account_id, user_id, provider_playlist_id, name, description, track_count, version, is_own,
             is_liked, owner, is_public, last_synced_at, created_at)
        SELECT %(account)s, %(user)s, p.*, %(now)s, %(now)s
        FROM unnest(%(ids)s::text[], %(names)s::text[], %(descriptions)s::text[], %(counts)s::integer[],
                    %(versions)s::text[], %(own)s::boolean[], %(liked)s::boolean[],
                    %(owners)s::text[], %(public)s::boolean[]) AS p
        ON CONFLICT (account_id, provider_playlist_id) DO UPDATE
        SET name = excluded.name, description = excluded.description, track_count = excluded.track_count,
            version = excluded.version, is_own = excluded.is_own, is_liked = excluded.is_liked,
            owner = excluded.owner, is_public = excluded.is_public,
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
            "owners": [row.owner and storable(row.owner) for row in rows],
            "public": [row.is_public for row in rows],
        },
    )


def delete_unseen(connection: Connection[Any], *, account_id: int, since: datetime) -> list[int]:
    """Delete the playlists that a complete run has not seen; gives those of them that were shared."""
    rows = connection.execute(
        """
        DELETE FROM providers.playlist_snapshots s WHERE s.account_id = %s AND s.last_synced_at < %s
        RETURNING s.id, EXISTS (
            SELECT FROM providers.shares h WHERE h.playlist_id = s.id AND h.paused_at IS NULL)""",
        [account_id, since],
    ).fetchall()
    return [int(row[0]) for row in rows if row[1]]


def clear_no_channel(connection: Connection[Any], account_id: int, now: datetime) -> None:
    """Make an account active again once a run shows that the channel is there."""
    connection.execute(
        """
        UPDATE providers.accounts SET status = 'active', status_reason = NULL, status_since = %s
        WHERE id = %s AND status = 'no_channel'""",
        [now, account_id],
    )


def claim_due_syncs(connection: Connection[Any], now: datetime, limit: int) -> list[tuple[int, int]]:
    """Account and owner of runs that are due, claimed for five minutes."""
    return connection.execute(
        "SELECT account_id, user_id FROM providers.claim_due_syncs(%s, %s)", [now, limit]
    ).fetchall()


def _columns(state: Status, now: datetime) -> dict[str, Any]:
    """Give a state's code and params, and its words for those who read the table itself."""
    message = render(state, Reader(now))
    return {"code": state.code, "params": Jsonb(dict(state.params)), "message": message}

"""Run the engine's SQL, in the caller's transaction, as the owner of the migration.

Whatever a worker writes goes through ``write``, one statement that first touches the playlist's row under the
worker's lease. A worker that has lost the lease, or whose lease has run out, changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from musicconnect.migrations import status_text
from musicconnect.migrations.engine.transitions import Counts, Stage
from musicconnect.music.model import ListKind
from musicconnect.platform import clock
from musicconnect.platform.status import Reader, Status
from musicconnect.platform.text import storable_value
from musicconnect.platform.work.lease import Lease, LeaseLostError
from musicconnect.providers.protocol import Privacy

MAX_EARLY = timedelta(seconds=1)
"""A message may come this much before its playlist is due: SQS counts whole seconds."""
STARTING = Status("starting")


class StoppedError(Exception):
    """The person paused or cancelled the migration. What was to be written is written."""

    def __init__(self, stop: str) -> None:
        super().__init__(stop)
        self.stop = stop


@dataclass(slots=True, kw_only=True)
class PlaylistRow:
    """A playlist as its worker knows it. Nobody else changes it while the lease lasts."""

    id: int
    user_id: int
    job_id: int
    source_provider: str
    target_provider: str
    source_playlist_id: str
    source_name: str
    source_description: str
    source_version: str | None
    """None: reading has not begun."""
    source_cursor: str | None
    read_count: int
    reread_count: int
    target_playlist_id: str | None
    target_name: str | None
    marker: str
    create_intended_at: datetime | None
    write_intended_at: datetime | None
    write_batch: int | None
    target_read: dict[str, Any] | None
    look_count: int
    repair_count: int
    stage: Stage
    attempts: int
    track_count: int
    matched_count: int
    failed_count: int
    review_count: int
    written_count: int
    is_update: bool
    """Adds to the target of an earlier migration."""
    change_set_id: int | None
    """The edits of the target that are being made."""
    sorts_itself: bool
    """The target has refused a position."""
    may_rewrite: bool
    """Its person accepts what mending it costs then."""
    part: int
    """Which of the playlists that its source becomes, from 1."""
    parts: int | None
    """How many those are; None: it has not been looked at yet."""
    into_likes: bool
    """Its target are the person's likes or a part of their library: a set, in which the last one written is
    listed first."""
    kind: ListKind
    """What it holds: tracks, or artists or albums, each of which stands as a track of its own."""
    is_adopted: bool
    """Of an update: what the target holds already is marked as written."""
    kept_count: int
    """Of an update: entries gone from the source that were left there, since they were too many at once."""
    remove_missing: bool
    dry_run: bool
    is_rollback: bool
    privacy: Privacy
    stop: str | None
    """What the person wants instead: ``cancel``, or nothing else."""

    def __post_init__(self) -> None:
        self.stage = Stage(self.stage)
        self.kind = ListKind(self.kind)

    @property
    def counts(self) -> Counts:
        """Give how far its tracks are."""
        names = ("track", "matched", "failed", "review", "written")
        return Counts(*(getattr(self, f"{name}_count") for name in names))


def claim(connection: Connection[Any], lease: Lease, *, now: datetime) -> PlaylistRow | None:
    """Claim the lease; None when somebody has it, or the playlist is not due or finished."""
    with connection.cursor(row_factory=class_row(PlaylistRow)) as cursor:
        row = cursor.execute(
            """
            UPDATE migrations.playlists p
            SET lease_token = %(token)s, lease_until = %(until)s, status = 'running', waiting_for = NULL,
                status_code = CASE p.status WHEN 'pending' THEN 'starting' ELSE p.status_code END,
                keeps_facts = true
            FROM migrations.jobs j
            WHERE p.id = %(id)s AND j.id = p.job_id AND j.stop IS DISTINCT FROM 'pause'
              AND p.status IN ('pending', 'running')
              AND p.due_at <= %(due)s AND (p.lease_until IS NULL OR p.lease_until <= %(now)s)
            RETURNING p.id, p.user_id, p.job_id, j.source_provider, j.target_provider, p.source_playlist_id,
                p.source_name, p.source_description, p.source_version, p.source_cursor, p.read_count,
                p.reread_count, p.target_playlist_id, p.target_name, p.marker, p.create_intended_at,
                p.write_intended_at, p.write_batch, p.target_read, p.look_count, p.repair_count, p.stage,
                p.attempts, p.track_count, p.matched_count, p.failed_count, p.review_count, p.written_count,
                p.is_update, p.part, p.parts, p.into_likes, p.kind, p.is_adopted, p.kept_count,
                p.change_set_id,
                p.sorts_itself, p.may_rewrite, j.remove_missing, j.dry_run,
                j.is_rollback, j.privacy, j.stop
            """,
            {"id": lease.id, "token": lease.token, "until": lease.until, "now": now, "due": now + MAX_EARLY},
        ).fetchone()
    if row is not None:
        connection.execute(
            """
            UPDATE migrations.jobs
            SET status = 'running', started_at = coalesce(started_at, %(now)s), status_code = %(code)s,
                status_message = %(message)s
            WHERE id = %(id)s AND status = 'pending'
            """,
            {
                "now": now, "id": row.job_id, "code": STARTING.code,
                "message": status_text.render(STARTING, Reader(now)),
            },
        )  # fmt: skip
    return row


@dataclass(frozen=True, slots=True)
class TrackChange:
    """A change of tracks that goes together with one of their playlist.

    ``statement`` is one data-modifying statement that joins ``held`` (the playlist's row, or no row when the
    lease is lost) and takes ``rows`` as a JSON array.
    """

    statement: LiteralString
    rows: Sequence[Mapping[str, Any]] = ()


def write(
    connection: Connection[Any],
    lease: Lease,
    *,
    now: datetime,
    changes: Mapping[str, Any],
    tracks: TrackChange | None = None,
) -> str | None:
    """Change the playlist's row, and its tracks, if the lease still holds; in one statement.

    Gives ``pause`` or ``cancel`` where the person has asked for that. Raises `LeaseLostError` when the lease
    does not hold; the transaction must be rolled back.
    """
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in changes
    )
    query = sql.SQL(
        "WITH held AS (UPDATE migrations.playlists SET {} "
        "WHERE id = %(_id)s AND lease_token = %(_token)s AND lease_until > %(_now)s "
        "RETURNING id, user_id, job_id){} "
        "SELECT j.stop FROM held JOIN migrations.jobs j ON j.id = held.job_id"
    ).format(
        assignments,
        sql.SQL("") if tracks is None else sql.SQL(", changed AS ({})").format(sql.SQL(tracks.statement)),
    )
    parameters: dict[str, Any] = {
        column: _json(value) if isinstance(value, dict | list) else storable_value(value)
        for column, value in changes.items()
    }
    parameters |= {"_id": lease.id, "_token": lease.token, "_now": now, "_at": now}
    if tracks is not None:
        parameters["rows"] = _json([dict(row) for row in tracks.rows])
    found = connection.execute(query, parameters).fetchone()
    if found is None:
        raise LeaseLostError
    stop: str | None = found[0]
    return stop


DELETE_TRACKS: LiteralString = """
    DELETE FROM migrations.tracks t USING held
    WHERE t.playlist_migration_id = held.id"""

ADD_TRACKS: LiteralString = """
    INSERT INTO migrations.tracks (playlist_migration_id, user_id, position, source_track_id, source_title,
        source_artist, source_kind, source, outcome, status, error_code, error_params, error_message,
        created_at)
    SELECT held.id, held.user_id, r.position, r.source_track_id, r.source_title, r.source_artist,
        r.source_kind, r.source, r.outcome, r.status, r.error_code, r.error_params, r.error_message, %(_at)s
    FROM held JOIN jsonb_to_recordset(%(rows)s) AS r (playlist_migration_id bigint, position integer,
        source_track_id text, source_title text, source_artist text, source_kind text, source jsonb,
        outcome text, status text, error_code text, error_params jsonb, error_message text)
        ON coalesce(r.playlist_migration_id, held.id) = held.id"""

# The rows are looked up by their key, whatever the planner believes of a table that was filled a moment ago:
# by the index on playlists it would compare every row of a playlist with every row to be saved (170 ms
# instead of 1 ms on 10,000 tracks). The "+ 0" takes that index out of its choice.
SAVE_SEARCHES: LiteralString = """
    UPDATE migrations.tracks t
    SET status = r.status, search = r.search, outcome = r.outcome, target_track_id = r.target_track_id,
        target_title = r.target_title, target_artist = r.target_artist, target = r.target,
        match_score = r.match_score, match_parts = r.match_parts, match_reasons = r.match_reasons,
        match_codes = coalesce(r.match_codes, '{}'), matcher_version = r.matcher_version,
        candidates = r.candidates, error_code = r.error_code, error_params = r.error_params,
        error_message = r.error_message, found_by = r.found_by,
        target_fetched_at = coalesce(r.fetched_at, %(_at)s)
    FROM held, jsonb_to_recordset(%(rows)s) AS r (id bigint, status text, search jsonb, outcome text,
        target_track_id text, target_title text, target_artist text, target jsonb, match_score numeric,
        match_parts jsonb, match_reasons jsonb, match_codes text[], matcher_version integer,
        candidates jsonb, error_code text, error_params jsonb, error_message text, fetched_at timestamptz,
        found_by text)
    WHERE t.id = r.id AND t.playlist_migration_id + 0 = held.id"""

SAVE_WRITES: LiteralString = """
    UPDATE migrations.tracks t
    SET write_state = CASE WHEN r.write_state = 'gone' THEN 'none' ELSE r.write_state END,
        target_item_id = r.target_item_id,
        target_track_id = CASE WHEN r.write_state = 'gone' THEN NULL ELSE t.target_track_id END,
        search = CASE WHEN r.write_state = 'gone' THEN r.search ELSE t.search END,
        rewritten = coalesce(r.rewritten, t.rewritten), adopted = coalesce(r.adopted, t.adopted),
        status = CASE r.write_state WHEN 'refused' THEN 'failed' WHEN 'gone' THEN 'pending' ELSE t.status END,
        error_code = CASE WHEN r.write_state = 'refused' THEN r.error_code ELSE t.error_code END,
        error_params = CASE WHEN r.write_state = 'refused' THEN r.error_params ELSE t.error_params END,
        error_message = CASE WHEN r.write_state = 'refused' THEN r.error_message ELSE t.error_message END
    FROM held, jsonb_to_recordset(%(rows)s) AS r (id bigint, write_state text, target_item_id text,
        error_code text, error_params jsonb, error_message text, rewritten boolean, adopted boolean,
        search jsonb)
    WHERE t.id = r.id AND t.playlist_migration_id + 0 = held.id"""


def open_groups(
    connection: Connection[Any], playlist_id: int, limit: int, after: int = -1
) -> list[dict[str, Any]]:
    """List unmatched tracks, equal ones together: ``ids``, ``first``, ``source``, ``search``.

    In the order of their first tracks (``first``) behind ``after``, at most ``limit`` groups.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            WITH chosen AS MATERIALIZED (
                SELECT array_agg(id ORDER BY position) AS ids, min(position) AS first
                FROM migrations.tracks
                WHERE playlist_migration_id = %(id)s AND status = 'pending' AND position > %(after)s
                GROUP BY coalesce(source_track_id, '#' || position)
                ORDER BY min(position)
                LIMIT %(limit)s
            )
            SELECT c.ids, c.first, t.source, t.search
            FROM chosen c JOIN migrations.tracks t ON t.id = c.ids[1]
            ORDER BY c.first
            """,
            {"id": playlist_id, "after": after, "limit": limit},
        ).fetchall()


@dataclass(frozen=True, slots=True)
class TargetTrack:
    """A matched track, and how far its writing is."""

    id: int
    target_track_id: str
    target_title: str
    target_artist: str
    write_state: str
    target_item_id: str | None
    rewritten: bool
    """Whether it was written once more after a write that seemed not to have arrived."""
    adopted: bool
    """Whether it stood there before."""
    replaced: dict[str, Any] | None
    """What stands at its place still, and goes when it is written."""

    def change(self, write_state: str, **columns: Any) -> dict[str, Any]:
        """Make a row of `SAVE_WRITES`."""
        return {"id": self.id, "write_state": write_state, **columns}


def target_tracks(connection: Connection[Any], playlist_id: int) -> list[TargetTrack]:
    """List the matched tracks in the order in which they are to be written, up to the first pending one."""
    with connection.cursor(row_factory=class_row(TargetTrack)) as cursor:
        return cursor.execute(
            """
            SELECT id, target_track_id, coalesce(target_title, '') AS target_title,
                   coalesce(target_artist, '') AS target_artist, write_state, target_item_id,
                   rewritten, adopted, replaced
            FROM migrations.tracks
            WHERE playlist_migration_id = %(id)s AND status = 'matched'
              AND position < coalesce(
                  (SELECT min(position) FROM migrations.tracks
                   WHERE playlist_migration_id = %(id)s AND status = 'pending'), 2147483647)
            ORDER BY position
            """,
            {"id": playlist_id},
        ).fetchall()


def reverse_tracks(connection: Connection[Any], playlist_id: int) -> None:
    """Put the tracks of a playlist that was read into the opposite order."""
    # In two steps: no two rows may have one position at any moment.
    connection.execute(
        "UPDATE migrations.tracks SET position = -1 - position WHERE playlist_migration_id = %s",
        [playlist_id],
    )
    connection.execute(
        """
        UPDATE migrations.tracks t SET position = t.position - m.first
        FROM (SELECT min(position) AS first FROM migrations.tracks WHERE playlist_migration_id = %(id)s) m
        WHERE t.playlist_migration_id = %(id)s""",
        {"id": playlist_id},
    )


def written_before(connection: Connection[Any], playlist_id: int) -> dict[str, int]:
    """Give how many copies of each track earlier migrations wrote into the target of a playlist.

    What was there before the last one that took out what was missing is not ours any more: whatever stands
    there of it, somebody else put in.
    """
    rows = connection.execute(
        """
        SELECT target_track_id, max(copies) FROM (
            SELECT p.id, t.target_track_id, count(*) AS copies FROM migrations.playlists now
            JOIN migrations.playlists p ON p.target_playlist_id = now.target_playlist_id AND p.id < now.id
            JOIN migrations.tracks t ON t.playlist_migration_id = p.id
            WHERE now.id = %s AND t.write_state = 'written' AND t.target_track_id IS NOT NULL
              AND p.id >= coalesce(
                (SELECT max(e.id) FROM migrations.playlists e JOIN migrations.jobs j ON j.id = e.job_id
                 WHERE e.target_playlist_id = now.target_playlist_id AND e.id < now.id AND e.is_adopted
                   AND j.remove_missing AND e.kept_count = 0), 0)
            GROUP BY p.id, t.target_track_id) c
        GROUP BY target_track_id
        """,
        [playlist_id],
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def claim_due(connection: Connection[Any], now: datetime, limit: int) -> list[tuple[int, int, datetime, str]]:
    """Claim playlists that are due and not leased: playlist, user, due time, correlation id."""
    return connection.execute(
        "SELECT playlist_migration_id, user_id, due_at, correlation_id "
        "FROM migrations.claim_due_playlists(%s, %s)",
        [now, limit],
    ).fetchall()


def status_columns(state: Status) -> dict[str, Any]:
    """Give the columns of ``migrations.playlists`` that hold a state."""
    return {"status_code": state.code, "status_params": dict(state.params)}


def error_columns(state: Status | None) -> dict[str, Any]:
    """Give the columns of ``migrations.tracks`` that say why a track is not moved."""
    if state is None:
        return {"error_code": None, "error_params": None, "error_message": None}
    message = status_text.render(state, Reader(clock.now()))
    return {"error_code": state.code, "error_params": dict(state.params), "error_message": message}


def _json(value: Any) -> Jsonb:
    return Jsonb(storable_value(value))

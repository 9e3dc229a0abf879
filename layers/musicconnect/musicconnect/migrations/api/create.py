"""Starting a migration: what has to be true before, the rows, the first messages."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from psycopg import Connection
from psycopg.rows import class_row

from musicconnect.migrations.api import queries
from musicconnect.migrations.api.schemas import MAX_PLAYLISTS, Migration, MigrationCreate
from musicconnect.migrations.engine.messages import StepMessage, new_correlation_id, send
from musicconnect.music.model import Playlist
from musicconnect.platform import clock, problems
from musicconnect.platform.database import Database
from musicconnect.platform.text import storable
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.errors import (
    ConsentRevokedError,
    NoChannelError,
    NotLinkedError,
    ScopeMissingError,
)
from musicconnect.providers.protocol import Access
from musicconnect.providers.quota.reservations import QuotaReservation
from musicconnect.providers.registry import title

SENT_AT_ONCE = 10
"""Messages sent while the caller waits; the dispatcher sends the rest within a minute."""
MAX_KEY_LENGTH = 255
"""Characters of an ``Idempotency-Key``."""
MAX_LOOKUPS = 20
"""Playlists unknown to the snapshots that one request may ask the provider about."""


@dataclass(frozen=True, slots=True)
class SelectedPlaylist:
    """A playlist that is to be migrated."""

    id: str
    name: str
    track_count: int


class MigrationRequest(Protocol):
    """What a migration has to be told, whatever its source is."""

    @property
    def source_provider(self) -> str:
        """Registry key; ``registry.FILE`` of an uploaded file."""
        ...

    @property
    def target_provider(self) -> str:
        """Registry key."""
        ...

    @property
    def as_copy(self) -> bool:
        """Make new playlists in any case."""
        ...

    @property
    def remove_missing(self) -> bool:
        """When updating, take out what the source has no longer."""
        ...

    @property
    def dry_run(self) -> bool:
        """Write nothing."""
        ...


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The uploaded file that a migration comes out of."""

    import_id: int
    name: str


@dataclass(frozen=True, slots=True)
class _Snapshot:
    provider_playlist_id: str
    name: str
    track_count: int
    is_own: bool

    def chosen(self) -> SelectedPlaylist:
        return SelectedPlaylist(self.provider_playlist_id, self.name, self.track_count)


def start(
    database: Database,
    user_id: int,
    order: MigrationCreate,
    *,
    idempotency_key: str | None,
    queue_url: str,
) -> Migration:
    """Start a migration, or find the one that the same request started before.

    Args:
        database: The service's.
        user_id: Whose.
        order: What to migrate.
        idempotency_key: Of the request; the same key and body never start a second migration.
        queue_url: Where its steps are asked for.

    Returns:
        The new migration, or the earlier one.

    Raises:
        Problem: 409 when an account is not ready, a playlist cannot be read, or the key was used for another
            request; 422 when the request makes no sense.
        ProviderError: a playlist had to be looked up, and the provider does not have it or does not answer.
    """
    if order.source_provider == order.target_provider:
        raise problems.invalid("body.target_provider", "The target must be another provider than the source.")
    if idempotency_key is not None and not 0 < len(idempotency_key) <= MAX_KEY_LENGTH:
        raise problems.invalid("header.idempotency-key", f"Between 1 and {MAX_KEY_LENGTH} characters.")
    fingerprint = _fingerprint(order)
    with database.transaction(user_id) as connection:
        earlier = _earlier(connection, idempotency_key, fingerprint)
        if earlier is not None:
            return earlier
        check_account(connection, order.source_provider, "read")
        check_account(connection, order.target_provider, "write")
        known = _snapshots(connection, order)
    chosen = _choose(database, user_id, order, known)
    now = clock.now()
    with database.transaction(user_id) as connection:
        job_id = insert_job(connection, order, key=idempotency_key, fingerprint=fingerprint, now=now)
        if job_id is None:  # The same key, a moment ago.
            earlier = _earlier(connection, idempotency_key, fingerprint)
            assert earlier is not None
            return earlier
        playlist_ids = insert_playlists(connection, job_id, chosen, order, now)
        QuotaReservation.register_demand(connection, order.target_provider, user_id, now)
        started = queries.find(connection, job_id)
    correlation_id = new_correlation_id()
    for playlist_id in islice(playlist_ids, SENT_AT_ONCE):
        send(
            queue_url,
            StepMessage(playlist_migration_id=playlist_id, user_id=user_id, correlation_id=correlation_id),
        )
    return started


def _fingerprint(order: MigrationCreate) -> str:
    text = json.dumps(order.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _earlier(connection: Connection[Any], key: str | None, fingerprint: str) -> Migration | None:
    if key is None:
        return None
    row = connection.execute(
        """
        SELECT id, request_hash FROM migrations.jobs
        WHERE user_id = core.current_user_id() AND idempotency_key = %s
        """,
        [key],
    ).fetchone()
    if row is None:
        return None
    if row[1] != fingerprint:
        raise problems.conflict(
            "idempotency-key-reused",
            "The Idempotency-Key was used for another request",
            "Use a new key for a new request.",
        )
    return queries.find(connection, row[0])


def check_account(connection: Connection[Any], provider: str, access: Access) -> None:
    """Raise what a call would raise, before anything is promised."""
    name = title(provider)
    row = connection.execute(
        "SELECT status, access FROM providers.accounts "
        "WHERE user_id = core.current_user_id() AND provider = %s",
        [provider],
    ).fetchone()
    if row is None:
        raise NotLinkedError(f"No {name} account is linked.", provider=provider)
    status, granted = row
    if status == "no_channel":
        raise NoChannelError("The Google account has no YouTube channel.", provider=provider)
    if status != "active":
        raise ConsentRevokedError(f"{name} no longer accepts our access.", provider=provider)
    if access == "write" and granted != "write":
        raise ScopeMissingError(f"The {name} account is linked for reading only.", provider=provider)


def _snapshots(connection: Connection[Any], order: MigrationCreate) -> dict[str, _Snapshot]:
    wanted = None if order.playlists == "all" else order.playlists
    with connection.cursor(row_factory=class_row(_Snapshot)) as cursor:
        rows = cursor.execute(
            """
            SELECT s.provider_playlist_id, s.name, s.track_count, s.is_own
            FROM providers.playlist_snapshots s
            JOIN providers.accounts a ON a.id = s.account_id
            WHERE s.user_id = core.current_user_id() AND a.provider = %(provider)s
              AND (%(wanted)s::text[] IS NULL OR s.provider_playlist_id = ANY (%(wanted)s))
            ORDER BY s.id LIMIT %(most)s
            """,
            {"provider": order.source_provider, "wanted": wanted, "most": 10 * MAX_PLAYLISTS},
        ).fetchall()
    return {row.provider_playlist_id: row for row in rows}


def _choose(
    database: Database, user_id: int, order: MigrationCreate, known: dict[str, _Snapshot]
) -> Sequence[SelectedPlaylist]:
    if order.playlists == "all":
        return _everything(database, user_id, order.source_provider, known)
    # A snapshot says what was there when it was made; only what it calls readable is taken on its word.
    unsure = [
        playlist_id
        for playlist_id in order.playlists
        if playlist_id not in known or not known[playlist_id].is_own
    ]
    if len(unsure) > MAX_LOOKUPS:
        raise problems.conflict(
            "playlists-unknown",
            "Too many of the playlists are not known yet",
            f"{len(unsure)} are unknown, and {MAX_LOOKUPS} can be looked up at once. "
            "Read your playlists first: POST /v1/playlists/sync.",
        )
    found = {
        playlist_id: _look_up(database, user_id, order.source_provider, playlist_id) for playlist_id in unsure
    }
    return [found.get(entry) or known[entry].chosen() for entry in order.playlists]


def _look_up(database: Database, user_id: int, provider: str, playlist_id: str) -> SelectedPlaylist:
    """Ask the provider for a playlist and for its first page: only that shows whether it can be read."""
    client = client_for(database, user_id, provider, access="read")
    playlist = client.playlist(playlist_id)
    if not playlist.is_own:
        client.playlist_items(playlist.id)
    return _chosen(playlist)


def _everything(
    database: Database, user_id: int, provider: str, known: dict[str, _Snapshot]
) -> Sequence[SelectedPlaylist]:
    chosen = [snapshot.chosen() for snapshot in known.values() if snapshot.is_own]
    if not known:
        client, cursor = client_for(database, user_id, provider, access="read"), None
        while len(chosen) <= MAX_PLAYLISTS:
            page = client.playlists(cursor)
            chosen += [_chosen(playlist) for playlist in page.items if playlist.is_own]
            cursor = page.cursor
            if cursor is None:
                break
    if not chosen:
        raise problems.conflict(
            "nothing-to-migrate",
            "There is no playlist to migrate",
            f"No playlist on {title(provider)} can be read with the linked account.",
        )
    if len(chosen) > MAX_PLAYLISTS:
        raise problems.conflict(
            "too-many-playlists",
            "Too many playlists for one migration",
            f"Name at most {MAX_PLAYLISTS} of them in `playlists`.",
        )
    return chosen


def _chosen(playlist: Playlist) -> SelectedPlaylist:
    return SelectedPlaylist(playlist.id, storable(playlist.name), playlist.track_count)


def insert_job(
    connection: Connection[Any],
    order: MigrationRequest,
    *,
    key: str | None,
    fingerprint: str | None,
    now: datetime,
    file: SourceFile | None = None,
) -> int | None:
    """A new job; None if there is one with this key, or out of this file, already."""
    row = connection.execute(
        """
        INSERT INTO migrations.jobs (user_id, source_provider, target_provider, status_message, created_at,
            idempotency_key, request_hash, remove_missing, dry_run, import_id, source_file, correlation_id)
        VALUES (core.current_user_id(), %s, %s, 'waiting to begin', %s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT DO NOTHING
        RETURNING id
        """,
        [
            order.source_provider,
            order.target_provider,
            now,
            key,
            key and fingerprint,
            order.remove_missing,
            order.dry_run,
            file and file.import_id,
            file and file.name,
            new_correlation_id(),
        ],
    ).fetchone()
    return None if row is None else int(row[0])


def insert_playlists(
    connection: Connection[Any],
    job_id: int,
    chosen: Sequence[SelectedPlaylist],
    order: MigrationRequest,
    now: datetime,
) -> list[int]:
    """All rows in one statement; those whose message is sent at once are marked as sent.

    A playlist that was moved before is to be updated where it went, unless a copy is asked for.
    """
    rows = connection.execute(
        """
        INSERT INTO migrations.playlists
            (job_id, user_id, source_playlist_id, source_name, track_count, marker, stage_message, created_at,
             due_at, enqueued_at, target_playlist_id, target_name, is_update)
        SELECT %(job)s, core.current_user_id(), c.id, c.name, c.tracks, c.marker, 'waiting to begin',
               %(now)s, %(now)s,
               CASE WHEN c.place <= %(sent)s THEN %(now)s::timestamptz END,
               e.target_playlist_id, e.target_name, e.target_playlist_id IS NOT NULL
        FROM unnest(%(ids)s::text[], %(names)s::text[], %(counts)s::int[], %(markers)s::text[])
             WITH ORDINALITY AS c (id, name, tracks, marker, place)
        LEFT JOIN LATERAL (
            SELECT p.target_playlist_id, p.target_name
            FROM migrations.playlists p JOIN migrations.jobs j ON j.id = p.job_id
            WHERE p.user_id = core.current_user_id() AND p.source_playlist_id = c.id
              AND p.target_playlist_id IS NOT NULL
              AND p.status IN ('completed', 'failed') AND j.source_provider = %(source)s
              AND j.target_provider = %(target)s AND %(updates)s
            ORDER BY p.id DESC LIMIT 1
        ) e ON true
        ORDER BY c.place
        RETURNING id
        """,
        {
            "job": job_id,
            "now": now,
            "source": order.source_provider,
            "target": order.target_provider,
            "updates": not order.as_copy and not order.dry_run,
            "sent": SENT_AT_ONCE,
            "ids": [entry.id for entry in chosen],
            "names": [entry.name for entry in chosen],
            "counts": [entry.track_count for entry in chosen],
            "markers": [f"mc-{secrets.token_hex(8)}" for _ in chosen],
        },
    ).fetchall()
    return [int(row[0]) for row in rows]

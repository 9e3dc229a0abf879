"""Request and show snapshots of a person's playlists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from psycopg import Connection

from musicconnect.api.binding import Caller
from musicconnect.music.model import Playlist, ProviderName
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader, Status
from musicconnect.providers import registry
from musicconnect.providers.accounts import store
from musicconnect.providers.accounts.store import AccountRow
from musicconnect.providers.errors import ConsentRevokedError, NotLinkedError
from musicconnect.providers.playlists import store as playlists_store
from musicconnect.providers.playlists import sync_queue
from musicconnect.providers.playlists.schemas import (
    PlaylistList,
    PlaylistQuery,
    PlaylistSnapshot,
    PlaylistTarget,
    SyncList,
    SyncRequest,
    SyncState,
)
from musicconnect.providers.playlists.sort_order import SortOrder
from musicconnect.providers.playlists.store import SnapshotRow, SyncRow
from musicconnect.providers.status_text import render


def request_sync(database: Database, caller: Caller, body: SyncRequest) -> SyncList:
    """Request fresh snapshots of one provider, or of all that are linked.

    A run that is under way goes on; no second one begins.

    Raises:
        Problem: 404, there is no such provider; 409, nothing is linked.
        ProviderError: the one account that was asked for is not linked, or has to be linked again.
    """
    if body.provider is not None:
        registry.get(body.provider)
    now = clock.now()
    with database.transaction(caller.user_id) as connection:
        usable = _usable(store.accounts(connection), body.provider)
        asked = [account.id for account in usable if sync_queue.request(connection, account, now)]
        states = playlists_store.syncs(connection)
    for account_id in asked:
        sync_queue.enqueue(caller.user_id, account_id)
    return _sync_list(states, caller)


def _usable(accounts: list[AccountRow], provider: ProviderName | None) -> list[AccountRow]:
    wanted = [account for account in accounts if provider in (None, account.provider)]
    usable = [account for account in wanted if account.status != "consent_needed"]
    if usable:
        return usable
    if wanted:
        raise ConsentRevokedError(
            "The account has to be linked again.",
            provider=wanted[0].provider,
            reason=wanted[0].status_reason,
        )
    if provider is not None:
        raise NotLinkedError("The account is not linked.", provider=provider)
    raise problems.conflict("nothing-linked", "No account is linked", "Link an account first.", action="link")


def list_syncs(database: Database, caller: Caller) -> SyncList:
    """Describe how the reading of each linked account's playlists stands."""
    with database.transaction(caller.user_id) as connection:
        rows = playlists_store.syncs(connection)
    return _sync_list(rows, caller)


def _sync_list(rows: list[SyncRow], caller: Caller) -> SyncList:
    reader = Reader.of(caller.time_zone, clock.now())
    return SyncList(items=[_sync_state(row, reader) for row in rows])


def _sync_state(row: SyncRow, reader: Reader) -> SyncState:
    state = Status(row.status_code or "not-read-yet", row.status_params or {})
    return SyncState(
        account_id=row.account_id,
        provider=row.provider,
        status=row.status or "never",
        code=state.code,
        params=dict(state.params),
        message=render(state, reader),
        started_at=row.started_at,
        finished_at=row.finished_at,
        next_at=row.due_at,
        playlists=row.playlists,
        is_under_way=row.status in ("pending", "running"),
    )


type FindTargets = Callable[
    [Connection[Any], Sequence[tuple[ProviderName, str]]],
    Mapping[tuple[ProviderName, str], list[PlaylistTarget]],
]
"""Says where playlists were moved to, by provider and the provider's id: what migrations know of them."""

_KEY_KINDS: Final[dict[SortOrder, type]] = {"known": int, "name": str, "tracks": int}


def list_playlists(
    database: Database, caller: Caller, query: PlaylistQuery, find_targets: FindTargets
) -> PlaylistList:
    """List the playlists as they were last read."""
    if query.provider is not None:
        registry.get(query.provider)
    key = pagination.decode(query.cursor, _KEY_KINDS[query.sort], int)
    with database.transaction(caller.user_id) as connection:
        rows = playlists_store.snapshots(
            connection,
            provider=query.provider,
            words=query.q,
            sort=query.sort,
            after=(key[0], key[1]) if key else None,
            limit=query.limit + 1,
        )
        rows, cursor = pagination.page(rows, query.limit, lambda row: (_sort_key(row, query.sort), row.id))
        targets = find_targets(connection, [_ids(row) for row in rows]) if rows else {}
    return PlaylistList(items=[_snapshot(row, targets) for row in rows], next_cursor=cursor)


def get_playlist(
    database: Database, caller: Caller, playlist_id: int, find_targets: FindTargets
) -> PlaylistSnapshot:
    """Get one playlist as it was last read."""
    with database.transaction(caller.user_id) as connection:
        row = playlists_store.snapshot(connection, playlist_id)
        if row is None:
            raise problems.not_found("playlist")
        targets = find_targets(connection, [_ids(row)])
    return _snapshot(row, targets)


def _ids(row: SnapshotRow) -> tuple[ProviderName, str]:
    return (row.provider, row.provider_playlist_id)


def _sort_key(row: SnapshotRow, sort: SortOrder) -> str | int:
    match sort:
        case "name":
            return row.sort_name
        case "tracks":
            return row.track_count
        case _:
            return row.id


def _snapshot(
    row: SnapshotRow, targets: Mapping[tuple[ProviderName, str], list[PlaylistTarget]]
) -> PlaylistSnapshot:
    provider = registry.get(row.provider)
    return PlaylistSnapshot.model_validate(
        {
            **asdict(row),
            "can_read": row.is_own,
            "url": provider.playlist_address(row.provider_playlist_id),
            "targets": targets.get(_ids(row), []),
        }
    )


def known_playlists(
    connection: Connection[Any], provider: ProviderName, ids: Sequence[str] | None, *, limit: int
) -> dict[str, Playlist]:
    """Give what is known of the person's playlists with a provider, by its ids: of these, or of all."""
    return {
        row.provider_playlist_id: Playlist(
            provider=provider,
            id=row.provider_playlist_id,
            name=row.name,
            track_count=row.track_count,
            is_own=row.is_own,
            is_liked=row.is_liked,
        )
        for row in playlists_store.find_snapshots(connection, provider, ids, limit)
    }

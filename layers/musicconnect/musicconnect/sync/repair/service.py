"""Check playlists, show what cannot be played, replace it by one order, undo that."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.api.binding import Caller, Repeat
from musicconnect.changes import service as change_sets
from musicconnect.changes import status_text as texts
from musicconnect.changes.model import ChangeSet, Draft, Kind, Operation, State
from musicconnect.core import idempotency
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.logging import correlation_id
from musicconnect.platform.status import Reader, Status
from musicconnect.providers import registry
from musicconnect.providers.accounts.clients import require_access
from musicconnect.providers.playlists.service import known_playlists
from musicconnect.sync.messages import PairsMessage, send
from musicconnect.sync.repair import status_text, store
from musicconnect.sync.repair.entries import OWNER, DeadEntry, plan_replacements
from musicconnect.sync.repair.schemas import (
    CheckedPlaylist,
    CheckedPlaylistList,
    CheckedPlaylistQuery,
    EntryState,
    NewRepair,
    Repair,
    RepairCounts,
    RepairEntry,
    RepairEntryList,
    RepairList,
    RepairOrder,
    RepairPageQuery,
    RepairProposal,
)

MAX_OPEN = 20
"""Of one person, in a worker's hands at once."""


def create(database: Database, caller: Caller, body: NewRepair, repeat: Repeat | None) -> Repair:
    """Begin the check of a playlist. Nothing is written.

    Raises:
        Problem: 404, no such provider; 409, it is being checked or there are too many; 422, the playlist
            cannot be written to.
        ProviderError: the account is not linked.
    """
    registry.get(body.provider)
    now = clock.now()
    with database.transaction(caller.user_id) as connection:
        made_before = idempotency.find(connection, caller.user_id, repeat)
        if made_before is not None:
            row = store.get(connection, made_before)
            if row is None:
                raise idempotency.gone()
            return shown(connection, row, caller)
        name = name_of(connection, body.provider, body.playlist_id)
        store.lock(connection, caller.user_id)
        in_work = store.find_open(connection)
        if any(place == (body.provider, body.playlist_id) for place in in_work):
            raise problems.conflict(
                "repair-open", "The playlist is being repaired", "Wait until that is over."
            )
        if len(in_work) >= MAX_OPEN:
            raise problems.conflict(
                "too-many-repairs",
                "Too many repairs",
                f"There can be {MAX_OPEN} at once. Wait for one to end.",
            )
        repair_id = store.create(
            connection,
            {
                "user_id": caller.user_id, "provider": body.provider, "playlist_id": body.playlist_id,
                "name": name, "country": body.country, "now": now,
                "expires": now + change_sets.RETENTION, "correlation_id": correlation_id() or "",
            },
        )  # fmt: skip
        idempotency.save(connection, caller.user_id, repeat, repair_id)
        answer = shown(connection, _get(connection, repair_id), caller)
    send(PairsMessage(user_id=caller.user_id, repair_id=repair_id))
    return answer


def name_of(connection: Connection[Any], provider: str, playlist_id: str) -> str:
    """Name a playlist that can be checked; empty where it was not listed yet.

    Raises:
        Problem: 422, it cannot be written to.
        ProviderError: the account is not linked.
    """
    require_access(connection, provider, "read")
    known = known_playlists(connection, provider, [playlist_id], limit=1).get(playlist_id)
    if known is not None and (known.is_liked or not known.is_own):
        raise problems.invalid("body.playlist_id", "Nothing can be replaced in this playlist.")
    return known.name if known else ""


def list_repairs(database: Database, caller: Caller, query: RepairPageQuery) -> RepairList:
    """List the person's repairs, the latest first."""
    key = pagination.decode(query.cursor, int)
    with database.transaction(caller.user_id) as connection:
        rows = store.list_page(connection, before=key[0] if key else None, limit=query.limit + 1)
        page, next_cursor = pagination.page(rows, query.limit, lambda row: (row["id"],))
        return RepairList(items=[shown(connection, row, caller) for row in page], next_cursor=next_cursor)


def list_checked(database: Database, caller: Caller, query: CheckedPlaylistQuery) -> CheckedPlaylistList:
    """List the person's playlists that were checked, each with what its latest check says."""
    after = pagination.decode(query.cursor, str, str)
    with database.transaction(caller.user_id) as connection:
        rows = store.list_checked(
            connection, query.provider, with_dead=query.with_dead, after=after, limit=query.limit + 1
        )
    page, next_cursor = pagination.page(rows, query.limit, lambda row: (row["provider"], row["playlist_id"]))
    return CheckedPlaylistList(items=[CheckedPlaylist(**row) for row in page], next_cursor=next_cursor)


def get(database: Database, caller: Caller, repair_id: int) -> Repair:
    """Get a repair. Raises `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        return shown(connection, _get(connection, repair_id), caller)


def list_entries(
    database: Database, caller: Caller, repair_id: int, query: RepairPageQuery
) -> RepairEntryList:
    """List the entries that cannot be played, with proposals. Raises `Problem` 404."""
    key = pagination.decode(query.cursor, int)
    first, reader = key[0] if key else 0, Reader.of(caller.time_zone, clock.now())
    with database.transaction(caller.user_id) as connection:
        row = _get(connection, repair_id)
        change_set = _set(connection, row)
    dead = [DeadEntry.from_json(one) for one in row["entries"] or []]
    rows = [one for one in dead if one.number > first][: query.limit + 1]
    page, next_cursor = pagination.page(rows, query.limit, lambda one: (one.number,))
    by_entry: dict[int, list[Operation]] = {}
    for operation in change_set.operations if change_set else ():
        by_entry.setdefault(operation.subject or 0, []).append(operation)
    is_ordered = row["status"] in ("applying", "completed", "undoing", "undone")
    return RepairEntryList(
        items=[
            _entry(one, row["provider"], by_entry.get(one.number, []), reader, is_ordered=is_ordered)
            for one in page
        ],
        next_cursor=next_cursor,
    )


def apply(database: Database, caller: Caller, repair_id: int, order: RepairOrder) -> Repair:
    """Order the replacement of entries: those that are named, or all whose proposals are sure.

    Raises:
        Problem: 404; 409 where nothing is proposed (any more); 422 for an entry without a proposal.
        ProviderError: the account may not write.
    """
    with database.transaction(caller.user_id) as connection:
        row = _get(connection, repair_id, is_locked=True)
        change_set = _set(connection, row)
        if row["status"] == "applying":
            return shown(connection, row, caller)
        is_stopped = row["status"] == "failed" and change_set is not None and not change_set.is_done
        if row["status"] != "proposed" and not is_stopped:
            raise problems.conflict(
                "nothing-proposed",
                "Nothing is proposed",
                "Only a check that ended with proposals can be applied.",
            )
        require_access(connection, row["provider"], "write")
        changes: dict[str, Any] = {}
        if not is_stopped:
            changes["set_id"] = _ordered_set(connection, caller, row, change_set, order)
        _begin(connection, repair_id, "applying", **changes)
        answer = shown(connection, _get(connection, repair_id), caller)
    send(PairsMessage(user_id=caller.user_id, repair_id=repair_id))
    return answer


def _ordered_set(
    connection: Connection[Any],
    caller: Caller,
    row: Mapping[str, Any],
    change_set: ChangeSet | None,
    order: RepairOrder,
) -> int:
    """Give the change set of what is ordered: the stored one, or one of a part of it."""
    dead = [DeadEntry.from_json(one) for one in row["entries"]]
    proposed = {one.number for one in dead if one.proposal is not None}
    wanted = {one.number for one in dead if one.proposal is not None and one.proposal.is_sure}
    if order.entries is not None:
        wanted = set(order.entries)
        if not wanted <= proposed:
            raise problems.invalid("body.entries", "There is no proposal for every one of these entries.")
    if not wanted or change_set is None:
        raise problems.conflict(
            "nothing-to-replace", "There is nothing to replace", "No proposal is sure: name the entries."
        )
    if wanted == proposed:
        return change_set.id
    now = clock.now()
    change_sets.discard(connection, change_set.id, now)
    operations = plan_replacements([one for one in dead if one.number in wanted])
    draft = Draft(change_set.provider, change_set.playlist_id, change_set.before, operations)
    return change_sets.create(
        connection, user_id=caller.user_id, owner=OWNER, owner_id=row["id"], draft=draft, now=now
    )


def undo(database: Database, caller: Caller, repair_id: int) -> Repair:
    """Take back what a repair wrote; what was edited since stays. Raises `Problem` 404 and 409."""
    with database.transaction(caller.user_id) as connection:
        row = _get(connection, repair_id, is_locked=True)
        if row["status"] == "undoing":
            return shown(connection, row, caller)
        if not _can_be_undone(row, _set(connection, row), clock.now()):
            raise problems.conflict(
                "cannot-undo", "The repair cannot be undone",
                "Only what it wrote within the last 28 days can be taken back.",
            )  # fmt: skip
        require_access(connection, row["provider"], "write")
        _begin(connection, repair_id, "undoing")
        answer = shown(connection, _get(connection, repair_id), caller)
    send(PairsMessage(user_id=caller.user_id, repair_id=repair_id))
    return answer


def _begin(connection: Connection[Any], repair_id: int, status: str, **changes: Any) -> None:
    now = clock.now()
    store.change(
        connection, repair_id, status=status, status_code=status, status_params={}, due_at=now,
        enqueued_at=now, finished_at=None, attempts=0, correlation_id=correlation_id() or "", **changes,
    )  # fmt: skip


def _can_be_undone(row: Mapping[str, Any], change_set: ChangeSet | None, now: datetime) -> bool:
    if change_set is None or now >= row["expires_at"] or row["status"] not in ("completed", "failed"):
        return False
    return change_set.is_done and any(
        one.kind is Kind.ADD and one.state is State.DONE for one in change_set.operations
    )


def _set(connection: Connection[Any], row: Mapping[str, Any]) -> ChangeSet | None:
    return None if row["set_id"] is None else change_sets.load(connection, row["set_id"])


def _get(connection: Connection[Any], repair_id: int, *, is_locked: bool = False) -> dict[str, Any]:
    row = store.get(connection, repair_id, is_locked=is_locked)
    if row is None:
        raise problems.not_found("repair")
    return row


def shown(connection: Connection[Any], row: Mapping[str, Any], caller: Caller) -> Repair:
    """Write a repair as HTTP shows it."""
    now = clock.now()
    state, counts = Status(row["status_code"], row["status_params"]), RepairCounts(**row["counts"])
    is_over = row["status"] in ("completed", "failed") and counts.dead > 0
    return Repair(
        code=state.code, params=dict(state.params),
        message=status_text.render(state, Reader.of(caller.time_zone, now)),
        counts=counts, price=_price(row["provider"], counts.sure),
        can_be_undone=is_over and _can_be_undone(row, _set(connection, row), now),
        next_at=row["due_at"] if row["status"] in store.OPEN else None,
        **{
            name: row[name]
            for name in (
                "id", "provider", "playlist_id", "name", "country", "status", "cost", "schedule_id",
                "created_at", "finished_at",
            )
        },
    )  # fmt: skip


def _price(provider: str, replacements: int) -> int:
    """Give the units of an insertion and a removal each, where calls have prices."""
    return 2 * replacements * sum(one.units_per_write or 0 for one in registry.get(provider).buckets)


def _entry(
    dead: DeadEntry, provider: str, operations: list[Operation], reader: Reader, *, is_ordered: bool
) -> RepairEntry:
    entry, proposal, recording = registry.get(provider), dead.proposal, dead.recording
    refused = next((one for one in operations if one.error is not None), None)
    is_added = any(one.kind is Kind.ADD and one.state is State.DONE for one in operations)
    state: EntryState
    if is_ordered:
        state = "replaced" if is_added else "refused" if refused else "left"
    elif proposal is not None:
        state = "proposed"
    elif recording is None:
        state = "unknown"
    elif dead.is_not_in_catalogue:
        state = "not_in_catalogue"
    else:
        state = "nothing_found" if dead.is_searched else "searching"
    offered = None
    if proposal is not None:
        url = entry.address(entry.item_types[0], proposal.track_id)
        offered = RepairProposal(**proposal.to_json(), url=url)
    return RepairEntry(
        number=dead.number, position=dead.position, track_id=dead.track_id or None, cause=dead.cause.value,
        message=status_text.cause(
            dead.cause.value, provider, is_not_in_catalogue=state == "not_in_catalogue"
        ),
        title=recording.title if recording else None,
        artist=recording.artist_line if recording else None, known_by=dead.known_by, proposal=offered,
        state=state, error=texts.render(refused.error, reader) if refused and refused.error else None,
    )  # fmt: skip

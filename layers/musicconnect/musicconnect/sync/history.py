"""Show the runs of a pair and what they changed, and undo them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.api.binding import Caller, Repeat
from musicconnect.changes import service as change_sets
from musicconnect.changes import status_text as texts
from musicconnect.core import idempotency
from musicconnect.matching.reason_codes import NOT_IN_CATALOGUE
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.logging import correlation_id
from musicconnect.platform.status import Reader, Status
from musicconnect.providers import registry
from musicconnect.sync import store
from musicconnect.sync.merge.state import LEFT, RIGHT, SIDES, PairState, Row, SlotState
from musicconnect.sync.messages import PairsMessage, send
from musicconnect.sync.schemas import (
    PairGuard,
    PairPageQuery,
    PairRun,
    PairRunChange,
    PairRunChangeList,
    PairRunList,
    PairTrack,
    PairTrackList,
    PairTrackMissing,
    PairTrackQuery,
)
from musicconnect.sync.status_text import guard, not_in_catalogue, render


def list_runs(database: Database, caller: Caller, pair_id: int, query: PairPageQuery) -> PairRunList:
    """List a pair's runs, the latest first. Raises `Problem` 404."""
    key, reader = pagination.decode(query.cursor, int), Reader.of(caller.time_zone, clock.now())
    with database.transaction(caller.user_id) as connection:
        _require_pair(connection, pair_id)
        rows = store.list_runs(connection, pair_id, before=key[0] if key else None, limit=query.limit + 1)
    page, next_cursor = pagination.page(rows, query.limit, lambda row: (row["id"],))
    return PairRunList(items=[_shown(row, reader) for row in page], next_cursor=next_cursor)


def get_run(database: Database, caller: Caller, pair_id: int, run_id: int) -> PairRun:
    """Get a run. Raises `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        row = _require_run(connection, pair_id, run_id)
    return _shown(row, Reader.of(caller.time_zone, clock.now()))


def list_changes(
    database: Database, caller: Caller, pair_id: int, run_id: int, query: PairPageQuery
) -> PairRunChangeList:
    """List what a run changed or would change; nothing any more after 28 days. Raises `Problem` 404."""
    key = pagination.decode(query.cursor, int, int)
    after_side, after = key or (-1, 0)
    reader = Reader.of(caller.time_zone, clock.now())
    with database.transaction(caller.user_id) as connection:
        pair = _require_pair(connection, pair_id)
        _require_run(connection, pair_id, run_id)
        sets = [
            change_set
            for set_id in change_sets.of_owner(connection, "sync", run_id)
            if (change_set := change_sets.load(connection, set_id)) is not None
        ]
    left = (pair["left_provider"], pair["left_playlist_id"])
    found = sorted(
        (
            (LEFT if (one.provider, one.playlist_id) == left else RIGHT, operation.number, one, operation)
            for one in sets
            for operation in one.operations
        ),
        key=lambda entry: entry[:2],
    )
    rows = [entry for entry in found if entry[:2] > (after_side, after)][: query.limit + 1]
    page, next_cursor = pagination.page(rows, query.limit, lambda entry: entry[:2])
    items = [
        PairRunChange(
            number=number, side="left" if side == LEFT else "right", provider=one.provider,
            kind=operation.kind.value, track_id=operation.track_id,
            url=_address(one.provider, operation.track_id), title=operation.title,
            artist=operation.artist, reason=texts.render(operation.reason, reader),
            state=operation.state.value,
            error=texts.render(operation.error, reader) if operation.error else None,
        )
        for side, number, one, operation in page
    ]  # fmt: skip
    return PairRunChangeList(items=items, next_cursor=next_cursor)


def undo(
    database: Database, caller: Caller, pair_id: int, run_id: int, repeat: Repeat | None = None
) -> PairRun:
    """Take back what a run wrote, and all later ones; what the person did since stays.

    Raises:
        Problem: 404; 409 where the run wrote nothing, is too old, or another one is not over.
    """
    now, reader = clock.now(), Reader.of(caller.time_zone, clock.now())
    with database.transaction(caller.user_id) as connection:
        pair = _require_pair(connection, pair_id, is_locked=True)
        row = _require_run(connection, pair_id, run_id)
        if (made_before := idempotency.find(connection, caller.user_id, repeat)) is not None:
            return _shown(_require_run(connection, pair_id, made_before), reader)
        if pair["run_id"] is not None:
            running = store.get_run(connection, pair_id, pair["run_id"])
            if running is not None and running["cause"] == "undo" and running["undoes"] == run_id:
                return _shown(running, reader)
            raise problems.conflict("run-open", "Another run is not over", "Answer or wait for it first.")
        if not _can_be_undone(row, now):
            raise problems.conflict(
                "cannot-undo", "The run cannot be undone",
                "Only what a run wrote within the last 28 days can be taken back.",
            )  # fmt: skip
        undo_id = store.create_run(connection, pair_id, caller.user_id, "undo", now, undoes=run_id)
        store.change_pair(
            connection, pair_id, run_id=undo_id, status="active", due_at=now, enqueued_at=now,
            is_watched=True, correlation_id=correlation_id() or "",
        )  # fmt: skip
        made = _require_run(connection, pair_id, undo_id)
        idempotency.save(connection, caller.user_id, repeat, undo_id)
    send(PairsMessage(user_id=caller.user_id))
    return _shown(made, reader)


def list_tracks(database: Database, caller: Caller, pair_id: int, query: PairTrackQuery) -> PairTrackList:
    """List the recordings of a pair, in its order. Raises `Problem` 404."""
    key = pagination.decode(query.cursor, int)
    first = key[0] if key else 0
    with database.transaction(caller.user_id) as connection:
        pair = _require_pair(connection, pair_id)
        state = PairState.from_json(store.load_state(connection, pair_id))
    catalogues = [registry.get(pair[f"{side}_provider"]).search.catalogue for side in ("left", "right")]
    numbered = [(number, row) for number, row in enumerate(state.rows, 1) if _is_wanted(row, query.only)]
    rows = [entry for entry in numbered if entry[0] > first][: query.limit + 1]
    page, next_cursor = pagination.page(rows, query.limit, lambda entry: (entry[0],))
    return PairTrackList(items=[_track(row, catalogues) for _, row in page], next_cursor=next_cursor)


def _is_wanted(row: Row, only: str) -> bool:
    match only:
        case "review":
            return any(slot.needs_review for slot in row.slots)
        case "without_counterpart":
            return any(slot.state is SlotState.NO_COUNTERPART for slot in row.slots)
        case _:
            return True


def _track(row: Row, catalogues: Sequence[str | None]) -> PairTrack:
    """Write a row as HTTP shows it; ``catalogues``: open ones, of both sides."""
    left, right = row.slots
    lacking = next(
        (catalogues[side] for side in SIDES if row.slots[side].is_not_in_catalogue and catalogues[side]), None
    )
    missing = lacking and PairTrackMissing(
        code=NOT_IN_CATALOGUE, params={"catalogue": lacking}, message=f"It is {not_in_catalogue(lacking)}.",
    )  # fmt: skip
    return PairTrack(
        id=row.id, title=row.title, artist=row.artist, left=left.state.value, left_track_id=left.track_id,
        right=right.state.value, right_track_id=right.track_id,
        needs_review=left.needs_review or right.needs_review, missing=missing or None,
    )  # fmt: skip


def _address(provider: str, track_id: str) -> str | None:
    entry = registry.get(provider)
    return entry.address(entry.item_types[0], track_id) if track_id else None


def _can_be_undone(row: Mapping[str, Any], now: datetime) -> bool:
    changes = [row["counts"].get(side) for side in ("left", "right")]
    return (
        row["status"] == "completed"
        and row["undone_by"] is None
        and any(changes)
        and now - row["created_at"] < change_sets.RETENTION
    )


def _require_pair(connection: Connection[Any], pair_id: int, *, is_locked: bool = False) -> dict[str, Any]:
    row = store.get_pair(connection, pair_id, is_locked=is_locked)
    if row is None:
        raise problems.not_found("pair")
    return row


def _require_run(connection: Connection[Any], pair_id: int, run_id: int) -> dict[str, Any]:
    row = store.get_run(connection, pair_id, run_id)
    if row is None:
        raise problems.not_found("run")
    return row


def _shown(row: Mapping[str, Any], reader: Reader) -> PairRun:
    state = Status(row["status_code"], row["status_params"])
    guards = [PairGuard(message=guard(one), **one) for one in row["guards"]]
    return PairRun(
        code=state.code, params=dict(state.params), message=render(state, reader), guards=guards,
        can_be_undone=_can_be_undone(row, clock.now()),
        **{
            name: row[name]
            for name in (
                "id", "pair_id", "cause", "status", "counts", "cost", "undoes", "undone_by", "created_at",
                "finished_at",
            )
        },
    )  # fmt: skip

"""Make, show and steer pairs of playlists that are kept in step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.api.binding import Caller
from musicconnect.changes import service as change_sets
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.logging import correlation_id
from musicconnect.platform.problems import Problem
from musicconnect.platform.status import Reader, Status
from musicconnect.providers import registry
from musicconnect.providers.accounts.clients import require_access
from musicconnect.providers.playlists.service import known_playlists
from musicconnect.sync import rules, store
from musicconnect.sync.messages import PairsMessage, send
from musicconnect.sync.rules import Link
from musicconnect.sync.schemas import (
    MadePairs,
    NewPair,
    Pair,
    PairChange,
    PairList,
    PairPageQuery,
    PairsCreate,
    SideState,
)
from musicconnect.sync.status_text import render

MAX_PAIRS = 2_000
"""Of one person."""
_REFUSALS = {
    "already-in-step": "These two playlists are in step already.",
    "pairs-would-loop": "These two playlists are in step already by way of others: changes would go round.",
    "opposite-pairs": "Another pair rules the right playlist: each would take out what the other puts in.",
}


def create(database: Database, caller: Caller, body: PairsCreate) -> MadePairs:
    """Make pairs, all or none. Each is read at once, and shown before anything is written.

    Raises:
        Problem: 404, no such provider; 409, a pair cannot be beside others; 422, the two are one playlist.
        ProviderError: an account is not linked, or with too little access.
    """
    now, reader = clock.now(), Reader.of(caller.time_zone, clock.now())
    with database.transaction(caller.user_id) as connection:
        store.lock_pairs(connection, caller.user_id)
        links = _links(connection)
        if len(links) + len(body.items) > MAX_PAIRS:
            raise problems.conflict(
                "too-many-pairs", "Too many pairs", f"There can be {MAX_PAIRS:,} pairs. End one first."
            )
        made = []
        for index, pair in enumerate(body.items):
            pair_id = _create(connection, caller, pair, index=index, links=links, now=now)
            links.append(Link(pair_id, _place(pair.left), _place(pair.right), pair.mode))
            made.append(pair_id)
        items = [_shown(_get(connection, pair_id), reader) for pair_id in made]
    send(PairsMessage(user_id=caller.user_id))
    return MadePairs(items=items)


def _create(
    connection: Connection[Any],
    caller: Caller,
    pair: NewPair,
    *,
    index: int,
    links: list[Link],
    now: datetime,
) -> int:
    left, right = _place(pair.left), _place(pair.right)
    if left == right:
        raise problems.invalid(f"body.items.{index}.right", "The two sides must be two playlists.")
    names = {}
    for side, place in (("left", left), ("right", right)):
        registry.get(place[0])
        is_written = side == "right" or pair.mode == "two_way"
        require_access(connection, place[0], "write" if is_written else "read")
        known = known_playlists(connection, place[0], [place[1]], limit=1).get(place[1])
        if known is not None and is_written and (known.is_liked or not known.is_own):
            raise problems.invalid(
                f"body.items.{index}.{side}",
                "This playlist cannot be written to. It can be the left side of a one-way pair.",
            )
        names[side] = known.name if known else ""
    refused = rules.refusal(links, left, right, pair.mode)
    if refused is not None:
        raise _conflict(refused)
    values = pair.model_dump(exclude={"left", "right"}) | {
        "user_id": caller.user_id, "left_provider": left[0], "left_playlist_id": left[1],
        "left_name": names["left"], "right_provider": right[0], "right_playlist_id": right[1],
        "right_name": names["right"], "now": now, "correlation_id": correlation_id() or "",
    }  # fmt: skip
    return store.create_pair(connection, values)


def _conflict(refused: rules.Refusal) -> Problem:
    pairs = " and ".join(map(str, refused.pairs))
    detail = f"{_REFUSALS[refused.code]} At odds: pair {pairs}."
    return problems.conflict(refused.code, "These playlists cannot be a pair", detail)


def _place(side: Any) -> tuple[str, str]:
    return side.provider, side.playlist_id


def _links(connection: Connection[Any]) -> list[Link]:
    return [
        Link(
            row["id"],
            (row["left_provider"], row["left_playlist_id"]),
            (row["right_provider"], row["right_playlist_id"]),
            row["mode"],
        )
        for row in store.list_pairs(connection, after=0, limit=MAX_PAIRS + 1)
    ]


def list_pairs(database: Database, caller: Caller, query: PairPageQuery) -> PairList:
    """List the person's pairs in the order in which they were made."""
    key, reader = pagination.decode(query.cursor, int), Reader.of(caller.time_zone, clock.now())
    with database.transaction(caller.user_id) as connection:
        rows = store.list_pairs(connection, after=key[0] if key else 0, limit=query.limit + 1)
    page, next_cursor = pagination.page(rows, query.limit, lambda row: (row["id"],))
    return PairList(items=[_shown(row, reader) for row in page], next_cursor=next_cursor)


def urgent(connection: Connection[Any], reader: Reader, *, limit: int) -> tuple[list[Pair], int]:
    """List the person's pairs, those that ask first, and count all that ask."""
    rows, asking = store.urgent_pairs(connection, limit)
    return [_shown(row, reader) for row in rows], asking


def get(database: Database, caller: Caller, pair_id: int) -> Pair:
    """Get a pair. Raises `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        row = _get(connection, pair_id)
    return _shown(row, Reader.of(caller.time_zone, clock.now()))


def change(database: Database, caller: Caller, pair_id: int, body: PairChange) -> Pair:
    """Change how a pair is kept in step. Another mode is shown before it is written. Raises `Problem` 404."""
    wanted = body.model_dump(exclude_none=True)
    with database.transaction(caller.user_id) as connection:
        row = _get(connection, pair_id, is_locked=True)
        if wanted.get("mode", row["mode"]) != row["mode"]:
            store.lock_pairs(connection, caller.user_id)
            sides = (row["left_provider"], row["left_playlist_id"]), (
                row["right_provider"], row["right_playlist_id"],
            )  # fmt: skip
            others = [link for link in _links(connection) if link.id != pair_id]
            refused = rules.refusal(others, *sides, wanted["mode"])
            if refused is not None:
                raise _conflict(refused)
            _drop_open_run(connection, row)
            wanted |= {"is_approved": False, "run_id": None, "lease_token": None}
            if row["status"] in ("active", "asking"):
                wanted |= {"status": "active", "status_code": "waiting-to-start", "due_at": clock.now()}
        if wanted:
            store.change_pair(connection, pair_id, **wanted)
        row = _get(connection, pair_id)
    return _shown(row, Reader.of(caller.time_zone, clock.now()))


def delete(database: Database, caller: Caller, pair_id: int) -> None:
    """End a pair; both playlists stay as they are. Raises `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        if not store.delete_pair(connection, pair_id):
            raise problems.not_found("pair")


def run_now(database: Database, caller: Caller, pair_id: int) -> Pair:
    """Look at a pair now; what is missing once is then taken out. Raises `Problem` 404 and 409."""
    return _steer(database, caller, pair_id, _run)


def answer(database: Database, caller: Caller, pair_id: int, *, is_yes: bool) -> Pair:
    """Say yes or no to what a pair asks. Raises `Problem` 404, and 409 where it asks nothing."""
    return _steer(database, caller, pair_id, _say_yes if is_yes else _say_no)


def pause(database: Database, caller: Caller, pair_id: int) -> Pair:
    """Pause a pair. What is being written is finished by the step at hand. Raises `Problem` 404."""
    return _steer(database, caller, pair_id, _pause)


def resume(database: Database, caller: Caller, pair_id: int) -> Pair:
    """Resume a pair that is paused, asleep or lost. Raises `Problem` 404."""
    return _steer(database, caller, pair_id, _resume)


def _steer(database: Database, caller: Caller, pair_id: int, act: Any) -> Pair:
    with database.transaction(caller.user_id) as connection:
        row = _get(connection, pair_id, is_locked=True)
        changes = act(connection, row)
        if changes:
            store.change_pair(connection, pair_id, **changes)
        row = _get(connection, pair_id)
    if row["status"] == "active":
        send(PairsMessage(user_id=caller.user_id))
    return _shown(row, Reader.of(caller.time_zone, clock.now()))


def _due() -> dict[str, Any]:
    now = clock.now()
    # A step that is under way loses its lease, and what it has in doubt the next one finds out.
    return {
        "status": "active", "due_at": now, "enqueued_at": now, "correlation_id": correlation_id() or "",
        "lease_token": None,
    }  # fmt: skip


def _run(_connection: Connection[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    if row["status"] == "asking":
        raise problems.conflict("pair-asks", "The pair waits for your word", "Say yes or no first.")
    if row["status"] != "active":
        raise problems.conflict("pair-rests", "The pair is not active", "Resume it first.")
    return {**_due(), "is_watched": True}


def _say_yes(connection: Connection[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    _require_asking(row)
    if row["run_id"] is not None:
        # What was shown is what is written.
        store.update_run(connection, row["run_id"], status="running", status_code="writing")
    return {**_due(), "is_approved": True, "allows_removals": row["run_id"] is None, "is_watched": True}


def _say_no(connection: Connection[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    _require_asking(row)
    _drop_open_run(connection, row)
    return {
        "status": "paused",
        "status_code": "left-alone",
        "due_at": None,
        "run_id": None,
        "is_approved": False,
    }


def _require_asking(row: Mapping[str, Any]) -> None:
    if row["status"] != "asking":
        raise problems.conflict("nothing-asked", "The pair asks nothing", "There is nothing to answer.")


def _pause(_connection: Connection[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    if row["status"] != "active":
        return {}
    return {"status": "paused", "status_code": "paused", "due_at": None, "lease_token": None}


def _resume(_connection: Connection[Any], row: Mapping[str, Any]) -> dict[str, Any]:
    if row["status"] in ("active", "asking"):
        return {}
    return _due()


def _drop_open_run(connection: Connection[Any], row: Mapping[str, Any]) -> None:
    """End the run that waits or is being written: what stands of it stays, nothing more is written."""
    if row["run_id"] is None:
        return
    now = clock.now()
    for set_id in change_sets.of_owner(connection, "sync", row["run_id"]):
        change_sets.discard(connection, set_id, now)
    store.update_run(connection, row["run_id"], status="dropped", status_code="dropped", finished_at=now)


def _get(connection: Connection[Any], pair_id: int, *, is_locked: bool = False) -> dict[str, Any]:
    row = store.get_pair(connection, pair_id, is_locked=is_locked)
    if row is None:
        raise problems.not_found("pair")
    return row


def _shown(row: Mapping[str, Any], reader: Reader) -> Pair:
    state = Status(row["status_code"], row["status_params"])
    return Pair(
        left=SideState(
            provider=row["left_provider"], playlist_id=row["left_playlist_id"], name=row["left_name"]
        ),
        right=SideState(
            provider=row["right_provider"], playlist_id=row["right_playlist_id"], name=row["right_name"]
        ),
        code=state.code,
        params=dict(state.params),
        message=render(state, reader),
        checked_at=row["read_at"],
        next_at=row["due_at"] if row["status"] == "active" else None,
        **{
            name: row[name]
            for name in (
                "id", "mode", "schedule", "max_removals", "max_removal_share", "keeps_order",
                "removes_foreign", "status", "is_approved", "run_id", "created_at",
            )
        },
    )  # fmt: skip


__all__ = [
    "Problem",
    "answer",
    "change",
    "create",
    "delete",
    "get",
    "list_pairs",
    "pause",
    "resume",
    "run_now",
]

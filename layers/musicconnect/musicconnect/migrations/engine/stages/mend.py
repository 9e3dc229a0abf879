"""Put other counterparts into the places of what stands in the target, and late ones between what does.

The edits are a change set (`musicconnect.changes`): stored before they are made, each made exactly once. A
playlist that takes positions gets one entry and loses one; one that sorts itself is asked about first.
"""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from musicconnect.changes import service as change_sets
from musicconnect.changes.listing import read_items
from musicconnect.changes.model import ChangeSet, Kind, Numbering, Operation, State, entries
from musicconnect.migrations.engine import mend_store, store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.sequence_diff import Relinker
from musicconnect.migrations.engine.stages import edits
from musicconnect.migrations.engine.store import TargetTrack, TrackChange
from musicconnect.migrations.engine.transitions import Continue, Fail, StageResult
from musicconnect.music.model import PlaylistItem
from musicconnect.platform.status import Status
from musicconnect.providers.errors import ProviderError, SelfSortedError
from musicconnect.providers.protocol import Added, Client

MENDED = Status("mended")
WRITE_UNITS = 50
"""Of one edit, where a provider counts them."""


class _PositionRefusedError(ProviderError):
    """The playlist sorts itself: its person is asked before anything is written elsewhere."""


class _Positioned:
    """A client that does not put at the end what was to stand elsewhere."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def add_items(self, playlist_id: str, track_ids: Sequence[str], position: int | None = None) -> Added:
        """Add as the client does; refuse otherwise than by `SelfSortedError`."""
        try:
            return self._client.add_items(playlist_id, track_ids, position)
        except SelfSortedError as error:
            raise _PositionRefusedError(error.message, provider=error.provider) from error


def is_needed(context: StepContext, tracks: Sequence[TargetTrack]) -> bool:
    """Tell whether the target is to be edited in places before its end."""
    if context.row.change_set_id is not None:
        return True
    with context.database.transaction(context.row.user_id) as connection:
        if mend_store.has_replaced(connection, context.row.id):
            return True
    if context.row.sorts_itself or context.row.into_likes:
        return False
    states = [track.write_state for track in tracks]
    return "none" in states and "written" in states[states.index("none") :]


def mend(context: StepContext) -> StageResult | None:
    """Make the edits; None when they are made, and the rest may be written. Raises `ProviderError`."""
    change_set = edits.stored(context)
    items = None
    if change_set is None:
        items = read_items(context.target, context.target_playlist_id, edits.CallBudget(context))
        if items is None:
            return Continue()
        plan = _plan(context, items)
        if context.row.sorts_itself and plan.is_positioned and not context.row.may_rewrite:
            return _ask(context, plan)
        change_set = edits.store(context, plan.operations, entries(items))
    client: Any = _Positioned(context.target)
    try:
        outcome = edits.apply(context, change_set, items, client)
    except _PositionRefusedError:
        return _refused_position(context, change_set)
    if not isinstance(outcome, ChangeSet):
        return outcome
    _finish(context, outcome)
    return None


@dataclass(frozen=True, slots=True)
class _Plan:
    operations: Sequence[Operation]
    behind: int
    """Entries that stand behind the first place at which something changes."""

    @property
    def is_positioned(self) -> bool:
        return any(one.kind is Kind.ADD for one in self.operations)


def _plan(context: StepContext, items: Sequence[PlaylistItem]) -> _Plan:
    """Plan the edits: each track behind the one before it, what it replaces taken out."""
    with context.database.transaction(context.row.user_id) as connection:
        rows = mend_store.list_replaced(connection, context.row.id)
    refs = _refs(rows, items)
    is_rewritten = context.row.sorts_itself and context.row.may_rewrite
    last_written = max((index for index, row in enumerate(rows) if row["id"] in refs), default=-1)
    plan, after = Numbering(), None
    last = entries(items)[-1].ref if items else None
    first: str | None = None
    for index, row in enumerate(rows):
        ref = refs.get(row["id"])
        if row["status"] == "matched" and row["write_state"] == "written":
            after = ref or after
            continue
        is_late = index < last_written and not context.row.into_likes
        first = first or ref or (after if is_late else None)
        added = None
        if row["status"] == "matched" and (ref or is_late) and not is_rewritten:
            added = plan.append(
                Kind.ADD, track_id=row["target_track_id"], subject=row["id"],
                after=last if context.row.into_likes else ref or after,
                title=row["target_title"] or "", artist=row["target_artist"] or "", reason=MENDED,
            )  # fmt: skip
        if ref is not None:
            plan.append(
                Kind.REMOVE, ref=ref, track_id=row["replaced"]["id"], subject=row["id"],
                requires=added and added.number, reason=MENDED,
            )  # fmt: skip
        after = added.ref if added else after
    order = [entry.ref for entry in entries(items)]
    behind = len(order) - order.index(first) - 1 if first in order else len(order)
    return _Plan(plan.operations, behind)


def _refs(rows: Sequence[Mapping[str, Any]], items: Sequence[PlaylistItem]) -> dict[int, str]:
    """Find the entries of tracks, or of what they replace, by the track's id."""
    stands = {}
    for row in rows:
        if (replaced := row["replaced"]) is not None:
            stands[row["id"]] = (
                replaced["id"], replaced.get("item_id"), replaced.get("title"), replaced.get("artist"),
            )  # fmt: skip
        elif row["write_state"] == "written":
            stands[row["id"]] = (
                row["target_track_id"], row["target_item_id"], row["target_title"], row["target_artist"],
            )  # fmt: skip
    relinker = Relinker([(one[0], one[2] or "", one[3] or "") for one in stands.values()])
    listed = entries(items)
    by_item = {entry.item_id: entry.ref for entry in listed if entry.item_id is not None}
    found = {key: by_item[one[1]] for key, one in stands.items() if one[1] in by_item}
    taken = set(found.values())
    free: dict[str, deque[str]] = defaultdict(deque)
    for entry, item in zip(listed, items, strict=True):
        if entry.ref not in taken:
            free[relinker.id_of(item.track)].append(entry.ref)
    for key, one in stands.items():
        if key not in found and free[one[0]]:
            found[key] = free[one[0]].popleft()
    return found


def _finish(context: StepContext, done: ChangeSet) -> None:
    """Save what became of the tracks; what was rewritten is written again behind."""
    rows: dict[int, dict[str, Any]] = {}
    for one in done.operations:
        if one.subject is None:
            continue
        if one.kind is Kind.ADD:
            is_added = one.state is State.DONE
            rows[one.subject] = {
                "id": one.subject, "is_added": is_added, "is_refused": not is_added,
                "item_id": one.item_id,
                **store.error_columns(None if is_added else one.error or Status("left-out")),
            }  # fmt: skip
        else:
            rows.setdefault(one.subject, {"id": one.subject, "is_added": False, "is_refused": False})
    _end(context, rows)


def _end(context: StepContext, rows: Mapping[int, Mapping[str, Any]], **changes: Any) -> None:
    context.commit(
        TrackChange(mend_store.SAVE_MENDED, list(rows.values())) if rows else None,
        change_set_id=None,
        attempts=0,
        **changes,
    )
    count_again(context)


def count_again(context: StepContext) -> None:
    """Count the playlist's tracks again, for the row at hand, too."""
    row = context.row
    with context.database.transaction(row.user_id) as connection:
        row.matched_count, row.failed_count, row.written_count = mend_store.count_again(connection, row.id)


def _refused_position(context: StepContext, change_set: ChangeSet) -> StageResult | None:
    """Discard the edits: late tracks are written another way, and replacements are asked about."""
    change_set = edits.stored(context) or change_set
    made = [one for one in change_set.operations if one.kind is Kind.ADD and one.state is State.DONE]
    rows = {
        one.subject: {"id": one.subject, "is_added": True, "is_refused": False, "item_id": one.item_id}
        for one in made
        if one.subject is not None
    }
    with context.database.transaction(context.row.user_id) as connection:
        change_sets.discard(connection, change_set.id, context.now())
    _end(context, rows, sorts_itself=True)
    has_replaced = any(one.kind is Kind.REMOVE for one in change_set.operations)
    if not has_replaced:
        return None
    order = [entry.ref for entry in change_set.before]
    first = next(one.ref for one in change_set.operations if one.kind is Kind.REMOVE)
    behind = len(order) - order.index(first) - 1 if first in order else len(order)
    return _ask(context, _Plan(change_set.operations, behind))


def _ask(context: StepContext, plan: _Plan) -> StageResult:
    """Tell the price of cutting the playlist back and writing it again, and wait for a word."""
    edits = 2 * plan.behind + sum(one.kind in (Kind.ADD, Kind.REMOVE) for one in plan.operations)
    units = WRITE_UNITS * edits if context.target.limits.add_batch == 1 else edits
    about = {"provider": context.row.target_provider, "entries": plan.behind, "units": units}
    return Fail(Status("mend-costs", about))

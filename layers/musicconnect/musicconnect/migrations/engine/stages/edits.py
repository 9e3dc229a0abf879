"""Edit the target by change sets: stored before they are made, each edit made exactly once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from musicconnect.changes import service as change_sets
from musicconnect.changes.applier import Applied, Applier, Unfinished, Waiting
from musicconnect.changes.journal import LeasedJournal
from musicconnect.changes.model import ChangeSet, Draft, Entry, Operation
from musicconnect.migrations.engine import mend_store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.transitions import Continue, StageResult, Wait, waiting
from musicconnect.music.model import PlaylistItem

OWNER = "migrations"


@dataclass(frozen=True, slots=True)
class CallBudget:
    """The calls of a step, for whoever reads a playlist."""

    context: StepContext

    def reserve(self, most: int) -> int:
        """Reserve calls of the step."""
        return self.context.budget.reserve(most)


def stored(context: StepContext) -> ChangeSet | None:
    """Load the edits that are being made, if there are any."""
    if context.row.change_set_id is None:
        return None
    with context.database.transaction(context.row.user_id) as connection:
        return change_sets.load(connection, context.row.change_set_id)


def store(
    context: StepContext, operations: Sequence[Operation], before: Sequence[Entry], **changes: Any
) -> ChangeSet:
    """Store edits of the target as it is, together with other changes of the playlist's row."""
    row = context.row
    assert row.target_playlist_id is not None
    draft = Draft(row.target_provider, row.target_playlist_id, before, operations)
    made: list[ChangeSet] = []

    def also(connection: Connection[Any]) -> None:
        set_id = change_sets.create(
            connection, user_id=row.user_id, owner=OWNER, owner_id=row.id, draft=draft, now=context.now()
        )
        mend_store.set_change_set(connection, row.id, set_id)
        loaded = change_sets.load(connection, set_id)
        assert loaded is not None
        made.append(loaded)

    context.commit(also=also, **changes)
    context.row.change_set_id = made[0].id
    return made[0]


def apply(
    context: StepContext,
    change_set: ChangeSet,
    items: Sequence[PlaylistItem] | None = None,
    client: Any = None,
) -> ChangeSet | StageResult:
    """Make stored edits; gives them as they are then, or how the step ends. Raises `ProviderError`.

    Args:
        context: Of the step.
        change_set: What to make.
        items: The target, where it has just been read whole.
        client: Another one than the target's own.
    """
    match Applier(client or context.target, _journal(context), change_set).run(items):
        case Unfinished():
            return Continue()
        case Waiting(until):
            row = context.row
            counts = {"written": row.written_count, "matched": row.matched_count}
            state = waiting("write-in-doubt", row.target_provider, until, **counts)
            return Wait(until=until, state=state, waiting_for="provider", attempts=row.attempts)
        case Applied(done):
            return done


def _journal(context: StepContext) -> LeasedJournal:
    def commit(write: Any, is_progress: bool) -> None:
        changes: dict[str, Any] = {"attempts": 0} if is_progress else {}
        context.commit(also=write, **changes)

    def reserve(most: int) -> int:
        if not context.may_continue():
            return 0
        return 1 + (context.budget.reserve(most - 1) if most > 1 else 0)

    return LeasedJournal(commit, reserve)

"""Decide what comes next for a playlist. Pure: state and outcome in, decision out."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from musicconnect.migrations.engine.sequence_diff import PlaylistDiff
from musicconnect.music.model import ListKind
from musicconnect.platform.status import Status
from musicconnect.platform.work.backoff import exponential
from musicconnect.providers import errors
from musicconnect.providers.registry import NEW_PLAYLISTS


class Stage(StrEnum):
    """The stages of a playlist, in order."""

    READ = "read"
    MATCH = "match"
    CREATE = "create"
    WRITE = "write"
    VERIFY = "verify"
    UNDO = "undo"
    """Not on the way: entered by a rollback."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a playlist's tracks are."""

    total: int = 0
    """In the source: as listed, and exact once it is read."""
    matched: int = 0
    failed: int = 0
    """Those that need a review included."""
    review: int = 0
    written: int = 0


@dataclass(frozen=True, slots=True)
class Advance:
    """Go on with this stage at once."""

    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing more before ``until``."""

    until: datetime
    state: Status
    waiting_for: Literal["quota", "provider"] | None
    attempts: int
    """Failures in a row, this one included."""


@dataclass(frozen=True, slots=True)
class Fail:
    """The playlist cannot be migrated; the state tells its person what to do."""

    state: Status


@dataclass(frozen=True, slots=True)
class Continue:
    """The step's budget is spent; the next one goes on from here."""


type Verdict = Advance | Wait | Fail
type StageResult = Verdict | Continue

MAX_ATTEMPTS = 48
"""Failures in a row of one call before a playlist is given up: a day and a half of them."""
MAX_CRASHES = 10
"""Steps in a row that ended in a bug of ours."""
INITIAL_BACKOFF_S, MAX_BACKOFF_S = 1.0, 3600.0
"""Between two attempts."""
MAX_REREADS = 5
"""How often a source that changes while it is read is read again at once."""
MAX_LOOKS = 5
"""Looks at a target that is not as it should be, before that is believed."""
MAX_REPAIRS = 2
MAX_NOT_FOUND = 3
"""Attempts at a target that is not found: one that was made a moment ago is not known everywhere at once."""
CONSISTENCY_DELAY = timedelta(seconds=5)
"""How long after a write its absence from a list proves nothing: YouTube's lists lag behind its writes."""


def progress(stage: Stage, counts: Counts, kind: ListKind = ListKind.PLAYLIST) -> Status:
    """Give the state of a playlist that is being worked on."""
    match stage:
        case Stage.READ:
            return Status("reading", {"total": counts.total} | _of_kind(kind))
        case Stage.MATCH:
            return Status("matching", {"done": counts.matched + counts.failed, "total": counts.total})
        case Stage.CREATE:
            return Status("creating", {"matched": counts.matched, "total": counts.total})
        case Stage.WRITE:
            return Status("writing", {"written": counts.written, "matched": counts.matched})
        case Stage.VERIFY:
            return Status("verifying", {"written": counts.written})
        case Stage.UNDO:
            return Status("rolling-back")
        case Stage.DONE:
            return ended(counts)


def _of_kind(kind: ListKind) -> dict[str, str]:
    """Give the parameter that says what is counted, where it is no tracks."""
    return {} if kind is ListKind.PLAYLIST else {"kind": kind.value}


def ended(
    counts: Counts,
    *,
    target: str = "",
    dry_run: bool = False,
    is_rollback: bool = False,
    kept: int = 0,
    kind: ListKind = ListKind.PLAYLIST,
) -> Status:
    """Give the state of a playlist that is done.

    Args:
        counts: Of its tracks.
        target: Its provider.
        dry_run: Whether nothing was to be written.
        is_rollback: Whether what was written was to be taken out.
        kept: Entries gone from the source that an update left in the target, since they were too many.
        kind: What it holds.
    """
    if is_rollback:
        return Status("rolled-back")
    about: dict[str, Any] = _of_kind(kind) | ({"kept": kept, "provider": target} if kept else {})
    if dry_run:
        return Status("dry-run-completed", {"provider": target, **asdict(counts), **_of_kind(kind)})
    return Status("completed", asdict(counts) | about) if counts.total else Status("empty", about)


def refusal(error: errors.ProviderError, stage: Stage) -> Status:
    """Give the state of a playlist that a permanent error has ended."""
    if isinstance(error, errors.NotFoundError):
        return Status("source-gone" if stage is Stage.READ else "target-gone", {"provider": error.provider})
    return error.status


def track_refusal(error: errors.ProviderError, kind: ListKind = ListKind.PLAYLIST) -> Status:
    """Give the state of a track that the target refuses for good."""
    match error:
        case errors.PlaylistFullError():
            return Status("playlist-full", {"provider": error.provider} | _of_kind(kind))
        case errors.DuplicateRefusedError():
            return Status("duplicate-refused", {"provider": error.provider})
        case _:
            return Status("refused-by-provider", {"provider": error.provider, "message": error.message})


def waiting(code: str, provider: str, until: datetime, **params: Any) -> Status:
    """Give the state of a playlist that rests until a time."""
    return Status(code, {"provider": provider, "until": until.isoformat(), **params})


def following(stage: Stage, counts: Counts) -> Stage:
    """Give the stage after one that is finished."""
    if stage is Stage.MATCH and counts.total > 0 and counts.matched == 0:
        return Stage.DONE  # Nothing to write: an empty playlist would be of no use to anybody.
    if stage is Stage.VERIFY:
        return Stage.DONE
    stages = list(Stage)
    return stages[min(stages.index(stage) + 1, len(stages) - 1)]


def on_error(
    error: errors.ProviderError, *, stage: Stage, attempts: int, counts: Counts, now: datetime, seed: str
) -> Wait | Fail:
    """Decide what a provider's error means for the playlist.

    ``attempts`` are the failures in a row before this one; ``seed`` is that of the jitter.
    """
    match error:
        case errors.QuotaExhaustedError():
            until = max(error.until, now + timedelta(seconds=1))
            code = "waiting-for-new-playlists" if error.bucket == NEW_PLAYLISTS else "waiting-for-quota"
            state = waiting(code, error.provider, until, progress=progress(stage, counts).to_json())
            return Wait(until=until, state=state, waiting_for="quota", attempts=attempts)
        case errors.RetryableError():
            retry_after = error.retry_after or 0.0
            if error.may_have_applied:
                retry_after = max(retry_after, CONSISTENCY_DELAY.total_seconds())
        case errors.NotFoundError() | errors.RejectedError() if stage is Stage.MATCH:
            retry_after = 0.0  # Nothing that a search names can be gone or wrong: the provider is not itself.
        case errors.NotFoundError() if stage is Stage.CREATE:
            retry_after = 0.0
        case errors.NotFoundError() if stage is not Stage.READ and attempts < MAX_NOT_FOUND:
            retry_after = CONSISTENCY_DELAY.total_seconds()
        case _:
            return Fail(refusal(error, stage))
    attempts += 1
    about: dict[str, Any] = {"provider": error.provider, "attempts": attempts}
    if attempts >= MAX_ATTEMPTS:
        return Fail(Status("gave-up", {**about, "message": error.message}))
    backoff = exponential(attempts, initial_s=INITIAL_BACKOFF_S, max_s=MAX_BACKOFF_S, seed=seed)
    until = now + max(timedelta(seconds=retry_after), backoff)
    cause = (
        error.status
        if isinstance(error, errors.RetryableError)
        else Status("provider-unavailable", {"provider": error.provider})
    )
    about |= {"cause": cause.to_json(), "progress": progress(stage, counts).to_json()}
    state = waiting("waiting-for-provider", until=until, **about)
    return Wait(until=until, state=state, waiting_for="provider", attempts=attempts)


def after_change(*, rereads: int, now: datetime, seed: str) -> Verdict:
    """Decide about a source that was another at the end of reading than at its beginning."""
    if rereads < MAX_REREADS:
        return Advance(Stage.READ)
    if rereads >= 2 * MAX_REREADS:
        return Fail(Status("source-changed"))
    backoff = exponential(rereads + 1, initial_s=INITIAL_BACKOFF_S, max_s=MAX_BACKOFF_S, seed=seed)
    until = now + timedelta(minutes=1) + backoff
    state = Status("source-changing", {"until": until.isoformat()})
    return Wait(until=until, state=state, waiting_for="provider", attempts=0)


def visible_after(intended_at: datetime | None, now: datetime) -> datetime | None:
    """Tell until when a write may still come to be visible in a list; None: it was not made."""
    if intended_at is None or now >= intended_at + CONSISTENCY_DELAY:
        return None
    return intended_at + CONSISTENCY_DELAY


@dataclass(frozen=True, slots=True)
class RemoveDuplicates:
    """Take out what stands there twice, and write again what goes with it."""


@dataclass(frozen=True, slots=True)
class RewriteMissing:
    """Write these again."""

    missing: tuple[int, ...]
    """Indices into what was written, the last ones."""


def after_verification(
    diff: PlaylistDiff,
    written: int,
    *,
    looks: int,
    repairs: int,
    target: str,
    now: datetime,
    doubtful: Collection[str] = (),
) -> Verdict | RewriteMissing | RemoveDuplicates:
    """Decide what to do after reading a finished target back.

    Args:
        diff: How it differs from what was written.
        written: How many entries were written.
        looks: Looks before this one that showed too little.
        repairs: How often missing entries were written again.
        target: Its provider.
        now: The time of the look.
        doubtful: Ids of entries that were written again after a write that seemed not to have arrived.
    """
    if diff.is_complete:
        return Advance(Stage.DONE)
    if diff.doubled and set(diff.doubled) <= set(doubtful) and repairs < MAX_REPAIRS:
        return RemoveDuplicates()  # It had arrived after all, late. Others' doubles are none of our business.
    only_late = not diff.doubled and diff.is_in_order
    if only_late and looks < MAX_LOOKS:
        until = now + CONSISTENCY_DELAY * 2**looks
        missing = len(diff.missing)
        state = waiting("not-all-visible", target, until, missing=missing, written=written)
        return Wait(until=until, state=state, waiting_for="provider", attempts=0)
    if diff.misses_only_the_end(written) and repairs < MAX_REPAIRS:
        return RewriteMissing(diff.missing)
    counts = {"missing": len(diff.missing), "doubled": len(diff.doubled), "reordered": not diff.is_in_order}
    return Fail(Status("not-as-written", {"provider": target, **counts}))


def may_have_applied(error: errors.ProviderError) -> bool:
    """Tell whether a write that ended in this error could have taken effect all the same."""
    return isinstance(error, errors.RetryableError) and error.may_have_applied


def after_crash(attempts: int) -> Fail | None:
    """Fail after too many steps in a row that ended in a bug of ours."""
    return Fail(Status("internal-error")) if attempts >= MAX_CRASHES else None

"""What goes on, in plain words. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from musicconnect.providers import errors
from musicconnect.providers.registry import title

if TYPE_CHECKING:
    from musicconnect.migrations.engine.sequence_diff import PlaylistDiff
    from musicconnect.migrations.engine.transitions import Counts, Stage

LONGEST_NAME = 60
"""Characters of a playlist's name that a message quotes."""


def plural(count: int, singular: str, several: str | None = None) -> str:
    """``1 track``, ``2 tracks``."""
    return f"{count:,} {singular if count == 1 else several or singular + 's'}"


def moment(at: datetime, now: datetime) -> str:
    """``08:00 UTC`` today, ``Mon 23 Nov, 08:00 UTC`` on another day."""
    return f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at:%a} {at.day} {at:%b, %H:%M} UTC"


def quoted(name: str) -> str:
    """A playlist's name, short enough for a message."""
    cut = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"
    return f"“{cut}”"


def progress(stage: "Stage", counts: "Counts") -> str:
    """How far a playlist is: ``61 of 240 written``."""
    match stage.value:
        case "read":
            return f"read the source so far: {plural(counts.total, 'track')}"
        case "match":
            return f"{counts.matched + counts.failed:,} of {counts.total:,} looked up"
        case "create":
            return f"{counts.matched:,} of {counts.total:,} found"
        case "write":
            return f"{counts.written:,} of {counts.matched:,} written"
        case "undo":
            return "taking out what was written"
        case "verify":
            return f"all {counts.written:,} written, checking"
        case _:
            return finished(counts)


CANCELLED = "You cancelled it. What was written by then is still there."
ROLLED_BACK = "rolled back: what this migration wrote was taken out again"


def with_finish(message: str, at: datetime, now: datetime) -> str:
    """The message with when it will be done: ``..., done about Thu 26 Nov``."""
    days = (at.date() - now.date()).days
    if days <= 0:
        return message if at <= now else f"{message}, done about {at:%H:%M} UTC"
    return f"{message}, done about {at:%a} {at.day} {at:%b}"


def with_cost(message: str, units: int | None, days: int, provider: str) -> str:
    """The message of a dry run with what writing would take."""
    if units is None:
        return message
    return (
        f"{message}; writing them takes {plural(units, 'unit')} of {title(provider)}'s, {plural(days, 'day')}"
    )


def paused(message: str) -> str:
    """What a migration that the person paused is called."""
    return message if message.startswith("paused") else f"paused; {message}"


def dry_run_ended(counts: "Counts") -> str:
    """How a dry run ended."""
    return f"dry run: {counts.matched:,} of {plural(counts.total, 'track')} would be written"


def dry_run_done(playlists: "Sequence[PlaylistState]", target: str) -> str:
    """How a migration that was a dry run ended."""
    total, matched = (
        sum(entry.track_count for entry in playlists), sum(entry.matched_count for entry in playlists)
    )  # fmt: skip
    review = sum(entry.review_count for entry in playlists)
    message = f"dry run: {matched:,} of {plural(total, 'track')} would be written to {title(target)}"
    return f"{message}, {review:,} would need your review" if review else message


def ended(counts: "Counts", *, dry_run: bool, is_rollback: bool) -> str:
    """How a playlist ended."""
    if is_rollback:
        return ROLLED_BACK
    return dry_run_ended(counts) if dry_run else finished(counts)


def finished(counts: "Counts") -> str:
    """How a playlist ended: ``238 of 240 tracks written, 2 need your review``."""
    if counts.total == 0:
        return "the playlist is empty"
    parts = [f"{counts.written:,} of {plural(counts.total, 'track')} written"]
    if counts.review:
        parts.append(f"{counts.review:,} need{'s' if counts.review == 1 else ''} your review")
    if others := counts.failed - counts.review:
        parts.append(f"{others:,} could not be moved")
    if counts.matched == 0:
        parts.append("no playlist was made")
    return ", ".join(parts)


def waiting_for_quota(provider: str, until: datetime, now: datetime, so_far: str) -> str:
    """``waiting for YouTube quota until 08:00 UTC, 61 of 240 written``."""
    return f"waiting for {title(provider)} quota until {moment(until, now)}, {so_far}"


def waiting_for_provider(
    error: errors.ProviderError, until: datetime, now: datetime, attempts: int, so_far: str
) -> str:
    """What a burst limit or an outage is called."""
    name = title(error.provider)
    what = (
        f"{name} asks us to slow down"
        if isinstance(error, errors.RateLimitedError)
        else f"{name} does not answer properly"
    )
    tries = "" if attempts == 1 else f" (attempt {attempts + 1})"
    return f"{what}; trying again at {moment(until, now)}{tries}, {so_far}"


def in_doubt(provider: str, until: datetime, now: datetime, counts: "Counts") -> str:
    """What a write without a known result is called."""
    return (
        f"finding out whether {title(provider)} took the last entry, looking again at {moment(until, now)}; "
        f"{counts.written:,} of {counts.matched:,} written"
    )


def not_all_shown(provider: str, missing: int, written: int, until: datetime, now: datetime) -> str:
    """What a list that lags behind the writes is called."""
    return (
        f"all {written:,} written; {title(provider)} does not show {missing:,} of them yet, "
        f"looking again at {moment(until, now)}"
    )


def not_as_written(provider: str, comparison: "PlaylistDiff") -> str:
    """Why a target that was written does not pass the check."""
    found = []
    if comparison.missing:
        found.append(f"{plural(len(comparison.missing), 'entry', 'entries')} missing")
    if comparison.doubled:
        found.append(f"{plural(len(comparison.doubled), 'entry', 'entries')} there too often")
    if not comparison.is_in_order:
        found.append("another order")
    return (
        f"The playlist on {title(provider)} is not as it was written: {', '.join(found)}. "
        "It may have been changed there meanwhile."
    )


def gave_up(error: errors.ProviderError, attempts: int) -> str:
    """Why a retryable error became a failure."""
    return (
        f"{title(error.provider)} did not answer properly {attempts} times in a row: "
        f"{_sentence(error.message)} Start the migration again later."
    )


def refusal(error: errors.ProviderError, *, reading: bool) -> str:
    """Why a permanent error ends a migration, and what the person can do.

    Args:
        error: What the provider said.
        reading: Whether it was about the source; the target otherwise.
    """
    name, link = title(error.provider), f"POST /v1/providers/{error.provider}/link"
    again = "then start the migration again"
    match error:
        case errors.NotLinkedError():
            return f"No {name} account is linked any more. Link one ({link}), {again}."
        case errors.ConsentRevokedError():
            return f"{name} no longer accepts our access. Link the account again ({link}), {again}."
        case errors.ScopeMissingError():
            return (
                f'Our access to {name} is too narrow. Link it with {{"access": "write"}} ({link}), {again}.'
            )
        case errors.NoChannelError():
            return f"The Google account has no YouTube channel. Create one at youtube.com, {again}."
        case errors.NotFoundError() if reading:
            return f"The playlist is no longer on {name}."
        case errors.NotFoundError():
            return (
                f"The new playlist is no longer on {name}: it was deleted there. Start the migration again."
            )
        case _ if reading:
            return f"{name} does not let us read the playlist: {_sentence(error.message)}"
        case _:
            return f"{name} refuses to take the playlist: {_sentence(error.message)}"


def refused_track(error: errors.ProviderError) -> str:
    """Why one track was not taken by the target."""
    name = title(error.provider)
    match error:
        case errors.PlaylistFullError():
            return f"the playlist is full: {name} takes no more"
        case errors.DuplicateRefusedError():
            return f"{name} refuses the same entry twice in one playlist; it stands there once"
        case _:
            return f"{name} refused it: {error.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistState:
    """What a job's status is made from."""

    source_name: str
    status: str
    stage_message: str
    error_message: str | None
    waiting_for: str | None
    due_at: datetime | None
    track_count: int
    matched_count: int
    failed_count: int
    review_count: int
    written_count: int


def job_status(playlists: Sequence[PlaylistState], target: str) -> tuple[str, str]:
    """Status and message of a job whose playlists are in these states.

    Args:
        playlists: All of them, at least one.
        target: Registry key of the provider they go to.
    """
    failed = [entry for entry in playlists if entry.status == "failed"]
    open_ones = [entry for entry in playlists if entry.status in ("pending", "running")]
    if not open_ones:
        if failed:
            return "failed", _failures(failed, len(playlists))
        return "completed", f"{plural(len(playlists), 'playlist')} done: {_sum(playlists, target)}"
    if all(entry.status == "pending" for entry in playlists):
        return "pending", "waiting to begin"
    parts = [] if len(playlists) == 1 else [f"{len(playlists) - len(open_ones)} of {len(playlists)} done"]
    if failed:
        parts.append(f"{len(failed)} failed")
    working = [entry for entry in open_ones if entry.status == "running" and entry.waiting_for is None]
    waiting = sorted(
        (entry for entry in open_ones if entry.waiting_for is not None),
        key=lambda entry: (entry.due_at is None, entry.due_at, entry.source_name),
    )
    speaking = (working or waiting or open_ones)[0]
    message = speaking.stage_message or "waiting to begin"
    parts.append(message if len(playlists) == 1 else f"{quoted(speaking.source_name)}: {message}")
    return "running", "; ".join(parts)


def _failures(failed: Sequence[PlaylistState], total: int) -> str:
    shown = [
        f"{quoted(entry.source_name)}: {entry.error_message or 'unknown reason'}" for entry in failed[:3]
    ]
    if len(failed) > len(shown):
        shown.append(f"and {len(failed) - len(shown)} more")
    return f"{len(failed)} of {plural(total, 'playlist')} failed. " + " ".join(map(_sentence, shown))


def _sum(playlists: Iterable[PlaylistState], target: str) -> str:
    total = written = failed = review = 0
    for entry in playlists:
        total += entry.track_count
        written += entry.written_count
        failed += entry.failed_count
        review += entry.review_count
    parts = [f"{written:,} of {plural(total, 'track')} written to {title(target)}"]
    if review:
        parts.append(f"{review:,} need{'s' if review == 1 else ''} your review")
    if failed - review:
        parts.append(f"{failed - review:,} could not be moved")
    return ", ".join(parts)


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else text + "."

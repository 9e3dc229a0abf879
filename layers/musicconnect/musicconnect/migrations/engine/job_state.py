"""Derive a migration's state from its playlists. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from musicconnect.platform.status import Status

MAX_FAILURES = 3
"""Playlists that a failed migration names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistState:
    """What a migration's state is derived from."""

    source_name: str
    status: str
    status_code: str
    status_params: dict[str, Any]
    waiting_for: str | None
    due_at: datetime | None
    track_count: int
    matched_count: int
    failed_count: int
    review_count: int
    written_count: int
    finished_at: datetime | None = None
    kind: str = "playlist"

    def to_json(self) -> dict[str, Any]:
        """Give name and state, as parameters of a migration's state."""
        return {"name": self.source_name, "status": Status(self.status_code, self.status_params).to_json()}


def job_state(
    playlists: Sequence[PlaylistState],
    target: str,
    *,
    stop: Literal["pause", "cancel"] | None = None,
    dry_run: bool = False,
    is_rollback: bool = False,
) -> tuple[str, Status]:
    """Give the value of ``jobs.status`` and the state of a migration of one or more playlists."""
    failed = [entry for entry in playlists if entry.status == "failed"]
    unfinished = [entry for entry in playlists if entry.status in ("pending", "running")]
    if unfinished:
        status, state = _unfinished(playlists, unfinished, len(failed))
        return status, Status("paused", {"status": state.to_json()}) if stop == "pause" else state
    if failed:
        if stop == "cancel" and any(entry.status_code == "cancelled" for entry in failed):
            return "failed", Status("cancelled")
        failures = [entry.to_json() for entry in failed[:MAX_FAILURES]]
        about = {"failed": len(failed), "total": len(playlists), "failures": failures}
        return "failed", Status("failed", about)
    if is_rollback:
        return "completed", Status("rolled-back")
    counts: dict[str, Any] = {
        "provider": target,
        "playlists": len(playlists),
        "total": sum(entry.track_count for entry in playlists),
        "matched": sum(entry.matched_count for entry in playlists),
        "failed": sum(entry.failed_count for entry in playlists),
        "review": sum(entry.review_count for entry in playlists),
        "written": sum(entry.written_count for entry in playlists),
    }
    kinds = {entry.kind for entry in playlists}
    if len(kinds) == 1 and "playlist" not in kinds:
        counts["kind"] = kinds.pop()
    if kept := sum(entry.status_params.get("kept", 0) for entry in playlists):
        counts["kept"] = kept
    return "completed", Status("dry-run-completed" if dry_run else "migration-completed", counts)


def _unfinished(
    playlists: Sequence[PlaylistState], unfinished: Sequence[PlaylistState], failed: int
) -> tuple[str, Status]:
    if all(entry.status == "pending" for entry in playlists):
        return "pending", Status("waiting-to-start")
    working = [entry for entry in unfinished if entry.status == "running" and entry.waiting_for is None]
    waiting = sorted(
        (entry for entry in unfinished if entry.waiting_for is not None),
        key=lambda entry: (entry.due_at is None, entry.due_at, entry.source_name),
    )
    current = next(iter([*working, *waiting]), None)
    if current is not None and len(playlists) == 1:
        return "running", Status(current.status_code, current.status_params)
    counts = {"done": len(playlists) - len(unfinished), "failed": failed, "total": len(playlists)}
    return "running", Status("working", {**counts, "current": current and current.to_json()})

"""Decide what a person is told about a migration. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from musicconnect.migrations.engine.job_state import PlaylistState
from musicconnect.platform.status import Status

NEEDS_PERSON: Final = frozenset({"consent-needed", "not-linked"})
"""States of failed playlists that only the person can mend: by linking the account again."""


@dataclass(frozen=True, slots=True)
class News:
    """Something to be told, once for each key."""

    code: Literal["migration-completed", "migration-needs-you", "migration-stopped"]
    params: dict[str, Any]
    key: str


def news(
    job_id: int,
    target: str,
    playlists: Sequence[PlaylistState],
    *,
    before: str,
    after: str,
    state: Status,
    kind: Literal["migration", "dry-run", "rollback"],
    now: datetime,
) -> Iterator[News]:
    """Give what is to be told when a migration's state was derived anew.

    That an account has to be linked again is told while other playlists go on, once until it is tried again:
    its key is when the first of them failed. What was cancelled is not told: whoever cancels knows.

    Args:
        job_id: The migration's.
        target: Provider it writes to.
        playlists: Its playlists.
        before: Value of ``jobs.status`` until now.
        after: Its value from now on.
        state: Of the migration.
        kind: What it does.
        now: The current time.
    """
    about = {"migration_id": job_id, "target": target, "kind": kind}
    failed = [one for one in playlists if one.status == "failed"]
    needing = [one for one in failed if one.status_code in NEEDS_PERSON]
    is_end = before in {"pending", "running"} and after in {"completed", "failed"}
    if needing and state.code != "cancelled":
        first = min(needing, key=lambda one: one.finished_at or now)
        yield News(
            "migration-needs-you",
            {**about, "reason": "consent", "provider": first.status_params.get("provider", target)},
            f"migration-needs-you:{job_id}:{(first.finished_at or now).isoformat()}",
        )
    if not is_end or state.code == "cancelled":
        return
    if after == "failed":
        if len(needing) < len(failed):
            counts = {"failed": len(failed), "total": len(playlists)}
            yield News("migration-stopped", {**about, **counts}, _key("migration-stopped", job_id, now))
        return
    counts = {
        "total": sum(one.track_count for one in playlists),
        "written": sum(one.written_count for one in playlists),
        "review": sum(one.review_count for one in playlists),
    }
    if counts["review"] and kind == "migration":
        params = {**about, **counts, "reason": "review"}
        yield News("migration-needs-you", params, _key("migration-needs-you", job_id, now))
    else:
        yield News("migration-completed", {**about, **counts}, _key("migration-completed", job_id, now))


def _key(code: str, job_id: int, now: datetime) -> str:
    return f"{code}:{job_id}:{now.isoformat()}"

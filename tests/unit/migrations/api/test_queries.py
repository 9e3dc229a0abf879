"""Progress of a migration from its playlists."""

from datetime import UTC, datetime, timedelta
from typing import Any

from musicconnect.migrations.api import queries
from musicconnect.migrations.api.store import Summary

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def summary(**fields: Any) -> Summary:
    values: dict[str, Any] = {
        "job_id": 1, "status": "running", "stage": "write", "waiting_for": None, "count": 1, "due_at": NOW,
        "total": 0, "matched": 0, "failed": 0, "needs_review": 0, "written": 0, "progressed_at": None,
    }  # fmt: skip
    return Summary(**values | fields)


def test_progress_of_nothing_is_none() -> None:
    progress = queries.progress_of([])
    assert (progress.percent, progress.tracks.total) == (0, 0)


def test_progress_counts_finding_and_writing_alike() -> None:
    assert queries.progress_of([summary(total=100, matched=50)]).percent == 25
    assert queries.progress_of([summary(total=100, matched=90, failed=10, written=90)]).percent == 99
    assert queries.progress_of([summary(total=100, matched=90, failed=10, written=40)]).percent == 75


def test_only_finished_jobs_are_at_a_hundred() -> None:
    done = summary(status="completed", stage="done", total=1000, matched=1000, written=1000)
    assert queries.progress_of([done]).percent == 100
    assert queries.progress_of([done, summary(status="pending", stage="read")]).percent == 99
    assert queries.progress_of([done, summary(total=1000)]).percent == 50


def test_a_job_waits_only_when_nothing_of_it_is_worked_on() -> None:
    waiting = summary(waiting_for="quota")
    assert queries.progress_of([waiting]).waiting_until == NOW
    assert queries.progress_of([waiting, summary()]).waiting_until is None
    assert queries.progress_of([waiting, summary(status="completed")]).waiting_for == "quota"


def test_nothing_has_a_speed_while_nothing_moves() -> None:
    begun = NOW - timedelta(hours=1)
    counts = {"total": 9, "matched": 9, "written": 5, "progressed_at": NOW}
    assert queries.progress_of([summary(**counts)], begun).tracks_per_hour == 5
    assert queries.progress_of([summary(waiting_for="quota", **counts)], begun).tracks_per_hour is None
    assert queries.progress_of([summary(**counts)], None).tracks_per_hour is None

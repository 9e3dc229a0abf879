"""A migration's state, from those of its playlists."""

from datetime import UTC, datetime
from typing import Any

import pytest

from musicconnect.migrations.engine.job_state import PlaylistState, job_state
from musicconnect.platform.status import Status

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def state(
    name: str = "Road trip", status: str = "running", code: str = "writing", **fields: Any
) -> PlaylistState:
    values: dict[str, Any] = {
        "status_params": {}, "waiting_for": None, "due_at": None, "track_count": 0, "matched_count": 0,
        "failed_count": 0, "review_count": 0, "written_count": 0,
    }  # fmt: skip
    return PlaylistState(source_name=name, status=status, status_code=code, **values | fields)


def named(name: str, code: str = "writing") -> dict[str, Any]:
    return {"name": name, "status": {"code": code, "params": {}}}


def test_a_job_is_pending_until_work_begins() -> None:
    states = [state(status="pending"), state(status="pending")]
    assert job_state(states, "youtube") == ("pending", Status("waiting-to-start"))


def test_a_job_of_one_has_its_playlists_state() -> None:
    assert job_state([state(status_params={"written": 1})], "youtube") == (
        "running",
        Status("writing", {"written": 1}),
    )


def test_a_job_of_several_tells_what_is_worked_on_before_what_waits() -> None:
    states = [
        state("A", "completed"),
        state("B", waiting_for="quota", due_at=NOW, code="waiting-for-quota"),
        state("C"),
        state("D", "failed", "source-gone"),
    ]
    assert job_state(states, "youtube") == (
        "running",
        Status("working", {"done": 2, "failed": 1, "total": 4, "current": named("C")}),
    )


def test_a_job_that_only_waits_tells_what_goes_on_first() -> None:
    later = datetime(2026, 11, 23, tzinfo=UTC)
    states = [
        state("A", waiting_for="quota", due_at=later),
        state("B", waiting_for="provider", due_at=NOW, code="waiting-for-provider"),
        state("C", "pending"),
    ]
    assert job_state(states, "youtube")[1].params["current"] == named("B", "waiting-for-provider")


def test_a_job_that_has_begun_does_not_wait_to_begin() -> None:
    states = [state("A", "completed"), state("B", "pending", "waiting-to-start")]
    assert job_state(states, "youtube") == (
        "running",
        Status("working", {"done": 1, "failed": 0, "total": 2, "current": None}),
    )


def test_a_paused_job_tells_where_it_stands() -> None:
    assert job_state([state()], "youtube", stop="pause") == (
        "running",
        Status("paused", {"status": {"code": "writing", "params": {}}}),
    )


def test_reviews_do_not_make_a_job_fail() -> None:
    states = [
        state(
            status="completed",
            track_count=10,
            matched_count=7,
            written_count=7,
            failed_count=3,
            review_count=2,
        ),
        state(status="completed", track_count=1, matched_count=1, written_count=1),
    ]
    counts = {"playlists": 2, "total": 11, "matched": 8, "failed": 3, "review": 2, "written": 8}
    assert job_state(states, "youtube") == (
        "completed",
        Status("migration-completed", {"provider": "youtube", **counts}),
    )
    assert job_state(states, "youtube", dry_run=True)[1].code == "dry-run-completed"
    assert job_state(states, "youtube", is_rollback=True)[1] == Status("rolled-back")


def test_a_failed_job_names_playlists_and_reasons() -> None:
    states = [state(f"P{n}", "failed", "source-gone") for n in range(5)] + [state("Q", "completed")]
    failures = [named(f"P{n}", "source-gone") for n in range(3)]
    assert job_state(states, "youtube") == (
        "failed",
        Status("failed", {"failed": 5, "total": 6, "failures": failures}),
    )


@pytest.mark.parametrize("other", [state("B", "completed"), state("B", "failed", "source-gone")])
def test_a_cancelled_job_is_called_cancelled(other: PlaylistState) -> None:
    states = [state("A", "failed", "cancelled"), other]
    assert job_state(states, "youtube", stop="cancel") == ("failed", Status("cancelled"))

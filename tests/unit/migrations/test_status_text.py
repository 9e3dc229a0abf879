"""What people read while they wait, and at the end."""

from datetime import UTC, datetime
from typing import Any

import pytest

from musicconnect.migrations import status_text
from musicconnect.migrations.engine.transitions import Counts, Stage
from musicconnect.migrations.status_text import PlaylistState
from musicconnect.providers import errors

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def state(name: str = "Road trip", status: str = "running", **fields: Any) -> PlaylistState:
    values: dict[str, Any] = {
        "stage_message": "", "error_message": None, "waiting_for": None, "due_at": None, "track_count": 0,
        "matched_count": 0, "failed_count": 0, "review_count": 0, "written_count": 0,
    }  # fmt: skip
    return PlaylistState(source_name=name, status=status, **values | fields)


@pytest.mark.parametrize(
    ("stage", "says"),
    [
        (Stage.READ, "read the source so far: 240 tracks"),
        (Stage.MATCH, "230 of 240 looked up"),
        (Stage.CREATE, "200 of 240 found"),
        (Stage.WRITE, "61 of 200 written"),
        (Stage.VERIFY, "all 61 written, checking"),
        (Stage.DONE, "61 of 240 tracks written, 10 need your review, 20 could not be moved"),
    ],
)
def test_progress_is_said_in_the_words_of_the_stage(stage: Stage, says: str) -> None:
    assert (
        status_text.progress(stage, Counts(total=240, matched=200, failed=30, review=10, written=61)) == says
    )


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        (Counts(), "the playlist is empty"),
        (Counts(total=1, matched=1, written=1), "1 of 1 track written"),
        (
            Counts(total=2, matched=1, written=1, failed=1, review=1),
            "1 of 2 tracks written, 1 needs your review",
        ),
        (Counts(total=2, failed=2), "0 of 2 tracks written, 2 could not be moved, no playlist was made"),
    ],
)
def test_the_end_is_summed_up(counts: Counts, says: str) -> None:
    assert status_text.finished(counts) == says


def test_times_of_other_days_come_with_the_day() -> None:
    assert status_text.moment(datetime(2026, 11, 22, 23, 5, tzinfo=UTC), NOW) == "23:05 UTC"
    assert status_text.moment(datetime(2026, 11, 23, 8, 0, tzinfo=UTC), NOW) == "Mon 23 Nov, 08:00 UTC"


def test_long_names_are_cut() -> None:
    assert status_text.quoted("x" * 5000) == "“" + "x" * 59 + "…”"


def test_a_job_is_pending_until_work_begins() -> None:
    assert status_text.job_status([state(status="pending"), state(status="pending")], "youtube") == (
        "pending",
        "waiting to begin",
    )


def test_a_job_of_one_speaks_with_the_playlists_words() -> None:
    assert status_text.job_status([state(stage_message="61 of 240 written")], "youtube") == (
        "running",
        "61 of 240 written",
    )


def test_a_job_of_several_says_what_is_worked_on_before_what_waits() -> None:
    states = [
        state("A", "completed"),
        state("B", waiting_for="quota", due_at=NOW, stage_message="waiting for YouTube quota"),
        state("C", stage_message="3 of 9 written"),
        state("D", "failed", error_message="gone"),
    ]
    assert status_text.job_status(states, "youtube") == (
        "running",
        "2 of 4 done; 1 failed; “C”: 3 of 9 written",
    )


def test_a_job_that_only_waits_says_for_what() -> None:
    later = datetime(2026, 11, 23, tzinfo=UTC)
    states = [
        state("A", waiting_for="quota", due_at=later, stage_message="waiting for quota"),
        state("B", waiting_for="provider", due_at=NOW, stage_message="trying again at 20:00 UTC"),
        state("C", "pending"),
    ]
    assert status_text.job_status(states, "youtube") == (
        "running",
        "0 of 3 done; “B”: trying again at 20:00 UTC",
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
    assert status_text.job_status(states, "youtube") == (
        "completed",
        "2 playlists done: 8 of 11 tracks written to YouTube, 2 need your review, 1 could not be moved",
    )


def test_a_failed_job_names_playlists_and_reasons() -> None:
    states = [state(f"P{n}", "failed", error_message=f"reason {n}") for n in range(5)] + [
        state("Q", "completed")
    ]
    assert status_text.job_status(states, "youtube") == (
        "failed",
        "5 of 6 playlists failed. “P0”: reason 0. “P1”: reason 1. “P2”: reason 2. and 2 more.",
    )


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (errors.PlaylistFullError("x", provider="youtube"), "the playlist is full: YouTube takes no more"),
        (
            errors.DuplicateRefusedError("x", provider="youtube"),
            "YouTube refuses the same entry twice in one playlist; it stands there once",
        ),
        (
            errors.RejectedError("The video is private.", provider="youtube"),
            "YouTube refused it: The video is private.",
        ),
    ],
)
def test_refused_tracks_say_why(error: errors.ProviderError, says: str) -> None:
    assert status_text.refused_track(error) == says

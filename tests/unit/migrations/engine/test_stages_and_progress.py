"""Names, descriptions, pages, percentages, budgets: the small decisions."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.migrations.api import queries
from musicconnect.migrations.api.store import Summary
from musicconnect.migrations.engine.context import MAX_STEP_S, StepBudget
from musicconnect.migrations.engine.stages.create import description_of, name_of
from musicconnect.migrations.engine.stages.read import rows_of, version_of
from musicconnect.migrations.engine.worker import budget_s
from musicconnect.music.model import ItemKind, Playlist, PlaylistItem, Track
from musicconnect.platform.text import storable_value
from musicconnect.providers.protocol import Limits

LIMITS = Limits(
    add_batch=1, remove_batch=1, removes_by_track=False, lookup_batch=50, page_size=50,
    search_limit=50, playlist_size=5000, name_length=100, description_length=300,
)  # fmt: skip
NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


@given(st.text())
def test_every_name_fits_in_one_line(name: str) -> None:
    made = name_of(name, LIMITS)
    assert 0 < len(made) <= LIMITS.name_length
    assert made == made.strip()
    assert made.isprintable()


@given(st.text(max_size=6000))
def test_every_description_fits_and_carries_the_marker(description: str) -> None:
    made = description_of(description, "mc-0123456789abcdef", "spotify", LIMITS)
    assert len(made) <= LIMITS.description_length
    assert "mc-0123456789abcdef" in made
    assert "\n" not in made


def test_where_there_is_room_for_nothing_else_the_marker_stands_alone() -> None:
    tiny = Limits(
        add_batch=1, remove_batch=1, removes_by_track=False, lookup_batch=1, page_size=1,
        search_limit=1, playlist_size=1, name_length=5, description_length=20,
    )  # fmt: skip
    assert description_of("text", "mc-0123456789abcdef", "spotify", tiny) == "mc-0123456789abcdef"
    assert name_of("Road trip", tiny) == "Road…"


def items(*tracks: Track) -> Sequence[PlaylistItem]:
    # Positions as a provider gives them that leaves entries out.
    return [PlaylistItem(position=7 * index, track=track) for index, track in enumerate(tracks)]


def test_every_place_is_taken_down_with_its_position_and_duplicates() -> None:
    track = Track(provider="spotify", id="a", title="A", artists=("X", "Y"))
    rows = rows_of(items(track, track), 50)
    assert [(row["position"], row["source_track_id"], row["status"]) for row in rows] == [
        (50, "a", "pending"),
        (51, "a", "pending"),
    ]
    assert rows[0]["source_artist"] == "X, Y"


@pytest.mark.parametrize(
    ("kind", "code"),
    [(ItemKind.LOCAL, "local-file"), (ItemKind.EPISODE, "episode"), (ItemKind.UNAVAILABLE, "unavailable")],
)
def test_what_cannot_be_moved_says_why_at_once(kind: ItemKind, code: str) -> None:
    (row,) = rows_of(items(Track(provider="spotify", id="", title="T", kind=kind)), 0)
    assert (row["status"], row["outcome"], row["source_track_id"]) == ("failed", "not_transferable", None)
    assert row["error_code"] == code
    assert row["error_message"]


def test_a_track_without_an_id_is_unavailable() -> None:
    (row,) = rows_of(items(Track(provider="spotify", id="", title="T")), 0)
    assert (row["source_kind"], row["status"]) == ("unavailable", "failed")


def test_videos_are_looked_for() -> None:
    (row,) = rows_of(items(Track(provider="youtube", id="v", title="T", kind=ItemKind.VIDEO)), 0)
    assert row["status"] == "pending"


def test_without_a_version_the_size_tells_states_apart() -> None:
    one = Playlist(provider="spotify", id="liked", name="Liked", track_count=3)
    two = Playlist(provider="spotify", id="liked", name="Liked", track_count=4)
    assert version_of(one) != version_of(two)
    assert version_of(Playlist(provider="s", id="p", name="P", track_count=3, version="v1")) == "v1"


@given(st.recursive(st.text() | st.integers() | st.none(), st.lists))
def test_whatever_a_provider_sends_can_be_stored(value: Any) -> None:
    text = repr(storable_value(value))
    assert "\x00" not in text
    text.encode()


def test_halves_of_surrogate_pairs_are_replaced() -> None:
    assert storable_value({"a": ["x\ud800y\x00z"]}) == {"a": ["x?yz"]}


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


@given(st.floats(0.1, 900))
def test_a_step_always_has_some_time_and_never_all(remaining: float) -> None:
    seconds = budget_s(remaining)
    assert 0 < seconds < remaining


def test_a_budget_ends_by_calls_and_by_time() -> None:
    few = StepBudget.of(60, calls=2)
    assert [few.may_call() for _ in range(3)] == [True, True, False]
    assert not StepBudget.of(0).may_call()
    assert StepBudget.of(math.inf).ends < StepBudget.of(2 * MAX_STEP_S).ends + MAX_STEP_S


def test_nothing_has_a_speed_while_nothing_moves() -> None:
    begun = NOW - timedelta(hours=1)
    counts = {"total": 9, "matched": 9, "written": 5, "progressed_at": NOW}
    assert queries.progress_of([summary(**counts)], begun).tracks_per_hour == 5
    assert queries.progress_of([summary(waiting_for="quota", **counts)], begun).tracks_per_hour is None
    assert queries.progress_of([summary(**counts)], None).tracks_per_hour is None

"""What people read while they wait, and at the end."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from musicconnect import migrations
from musicconnect.migrations import status_text
from musicconnect.platform.status import Reader, Status

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
READER = Reader(NOW)
COUNTS = {"total": 240, "matched": 200, "failed": 30, "review": 10, "written": 61}
WRITING = {"code": "writing", "params": {"written": 61, "matched": 200}}


@pytest.mark.parametrize(
    ("code", "params", "says"),
    [
        ("waiting-to-start", {}, "Waiting for its turn."),
        ("reading", {"total": 240}, "Reading the source, 240 tracks so far."),
        ("matching", {"done": 230, "total": 240}, "230 of 240 looked up."),
        ("writing", {"written": 61, "matched": 200}, "61 of 200 written."),
        ("verifying", {"written": 61}, "All 61 written, checking."),
        ("verifying", {"written": 0}, "Checking."),
        ("completed", COUNTS, "61 of 240 tracks written, 10 need your review, 20 could not be moved."),
        (
            "completed",
            {"total": 2, "matched": 1, "failed": 1, "review": 1, "written": 1},
            "1 of 2 tracks written, 1 needs your review.",
        ),
        (
            "completed",
            {"total": 2, "matched": 0, "failed": 2, "review": 0, "written": 0},
            "0 of 2 tracks written, 2 could not be moved, no playlist was made.",
        ),
        (
            "migration-completed",
            {**COUNTS, "provider": "youtube", "playlists": 2},
            "2 playlists done: 61 of 240 tracks written to YouTube, 10 need your review, "
            "20 could not be moved.",
        ),
        (
            "dry-run-completed",
            {**COUNTS, "provider": "youtube"},
            "Dry run: 200 of 240 tracks would be written to YouTube, 10 would need your review.",
        ),
        (
            "working",
            {"done": 2, "failed": 1, "total": 4, "current": {"name": "C", "status": WRITING}},
            "2 of 4 playlists done, 1 failed. “C”: 61 of 200 written.",
        ),
        ("working", {"done": 1, "failed": 0, "total": 2, "current": None}, "1 of 2 playlists done."),
        ("paused", {"status": WRITING}, "Paused. 61 of 200 written."),
        (
            "failed",
            {
                "failed": 5,
                "total": 6,
                "failures": [
                    {"name": "P", "status": {"code": "source-gone", "params": {"provider": "spotify"}}},
                    {"name": None, "status": {"code": "cancelled", "params": {}}},
                ],
            },
            "5 of 6 playlists failed. “P”: The playlist is no longer on Spotify. "
            "A playlist: You cancelled it. What was written by then is still there. And 3 more.",
        ),
        (
            "waiting-for-quota",
            {"provider": "youtube", "until": "2026-11-23T08:00:00+00:00", "progress": WRITING},
            "Waiting for YouTube's allowance until Mon 23 Nov, 08:00 UTC. 61 of 200 written.",
        ),
        (
            "waiting-for-provider",
            {
                "provider": "spotify",
                "until": "2026-11-22T20:05:00+00:00",
                "attempts": 2,
                "cause": {"code": "rate-limited", "params": {"provider": "spotify"}},
                "progress": WRITING,
            },
            "Spotify asks us to slow down. The next try is at 20:05 UTC (attempt 3). 61 of 200 written.",
        ),
        (
            "not-as-written",
            {"provider": "youtube", "missing": 2, "doubled": 1, "reordered": True},
            "The playlist on YouTube is not as it was written: 2 entries missing, 1 entry there too often, "
            "another order. It may have been changed there meanwhile.",
        ),
        ("no-match", {"reasons": []}, "No match: nothing comes close enough."),
        ("needs-review", {"reasons": ["a", "b"]}, "Needs review: a; b."),
        (
            "import-completed",
            {"provider": "youtube", "playlists": 1, "entries": 1, "failed": 2},
            "1 playlist with 1 entry, on the way to YouTube. 2 could not be read.",
        ),
    ],
)
def test_states_are_said_in_plain_words(code: str, params: dict[str, Any], says: str) -> None:
    assert status_text.render(Status(code, params), READER) == says


def test_times_are_those_of_the_reader() -> None:
    state = Status("source-changing", {"until": "2026-11-22T20:05:00+00:00"})
    berlin = Reader(NOW, ZoneInfo("Europe/Berlin"))
    assert status_text.render(state, berlin).endswith("The next try is at 21:05.")


def test_a_finish_is_told_by_time_today_and_by_day_later() -> None:
    assert status_text.with_finish("A.", NOW, READER) == "A."
    assert status_text.with_finish("A.", NOW.replace(hour=21), READER) == "A. Done about 21:00 UTC."
    assert status_text.with_finish("A.", NOW.replace(day=26), READER) == "A. Done about Thu 26 Nov."


def test_what_writing_costs_is_told_with_whose_allowance_it_is() -> None:
    assert status_text.with_cost("A.", 50, 1, "youtube") == (
        "A. Writing takes 50 units of YouTube's allowance, 1 day."
    )
    assert status_text.with_cost("A.", None, 1, "spotify") == "A."


def test_every_code_of_the_package_has_a_text() -> None:
    sources = Path(migrations.__file__).parent.rglob("*.py")
    codes = {
        code
        for path in sources
        for code in re.findall(r'\b(?:Status|waiting)\(\s*"([a-z-]+)"', path.read_text())
    }
    assert len(codes) > 25
    assert codes <= status_text.TEXTS.keys()


def test_no_text_names_a_route() -> None:
    assert "/v1/" not in Path(status_text.__file__).read_text()

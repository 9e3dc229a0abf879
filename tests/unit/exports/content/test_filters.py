"""Days of a time zone, and plans, which are functions of what was asked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from musicconnect.exports.content.filters import ExportFilters
from musicconnect.exports.model import Job
from musicconnect.exports.plan import StagedPlaylist, numbered, plan

JOB = Job(
    id=1, user_id=2, export_type="history_csv", status="running", status_code="writing", status_params={},
    requested_at=datetime(2026, 11, 22, 23, 59, tzinfo=UTC), started_at=None, completed_at=None, filters={},
    options={"json": "array", "bom": False, "compression": "none", "bundle": "auto"}, storage_token="t",
    rows_done=0, rows_expected=None, bytes_done=0, notes=[], position={}, attempts=1, request_hash=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "day", "since", "hours"),
    [
        ("UTC", "2026-01-01", "2026-01-01T00:00", 24),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00", 23),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00", 25),
        ("Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15", 24),
        # Midnight is left out there on that day: the day begins at one o'clock.
        ("America/Santiago", "2026-09-06", "2026-09-06T04:00", 23),
    ],
)
def test_days_begin_and_end_with_the_time_zones_midnights(
    zone: str, day: str, since: str, hours: int
) -> None:
    scope = ExportFilters.of(replace(JOB, filters={"from": day, "to": day, "time_zone": zone}))
    assert scope.since is not None
    assert scope.until is not None
    assert scope.since.astimezone(UTC) == datetime.fromisoformat(since).replace(tzinfo=UTC)
    assert scope.until.astimezone(UTC) - scope.since.astimezone(UTC) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("kind", "options", "name", "mime_type"),
    [
        ("history_csv", {}, "musicconnect-history-2026-11-22.csv", "text/csv; charset=utf-8"),
        (
            "history_csv",
            {"compression": "gzip"},
            "musicconnect-history-2026-11-22.csv.gz",
            "application/gzip",
        ),
        ("history_json", {"json": "lines"}, "musicconnect-history-2026-11-22.jsonl", "application/x-ndjson"),
        ("account_archive", {}, "musicconnect-archive-2026-11-22.zip", "application/zip"),
        ("playlists_xspf", {}, "musicconnect-playlists-2026-11-22.zip", "application/zip"),
    ],
)
def test_files_are_named_for_people(kind: Any, options: dict[str, str], name: str, mime_type: str) -> None:
    (planned,) = plan(replace(JOB, export_type=kind, options=JOB.options | options), [])
    assert (planned.name, planned.mime_type) == (name, mime_type)


def test_one_playlist_is_a_file_several_are_a_zip_unless_told_otherwise() -> None:
    lists = [
        StagedPlaylist(1, "spotify", "Same"),
        StagedPlaylist(2, "spotify", "same"),
        StagedPlaylist(3, "youtube", "../up"),
    ]
    job = replace(JOB, export_type="playlists_csv")
    (zipped,) = plan(job, lists)
    names = [document.name for document in zipped.documents]
    assert names[0] == "spotify/Same.csv"
    assert len({name.lower() for name in names}) == 3
    assert not [name for name in names if ".." in name or name.startswith("/")]
    assert [file.name for file in plan(job, lists[:1])] == ["Same.csv"]
    files = plan(replace(job, options=job.options | {"bundle": "files"}), lists)
    assert [file.form for file in files] == ["plain"] * 3
    (forced,) = plan(replace(job, options=job.options | {"bundle": "zip"}), lists[:1])
    assert forced.form == "zip"


def test_what_is_too_long_goes_on_in_numbered_files() -> None:
    names = [numbered("history/listens.jsonl", number) for number in (1, 2, 12)]
    assert names == ["history/listens.jsonl", "history/listens-0002.jsonl", "history/listens-0012.jsonl"]

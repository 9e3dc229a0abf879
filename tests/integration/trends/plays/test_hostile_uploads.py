"""Given an upload that was made to hold a worker, then it ends at its budget, in words."""

import json
from dataclasses import replace

import pytest

from musicconnect.trends.imports import records, worker
from tests.integration.trends.plays.conftest import as_zip, gzipped, import_history, listen, plays
from tests.support.functions import Person

LINE = json.dumps(listen(1_700_000_000, "Queen", "Innuendo")).encode() + b"\n"
ENDLESS = gzipped(LINE + b"\n" * 500_000)


@pytest.mark.parametrize(
    "content",
    [as_zip({"listens.jsonl.gz": ENDLESS}), gzipped(ENDLESS), as_zip({"a.zip": as_zip({"b.gz": ENDLESS})})],
    ids=["gzip in zip", "gzip in gzip", "gzip in zip in zip"],
)
def test_blank_rows_count_in_whatever_they_are_packed(
    person: Person, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(worker, "LIMITS", replace(records.LIMITS, rows=100_000))
    found = import_history(person, content)
    assert found["status"] == "failed"
    assert "more than 100,000 rows" in found["status_message"]


def test_what_was_read_before_the_limit_is_kept(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LIMITS", replace(records.LIMITS, rows=100_000))
    found = import_history(person, as_zip({"a.jsonl": LINE, "b.jsonl": LINE + b"\n" * 500_000}))
    assert found["status"] == "failed"
    assert [play["title"] for play in plays(person)] == ["Innuendo"]

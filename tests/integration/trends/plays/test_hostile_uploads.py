"""Given an upload that was made to hold a worker, then it ends at its budget, in words."""

import json
from dataclasses import replace

import pytest

from musicconnect.trends.imports import batches, records, worker
from tests.integration.trends.plays.conftest import as_zip, gzipped, import_history, listen, plays, upload
from tests.support.functions import Person
from tests.support.postgres import sql

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


def test_plays_grant_time_and_their_repetitions_none(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same plays over and over would otherwise hold a worker for as long as they can be read."""
    monkeypatch.setattr(batches, "BATCH_SIZE", 7)
    rows = [json.dumps(listen(1_700_000_000 + 300 * number, "Queen", "Innuendo")) for number in range(7)]
    content = "\n".join([*rows * 4, json.dumps(listen(1_600_000_000, "Queen", "Innuendo"))]).encode()
    import_id = upload(person, content)
    (message,) = person.harness.messages("TRENDS_IMPORT_QUEUE_URL")
    for _ in range(3):  # a batch each: what is new, and twice the same again
        person.harness.invoke("trends_import_worker", {"Records": [message]}, remaining_ms=14_000)
    query = "SELECT total, accepted, position -> 'spent' -> 'granted' FROM trends.imports WHERE id = %s"
    assert sql(person.harness.database_url, query, import_id) == [(21, 7, 7 * worker.GRANTED_S)]
    # Another file with the same plays brings its reports.
    person.harness.drain("TRENDS_IMPORT_QUEUE_URL", "trends_import_worker")
    again = upload(person, content)
    (message,) = person.harness.messages("TRENDS_IMPORT_QUEUE_URL")
    person.harness.invoke("trends_import_worker", {"Records": [message]}, remaining_ms=14_000)
    assert sql(person.harness.database_url, query, again) == [(7, 0, 7 * worker.GRANTED_S)]
    person.harness.drain("TRENDS_IMPORT_QUEUE_URL", "trends_import_worker")


def test_what_was_read_before_the_limit_is_kept(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LIMITS", replace(records.LIMITS, rows=100_000))
    found = import_history(person, as_zip({"a.jsonl": LINE, "b.jsonl": LINE + b"\n" * 500_000}))
    assert found["status"] == "failed"
    assert [play["title"] for play in plays(person)] == ["Innuendo"]

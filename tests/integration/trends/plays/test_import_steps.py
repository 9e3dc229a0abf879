"""Given a history that takes long to read, then it is read in steps, and every record counts once."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import boto3
import pytest

from musicconnect.files.budget import Budget
from musicconnect.platform import database
from musicconnect.trends.imports import batches, jobs, store, worker
from musicconnect.trends.plays import ingest
from tests.integration.trends.plays.conftest import as_zip, gzipped, listen, plays, upload
from tests.support.clock import ShiftedClock
from tests.support.functions import Person
from tests.support.postgres import sql

QUEUE = "TRENDS_IMPORT_QUEUE_URL"
FUNCTION = "trends_import_worker"
STEP_MS = 30_000
"""Left of an invocation: 15 seconds of them to read in."""
GAP = b"\n" * 262_144
"""Nothing, for as long as it takes to read a chunk."""


ensure_partitions = ingest.ensure_partitions


class Killed(BaseException):
    """What no handler of ours catches, like a kill."""


class SlowReading:
    """A clock by which every look at it takes an eighth of a second, and every batch four seconds."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        self.now_s += 0.125
        return self.now_s

    def write(self, *arguments: Any) -> None:
        """Let a batch be written."""
        self.now_s += 4
        ensure_partitions(*arguments)


@pytest.fixture(autouse=True)
def _slow_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let three batches of seven fill a step. Plays grant as much time as it takes."""
    clock = SlowReading()
    monkeypatch.setattr(worker, "Budget", partial(Budget, clock=clock))
    monkeypatch.setattr(ingest, "ensure_partitions", clock.write)
    monkeypatch.setattr(worker, "GRANTED_S", 1_000)
    monkeypatch.setattr(batches, "BATCH_SIZE", 7)


def lines(first: int, number: int) -> bytes:
    """Listens, one in five minutes."""
    rows = (
        listen(1_600_000_000 + 300 * (first + one), "Abba", f"Song {first + one}") for one in range(number)
    )
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


FILES = as_zip({f"{one:02}.jsonl": lines(10 * one, 10) for one in range(8)})
"""Eighty listens in eight files."""
GAPS = gzipped(b"".join(lines(10 * one, 10) + GAP for one in range(12)))
"""A hundred and twenty, and long nothings between them."""


def steps(person: Person, *, twice: bool = False) -> Iterator[None]:
    """Hand messages to a worker one by one, as they come, or each of them twice."""
    while messages := person.harness.messages(QUEUE, 1):
        (message,) = messages
        for _ in range(2 if twice else 1):
            answer = person.harness.invoke(FUNCTION, {"Records": [message]}, remaining_ms=STEP_MS)
            assert answer == {"batchItemFailures": []}
            yield
        delete(person, message)


def delete(person: Person, message: dict[str, Any]) -> None:
    boto3.client("sqs").delete_message(
        QueueUrl=person.harness.queues[QUEUE], ReceiptHandle=message["receiptHandle"]
    )


def row_of(person: Person, import_id: int) -> dict[str, Any]:
    """What is stored of an import."""
    query = "SELECT to_jsonb(i) FROM trends.imports i WHERE id = %s"
    return dict(sql(person.harness.database_url, query, import_id)[0][0])


def assert_whole(person: Person, number: int) -> None:
    (shown,) = person.call("GET", "/v1/plays/imports").json["items"]
    assert (shown["status"], shown["ledger"]["accepted"], shown["ledger"]["total"]) == (
        "completed", number, number,
    )  # fmt: skip
    titles = [play["title"] for play in plays(person)]
    assert titles == [f"Song {one}" for one in range(number)]


@pytest.mark.parametrize(("content", "number"), [(FILES, 80), (GAPS, 120)], ids=["many files", "gaps"])
@pytest.mark.parametrize("twice", [False, True], ids=["once", "each message twice"])
def test_steps_follow_each_other_and_every_record_counts_once(
    person: Person, content: bytes, number: int, twice: bool
) -> None:
    import_id = upload(person, content)
    spent, totals = [0.0], [0]
    for _ in steps(person, twice=twice):
        found = row_of(person, import_id)
        assert found["lease_token"] is None
        assert found["total"] == found["accepted"] == len(plays(person))
        spent.append(found["position"]["spent"]["seconds"])
        totals.append(found["total"])
    assert len(totals) > 4
    assert totals == sorted(totals)
    assert spent == sorted(spent)
    assert_whole(person, number)
    # What was read twice counts once against the limits but for the time, and a chunk of each step.
    assert row_of(person, import_id)["position"]["spent"]["rows"] < 20 * len(GAP)


def test_other_peoples_messages_come_between(person: Person) -> None:
    other = person.harness.sign_up()
    mine = upload(person, FILES)
    first = steps(person)
    next(first)
    assert row_of(person, mine)["status"] == "running"
    theirs = upload(other, lines(0, 3))
    for _ in first:
        if row_of(other, theirs)["status"] == "completed":
            break
    assert row_of(person, mine)["status"] == "running"
    assert sum(1 for _ in first) > 1
    assert_whole(person, 80)


def _kill_before(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    monkeypatch.setattr(module, name, killed)


def _kill_after_release(monkeypatch: pytest.MonkeyPatch, _module: Any, _name: str) -> None:
    release = store.release_lease

    def killed(*arguments: Any, **named: Any) -> None:
        release(*arguments, **named)
        raise Killed

    monkeypatch.setattr(store, "release_lease", killed)


@pytest.mark.parametrize(
    ("kill", "module", "name"),
    [
        (_kill_before, store, "release_lease"),
        (_kill_after_release, None, ""),
        (_kill_before, jobs, "enqueue"),
    ],
    ids=["before the lease is released", "before that is committed", "before the next message is sent"],
)
@pytest.mark.parametrize("content", [FILES, GAPS], ids=["many files", "gaps"])
def test_a_worker_that_dies_while_it_hands_over_loses_nothing(
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
    shifted_clock: ShiftedClock,
    content: bytes,
    kill: Callable[[pytest.MonkeyPatch, Any, str], None],
    module: Any,
    name: str,
) -> None:
    import_id = upload(person, content)
    (message,) = person.harness.messages(QUEUE, 1)
    with monkeypatch.context() as patch:
        kill(patch, module, name)
        with pytest.raises(Killed):
            person.harness.invoke(FUNCTION, {"Records": [message]}, remaining_ms=STEP_MS)
        database.close_all()
    delete(person, message)  # which comes again much later than the timer
    found = row_of(person, import_id)
    assert 0 < found["total"] == len(plays(person))
    assert person.harness.messages(QUEUE) == []
    shifted_clock.set_offset(1000)  # past the lease of the dead one
    person.harness.invoke(FUNCTION, {"source": "aws.scheduler"})
    for _ in steps(person):
        assert row_of(person, import_id)["total"] == len(plays(person))
    assert_whole(person, 80 if content is FILES else 120)


def test_what_no_step_can_get_past_ends_at_the_budget(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps that bring nothing in spend the time of the upload, too: nothing goes on for ever."""
    monkeypatch.setattr(worker, "GRANTED_S", 0.002)
    import_id = upload(person, gzipped(lines(0, 3) + GAP * 100 + lines(3, 3)))
    totals = [row_of(person, import_id)["total"] for _ in steps(person)]
    assert 3 < len(totals) < 7
    assert totals[0] == 3  # less than a batch, but all that a whole step has found
    (shown,) = person.call("GET", "/v1/plays/imports").json["items"]
    assert shown["status"] == "failed"
    assert "takes longer than 55 seconds" in shown["status_message"]
    assert [play["title"] for play in plays(person)] == ["Song 0", "Song 1", "Song 2"]


def test_what_no_step_can_get_past_ends_after_some_attempts_however_much_time_is_left(person: Person) -> None:
    import_id = upload(person, gzipped(lines(0, 3) + GAP * 100 + lines(3, 3)))
    attempts = [row_of(person, import_id)["attempts"] for _ in steps(person)]
    assert attempts == [0, 1, 2, 3, 4, 5, 6]
    (shown,) = person.call("GET", "/v1/plays/imports").json["items"]
    assert (shown["status"], shown["ledger"]["accepted"]) == ("failed", 3)
    assert "several attempts" in shown["status_message"]


def test_the_way_through_an_archive_counts_once(person: Person) -> None:
    """Each step walks through the archive again, which would end long imports at their bytes."""
    import_id = upload(person, gzipped(FILES))
    (message,) = person.harness.messages(QUEUE, 1)
    person.harness.invoke(FUNCTION, {"Records": [message]}, remaining_ms=STEP_MS)
    first = row_of(person, import_id)["position"]["spent"]["unpacked_bytes"]
    for _ in steps(person):
        pass
    last = row_of(person, import_id)["position"]["spent"]["unpacked_bytes"]
    assert last < first + 3 * len(lines(0, 80))
    assert_whole(person, 80)

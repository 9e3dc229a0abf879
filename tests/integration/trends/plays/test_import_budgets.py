"""Given large, cut off and hostile histories, when they are read, then whole, and within a budget."""

import json
from dataclasses import replace
from typing import Any

import boto3
import pytest

from musicconnect.platform import database
from musicconnect.trends.imports import batches, records
from musicconnect.trends.plays import ingest
from tests.integration.trends.plays.conftest import (
    ACCOUNT,
    account_row,
    as_json,
    as_zip,
    gzipped,
    import_history,
    listen,
    plays,
    upload,
)
from tests.support.clock import ShiftedClock
from tests.support.functions import Person
from tests.support.postgres import sql


class TestManyInvocations:
    """A worker has little time, is killed, or meets another one: every record still counts once."""

    FILES = as_zip(
        {
            "a.json": as_json(
                [account_row(f"2024-01-15 14:{n:02}", "Abba", f"Song {n}", 900) for n in range(40)]
            ),
            "b.csv.gz": gzipped(
                b"uts,artist,album,track\n"
                + b"".join(b"%d,Abba,,Other %d\n" % (1_600_000_000 + 300 * n, n) for n in range(25))
            ),
            "c.jsonl": b"\n".join(
                json.dumps(listen(1_500_000_000 + 300 * n, "Abba", f"Third {n}")).encode() for n in range(11)
            ),
        }
    )

    @pytest.fixture(autouse=True)
    def _small_batches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(batches, "BATCH_SIZE", 7)

    def test_go_on_where_the_time_was_up(self, person: Person) -> None:
        import_id = upload(person, self.FILES)
        invocations, totals = 0, [0]
        while messages := person.harness.messages("TRENDS_IMPORT_QUEUE_URL"):
            answer = person.harness.invoke("trends_import_worker", {"Records": messages}, remaining_ms=14_000)
            assert answer == {"batchItemFailures": []}
            for message in messages:
                boto3.client("sqs").delete_message(
                    QueueUrl=person.harness.queues["TRENDS_IMPORT_QUEUE_URL"],
                    ReceiptHandle=message["receiptHandle"],
                )
            invocations += 1
            counts = person.call("GET", f"/v1/plays/imports/{import_id}").json["ledger"]
            assert counts["total"] == len(plays(person))
            totals.append(counts["total"])
        assert invocations >= 8
        assert totals == sorted(totals)
        assert person.call("GET", f"/v1/plays/imports/{import_id}").json["status"] == "completed"
        assert totals[-1] == 40 + 25 + 11

    @pytest.mark.parametrize("kill_point", range(1, 40, 3))
    def test_a_worker_that_dies_at_any_statement_loses_nothing_and_doubles_nothing(
        self, person: Person, monkeypatch: pytest.MonkeyPatch, shifted_clock: ShiftedClock, kill_point: int
    ) -> None:
        class Killed(BaseException):
            """What no handler of ours catches, like a kill."""

        statements = 0
        execute = database.TimedCursor.execute

        def kill(cursor: database.TimedCursor, *args: Any, **kwargs: Any) -> database.TimedCursor:
            nonlocal statements
            statements += 1
            if statements == kill_point * 3:
                raise Killed
            return execute(cursor, *args, **kwargs)

        upload(person, self.FILES)
        (message,) = person.harness.messages("TRENDS_IMPORT_QUEUE_URL")
        with monkeypatch.context() as patch:
            patch.setattr(database.TimedCursor, "execute", kill)
            try:
                person.harness.invoke("trends_import_worker", {"Records": [message]})
            except Killed:
                database.close_all()
        (shown,) = person.call("GET", "/v1/plays/imports").json["items"]
        assert shown["ledger"]["total"] == len(plays(person))
        person.harness.drain("TRENDS_IMPORT_QUEUE_URL", "trends_import_worker")
        shifted_clock.set_offset(1000)  # past the lease of the dead one
        person.harness.invoke("trends_import_worker", {"source": "aws.scheduler"})
        person.harness.drain("TRENDS_IMPORT_QUEUE_URL", "trends_import_worker")
        (shown,) = person.call("GET", "/v1/plays/imports").json["items"]
        assert shown["status"] == "completed"
        assert shown["ledger"]["total"] == shown["ledger"]["accepted"] == len(plays(person)) == 76

    def test_a_message_that_comes_twice_changes_nothing(self, person: Person) -> None:
        upload(person, self.FILES)
        (message,) = person.harness.messages("TRENDS_IMPORT_QUEUE_URL")
        for _ in range(2):
            person.harness.invoke("trends_import_worker", {"Records": [message]})
        person.harness.drain("TRENDS_IMPORT_QUEUE_URL", "trends_import_worker")
        (shown,) = person.call("GET", "/v1/plays/imports").json["items"]
        assert shown["ledger"]["accepted"] == shown["ledger"]["total"] == 76

    def test_an_import_that_is_deleted_while_it_is_read_leaves_nothing(self, person: Person) -> None:
        import_id = upload(person, self.FILES)
        (message,) = person.harness.messages("TRENDS_IMPORT_QUEUE_URL")
        person.harness.invoke("trends_import_worker", {"Records": [message]}, remaining_ms=14_000)
        assert len(plays(person)) == 7
        assert person.call("DELETE", f"/v1/plays/imports/{import_id}").json["deleted"] == 7
        person.harness.drain("TRENDS_IMPORT_QUEUE_URL", "trends_import_worker")
        assert plays(person) == []

    def test_a_file_that_is_replaced_meanwhile_is_not_read_on(self, person: Person) -> None:
        import_id = upload(person, self.FILES)
        (message,) = person.harness.messages("TRENDS_IMPORT_QUEUE_URL")
        person.harness.invoke("trends_import_worker", {"Records": [message]}, remaining_ms=14_000)
        key = sql(
            person.harness.database_url, "SELECT storage_key FROM trends.imports WHERE id = %s", import_id
        )
        boto3.client("s3").put_object(
            Bucket=person.harness.environment["UPLOAD_BUCKET"], Key=str(key[0][0]), Body=self.FILES[::-1]
        )
        person.harness.drain("TRENDS_IMPORT_QUEUE_URL", "trends_import_worker")
        (shown,) = person.call("GET", "/v1/plays/imports").json["items"]
        assert (shown["status"], shown["ledger"]["accepted"]) == ("failed", 7)
        assert "replaced" in shown["status_message"]

    def test_a_batch_on_which_workers_die_repeatedly_is_abandoned(
        self, person: Person, shifted_clock: ShiftedClock
    ) -> None:
        import_id = upload(person, self.FILES)
        sql(person.harness.database_url, "UPDATE trends.imports SET attempts = 5 WHERE id = %s", import_id)
        person.harness.drain("TRENDS_IMPORT_QUEUE_URL", "trends_import_worker")
        shown = person.call("GET", f"/v1/plays/imports/{import_id}").json
        assert shown["status"] == "failed"
        assert "several attempts" in shown["status_message"]


def test_repeats_of_one_minute_are_not_torn_apart_by_a_batch(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 4)
    rows = [account_row("2024-01-15 14:29", "Abba", "SOS", n) for n in range(3)]
    rows += [account_row("2024-01-15 14:30", "Abba", "Waterloo", 900)] * 4
    assert import_history(person, as_json(rows))["ledger"]["accepted"] == 7


BLANK = {
    "lines": b"uts,artist,album,track\n" + b"\n" * 3_000_000,
    "brackets": b"[" * 3_000_000,
    "spaces": ACCOUNT + b" " * 3_000_000,
    "markup": b"<p>mdl-typography</p>" * 150_000,
}


@pytest.mark.parametrize("kind", BLANK)
def test_an_upload_that_unpacks_to_nothing_holds_no_worker(
    person: Person, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """628 bytes used to hold a worker for five minutes, five times over: no limit held in a gzip."""
    limits = replace(records.LIMITS, free_bytes=1_000_000, rows=500_000)
    monkeypatch.setattr("musicconnect.trends.imports.worker.LIMITS", limits)
    found = import_history(person, as_zip({"a.gz": gzipped(gzipped(BLANK[kind]))}))
    assert found["status"] == "failed"
    assert found["ledger"]["accepted"] == (4 if kind == "spaces" else 0)


def test_one_person_holds_one_worker_however_many_files_there_are(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five uploads used to hold all five workers."""
    monkeypatch.setattr(batches, "BATCH_SIZE", 7)
    other = person.harness.sign_up()
    ids = [upload(person, TestManyInvocations.FILES) for _ in range(2)]
    theirs = upload(other, ACCOUNT)
    messages = person.harness.messages("TRENDS_IMPORT_QUEUE_URL")
    assert len(messages) == 3
    first, second, third = sorted(messages, key=lambda one: json.loads(one["body"])["import_id"])
    took_turns = []

    def meanwhile(*arguments: Any) -> None:
        """Another worker takes up the person's second file, and somebody else's, while the first is read."""
        if not took_turns:
            took_turns.append(True)
            for message in (second, third):
                person.harness.invoke("trends_import_worker", {"Records": [message]})
        ensure(*arguments)

    ensure = ingest.ensure_partitions
    monkeypatch.setattr(ingest, "ensure_partitions", meanwhile)
    person.harness.invoke("trends_import_worker", {"Records": [first]}, remaining_ms=14_000)
    states = [person.call("GET", f"/v1/plays/imports/{one}").json["status"] for one in ids]
    assert states == ["running", "pending"]
    assert other.call("GET", f"/v1/plays/imports/{theirs}").json["status"] == "completed"
    person.harness.drain("TRENDS_IMPORT_QUEUE_URL", "trends_import_worker")
    found = [person.call("GET", f"/v1/plays/imports/{one}").json for one in ids]
    assert [one["status"] for one in found] == ["completed"] * 2
    assert found[1]["ledger"]["duplicate"] == found[0]["ledger"]["accepted"] == 76

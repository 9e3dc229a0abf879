"""Given an uploaded file, when it is read, however that ends, then nothing is half-done."""

import gzip
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest

from musicconnect.files.budget import Budget
from musicconnect.migrations.imports import service, store, worker, writer
from musicconnect.platform import clock, database
from musicconnect.platform.storage import uploads
from musicconnect.playlist_files import readers
from musicconnect.playlist_files.model import Entry
from tests.integration.migrations.scenario import MigrationScenario, well_known
from tests.integration.migrations.uploads import (
    QUEUE,
    ROUTE,
    asked,
    entries_of,
    file_of,
    started,
    upload,
    zip_of,
)

CSV = b"Title,Artist\r\nA,X\r\nB,Y\r\nA,X\r\n"


def counts(scenario: MigrationScenario) -> tuple[int, int, int]:
    """Jobs, playlists and tracks that there are."""
    return tuple(
        scenario.sql(f"SELECT count(*) FROM migrations.{table}")[0][0]
        for table in ("jobs", "playlists", "tracks")
    )  # type: ignore[return-value]


def kept_files(scenario: MigrationScenario) -> list[str]:
    answer = boto3.client("s3").list_objects_v2(
        Bucket=scenario.harness.environment["UPLOAD_BUCKET"], Prefix="playlist-imports/"
    )
    return [entry["Key"] for entry in answer.get("Contents", [])]


def shown(scenario: MigrationScenario) -> dict[str, Any]:
    (found,) = scenario.person.call("GET", ROUTE).json["items"]
    return dict(found)


def test_the_file_is_deleted_when_it_has_been_read(scenario: MigrationScenario) -> None:
    upload(scenario, CSV, "a.csv")
    upload(scenario, b"no playlist")
    assert kept_files(scenario) == []


def test_files_lie_below_their_person_so_that_leaving_takes_them_along(scenario: MigrationScenario) -> None:
    asked(scenario.person, CSV)
    (key,) = kept_files(scenario)
    assert key.startswith(f"playlist-imports/{scenario.person.id}/")
    boto3.client("s3").delete_object(Bucket=scenario.harness.environment["UPLOAD_BUCKET"], Key=key)


UNREADABLE = {
    b"Just text\nand more\n": "What can be read: CSV",
    b"\x00\x01\x02\x03": "What can be read: CSV",
    b'<!DOCTYPE playlist [<!ENTITY a "b">]><playlist><title>&a;</title></playlist>': "DTD",
    b'{"playlist": {"title": "x", "track": [{"title": "a"}': "JSON",
    zip_of({"a.txt": b"hello"}): "Nothing in the file can be read as a playlist",
}


def test_what_cannot_be_read_fails_in_words_and_leaves_nothing(scenario: MigrationScenario) -> None:
    for content, why in UNREADABLE.items():
        found = upload(scenario, content)
        assert found["status"] == "failed"
        assert why in found["status_message"]
        assert (found["migration_id"], found["migration_ids"]) == (None, [])
    assert counts(scenario) == (0, 0, 0)


def test_too_much_is_refused_as_a_whole(scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, most in (("MAX_ENTRIES", 2), ("MAX_PLAYLISTS", 1)):
        with monkeypatch.context() as patch:
            patch.setattr(writer, limit, most)
            found = upload(scenario, zip_of({"a.csv": CSV, "b.csv": CSV}))
        assert found["status"] == "failed"
        assert f"more than {most}" in found["status_message"]
    assert counts(scenario) == (0, 0, 0)


def test_a_file_that_was_made_to_hold_a_worker_ends_at_its_budget(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "LIMITS", replace(readers.LIMITS, rows=10_000))
    endless = gzip.compress(b"Title,Artist\n" + b"\n" * 50_000)
    for content in (endless, gzip.compress(endless), zip_of({"a.csv": CSV, "b.zip": zip_of({"c": endless})})):
        found = upload(scenario, content)
        assert found["status"] == "failed"
        assert "more than 10,000 rows" in found["status_message"]
    assert counts(scenario) == (0, 0, 0)


@pytest.fixture
def slow_database(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let each statement that adds entries take so many seconds, at first thirty."""
    now_s, takes_s, add_tracks = [0.0], [30.0], store.add_tracks

    def slowly(*args: Any) -> None:
        now_s[0] += takes_s[0]
        add_tracks(*args)

    monkeypatch.setattr(store, "add_tracks", slowly)
    monkeypatch.setattr(readers, "Budget", partial(Budget, clock=lambda: now_s[0]))
    return takes_s


ROWS = [b"%0200d,Somebody\n" % number for number in range(4_000)]
"""Entries of which none is like another, in more chunks than one."""


def one_step(scenario: MigrationScenario) -> None:
    """Hand the next message to a worker."""
    (message,) = scenario.harness.messages(QUEUE, 1)
    try:
        scenario.harness.invoke("migrations_import_worker", {"Records": [message]})
    finally:  # that of a worker that died comes again much later than the timer
        queue_url = scenario.harness.queues[QUEUE]
        boto3.client("sqs").delete_message(QueueUrl=queue_url, ReceiptHandle=message["receiptHandle"])


@pytest.mark.usefixtures("slow_database")
def test_entries_earn_no_time_and_what_no_step_can_read_is_refused_as_a_whole(
    scenario: MigrationScenario,
) -> None:
    """Each entry used to grant 2 ms: one file could hold a worker for more than four minutes."""
    other = scenario.sign_up()
    import_id = started(scenario.person, b"Title,Artist\n" + b"".join(ROWS), "a.csv")
    one_step(scenario)
    theirs = started(other, CSV, "b.csv")
    for attempts in (1, 2, 2):  # its own second step waits in front of theirs, and the third behind
        query = "SELECT status, attempts, lease_token FROM migrations.imports WHERE id = %s"
        assert scenario.sql(query, import_id) == [("running", attempts, None)]
        assert scenario.sql("SELECT count(*) FROM migrations.tracks") in ([(0,)], [(3,)])
        one_step(scenario)
    assert other.call("GET", f"{ROUTE}/{theirs}").json["status"] == "completed"
    found = scenario.person.call("GET", f"{ROUTE}/{import_id}").json
    assert (found["status"], found["migration_ids"]) == ("failed", [])
    assert "takes longer than 45 seconds" in found["status_message"]
    assert scenario.harness.messages(QUEUE) == []
    assert kept_files(scenario) == []
    assert counts(scenario) == (1, 1, 3)


def test_a_file_for_which_a_step_was_too_short_is_read_once_by_a_later_one(
    scenario: MigrationScenario, slow_database: list[float]
) -> None:
    import_id = started(scenario.person, b"Title,Artist\n" + b"".join(ROWS), "a.csv")
    one_step(scenario)
    assert counts(scenario) == (0, 0, 0)
    slow_database[0] = 1
    (message,) = scenario.harness.messages(QUEUE, 1)
    for _ in range(2):
        scenario.harness.invoke("migrations_import_worker", {"Records": [message]})
    scenario.harness.drain(QUEUE, "migrations_import_worker")
    found = scenario.person.call("GET", f"{ROUTE}/{import_id}").json
    assert (found["status"], found["entries"]) == ("completed", len(ROWS))
    assert counts(scenario) == (1, 1, len(ROWS))


def test_a_worker_that_dies_while_it_hands_over_leaves_the_file_to_the_timer(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch, slow_database: list[float]
) -> None:
    class Killed(BaseException):
        """What no handler of ours catches, like a kill."""

    def killed(*_: Any) -> None:
        raise Killed

    for module, name in ((store, "release"), (worker, "send")):
        scenario.sql("TRUNCATE migrations.imports CASCADE")
        slow_database[0] = 30
        started(scenario.person, b"Title,Artist\n" + b"".join(ROWS), "a.csv")
        with monkeypatch.context() as patch:
            patch.setattr(module, name, killed)
            with pytest.raises(Killed):
                one_step(scenario)
            database.close_all()
        assert counts(scenario) == (0, 0, 0)
        assert scenario.harness.messages(QUEUE) == []
        slow_database[0] = 1
        scenario.pass_time(1000)  # past the lease of the dead one
        scenario.harness.invoke("migrations_import_worker", {"source": "aws.scheduler"})
        scenario.harness.drain(QUEUE, "migrations_import_worker")
        assert shown(scenario)["status"] == "completed"
        assert counts(scenario) == (1, 1, len(ROWS))


def test_long_entries_are_written_in_smaller_batches(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand entries may have fifty artists of a thousand characters each."""
    monkeypatch.setattr(writer, "MAX_BATCH_LENGTH", 4)
    add_tracks, sizes = store.add_tracks, []

    def counted(connection: Any, job_id: int, rows: Any, at: Any) -> None:
        sizes.append(len(rows))
        add_tracks(connection, job_id, rows, at)

    monkeypatch.setattr(store, "add_tracks", counted)
    assert upload(scenario, zip_of({"a.csv": CSV, "b.csv": CSV}), "a.zip")["entries"] == 6
    assert sizes == [2, 1, 2, 1]


def test_what_could_not_be_read_is_listed_though_nothing_could(scenario: MigrationScenario) -> None:
    found = upload(scenario, zip_of({"a.txt": b"hello", "b.rar": b"Rar!\x1a\x07\x01\x00"}))
    assert (found["status"], found["failed"]) == ("failed", 2)
    assert [fault["file"] for fault in found["failures"]] == ["b.rar", "a.txt"]
    assert '"b.rar" is a RAR archive. Unpack it' in found["status_message"]
    found = upload(scenario, b"hello", "greeting.txt")
    assert '"greeting.txt" is no playlist that we know' in found["status_message"]


def test_ten_thousand_entries_are_taken_in_at_once(scenario: MigrationScenario) -> None:
    entries = [
        Entry(position=n, title=f"Song {n % 4000}", artists=("Somebody",), duration_ms=180_000 + n % 4000)
        for n in range(10_000)
    ]
    found = upload(scenario, file_of("csv", "", entries), "Long ~2.csv", dry_run=True)
    assert (found["entries"], found["failed"]) == (10_000, 0)
    rows = scenario.sql("SELECT position, source_title FROM migrations.tracks ORDER BY position")
    assert rows == [(entry.position, entry.title) for entry in entries]
    assert counts(scenario) == (1, 1, 10_000)


def test_a_worker_that_dies_at_any_statement_leaves_all_or_nothing(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """What no handler of ours catches, like a kill."""

    monkeypatch.setattr(writer, "BATCH", 2)
    execute = database.TimedCursor.execute
    for fatal in range(1, 25, 2):
        left = [fatal]

        def dying(
            cursor: database.TimedCursor, *args: Any, left: list[int] = left, **kwargs: Any
        ) -> database.TimedCursor:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return execute(cursor, *args, **kwargs)

        scenario.sql("TRUNCATE migrations.imports CASCADE")
        started(scenario.person, zip_of({"a.csv": CSV, "b.csv": CSV}))
        (message,) = scenario.harness.messages(QUEUE)
        with monkeypatch.context() as patch:
            patch.setattr(database.TimedCursor, "execute", dying)
            try:
                scenario.harness.invoke("migrations_import_worker", {"Records": [message]})
            except Killed:
                database.close_all()
        assert counts(scenario) in ((0, 0, 0), (1, 2, 6))
        scenario.harness.drain(QUEUE, "migrations_import_worker")
        scenario.pass_time(1000)  # past the lease of the dead one
        scenario.harness.invoke("migrations_import_worker", {"source": "aws.scheduler"})
        scenario.harness.drain(QUEUE, "migrations_import_worker")
        assert shown(scenario)["status"] == "completed"
        assert counts(scenario) == (1, 2, 6)


def test_one_person_holds_one_worker_however_many_files_there_are(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty uploads of one person could hold all five workers."""
    person = scenario.person
    other = scenario.sign_up()
    ids = [started(person, CSV, f"{name}.csv") for name in "ab"]
    theirs = started(other, CSV, "c.csv")
    messages = scenario.harness.messages(QUEUE)
    first, second, third = sorted(messages, key=lambda one: json.loads(one["body"])["import_id"])
    took_turns = []
    open_upload = readers.open_upload

    def meanwhile(*arguments: Any) -> Any:
        """Other workers take up the person's second file, and somebody else's, while the first is read."""
        if not took_turns:
            took_turns.append(True)
            for message in (second, third):
                scenario.harness.invoke("migrations_import_worker", {"Records": [message]})
            states = [person.call("GET", f"{ROUTE}/{one}").json["status"] for one in ids]
            assert states == ["running", "pending"]
            assert other.call("GET", f"{ROUTE}/{theirs}").json["status"] == "completed"
        return open_upload(*arguments)

    monkeypatch.setattr(readers, "open_upload", meanwhile)
    scenario.harness.invoke("migrations_import_worker", {"Records": [first]})
    # The message that came too early, and the one that says that it is this file's turn.
    waiting = [json.loads(one["body"])["import_id"] for one in scenario.harness.messages(QUEUE)]
    assert waiting.count(ids[1]) == 2
    scenario.harness.drain(QUEUE, "migrations_import_worker")
    assert [person.call("GET", f"{ROUTE}/{one}").json["status"] for one in ids] == ["completed"] * 2


def test_a_message_that_comes_twice_makes_one_migration(scenario: MigrationScenario) -> None:
    started(scenario.person, CSV, "a.csv")
    (message,) = scenario.harness.messages(QUEUE)
    for _ in range(2):
        assert scenario.harness.invoke("migrations_import_worker", {"Records": [message]}) == {
            "batchItemFailures": []
        }
    scenario.harness.drain(QUEUE, "migrations_import_worker")
    assert counts(scenario) == (1, 1, 3)


def test_storage_that_fails_half_way_is_asked_again(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(scenario.person, CSV, "a.csv")
    (message,) = scenario.harness.messages(QUEUE)
    with monkeypatch.context() as patch:

        def broken(*_: object) -> int:
            raise OSError("the connection was lost")

        patch.setattr(uploads._Remote, "readinto", broken)
        answer = scenario.harness.invoke("migrations_import_worker", {"Records": [message]})
    assert answer["batchItemFailures"] == [{"itemIdentifier": message["messageId"]}]
    assert counts(scenario) == (0, 0, 0)
    scenario.harness.drain(QUEUE, "migrations_import_worker")
    assert shown(scenario)["status"] == "completed"


def test_a_file_on_which_workers_keep_dying_is_given_up(scenario: MigrationScenario) -> None:
    import_id = started(scenario.person, CSV, "a.csv")
    scenario.sql("UPDATE migrations.imports SET attempts = 5 WHERE id = %s", import_id)
    scenario.harness.drain(QUEUE, "migrations_import_worker")
    assert shown(scenario)["status"] == "failed"
    assert "several attempts" in shown(scenario)["status_message"]


def test_a_file_that_was_replaced_after_the_start_is_not_read(scenario: MigrationScenario) -> None:
    started(scenario.person, CSV, "a.csv")
    (key,) = kept_files(scenario)
    boto3.client("s3").put_object(
        Bucket=scenario.harness.environment["UPLOAD_BUCKET"], Key=key, Body=CSV.replace(b"A", b"C")
    )
    scenario.harness.drain(QUEUE, "migrations_import_worker")
    assert "replaced" in shown(scenario)["status_message"]
    assert counts(scenario) == (0, 0, 0)


def test_a_file_that_is_read_for_minutes_stays_with_its_worker(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "BATCH", 1)
    add_tracks, leases = store.add_tracks, []

    def slowly(*args: Any) -> None:
        scenario.shifted_clock.advance(50)
        add_tracks(*args)
        (row,) = scenario.sql("SELECT lease_until FROM migrations.imports")
        leases.append(row[0])
        assert row[0] > clock.now()

    monkeypatch.setattr(store, "add_tracks", slowly)
    assert upload(scenario, CSV, "a.csv")["status"] == "completed"
    assert len(set(leases)) == 3


def test_a_worker_that_lost_its_lease_while_it_read_adds_nothing(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "BATCH", 1)
    add_tracks = store.add_tracks

    def too_slowly(*args: Any) -> None:
        monkeypatch.setattr(store, "add_tracks", add_tracks)
        add_tracks(*args)
        scenario.shifted_clock.advance(80)
        taken = "UPDATE migrations.imports SET lease_token = gen_random_uuid()"
        scenario.sql(taken)

    monkeypatch.setattr(store, "add_tracks", too_slowly)
    found = upload(scenario, CSV, "a.csv")
    assert found["status"] == "running"
    assert counts(scenario) == (0, 0, 0)
    assert scenario.person.call("DELETE", f"{ROUTE}/{found['id']}").status == 204


def test_an_import_that_is_deleted_is_not_read_and_its_file_is_gone(scenario: MigrationScenario) -> None:
    import_id = started(scenario.person, CSV, "a.csv")
    assert scenario.person.call("DELETE", f"{ROUTE}/{import_id}").status == 204
    assert kept_files(scenario) == []
    scenario.harness.drain(QUEUE, "migrations_import_worker")
    assert counts(scenario) == (0, 0, 0)
    assert scenario.person.call("GET", f"{ROUTE}/{import_id}").status == 404


def test_other_peoples_imports_are_not_there(scenario: MigrationScenario) -> None:
    import_id = asked(scenario.person, CSV)["id"]
    other = scenario.harness.sign_up()
    for method, path in [("GET", ""), ("POST", "/start"), ("DELETE", "")]:
        assert other.call(method, f"{ROUTE}/{import_id}{path}").status == 404
    assert other.call("GET", ROUTE).json["items"] == []
    scenario.person.call("DELETE", f"{ROUTE}/{import_id}")


def test_requests_that_make_no_sense_are_refused(
    scenario: MigrationScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(body: dict[str, Any]) -> tuple[int, str]:
        answer = scenario.person.call("POST", ROUTE, body)
        return answer.status, answer.json.get("type", "").rpartition(":")[2]

    good = {"target_provider": "youtube", "size_bytes": 5}
    assert refused({**good, "target_provider": "file"})[0] == 422
    assert refused({**good, "size_bytes": 0})[0] == 422
    assert refused({**good, "size_bytes": 2**40})[0] == 422
    assert refused({**good, "source_provider": "spotify"})[0] == 422
    stranger = scenario.harness.sign_up()
    assert stranger.call("POST", ROUTE, good).json["type"].endswith("not-linked")
    import_id = scenario.person.call("POST", ROUTE, good).json["id"]
    answer = scenario.person.call("POST", f"{ROUTE}/{import_id}/start")
    assert (answer.status, answer.json["type"].rpartition(":")[2]) == (409, "not-uploaded")
    monkeypatch.setattr(service, "MAX_AT_ONCE", 1)
    assert refused(good) == (409, "too-many-imports")
    scenario.pass_time(2 * uploads.LINK_SECONDS)  # what was never uploaded is in nobody's way for ever
    assert scenario.person.call("POST", ROUTE, good).status == 201


def test_a_file_of_another_size_is_refused(scenario: MigrationScenario) -> None:
    made = asked(scenario.person, CSV)
    (key,) = kept_files(scenario)
    boto3.client("s3").put_object(
        Bucket=scenario.harness.environment["UPLOAD_BUCKET"], Key=key, Body=CSV + CSV
    )
    answer = scenario.person.call("POST", f"{ROUTE}/{made['id']}/start")
    assert (answer.status, answer.json["type"].rpartition(":")[2]) == (409, "wrong-size")
    scenario.person.call("DELETE", f"{ROUTE}/{made['id']}")


def test_leaving_takes_imports_along(scenario: MigrationScenario, tmp_path: Path) -> None:
    upload(scenario, file_of("csv", "", entries_of(well_known(1))), "a.csv")
    answer = scenario.person.call("DELETE", "/v1/me", {"password": scenario.person.password})
    assert answer.status == 204, answer.text
    assert scenario.sql("SELECT count(*) FROM migrations.imports") == [(0,)]

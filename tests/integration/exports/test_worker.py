"""Given storage that fails and workers that die, when an export is built, it ends whole or not at all."""

import io
import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import boto3
import pandas
import pytest

from musicconnect.exports import store as export_store
from musicconnect.exports import worker
from musicconnect.exports.build import builder, containers
from musicconnect.exports.content import plays
from musicconnect.platform import clock
from musicconnect.platform.storage.bucket import Bucket
from tests.integration.exports.factories import (
    QUEUE,
    ask,
    build,
    download,
    export,
    fill_plays,
    gunzipped,
    stored,
    table,
    unzipped,
    uploads_under_way,
    work,
)
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner, Person
from tests.support.postgres import sql
from tests.support.storage_proxy import FAILED, Call, Proxy, slow, storage_proxy

ROWS = 1_500
PART = 30_000


class Killed(BaseException):
    """The process is gone: nobody catches this."""


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """So small that S3 itself would not take them; the stand-in's limit goes along."""
    monkeypatch.setattr(builder, "PART_SIZE", PART)
    monkeypatch.setattr(containers, "LEVEL", 0)  # zlib keeps what it is given for as long as it can
    monkeypatch.setattr(builder, "MIN_PART", 1)
    monkeypatch.setattr(builder, "MAX_DOCUMENT_ROWS", 300)
    monkeypatch.setattr(plays.PlaysCsv, "batch", 200)
    monkeypatch.setattr(plays.PlaysJson, "batch", 50)
    # Between a request and its repetition the client waits for seconds.
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    monkeypatch.setattr("moto.settings.S3_UPLOAD_PART_MIN_SIZE", 1, raising=False)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1, raising=False)


@pytest.fixture(scope="module")
def proxy(core_harness: FunctionRunner, aws: str) -> Iterator[Proxy]:
    """The storage, which fails when told to."""
    with storage_proxy(aws) as made:
        core_harness.environment |= {
            "EXPORT_STORAGE_ENDPOINT": made.url, "EXPORT_STORAGE_ADDRESSING": "path",
            "EXPORT_STORAGE_TIMEOUT_SECONDS": "2",
        }  # fmt: skip
        yield made


@pytest.fixture
def listener(person: Person, proxy: Proxy, shifted_clock: ShiftedClock) -> Iterator[Person]:
    """Somebody with plays, and storage that has forgotten what it was told before."""
    proxy.fault = proxy.fault_after = None
    fill_plays(person, ROWS)
    proxy.calls.clear()
    yield person
    proxy.fault = proxy.fault_after = None


def later(shifted_clock: ShiftedClock, seconds: int) -> None:
    """Let time pass, for everybody."""
    shifted_clock.advance(seconds)


def whole(person: Person, found: dict[str, Any]) -> None:
    """See that the one file has every play, once, in order, and that nothing else is left."""
    content = download(person, found)
    name = found["files"][0]["name"]
    if name.endswith(".gz"):
        content = gunzipped(content)
    frame = pandas.read_csv(io.BytesIO(content))
    assert len(frame) == found["files"][0]["row_count"] == found["progress"]["rows_done"] == ROWS
    assert frame["played_at"].is_monotonic_increasing
    assert frame["played_at"].is_unique
    assert list(stored_of(person)) == [key_of(person, found)]
    assert stored_of(person)[key_of(person, found)] == found["files"][0]["size_bytes"]
    assert uploads_under_way(person) == 0


def key_of(person: Person, found: dict[str, Any]) -> str:
    ((key,),) = sql(
        person.harness.database_url,
        "SELECT storage_key FROM exports.files WHERE export_job_id = %s",
        found["id"],
    )
    return str(key)


def stored_of(person: Person) -> dict[str, int]:
    """What is stored of this person's exports."""
    tokens = [
        token
        for (token,) in sql(
            person.harness.database_url,
            "SELECT storage_token FROM exports.jobs WHERE user_id = %s",
            person.id,
        )
    ]
    return {key: size for key, size in stored(person).items() if key.split("/")[1] in tokens}


def leftovers(person: Person) -> object:
    """Exports of this person that are still to be cleared away."""
    query = (
        "SELECT count(*) FROM exports.leftovers JOIN exports.jobs USING (storage_token) WHERE user_id = %s"
    )
    return sql(person.harness.database_url, query, person.id)[0][0]


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_parts_go_out_one_by_one_and_make_one_object(
    listener: Person, proxy: Proxy, compression: str
) -> None:
    found = export(listener, "history_csv", options={"compression": compression})
    whole(listener, found)
    assert proxy.operations().count("UploadPart") >= 4
    assert "PutObject" not in proxy.operations()


def test_a_short_time_is_used_part_by_part_over_many_invocations(listener: Person) -> None:
    asked = ask(listener, "history_csv")
    steps = []
    for _ in range(50):
        steps.append(build(listener, asked["id"], remaining_ms=1_000))
        if steps[-1]["status"] == "completed":
            break
    done = [step["progress"]["rows_done"] for step in steps]
    assert done == sorted(done)
    assert len(set(done)) >= 4
    assert [step["progress"]["rows_expected"] for step in steps] == [ROWS] * len(steps)
    assert steps[0]["status_message"].startswith("Writing: ")
    assert steps[0]["files"] == []
    whole(listener, steps[-1])
    # Each step sent the message for the next one.
    assert len(listener.harness.messages(QUEUE)) > 0


def dying(real: Any, which: int, moment: str = "before") -> Any:
    """What does as ``real``, and ends the process before or after its ``which``-th call."""
    calls = itertools.count(1)

    def call(*args: Any, **more: Any) -> Any:
        is_last = next(calls) == which
        if is_last and moment == "before":
            raise Killed
        result = real(*args, **more)
        if is_last:
            raise Killed
        return result

    return call


def test_killed_anywhere_and_gone_on_with_it_ends_in_one_whole_file(
    listener: Person, shifted_clock: ShiftedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dies before and after every single call to storage and every note, once each."""
    fatal = [
        (Bucket, "begin_upload", 1), (Bucket, "put_part", 1), (Bucket, "put_part", 3),
        (Bucket, "complete_upload", 1),
        (export_store, "save_progress", 1), (export_store, "save_progress", 3),
        (export_store, "add_file", 1), (export_store, "finish", 1),
    ]  # fmt: skip
    for (owner, name, which), moment in itertools.product(fatal, ("before", "after")):
        asked = ask(listener, "history_csv", options={"compression": "gzip"} if which == 3 else None)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, dying(getattr(owner, name), which, moment))
            with pytest.raises(Killed):
                build(listener, asked["id"])
        later(shifted_clock, 400)
        found = build(listener, asked["id"])
        assert found["status"] == "completed", (name, moment, which, found)
        whole(listener, found)
        assert listener.call("DELETE", f"/v1/exports/{asked['id']}").status == 204
    assert stored_of(listener) == {}
    assert uploads_under_way(listener) == 0


def test_killed_at_every_part_of_an_archive_it_ends_in_one_whole_zip(
    listener: Person, proxy: Proxy, shifted_clock: ShiftedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(listener, "account_archive")
    deaths = 0
    for _ in range(40):
        with monkeypatch.context() as patch:
            patch.setattr(Bucket, "put_part", dying(Bucket.put_part, 6))
            try:
                found = build(listener, asked["id"])
            except Killed:
                deaths += 1
                later(shifted_clock, 400)
                continue
        break
    assert found["status"] == "completed"
    assert deaths >= 3, proxy.operations()
    files = unzipped(download(listener, found))
    rows = [
        row
        for name in sorted(files)
        if name.startswith("history/listens") and name.endswith(".csv")
        for row in table(files[name])
    ]
    assert len(rows) == len({row["played_at"] for row in rows}) == ROWS
    assert uploads_under_way(listener) == 0


@pytest.mark.parametrize("operation", ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"])
@pytest.mark.parametrize("when", ["fault", "fault_after"])
def test_a_storage_that_fails_for_a_moment_changes_nothing(
    listener: Person, proxy: Proxy, operation: str, when: str
) -> None:
    failed = []

    def once(call: Call) -> tuple[int, str] | None:
        if call.operation == operation and not failed:
            failed.append(call)
            return FAILED
        return None

    setattr(proxy, when, once)
    whole(listener, export(listener, "history_csv"))
    assert failed


def test_a_storage_that_stays_away_is_asked_again_later(
    listener: Person, proxy: Proxy, shifted_clock: ShiftedClock
) -> None:
    proxy.fault = lambda call: FAILED if call.operation == "UploadPart" else None
    asked = ask(listener, "history_csv")
    waiting = build(listener, asked["id"])
    assert (waiting["status"], waiting["status_code"]) == ("running", "waiting-for-storage")
    assert waiting["status_message"].startswith("The storage does not answer. Trying again at ")
    assert build(listener, asked["id"])["status"] == "running", "not due yet"
    proxy.fault = None
    later(shifted_clock, 60)
    whole(listener, build(listener, asked["id"]))


def test_a_storage_that_never_comes_back_ends_the_export_and_leaves_nothing(
    listener: Person, proxy: Proxy, shifted_clock: ShiftedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MAX_ATTEMPTS", 1)
    asked = ask(listener, "history_csv")
    proxy.fault = lambda call: FAILED if call.operation == "UploadPart" else None
    for _ in range(3):
        found = build(listener, asked["id"])
        if found["status"] == "failed":
            break
        later(shifted_clock, 1000)
    assert (found["status"], found["files"]) == ("failed", [])
    assert "several attempts" in found["status_message"]
    assert stored_of(listener) == {}
    assert uploads_under_way(listener) == 0


def test_a_storage_that_hangs_is_given_up_on(
    listener: Person, proxy: Proxy, shifted_clock: ShiftedClock
) -> None:
    hung = []

    def hang(call: Call) -> tuple[int, str] | None:
        if call.operation == "UploadPart" and not hung:
            hung.append(call)
            slow(2.5)(call)
        return None

    proxy.fault = hang
    whole(listener, export(listener, "history_csv"))
    assert hung


def test_an_upload_that_somebody_aborts_is_begun_again(listener: Person, proxy: Proxy) -> None:
    aborted = []

    def abort(call: Call) -> tuple[int, str] | None:
        if call.operation == "UploadPart" and "partNumber=3" in call.target and not aborted:
            aborted.append(call)
            bucket = listener.harness.environment["EXPORT_BUCKET"]
            s3 = boto3.client("s3")
            for upload in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]:
                s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
            return 404, "NoSuchUpload"
        return None

    proxy.fault = abort
    whole(listener, export(listener, "history_csv"))
    assert aborted


def test_cancelled_in_the_middle_leaves_nothing_behind(
    listener: Person, proxy: Proxy, shifted_clock: ShiftedClock
) -> None:
    asked = ask(listener, "history_csv")

    def cancel(call: Call) -> tuple[int, str] | None:
        if call.operation == "UploadPart" and "partNumber=2" in call.target:
            # Another invocation has another connection; this one is in the middle of its own.
            sql(
                listener.harness.database_url,
                "UPDATE exports.jobs SET status = 'failed', status_code = 'cancelled', status_params = '{}', "
                "lease_token = NULL WHERE id = %s",
                asked["id"],
            )
            sql(
                listener.harness.database_url,
                "INSERT INTO exports.leftovers SELECT storage_token, now() FROM exports.jobs WHERE id = %s",
                asked["id"],
            )
        return None

    proxy.fault = cancel
    found = build(listener, asked["id"])
    proxy.fault = None
    assert (found["status"], found["status_message"], found["files"]) == ("failed", "Cancelled.", [])
    listener.harness.invoke("exports_worker", {})
    assert stored_of(listener) == {}
    assert uploads_under_way(listener) == 0
    # A worker may still have been writing: the note stays for a while.
    assert leftovers(listener) == 1
    later(shifted_clock, 3600)
    listener.harness.invoke("exports_worker", {})
    assert leftovers(listener) == 0


def test_two_workers_on_one_message_do_it_once(listener: Person, proxy: Proxy) -> None:
    asked = ask(listener, "history_csv")
    second = []

    def meanwhile(call: Call) -> tuple[int, str] | None:
        if call.operation == "UploadPart" and not second:
            lease = sql(
                listener.harness.database_url,
                "SELECT lease_until FROM exports.jobs WHERE id = %s",
                asked["id"],
            )
            second.append(lease[0][0])
        return None

    proxy.fault = meanwhile
    found = build(listener, asked["id"])
    assert isinstance(second[0], datetime)
    assert second[0] > clock.now() + timedelta(seconds=60), "nobody else takes it before"
    whole(listener, found)
    calls = len(proxy.calls)
    assert work(listener, asked["id"]) == {"batchItemFailures": []}
    assert len(proxy.calls) == calls, "a message that comes twice does nothing"


def test_every_object_is_encrypted_and_says_nothing_about_its_owner(listener: Person) -> None:
    found = export(listener, "history_csv")
    key = key_of(listener, found)
    folder, token, number = key.split("/")
    assert (folder, number) == ("exports", "0")
    assert len(token) == 40
    assert int(token, 16)
    head = boto3.client("s3").head_object(Bucket=listener.harness.environment["EXPORT_BUCKET"], Key=key)
    assert (head["ServerSideEncryption"], head["ContentType"]) == ("AES256", "text/csv; charset=utf-8")
    assert head["Metadata"] == {}

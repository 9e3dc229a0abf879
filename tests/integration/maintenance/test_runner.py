"""How runs go: one task's trouble, too little time, work that stands still, files that nobody wants."""

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from musicconnect.maintenance import runner, tasks
from musicconnect.maintenance.task import BATCH_SIZE, TaskContext, TaskResult
from musicconnect.platform.storage import bucket as object_storage
from musicconnect.platform.work.deadline import Deadline
from tests.integration.maintenance.runner import MaintenanceRunner
from tests.support.functions import Person, new_person
from tests.support.oauth import link

DAY = timedelta(days=1)
QUEUE = "MAINTENANCE_QUEUE_URL"


@pytest.fixture
def person(maintenance: MaintenanceRunner) -> Person:
    while records := maintenance.harness.messages(QUEUE):
        _delete(maintenance, records)
    return new_person(maintenance.harness)


def _delete(maintenance: MaintenanceRunner, records: list[dict[str, Any]]) -> None:
    for record in records:
        boto3.client("sqs").delete_message(
            QueueUrl=maintenance.harness.queues[QUEUE], ReceiptHandle=record["receiptHandle"]
        )


def expired_sessions(maintenance: MaintenanceRunner, person: Person, count: int) -> None:
    maintenance.sql(
        "INSERT INTO core.user_sessions (user_id, session_token, expires_at) "
        "SELECT %s, 'old' || n, now() - interval '1 day' FROM generate_series(1, %s) AS n",
        person.id, count,
    )  # fmt: skip


def old_sessions(maintenance: MaintenanceRunner) -> int:
    ((count,),) = maintenance.sql("SELECT count(*) FROM core.user_sessions WHERE session_token LIKE 'old%%'")
    return int(count)


def test_a_task_that_fails_does_not_stop_the_others(
    maintenance: MaintenanceRunner, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: TaskContext) -> TaskResult:
        raise RuntimeError("broken on purpose")

    monkeypatch.setitem(tasks.TASKS, "unlinked_accounts", broken)
    expired_sessions(maintenance, person, 3)
    answer = maintenance.harness.invoke("maintenance", {}, remaining_ms=300_000)
    assert answer == {"done": {"sessions": 3}, "left": [], "failed": ["unlinked_accounts"]}


def test_without_time_it_asks_to_be_run_again_and_ends_the_work_then(
    maintenance: MaintenanceRunner, person: Person
) -> None:
    expired_sessions(maintenance, person, 2 * BATCH_SIZE + 5)
    assert maintenance.run("sessions", remaining_ms=20_000)["left"] == ["sessions"]
    assert old_sessions(maintenance) == 2 * BATCH_SIZE + 5  # there was no time at all
    (record,) = maintenance.harness.messages(QUEUE)
    assert json.loads(record["body"])["tasks"] == ["sessions"]

    answer = maintenance.harness.invoke("maintenance", {"Records": [record]}, remaining_ms=300_000)

    _delete(maintenance, [record])
    assert answer == {"batchItemFailures": []}
    assert old_sessions(maintenance) == 0
    assert maintenance.harness.messages(QUEUE) == []


def test_a_share_of_the_time_is_kept_for_everybody(
    maintenance: MaintenanceRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task that never ends does not keep those behind it from running."""
    seen: list[str] = []

    def endless(context: TaskContext) -> TaskResult:
        while context.has_time():
            pass
        return TaskResult(1, left=True)

    def quick(_: TaskContext) -> TaskResult:
        seen.append("quick")
        return TaskResult()

    with maintenance.harness.environment_of("maintenance"):
        report = runner.run(
            None, {"sessions": endless, "retention_audit": quick}, Deadline.after(2_000),  # type: ignore[arg-type]
        )  # fmt: skip
    assert seen == ["quick"]
    assert report["left"] == ["sessions"]


def test_work_that_stands_still_is_given_to_the_dispatchers(
    maintenance: MaintenanceRunner, person: Person
) -> None:
    account = link(person, "youtube")["account_id"]
    ((job,),) = maintenance.sql(
        "INSERT INTO migrations.jobs (user_id, source_provider, target_provider, status, created_at) "
        "VALUES (%s, 'spotify', 'youtube', 'running', now() - interval '2 days') RETURNING id", person.id,
    )  # fmt: skip
    lists = {}
    for name, status, due, lease, finished in (
        ("stuck", "running", None, maintenance.started - DAY, None),
        ("never leased", "pending", None, None, None),
        ("in hand", "running", None, maintenance.started + DAY, None),
        ("parked", "running", maintenance.started + DAY, None, None),
        ("done", "completed", None, None, maintenance.started),
    ):
        ((lists[name],),) = maintenance.sql(
            "INSERT INTO migrations.playlists (job_id, user_id, source_playlist_id, source_name, marker, "
            "status, due_at, lease_until, finished_at) "
            "VALUES (%s, %s, %s, 'n', 'm', %s, %s, %s, %s) RETURNING id",
            job, person.id, name, status, due, lease, finished,
        )  # fmt: skip
    maintenance.sql(
        "UPDATE providers.snapshot_syncs SET status = 'running', due_at = NULL, lease_until = NULL "
        "WHERE account_id = %s", account,
    )  # fmt: skip
    maintenance.sql(
        "INSERT INTO trends.imports (user_id, storage_key, created_at, status) "
        "VALUES (%s, 'k', now(), 'running')",
        person.id,
    )  # fmt: skip
    # A job whose last playlist ended without anybody saying so.
    ((silent,),) = maintenance.sql(
        "INSERT INTO migrations.jobs (user_id, source_provider, target_provider, status, created_at) "
        "VALUES (%s, 'spotify', 'youtube', 'running', now() - interval '2 days') RETURNING id", person.id,
    )  # fmt: skip
    maintenance.sql(
        "INSERT INTO migrations.playlists (job_id, user_id, source_playlist_id, source_name, marker, status, "
        "finished_at, due_at) VALUES (%s, %s, 'x', 'n', 'm', 'completed', now() - interval '1 day', NULL)",
        silent, person.id,
    )  # fmt: skip

    assert maintenance.run("stuck_jobs")["done"] == {"stuck_jobs": 5}

    due = "SELECT source_playlist_id FROM migrations.playlists WHERE due_at <= now() + interval '1 minute'"
    assert {name for (name,) in maintenance.sql(due)} == {"stuck", "never leased"}
    assert maintenance.sql("SELECT due_at IS NOT NULL FROM providers.snapshot_syncs") == [(True,)]
    assert maintenance.sql("SELECT due_at IS NOT NULL FROM trends.imports") == [(True,)]
    assert maintenance.sql("SELECT status FROM migrations.jobs WHERE id = %s", silent) == [("completed",)]
    assert maintenance.sql("SELECT status FROM migrations.jobs WHERE id = %s", job) == [("running",)]
    assert maintenance.run("stuck_jobs")["done"] == {}


def test_a_paused_migration_is_not_stuck(maintenance: MaintenanceRunner, person: Person) -> None:
    maintenance.sql(
        """
        WITH job AS (
            INSERT INTO migrations.jobs (user_id, source_provider, target_provider, status, stop)
            VALUES (%s, 'spotify', 'youtube', 'running', 'pause') RETURNING id, user_id)
        INSERT INTO migrations.playlists (job_id, user_id, source_playlist_id, source_name, marker, due_at)
        SELECT id, user_id, 'p', 'n', 'm', NULL FROM job""",
        person.id,
    )
    maintenance.at(30 * DAY)
    assert maintenance.run("stuck_jobs")["done"] == {}


def test_files_that_nobody_wants_go_and_others_stay(maintenance: MaintenanceRunner, person: Person) -> None:
    s3, bucket = boto3.client("s3"), maintenance.harness.environment["UPLOAD_BUCKET"]
    folder = f"imports/{person.id}/"
    for name, status in (("waiting", "awaiting_upload"), ("reading", "running"), ("read", "completed")):
        maintenance.sql(
            "INSERT INTO trends.imports (user_id, storage_key, created_at, status) VALUES (%s, %s, %s, %s)",
            person.id, folder + name, maintenance.started + DAY, status,
        )  # fmt: skip
    for key in (*(folder + name for name in ("waiting", "reading", "read", "nobody's")), "imports/9/gone"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    s3.create_multipart_upload(Bucket=bucket, Key=f"{folder}parts")
    maintenance.at(timedelta(hours=12))
    maintenance.run("orphaned_uploads", "abandoned_uploads")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 5

    maintenance.at(timedelta(hours=25))
    maintenance.run("orphaned_uploads", "abandoned_uploads")

    left = {entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert left == {folder + "waiting", folder + "reading"}
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []
    maintenance.at(3 * DAY)
    maintenance.run("orphaned_uploads", "abandoned_uploads")
    assert maintenance.sql("SELECT status FROM trends.imports ORDER BY 1") == [("completed",), ("running",)]


def test_a_sweep_goes_on_where_it_stopped(
    maintenance: MaintenanceRunner, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_storage, "PAGE", 2)
    s3, bucket = boto3.client("s3"), maintenance.harness.environment["UPLOAD_BUCKET"]
    for number in range(5):
        s3.put_object(Bucket=bucket, Key=f"imports/1/{number}", Body=b"x")
    maintenance.at(2 * DAY)
    maintenance.sql(
        "INSERT INTO core.maintenance_cursors (name, position) VALUES ('orphaned_uploads', 'imports/1/1')"
    )
    maintenance.run("orphaned_uploads")
    left = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert left == ["imports/1/0", "imports/1/1"]
    maintenance.run("orphaned_uploads")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_what_is_over_its_retention_is_counted(maintenance: MaintenanceRunner, person: Person) -> None:
    """Without any maintenance for months, its own check says so for every kind."""
    account = link(person, "youtube")["account_id"]
    maintenance.sql(
        "INSERT INTO providers.playlist_snapshots (account_id, user_id, provider_playlist_id, name, "
        "track_count, last_synced_at) VALUES (%s, %s, 'p', 'n', 1, %s)",
        account, person.id, maintenance.started,
    )  # fmt: skip
    maintenance.sql(
        "INSERT INTO search.pinned_items (user_id, provider, item_type, provider_item_id, title) "
        "VALUES (%s, 'youtube', 'video', 'v', 't')", person.id,
    )  # fmt: skip
    maintenance.sql(
        "INSERT INTO providers.unlinked_accounts (user_id, provider, left_at, due_at) "
        "VALUES (%s, 'youtube', %s, %s)",
        person.id, maintenance.started, maintenance.started,
    )  # fmt: skip
    maintenance.match("v", maintenance.started)
    maintenance.sql(
        "INSERT INTO providers.artist_channels (provider, channel_id, artist, fetched_at) "
        "VALUES ('youtube', 'UCx', 'key', %s)", maintenance.started,
    )  # fmt: skip
    before, after = maintenance.started + 4 * DAY, maintenance.started + 40 * DAY
    query = "SELECT what, found FROM core.retention_violations(%s, 'youtube', %s, %s)"
    assert {
        what: n for what, n in maintenance.sql(query, before, before - 30 * DAY, before - 7 * DAY) if n
    } == {}
    assert {what: n for what, n in maintenance.sql(query, after, after - 30 * DAY, after - 7 * DAY) if n} == {
        "snapshots": 1, "matches": 1, "pins": 1, "consents": 1, "unlinked_accounts": 1, "channels": 1,
    }  # fmt: skip

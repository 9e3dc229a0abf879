"""A run that is killed before any of its statements is finished by the next one, to the same end."""

import json
import re
from datetime import timedelta
from typing import Any

import boto3
import psycopg
import pytest
from psycopg import sql as compose

from musicconnect.platform import database
from tests.integration.maintenance.runner import MaintenanceRunner
from tests.integration.schema.rows import tables
from tests.support.functions import new_person
from tests.support.oauth import link

DAY = timedelta(days=1)
TASKS = (
    "unlinked_accounts", "revocations", "unusable_accounts", "lapsed_consents", "consent_checks",
    "consent_warnings", "matches_rescored", "matches_refreshed", "matches", "snapshots", "migration_facts",
    "rule_facts", "stuck_jobs", "key_rotation", "abandoned_uploads", "orphaned_uploads", "sessions",
)  # fmt: skip
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")
BOX = re.compile(r"k(\d)\.[\w=-]{20,}")
EVERY = 23
"""So many statements lie between two at which a run is killed; days begin with different ones. 1 tries all of
them and takes two minutes."""


class Killed(BaseException):
    """The process is gone, from one instruction to the next."""


class Killer:
    """Ends the process before its n-th statement."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        self.seen = 0
        execute = database.TimedCursor.execute

        def counted(cursor: Any, *args: Any, **kwargs: Any) -> Any:
            self.seen += 1
            if self.left is not None:
                self.left -= 1
                if self.left < 0:
                    raise Killed
            return execute(cursor, *args, **kwargs)

        patch.setattr(database.TimedCursor, "execute", counted)


class World:
    """Everything that maintenance finds, as it can be put back."""

    def __init__(self, maintenance: MaintenanceRunner) -> None:
        self.maintenance = maintenance
        self.day = maintenance.now.date().isoformat()
        """The day of the runs: the later one may fall on the next."""
        with psycopg.connect(maintenance.harness.database_url) as connection:
            self.names = [table.name for table in tables(connection) if table.name != "trends.rollup_state"]
            self.rows = {name: self._dump(connection, name) for name in self.names}
        self.files = self._files()

    def _dump(self, connection: psycopg.Connection[Any], name: str) -> tuple[list[str], bytes]:
        columns = [
            column
            for (column,) in connection.execute(
                "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
                "AND NOT attisdropped AND attgenerated = ''", [name],
            )
        ]  # fmt: skip
        names = compose.SQL(", ").join(map(compose.Identifier, columns))
        query = compose.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(
            names, compose.Identifier(*name.split("."))
        )
        with connection.cursor().copy(query) as copy:
            return columns, b"".join(bytes(piece) for piece in copy)

    def put_back(self) -> None:
        """Make it all as it was."""
        bucket, s3 = self.maintenance.harness.environment["UPLOAD_BUCKET"], boto3.client("s3")
        with psycopg.connect(self.maintenance.harness.database_url) as connection:
            for name in reversed(self.names):
                connection.execute(compose.SQL("DELETE FROM {}").format(compose.Identifier(*name.split("."))))
            for name in self.names:
                columns, rows = self.rows[name]
                names = compose.SQL(", ").join(map(compose.Identifier, columns))
                query = compose.SQL("COPY {} ({}) FROM STDIN").format(
                    compose.Identifier(*name.split(".")), names
                )
                with connection.cursor().copy(query) as copy:
                    copy.write(rows)
        for key in self.files - self._files():
            s3.put_object(Bucket=bucket, Key=key, Body=b"x")

    def _files(self) -> set[str]:
        bucket, s3 = self.maintenance.harness.environment["UPLOAD_BUCKET"], boto3.client("s3")
        return {entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}

    def state(self) -> dict[str, list[str]]:
        """What is there, without the moments of these runs, the randomness of encryption, and what was spent.

        Nor when somebody is to look for the last time whether an account is wholly gone: an hour after the
        first look that was not cut off.
        """
        found: dict[str, list[str]] = {"files": sorted(self._files())}
        skipped = {
            "core.maintenance_cursors",
            "providers.quota_usage",
            "providers.quota_shares",
            "providers.unlinked_accounts",
        }
        with psycopg.connect(self.maintenance.harness.database_url) as connection:
            for name in self.names:
                if name in skipped:
                    continue
                query = compose.SQL("SELECT to_jsonb(t) FROM {} t").format(
                    compose.Identifier(*name.split("."))
                )
                rows = [row for (row,) in connection.execute(query)]
                found[name] = sorted(json.dumps(self._plain(row), sort_keys=True) for row in rows)
        return found

    def _plain(self, row: dict[str, Any]) -> dict[str, Any]:
        plain = {}
        for column, value in row.items():
            if column in ("check_tried_at", "facts_checked_at", "id") and column != "user_id":
                continue
            text = json.dumps(value)
            text = BOX.sub(r"encrypted under k\1", text)
            if isinstance(value, str) and value >= self.day and value[:2] == "20":
                text = "now"
            if column == "key":
                text = MOMENT.sub("now", text)
            plain[column] = text
        return plain


@pytest.fixture
def world(maintenance: MaintenanceRunner, monkeypatch: pytest.MonkeyPatch) -> World:
    """Something for every task, forty days later."""
    harness = maintenance.harness
    keys = {"current": "k1", "k1": "one " * 16}
    client = boto3.client("secretsmanager")
    secret = client.create_secret(
        Name=f"keys-{maintenance.started.timestamp()}", SecretString=json.dumps(keys)
    )
    monkeypatch.setitem(harness.environment, "TOKEN_KEYS_SECRET_ARN", secret["ARN"])
    people = [new_person(harness) for _ in range(4)]
    for person in people:
        link(person, "youtube")
    link(people[0], "spotify")
    link(people[1], "spotify")
    put, user = maintenance.sql, people[0].id
    maintenance.youtube.fault("POST /revoke", status=503, times=1)
    people[3].call("DELETE", "/v1/providers/youtube")
    put("UPDATE providers.accounts SET status = 'consent_needed' WHERE user_id = %s", people[2].id)
    long_ago = maintenance.started - 160 * DAY
    put("UPDATE providers.accounts SET authorized_at = %s WHERE provider = 'spotify'", long_ago)
    put(
        "UPDATE providers.accounts SET authorized_at = now() - interval '130 days' WHERE user_id = %s",
        people[1].id,
    )
    for number in range(3):
        maintenance.match(f"old-{number}", maintenance.started)
        maintenance.match(f"due-{number}", maintenance.started + 15 * DAY)
        put("INSERT INTO core.user_sessions (user_id, session_token, expires_at) VALUES (%s, %s, now())",
            user, f"old-{number}")  # fmt: skip
        put("INSERT INTO trends.imports (user_id, storage_key, created_at) VALUES (%s, %s, now())",
            user, f"imports/{user}/{number}")  # fmt: skip
        boto3.client("s3").put_object(
            Bucket=harness.environment["UPLOAD_BUCKET"], Key=f"imports/{user}/stray-{number}", Body=b"x"
        )
    put(
        """
        WITH job AS (
            INSERT INTO migrations.jobs (user_id, source_provider, target_provider, status, created_at,
                finished_at)
            VALUES (%s, 'spotify', 'youtube', 'completed', now(), now()) RETURNING id, user_id
        ), list AS (
            INSERT INTO migrations.playlists (job_id, user_id, source_playlist_id, source_name, status,
                marker, due_at)
            SELECT id, user_id, 'p' || n, 'n', CASE n WHEN 3 THEN 'running' ELSE 'completed' END, 'm', NULL
            FROM job, generate_series(1, 3) AS n RETURNING id, user_id)
        INSERT INTO migrations.tracks (playlist_migration_id, user_id, position, source_title, source_artist,
            target_track_id, target_title, status, outcome)
        SELECT id, user_id, n, 's', 'a', 't', 'title', 'matched', 'matched'
        FROM list, generate_series(0, 2) AS n""",
        user,
    )
    keys = {"current": "k2", "k1": "one " * 16, "k2": "two " * 16}
    client.put_secret_value(SecretId=secret["ARN"], SecretString=json.dumps(keys))
    maintenance.at(40 * DAY)
    return World(maintenance)


def test_a_run_that_is_killed_anywhere_is_finished_by_the_next(
    maintenance: MaintenanceRunner, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    killer = Killer(monkeypatch)

    def run(statements: int | None = None) -> bool:
        """One run; False if it was killed."""
        killer.left, killer.seen = statements, 0
        try:
            answer = maintenance.harness.invoke("maintenance", {"tasks": list(TASKS)}, remaining_ms=300_000)
        except Killed:
            database.close_all()
            return False
        finally:
            killer.left = None
        assert (answer["failed"], answer["left"]) == ([], [])
        return True

    def reset() -> None:
        world.put_back()
        maintenance.youtube.control("DELETE", "/faults")
        maintenance.at(40 * DAY)

    run()
    statements = killer.seen
    maintenance.at(40 * DAY + timedelta(hours=2))
    run()
    wanted = world.state()
    assert statements > 100
    for number in range(maintenance.started.toordinal() % EVERY, statements, EVERY):
        reset()
        assert run(number) is False
        maintenance.at(40 * DAY + timedelta(hours=2))
        run()
        assert world.state() == wanted, number

"""Deleting a person: no row, file or word of theirs is left, and nothing of anybody else is touched."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

import boto3
import psycopg
import pytest
import requests
from psycopg import sql as compose

from musicconnect.core import rate_limits
from musicconnect.platform import tokens
from tests.integration.schema.rows import SCHEMAS, tables, values_for
from tests.support.functions import SOURCE_IP, FunctionRunner, Person
from tests.support.oauth import link
from tests.support.postgres import sql
from tests.support.simulator import Simulator

ANYBODYS = {
    # What is about nobody: a day's figures, which are drawn again without them, and the count of a search.
    "trends.dirty_days",
    "search.queries",
    "exports.leftovers",  # names an export's folder for twenty minutes, and nobody
}
"""Tables in which rows may change when a person goes. Their content is looked at by tests of their own."""


WORDS_OF_OURS = {"provider", "source_provider", "provider_filter", "storage_token"}
"""Columns in which a person cannot write what they like."""


@dataclass
class Somebody:
    """A person with something in every table and in the bucket, and the words by which they can be told."""

    person: Person
    words: list[str]


def somebody(harness: FunctionRunner, user_id: int) -> Somebody:
    """Somebody whose id can be told from every other number, known by names of their own everywhere."""
    mark = uuid.uuid4().hex[:12]
    for url in (harness.environment["SPOTIFY_ACCOUNTS_URL"], harness.environment["GOOGLE_TOKEN_URL"]):
        Simulator(url).control("POST", "/users", {"id": mark, "display_name": f"called {mark}"})
        Simulator(url).playlist(mark, name=f"list of {mark}", items=[])
    email, token = f"{mark}@example.org", tokens.new_token()
    sql(
        harness.database_url,
        """
        WITH made AS (
            INSERT INTO core.users (id, email, password_hash, display_name) VALUES (%s, %s, %s, %s))
        SELECT 1""",
        user_id, email, f"hash-{mark}", f"name-{mark}",
    )  # fmt: skip
    sql(
        harness.database_url,
        "INSERT INTO core.user_sessions (user_id, session_token, expires_at, ip_address, user_agent) "
        "VALUES (%s, %s, now() + interval '10 years', %s, %s)",
        user_id, tokens.token_hash(token), f"ip-{mark}", f"agent-{mark}",
    )  # fmt: skip
    person = Person(harness, user_id, email, "none", token)
    accounts = {name: link(person, name, login=mark) for name in ("spotify", "youtube")}
    harness.drain("PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker")
    _everywhere(harness, person, mark)
    s3, bucket = boto3.client("s3"), harness.environment["UPLOAD_BUCKET"]
    for number in range(3):
        s3.put_object(Bucket=bucket, Key=f"imports/{user_id}/{mark}-{number}", Body=mark.encode())
    s3.create_multipart_upload(Bucket=bucket, Key=f"imports/{user_id}/{mark}-parts")
    s3.put_object(Bucket=bucket, Key=f"playlist-imports/{user_id}/{mark}", Body=mark.encode())
    query = "SELECT storage_token FROM exports.jobs WHERE user_id = %s"
    ((token_of_export,),) = sql(harness.database_url, query, user_id)
    exported = {"Bucket": harness.environment["EXPORT_BUCKET"], "Key": f"exports/{token_of_export}/all.zip"}
    s3.put_object(Body=mark.encode(), **exported)
    s3.create_multipart_upload(**exported)
    # A failed attempt is counted by hashes of the address, and of the address and the place.
    person.call("POST", "/v1/auth/login", {"email": email, "password": "wrong, to be counted"})
    sql(harness.database_url, "INSERT INTO core.known_sources VALUES (%s, %s, now())", user_id, SOURCE_IP)
    counted = [
        rate_limits.EMAIL.key(email),
        rate_limits.PAIR.key(email, SOURCE_IP),
        rate_limits.SHARE.key(email, SOURCE_IP),
    ]
    words = [str(user_id), mark, email, person.token, tokens.token_hash(token), *counted]
    words.append(str(token_of_export))
    words += [account["provider_user_id"] for account in accounts.values()]
    return Somebody(person, words)


def _everywhere(harness: FunctionRunner, person: Person, mark: str) -> None:
    """One row of theirs in every table that can hold one, every text in it theirs."""
    with psycopg.connect(harness.database_url, autocommit=True) as connection:
        parents: dict[str, dict[str, Any]] = {}
        for table in tables(connection):
            holder = any(column.name == "holder" for column in table.columns)
            if table.person_column is None and not holder:
                if any(table.name == key.parent for other in tables(connection) for key in other.references):
                    raise AssertionError(f"{table.name} is nobody's and has children")
                continue
            values = values_for(table, person.id, parents, "youtube")
            for column in table.columns:
                is_text = column.type == "text" and column.name not in {*table.choices, *WORDS_OF_OURS}
                is_key = any(column.name in key.columns for key in table.references)
                if is_text and not is_key and column.name in values:
                    values[column.name] = f"{mark}-{column.name}"
            if holder:
                values["holder"] = person.id
            names = compose.SQL(", ").join(map(compose.Identifier, values))
            holes = compose.SQL(", ").join(map(compose.Placeholder, values))
            insert = compose.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING")
            connection.execute(insert.format(table.identifier, names, holes), values)
            column = compose.Identifier(table.person_column or "holder")
            query = compose.SQL("SELECT row_to_json(t) FROM {} t WHERE {} = {} LIMIT 1")
            row = connection.execute(query.format(table.identifier, column, person.id)).fetchone()
            assert row is not None, f"no row of theirs in {table.name}"
            parents[table.name] = row[0]


def everything(harness: FunctionRunner) -> dict[str, list[str]]:
    """Every row of every table, partitions behind theirs, as text."""
    with psycopg.connect(harness.database_url) as connection:
        names = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema = ANY(%s) AND table_type = 'BASE TABLE'",
            [list(SCHEMAS)],
        ).fetchall()
        found = {}
        for schema, name in names:
            query = compose.SQL("SELECT t::text FROM {}.{} t ORDER BY 1")
            rows = connection.execute(
                query.format(compose.Identifier(schema), compose.Identifier(name))
            ).fetchall()
            found[f"{schema}.{name}"] = [row for (row,) in rows]
        return found


def files(harness: FunctionRunner) -> dict[str, bytes]:
    """Every file, and every upload that is under way."""
    s3, found = boto3.client("s3"), {}
    for bucket in (harness.environment["UPLOAD_BUCKET"], harness.environment["EXPORT_BUCKET"]):
        for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            found[entry["Key"]] = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        for upload in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
            found[f"{upload['Key']} (parts)"] = b""
    return found


def traces(harness: FunctionRunner, words: list[str]) -> list[str]:
    """Where any of the words stands."""
    rows = [
        f"{table}: {row}"
        for table, texts in everything(harness).items()
        for row in texts
        if any(word in row for word in words)
    ]
    named = [
        key for key, body in files(harness).items() if any(w in key or w.encode() in body for w in words)
    ]
    return rows + named


@pytest.fixture(scope="module")
def two(harness: FunctionRunner, spotify_url: str, youtube_url: str) -> tuple[Somebody, Somebody]:
    """The one who goes, and the one who stays."""
    for url in (spotify_url, youtube_url):
        requests.post(f"{url}/_control/reset", timeout=10)
    return somebody(harness, 730_000_001), somebody(harness, 840_000_002)


def test_nothing_stays_and_nobody_else_is_touched(
    harness: FunctionRunner, two: tuple[Somebody, Somebody], youtube_url: str
) -> None:
    leaver, other = two
    before, files_before = everything(harness), files(harness)
    held = {table for table, rows in before.items() if any(str(leaver.person.id) in row for row in rows)}
    with psycopg.connect(harness.database_url) as connection:
        could = {table.name for table in tables(connection) if table.person_column}
    # The walk is worth something only if they were everywhere to begin with.
    assert could | {"providers.quota_shares"} <= held | {"trends.plays"}
    assert len([key for key in files_before if any(word in key for word in leaver.words)]) == 7

    assert leaver.person.call("DELETE", "/v1/me").status == 204

    # An export's folder, named at random, is remembered for twenty minutes, in case a worker writes to it.
    assert [one for one in traces(harness, leaver.words) if not one.startswith("exports.leftovers: ")] == []
    after = everything(harness)
    for table, rows in before.items():
        theirs = {row for row in rows if not any(word in row for word in leaver.words)}
        others = {row for row in rows if any(word in row for word in other.words)}
        assert others <= set(after[table]), table
        if table not in ANYBODYS:
            assert theirs == set(after[table]), table
    kept = {key: body for key, body in files_before.items() if not any(w in key for w in leaver.words)}
    assert files(harness) == kept
    assert traces(harness, other.words) != []
    assert leaver.person.call("GET", "/v1/me").status == 401
    assert other.person.call("GET", "/v1/me").status == 200
    revoked = [
        call for call in Simulator(youtube_url).control("GET", "/calls")["calls"] if "revoke" in call["path"]
    ]
    assert [call["status"] for call in revoked] == [200]


def test_what_is_kept_for_counting_is_anonymous(
    harness: FunctionRunner, two: tuple[Somebody, Somebody]
) -> None:
    """After the test above: that somebody searched is still counted, and nothing else."""
    rows = sql(
        harness.database_url,
        "SELECT query_text, created_at = date_trunc('day', created_at) FROM search.queries "
        "WHERE user_id IS NULL",
    )
    assert rows == [("", True)]


def test_messages_about_a_vanished_person_are_harmless(
    harness: FunctionRunner, two: tuple[Somebody, Somebody]
) -> None:
    leaver, _ = two
    gone = {"user_id": leaver.person.id, "correlation_id": "late"}
    messages = {
        "migrations_worker": {**gone, "playlist_migration_id": 1},
        "providers_sync_worker": {**gone, "account_id": 1},
        "trends_import_worker": {**gone, "import_id": 1},
        "trends_poll_worker": {**gone, "account_id": 1},
    }
    before = everything(harness)
    for capability, body in messages.items():
        record = {"messageId": "late", "body": json.dumps(body), "attributes": {}, "eventSource": "aws:sqs"}
        answer = harness.invoke(capability, {"Records": [record]})
        assert answer == {"batchItemFailures": []}, capability
    assert everything(harness) == before


def test_a_worker_in_the_middle_of_it_writes_nothing_more(
    harness: FunctionRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody leaves while a worker holds a page of theirs that it has just read."""
    leaver = somebody(harness, 750_000_003)
    with harness.environment_of("providers_sync_worker"):
        from musicconnect.providers.youtube.client import YouTubeClient  # noqa: PLC0415

        read = YouTubeClient.playlists

        def interrupted(self: Any, cursor: str | None = None) -> Any:
            page = read(self, cursor)
            monkeypatch.setattr(YouTubeClient, "playlists", read)
            assert leaver.person.call("DELETE", "/v1/me").status == 204
            return page

        monkeypatch.setattr(YouTubeClient, "playlists", interrupted)
    ((account,),) = sql(
        harness.database_url,
        "SELECT id FROM providers.accounts WHERE user_id = %s AND provider = 'youtube'", leaver.person.id,
    )  # fmt: skip
    sql(harness.database_url, "UPDATE providers.snapshot_syncs SET due_at = now(), lease_until = NULL")
    record = {"messageId": "m", "body": json.dumps({"account_id": account, "user_id": leaver.person.id})}
    assert harness.invoke("providers_sync_worker", {"Records": [record]}) == {"batchItemFailures": []}
    assert [one for one in traces(harness, leaver.words) if not one.startswith("exports.leftovers: ")] == []


def test_somebody_goes_with_the_provider_and_the_storage_down(
    harness: FunctionRunner, youtube_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once all the same; what they did not hear, they are told later, and nobody is named meanwhile."""
    leaver = somebody(harness, 760_000_004)
    youtube = Simulator(youtube_url)
    youtube.fault("POST /revoke", status=503, times=1)
    monkeypatch.setitem(harness.environment, "UPLOAD_BUCKET", "no-such-bucket")

    assert leaver.person.call("DELETE", "/v1/me").status == 204

    monkeypatch.undo()
    left = traces(harness, leaver.words)
    assert [trace for trace in left if "imports/" not in trace and "exports" not in trace] == []
    ((token,),) = sql(harness.database_url, "SELECT token FROM providers.revocations")
    assert str(token).startswith("k1.")
    ((seconds,),) = sql(
        harness.database_url,
        "SELECT extract(epoch FROM expires_at - now()) FROM providers.revocations",
    )
    assert float(str(seconds)) < 5 * 86_400


def test_the_function_itself_has_all_that_this_takes(
    harness: FunctionRunner, youtube_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a deployment it knows no provider's client secret: giving access back needs none."""
    leaver = somebody(harness, 770_000_005)
    for name in ("SPOTIFY_SECRET_ARN", "YOUTUBE_SECRET_ARN"):
        monkeypatch.delitem(harness.environment, name)
    youtube = Simulator(youtube_url)
    youtube.clear_calls()
    pending = "SELECT count(*) FROM providers.revocations"
    before = sql(harness.database_url, pending)
    assert leaver.person.call("DELETE", "/v1/me").status == 204
    assert youtube.calls().get("POST /revoke") == 1
    assert sql(harness.database_url, pending) == before

"""Given a person and their exports, then the API does what it says, for them and for nobody else."""

import json
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests

from musicconnect.exports.content import migrations as content_rows
from tests.integration.exports.factories import (
    QUEUE,
    ask,
    build,
    disposition,
    download,
    export,
    stored,
    table,
    work,
)
from tests.integration.trends.plays.conftest import as_json, import_history, listen
from tests.support.clock import ShiftedClock
from tests.support.functions import Person
from tests.support.postgres import sql


def problem(answer: Any, status: int, slug: str) -> dict[str, Any]:
    """The problem that an answer is."""
    assert answer.status == status, answer.text
    assert answer.json["type"] == f"urn:musicconnect:problem:{slug}"
    return dict(answer.json)


def pin(person: Person, title: str, kind: str = "track", provider: str = "spotify", item: str = "x") -> None:
    sql(
        person.harness.database_url,
        "INSERT INTO search.pinned_items "
        "(user_id, provider, item_type, provider_item_id, title, subtitle, pinned_at) "
        "VALUES (%s, %s, %s, %s, %s, 'By @us', '2026-05-01 22:30:00+00')",
        person.id, provider, kind, item, title,
    )  # fmt: skip


# -- Asking ------------------------------------------------------------------------------------------------


def test_an_export_is_asked_for_built_from_the_queue_and_downloaded(person: Person) -> None:
    import_history(person, as_json([listen(1_700_000_000, "Abba", "SOS")]))
    asked = ask(person, "history_csv", filters={"from": "2023-01-01"})
    assert (asked["status"], asked["files"], asked["progress"]["percent"]) == ("pending", [], 0)
    assert (asked["filters"]["from"], asked["filters"]["time_zone"]) == ("2023-01-01", "Europe/Berlin")
    person.harness.drain(QUEUE, "exports_worker")
    found = person.call("GET", f"/v1/exports/{asked['id']}").json
    assert found["status"] == "completed"
    assert found["status_message"] == "1 play in 1 file."
    (file,) = found["files"]
    assert (file["mime_type"], file["row_count"]) == ("text/csv; charset=utf-8", 1)
    assert file["size_bytes"] == found["progress"]["bytes"] == len(download(person, found))
    assert found["requested_at"] <= found["started_at"] <= found["completed_at"] < file["expires_at"]


def test_the_same_key_and_request_is_the_same_export(person: Person, other: Person) -> None:
    headers = {"Idempotency-Key": "once"}
    first = ask(person, "pins_csv", headers=headers)
    assert ask(person, "pins_csv", headers=headers)["id"] == first["id"]
    reused = person.call("POST", "/v1/exports", {"type": "history_csv"}, headers=headers)
    problem(reused, 409, "idempotency-key-reused")
    assert ask(other, "pins_csv", headers=headers)["id"] != first["id"], "a key is its person's"
    too_long = person.call(
        "POST", "/v1/exports", {"type": "pins_csv"}, headers={"Idempotency-Key": "x" * 256}
    )
    problem(too_long, 422, "invalid-request")
    assert len(person.call("GET", "/v1/exports").json["items"]) == 1


def test_at_most_three_are_under_way(person: Person) -> None:
    asked = [ask(person, "pins_csv") for _ in range(3)]
    problem(person.call("POST", "/v1/exports", {"type": "pins_csv"}), 409, "too-many-exports")
    build(person, asked[0]["id"])
    ask(person, "pins_csv")


@pytest.mark.parametrize(
    "body",
    [
        {}, {"type": "everything"}, {"type": "pins_csv", "more": 1},
        {"type": "pins_csv", "filters": {"playlists": ["x"], "provider": "spotify"}},
        {"type": "playlists_csv", "filters": {"playlists": ["x"]}},
        {"type": "playlists_csv", "filters": {"from": "2026-01-01"}},
        {"type": "playlists_csv", "filters": {"provider": "other"}},
        {"type": "history_csv", "options": {"json": "lines"}},
        {"type": "history_csv", "options": {"bundle": "zip"}},
        {"type": "history_csv", "filters": {"provider": "napster"}},
        {"type": "history_csv", "filters": {"time_zone": "Mars/Olympus"}},
        {"type": "history_csv", "filters": {"from": "2026-02-01", "to": "2026-01-01"}},
        {"type": "account_archive", "filters": {"provider": "spotify"}},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(person: Person, body: Any) -> None:
    problem(person.call("POST", "/v1/exports", body), 422, "invalid-request")


def test_playlists_need_a_linked_account(person: Person) -> None:
    problem(person.call("POST", "/v1/exports", {"type": "playlists_xspf"}), 409, "not-linked")
    body = {"type": "playlists_xspf", "filters": {"provider": "spotify"}}
    problem(person.call("POST", "/v1/exports", body), 409, "not-linked")


def test_exports_are_listed_newest_first_in_pages(person: Person) -> None:
    ids = [export(person, "pins_csv")["id"] for _ in range(3)]
    first = person.call("GET", "/v1/exports?limit=2").json
    second = person.call("GET", f"/v1/exports?limit=2&cursor={first['next_cursor']}").json
    assert [one["id"] for one in first["items"] + second["items"]] == ids[::-1]
    assert second["next_cursor"] is None
    assert all(len(one["files"]) == 1 for one in first["items"])
    problem(person.call("GET", "/v1/exports?cursor=forged"), 400, "invalid-cursor")


# -- Whose it is -------------------------------------------------------------------------------------------


def test_somebody_elses_export_does_not_exist(person: Person, other: Person) -> None:
    found = export(person, "pins_csv")
    mine = export(other, "pins_csv")
    path = f"/v1/exports/{found['id']}"
    for method, target in (
        ("GET", path), ("DELETE", path), ("POST", f"{path}/cancel"), ("GET", f"{path}/download"),
        ("GET", found["files"][0]["download"]),
        # A file of somebody else, by way of an export of one's own.
        ("GET", f"/v1/exports/{mine['id']}/download?file={found['files'][0]['id']}"),
    ):  # fmt: skip
        problem(other.call(method, target), 404, "not-found")
    assert download(person, found)
    assert [one["id"] for one in other.call("GET", "/v1/exports").json["items"]] == [mine["id"]]


def test_a_forged_message_does_nothing(person: Person, other: Person) -> None:
    asked = ask(person, "pins_csv")
    assert work(person, asked["id"], user_id=other.id) == {"batchItemFailures": []}
    assert person.call("GET", f"/v1/exports/{asked['id']}").json["status"] == "pending"
    for body in ("{}", "[]", '{"export_id": "x", "user_id": 1}'):
        event = {"Records": [{"messageId": "m", "body": body}]}
        failed = person.harness.invoke("exports_worker", event)
        assert failed == {"batchItemFailures": [{"itemIdentifier": "m"}]}


def test_a_link_opens_one_object_and_a_key_alone_opens_none(person: Person, other: Person) -> None:
    found, theirs = export(person, "pins_csv"), export(other, "pins_csv")
    keys = dict(sql(person.harness.database_url, "SELECT export_job_id, storage_key FROM exports.files"))
    link = person.call("GET", found["files"][0]["download"]).headers["location"]
    assert urlsplit(link).path.endswith(keys[found["id"]])
    assert "X-Amz-Expires=300" in link
    assert "X-Amz-SignedHeaders=host" in link
    # Signed for another key, the signature is another one: the key is part of what is signed.
    signed = {part.partition("=")[0]: part.partition("=")[2] for part in urlsplit(link).query.split("&")}
    again = other.call("GET", theirs["files"][0]["download"]).headers["location"]
    assert signed["X-Amz-Signature"] not in again
    shown = json.dumps([found, theirs])
    assert not [key for key in keys.values() if str(key) in shown], "keys are told to nobody"
    assert person.email not in link


# -- Downloading -------------------------------------------------------------------------------------------


def test_a_download_has_name_and_type_and_is_signed_each_time(
    person: Person, shifted_clock: ShiftedClock
) -> None:
    found = export(person, "pins_csv")
    path = found["files"][0]["download"]
    links = []
    for _ in range(2):
        answer = person.call("GET", path)
        assert (answer.status, answer.headers["cache-control"]) == (302, "no-store")
        links.append(answer.headers["location"])
    got = requests.get(links[0], timeout=10)
    name = found["files"][0]["name"]
    assert got.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f'attachment; filename="{name}"' in disposition(links[0])
    assert f"filename*=UTF-8''{name}" in disposition(links[0])
    assert got.headers["Content-Disposition"] == disposition(links[0])


def test_before_it_is_built_there_is_nothing_to_download(person: Person) -> None:
    asked = ask(person, "pins_csv")
    told = problem(person.call("GET", f"/v1/exports/{asked['id']}/download"), 409, "not-ready")
    assert told["detail"] == "Waiting for its turn."


def test_expired_files_are_deleted_and_their_links_gone(person: Person, shifted_clock: ShiftedClock) -> None:
    found, later = export(person, "pins_csv"), None
    before = stored(person)
    shifted_clock.set_offset(6 * 86_400)
    later = export(person, "pins_csv")
    shifted_clock.set_offset(7 * 86_400 + 60)
    path = f"/v1/exports/{found['id']}"
    problem(person.call("GET", f"{path}/download"), 410, "expired")
    assert person.call("GET", path).json["files"] == []
    assert person.harness.invoke("exports_worker", {})["expired"] >= 1
    assert not set(before) & set(stored(person))
    assert person.call("GET", path).json["status_message"] == "Expired: its files have been deleted."
    assert (
        sql(person.harness.database_url, "SELECT 1 FROM exports.files WHERE export_job_id = %s", found["id"])
        == []
    )
    assert download(person, later), "what has not expired stays"
    assert person.harness.invoke("exports_worker", {})["expired"] == 0


# -- Ending -------------------------------------------------------------------------------------------------


def test_a_cancelled_export_stays_so(person: Person) -> None:
    asked = ask(person, "pins_csv")
    answer = person.call("POST", f"/v1/exports/{asked['id']}/cancel")
    assert (answer.status, answer.json["status"], answer.json["status_message"]) == (
        200,
        "failed",
        "Cancelled.",
    )
    assert build(person, asked["id"])["status_message"] == "Cancelled."
    problem(person.call("POST", f"/v1/exports/{asked['id']}/cancel"), 409, "not-under-way")


def test_a_deleted_export_takes_its_files_along(person: Person) -> None:
    found = export(person, "pins_csv")
    ((key,),) = sql(
        person.harness.database_url,
        "SELECT storage_key FROM exports.files WHERE export_job_id = %s",
        found["id"],
    )
    assert key in stored(person)
    assert person.call("DELETE", f"/v1/exports/{found['id']}").status == 204
    assert key not in stored(person)
    problem(person.call("GET", f"/v1/exports/{found['id']}"), 404, "not-found")


def test_a_deleted_account_takes_all_its_files_along_at_once(person: Person, other: Person) -> None:
    for _ in range(2):
        export(person, "pins_csv")
    kept = export(other, "pins_csv")
    ((token,),) = sql(
        person.harness.database_url,
        "SELECT string_agg(storage_token, ' ') FROM exports.jobs WHERE user_id = %s",
        person.id,
    )  # fmt: skip
    assert len([key for key in stored(person) if key.split("/")[1] in str(token)]) == 2
    assert person.call("DELETE", "/v1/me").status == 204
    person.harness.invoke("exports_worker", {})
    assert not [key for key in stored(person) if key.split("/")[1] in str(token)]
    assert download(other, kept)


def test_a_forgotten_export_is_sent_by_the_timer(person: Person, shifted_clock: ShiftedClock) -> None:
    asked = ask(person, "pins_csv")
    queue = person.harness.queues[QUEUE]
    boto3.client("sqs").purge_queue(QueueUrl=queue)
    assert person.harness.invoke("exports_worker", {})["sent"] == 0
    shifted_clock.set_offset(400)
    assert person.harness.invoke("exports_worker", {})["sent"] >= 1
    person.harness.drain(QUEUE, "exports_worker")
    assert person.call("GET", f"/v1/exports/{asked['id']}").json["status"] == "completed"


# -- Pins and migrations -----------------------------------------------------------------------------------


def test_pins_are_told_with_where_they_lead(person: Person) -> None:
    pin(person, "=A1", item="4iV5W9uYEdYUVa79Axb7Rh")
    pin(person, 'a "list"\nof two', kind="playlist", provider="youtube", item="PLx")
    content = download(person, export(person, "pins_csv"))
    rows = table(content)
    assert [(row["title"], row["subtitle"], row["provider"]) for row in rows] == [
        ("=A1", "By @us", "spotify"), ('a "list"\nof two', "By @us", "youtube"),
    ]  # fmt: skip
    assert rows[0]["url"] == "https://open.spotify.com/track/4iV5W9uYEdYUVa79Axb7Rh"
    assert (rows[0]["pinned_at"], rows[0]["local_time"]) == ("2026-05-01 22:30:00+00", "2026-05-02 00:30:00")
    assert b'"\'=A1"' in content
    only = table(download(person, export(person, "pins_csv", filters={"provider": "youtube"})))
    assert [row["id"] for row in only] == ["PLx"]
    # In the person's own time zone it was the second of May.
    for day, count in (("2026-05-01", 0), ("2026-05-02", 2)):
        chosen = export(person, "pins_csv", filters={"from": day, "to": day})
        assert len(table(download(person, chosen))) == count
    zone = export(person, "pins_csv", filters={"from": "2026-05-01", "to": "2026-05-01", "time_zone": "UTC"})
    assert len(table(download(person, zone))) == 2


def test_migrations_are_told_track_by_track(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_rows.MigrationsCsv, "batch", 2)
    url = person.harness.database_url
    ((job,),) = sql(
        url,
        "INSERT INTO migrations.jobs (user_id, source_provider, target_provider, status, created_at) "
        "VALUES (%s, 'spotify', 'youtube', 'completed', '2026-03-01 12:00+00') RETURNING id",
        person.id,
    )
    for number in range(2):
        sql(
            url,
            """
            WITH p AS (INSERT INTO migrations.playlists (job_id, user_id, source_playlist_id, source_name,
                           marker, target_playlist_id, target_name)
                       VALUES (%s, %s, %s, '+ mine', %s, 'PLy', 'Mine') RETURNING id, user_id)
            INSERT INTO migrations.tracks (playlist_migration_id, user_id, position, source_track_id,
                source_title, source_artist, target_track_id, target_title, target_artist, match_score,
                outcome, status, error_message, write_state)
            SELECT p.id, p.user_id, n, 's' || n, '=' || n, 'A, "B"', CASE WHEN n < 2 THEN 't' || n END,
                'T', 'C', 97.25, CASE WHEN n < 2 THEN 'matched' ELSE 'no_match' END,
                CASE WHEN n < 2 THEN 'matched' ELSE 'failed' END,
                CASE WHEN n = 2 THEN 'Nothing is close.' END,
                CASE WHEN n < 2 THEN 'written' ELSE 'none' END
            FROM p, generate_series(0, 2) n
            """,
            job, person.id, f"pl{number}", f"mc-{person.id}-{number}",
        )  # fmt: skip
    rows = table(download(person, export(person, "migrations_csv")))
    assert [(row["source_playlist_id"], row["position"]) for row in rows] == [
        (f"pl{number}", str(position)) for number in range(2) for position in range(3)
    ]
    assert rows[2] == {
        "migration_id": str(job), "migrated_at": "2026-03-01 12:00:00+00",
        "local_time": "2026-03-01 13:00:00",
        "source_provider": "spotify", "target_provider": "youtube", "source_playlist_id": "pl0",
        "source_playlist": "+ mine", "target_playlist_id": "PLy", "target_playlist": "Mine", "position": "2",
        "source_track_id": "s2", "source_title": "=2", "source_artist": 'A, "B"', "target_track_id": "",
        "target_title": "T", "target_artist": "C", "score": "97.25", "status": "failed",
        "outcome": "no_match", "reason": "Nothing is close.", "written": "false",
    }  # fmt: skip
    assert (rows[0]["written"], rows[0]["reason"]) == ("true", "")
    for filters, count in (
        ({"provider": "youtube"}, 6), ({"to": "2026-02-28"}, 0), ({"from": "2026-03-02"}, 0),
    ):  # fmt: skip
        assert len(table(download(person, export(person, "migrations_csv", filters=filters)))) == count

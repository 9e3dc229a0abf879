"""Given playlists at the providers, when they are exported, then the files say what stands there."""

import csv
import hashlib
import io
import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tests.integration.exports.factories import (
    download,
    export,
    exported,
    lines,
    table,
    unzipped,
)
from tests.integration.exports.playlists.conftest import made
from tests.integration.migrations.uploads import started
from tests.integration.trends.plays.conftest import as_json, import_history, listen
from tests.support.functions import FunctionRunner, Person
from tests.support.postgres import sql
from tests.support.simulator import Simulator

FORMATS = ["playlists_csv", "playlists_json", "playlists_xspf", "playlists_jspf", "playlists_m3u8"]


@pytest.mark.parametrize("kind", FORMATS)
def test_one_playlist_is_a_file_with_every_entry_in_order(
    linked: Person, spotify: Simulator, kind: str
) -> None:
    playlist, items = made(spotify, 'Road "trip" 愛')
    found = export(linked, kind, filters={"provider": "spotify", "playlists": [playlist]})
    content = download(linked, found)
    (file,) = found["files"]
    assert file["row_count"] == found["progress"]["rows_expected"] == len(items)
    assert file["name"].startswith("Road %22trip%22 愛.")
    text = content.decode()
    places = [text.index(one) for one in items[:3]]
    assert places == sorted(places), "in order"
    assert text.count(items[0]) >= 2, "what stands there twice is told twice"
    if kind == "playlists_csv":
        assert [row["Track URI"] for row in table(content)] == [f"spotify:track:{one}" for one in items]
    if kind == "playlists_json":
        document = json.loads(content)
        assert [one["provider_id"] for one in document["entries"]] == items
        assert document["playlist"]["name"] == 'Road "trip" 愛'
    if kind == "playlists_jspf":
        assert len(json.loads(content)["playlist"]["track"]) == len(items)
    if kind == "playlists_xspf":
        assert len(ET.fromstring(content).findall(".//{http://xspf.org/ns/0/}track")) == len(items)
    if kind == "playlists_m3u8":
        assert text.startswith("#EXTM3U")
        assert text.count("#EXTINF:") == len(items)


def test_everything_is_a_zip_of_a_file_for_each_playlist_of_both(
    linked: Person, spotify: Simulator, youtube: Simulator
) -> None:
    made(spotify, "Twice"), made(spotify, "TWICE")
    found = export(linked, "playlists_json")
    (file,) = found["files"]
    assert (file["mime_type"], file["name"][-4:]) == ("application/zip", ".zip")
    files = unzipped(download(linked, found))
    assert {name.split("/")[0] for name in files} == {"spotify", "youtube"}
    documents = [json.loads(content) for content in files.values()]
    assert (
        sum(len(one["entries"]) for one in documents) == file["row_count"] == found["progress"]["rows_done"]
    )
    known = {entry.get("provider_id") for one in documents for entry in one["entries"]} & {
        one
        for simulator in (spotify, youtube)
        for user in simulator.control("GET", "/users")["users"]
        for playlist in user["playlists"]
        for one in simulator.truth(playlist["id"])
    }
    known.discard(None)
    assert len(known) > 50
    for simulator, provider in ((spotify, "spotify"), (youtube, "youtube")):
        told = {
            one["playlist"]["provider_playlist_id"]: [entry.get("provider_id") for entry in one["entries"]]
            for one in documents
            if one["playlist"]["provider"] == provider
        }
        for user in simulator.control("GET", "/users")["users"]:
            if user["id"] == "ada":
                for playlist in user["playlists"]:
                    if playlist["id"] in told:
                        # Local files and what was withdrawn have ids of the simulator's own.
                        truth = [one for one in simulator.truth(playlist["id"]) if one in known]
                        ours = [one for one in told[playlist["id"]] if one in known]
                        assert ours == truth, playlist
    assert len({name.lower() for name in files}) == len(files)
    # Videos come with their lengths, which the pages of playlists do not tell.
    videos = [
        entry for one in documents if one["playlist"]["provider"] == "youtube" for entry in one["entries"]
    ]
    assert any(entry.get("duration_ms") for entry in videos)


def test_each_in_a_file_of_its_own_if_that_is_wanted(linked: Person, spotify: Simulator) -> None:
    ids = [made(spotify, name)[0] for name in ("One", "Two")]
    found = export(
        linked,
        "playlists_m3u8",
        filters={"provider": "spotify", "playlists": ids},
        options={"bundle": "files"},
    )
    assert sorted(file["name"] for file in found["files"]) == ["One.m3u8", "Two.m3u8"]
    assert all(b"#EXTM3U" in download(linked, found, index) for index in range(2))
    unnamed = linked.call("GET", f"/v1/exports/{found['id']}/download")
    assert unnamed.status == 422
    assert found["progress"]["bytes"] == sum(file["size_bytes"] for file in found["files"])


def test_json_lines_of_a_playlist(linked: Person, spotify: Simulator) -> None:
    playlist, items = made(spotify, "Lines")
    wanted = {"provider": "spotify", "playlists": [playlist]}
    content = exported(linked, "playlists_json", filters=wanted, options={"json": "lines"})
    assert [one["provider_id"] for one in lines(content) if "provider_id" in one] == items


def test_a_table_for_soundiiz(linked: Person, spotify: Simulator) -> None:
    playlist, items = made(spotify, "Table")
    wanted = {"provider": "spotify", "playlists": [playlist]}
    found = export(linked, "playlists_csv", filters=wanted, options={"columns": "soundiiz"})
    assert found["files"][0]["name"] == "Table.csv"
    rows = csv.DictReader(io.StringIO(download(linked, found).decode("utf-8-sig")), delimiter=";")
    assert [row["url"].rpartition("/")[2] for row in rows] == items
    refused = linked.call("POST", "/v1/exports", {"type": "playlists_json", "options": {"columns": "all"}})
    assert refused.status == 422


def test_an_empty_playlist_and_none_at_all(
    linked: Person, spotify: Simulator, harness: FunctionRunner
) -> None:
    playlist = spotify.playlist(name="Empty", items=[])
    wanted = {"provider": "spotify", "playlists": [playlist]}
    assert table(exported(linked, "playlists_csv", filters=wanted)) == []
    assert json.loads(exported(linked, "playlists_jspf", filters=wanted))["playlist"]["track"] == []


def brought_back(person: Person, content: bytes, name: str) -> dict[str, list[tuple[Any, ...]]]:
    """What an import makes of a file: ids and titles of every playlist, in order."""
    import_id = started(person, content, name)
    person.harness.drain("MIGRATIONS_IMPORT_QUEUE_URL", "migrations_import_worker")
    found = person.call("GET", f"/v1/imports/playlists/{import_id}").json
    assert found["status"] == "completed", found
    rows = sql(
        person.harness.database_url,
        """
        SELECT p.source_name, t.source_track_id, t.source_title FROM migrations.tracks t
        JOIN migrations.playlists p ON p.id = t.playlist_migration_id WHERE p.job_id = %s
        ORDER BY p.id, t.position
        """,
        found["migration_ids"][0],
    )
    playlists: dict[str, list[tuple[Any, ...]]] = {}
    for playlist, *track in rows:
        playlists.setdefault(str(playlist), []).append(tuple(track))
    return playlists


@pytest.mark.parametrize("kind", [*FORMATS, "lines"])
def test_what_was_exported_is_imported_as_the_same_playlist(
    linked: Person, spotify: Simulator, kind: str
) -> None:
    playlist, items = made(spotify, "There & back: 愛, =1", count=12)
    wanted: dict[str, Any] = {"filters": {"provider": "spotify", "playlists": [playlist]}}
    if kind == "lines":
        kind, wanted["options"] = "playlists_json", {"json": "lines"}
    found = export(linked, kind, **wanted)
    back = brought_back(linked, download(linked, found), found["files"][0]["name"])
    assert list(back) == ["There & back: 愛, =1"]
    assert [track for track, _ in back["There & back: 愛, =1"]] == items
    assert all(title for _, title in back["There & back: 愛, =1"])


@pytest.mark.parametrize("kind", ["playlists_csv", "playlists_jspf", "account_archive"])
def test_a_zip_of_many_is_imported_as_the_same_playlists(
    linked: Person, spotify: Simulator, kind: str
) -> None:
    ids = {name: made(spotify, name, count) for name, count in ((f"First {kind}", 5), ("Second " + kind, 3))}
    filters = {"provider": "spotify", "playlists": [one for one, _ in ids.values()]}
    found = export(linked, kind, filters=None if kind == "account_archive" else filters)
    back = brought_back(linked, download(linked, found), found["files"][0]["name"])
    for name, (_, items) in ids.items():
        assert [track for track, _ in back[name]] == items
    assert kind == "account_archive" or len(back) == 2


def test_an_archive_has_everything_and_a_manifest_that_proves_it(linked: Person, spotify: Simulator) -> None:
    import_history(linked, as_json([listen(1_700_000_000 + n, "Abba", f"Song {n}") for n in range(5)]))
    linked.call("GET", "/v1/search?q=low+tide")
    linked.call("POST", "/v1/auth/tokens", {"name": "=scrobbler"})
    linked.call(
        "POST", "/v1/migrations/rules",
        {"source_provider": "spotify", "source_id": "x", "target_provider": "youtube", "target_id": None},
    )  # fmt: skip
    sql(
        linked.harness.database_url,
        "INSERT INTO providers.name_reports (user_id, kind, subject, artist, recording, reported_at) "
        "VALUES (%s, 'channel', 'UCmeadow', 'a', 'r', now())",
        linked.id,
    )
    found = export(linked, "account_archive")
    files = unzipped(download(linked, found))
    manifest = json.loads(files["manifest.json"])
    assert {one["path"] for one in manifest["files"]} == set(files) - {"manifest.json"}
    for one in manifest["files"]:
        content = files[one["path"]]
        assert one["sha256"] == hashlib.sha256(content).hexdigest()
        assert one["bytes"] == len(content)
        if one["path"].endswith(".jsonl"):
            assert one["rows"] == len(lines(content))
        if one["path"].endswith(".csv"):
            assert one["rows"] == len(table(content))
    assert (
        sum(one["rows"] for one in manifest["files"])
        == found["progress"]["rows_done"]
        == found["progress"]["rows_expected"]
    )
    (profile,) = lines(files["account/profile.jsonl"])
    assert (profile["email"], profile["time_zone"]) == (linked.email, "Europe/Berlin")
    assert {one["provider"] for one in lines(files["account/linked_accounts.jsonl"])} == {
        "spotify",
        "youtube",
    }
    assert [one["name"] for one in lines(files["account/personal_tokens.jsonl"])] == ["=scrobbler"]
    assert [one["query"] for one in lines(files["account/search_history.jsonl"])] == ["low tide"]
    assert len(lines(files["account/migration_rules.jsonl"])) == 1
    (taught,) = lines(files["account/name_reports.jsonl"])
    assert (taught["kind"], taught["subject"]) == ("channel", "UCmeadow")
    assert len(lines(files["account/sessions.jsonl"])) == 1
    assert len(lines(files["history/listens.jsonl"])) == len(table(files["history/listens.csv"])) == 5
    listed = lines(files["playlists/playlists.jsonl"])
    assert len([name for name in files if name.startswith("playlists/json/")]) == len(
        [one for one in listed if one["left_out"] is None]
    )
    everything = b"".join(files.values())
    kept = sql(
        linked.harness.database_url,
        """
        SELECT access_token FROM providers.tokens UNION ALL SELECT refresh_token FROM providers.tokens
        UNION ALL SELECT session_token FROM core.user_sessions UNION ALL SELECT password_hash FROM core.users
        UNION ALL SELECT token_hash FROM core.personal_tokens
        """,
    )
    secrets = [linked.token, linked.password, *(str(value) for (value,) in kept if value)]
    assert len(secrets) > 6
    assert not [one for one in secrets if one.encode() in everything]


def test_an_archive_can_be_brought_back(linked: Person, harness: FunctionRunner) -> None:
    import_history(linked, as_json([listen(1_700_000_000 + n, "Abba", f"Song {n}") for n in range(5)]))
    other = harness.sign_up()
    found = import_history(other, exported(linked, "account_archive"))
    assert found["ledger"]["accepted"] == 5


def test_an_archive_of_somebody_who_has_nothing(person: Person) -> None:
    files = unzipped(exported(person, "account_archive"))
    assert table(files["history/listens.csv"]) == []
    assert json.loads(files["manifest.json"])["notes"] == []


def test_exportifys_columns_are_filled_with_what_spotify_tells(linked: Person, spotify: Simulator) -> None:
    playlist, items = made(spotify, "Columns")
    rows = table(exported(linked, "playlists_csv", filters={"provider": "spotify", "playlists": [playlist]}))
    assert list(rows[0])[:4] == ["Track URI", "Track Name", "Artist URI(s)", "Artist Name(s)"]
    filled = (
        "Track Name", "Artist Name(s)", "Album Name", "Album Artist Name(s)", "Album Release Date",
        "Disc Number", "Track Number", "Track Duration (ms)", "Explicit", "Added At", "Added By",
    )  # fmt: skip
    empty = [(name, row["Track URI"]) for row in rows for name in filled if not row[name]]
    assert empty == []
    assert [int(row["Position"]) for row in rows] == list(range(1, len(items) + 1))


def test_a_playlists_owner_and_whether_it_is_public_are_told(
    linked: Person, spotify: Simulator, youtube: Simulator
) -> None:
    for simulator, provider in ((spotify, "spotify"), (youtube, "youtube")):
        playlist, _ = made(simulator, "Mine")
        wanted = {"provider": provider, "playlists": [playlist]}
        head = json.loads(exported(linked, "playlists_json", filters=wanted))["playlist"]
        assert head["owner"]
        assert head["is_public"] in (True, False)
        assert head["captured_at"]

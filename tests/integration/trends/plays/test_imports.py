"""Given histories that people have, when they upload them, then their plays are there, accounted for."""

import gzip
import json

import boto3
import pytest

from tests.integration.trends.plays.conftest import (
    ACCOUNT,
    account_row,
    as_json,
    as_zip,
    extended_row,
    gzipped,
    import_history,
    listen,
    plays,
    upload,
)
from tests.support import SHARED
from tests.support.functions import Person
from tests.support.postgres import sql


def test_a_history_is_read_and_every_record_is_accounted_for(person: Person) -> None:
    found = import_history(person, ACCOUNT)
    assert found["status"] == "completed"
    assert found["formats"] == ["spotify_account"]
    assert found["ledger"]["accepted"] == found["ledger"]["total"] == 4
    assert found["ledger"]["reasons"]["accepted"] == {"play": 2, "skip": 2}
    listed = plays(person)
    assert [(play["title"], play["ms_played"], play["counts"]) for play in listed] == [
        ("Bohemian Rhapsody", 354320, True),
        ("Waterloo", 1200, False),
        ("Waterloo", 166000, True),
        ("Waterloo", 29999, False),
    ]
    assert listed[0]["played_at"].startswith("2024-01-15T14:24:05.680")


def test_the_same_file_again_accepts_nothing(person: Person) -> None:
    import_history(person, ACCOUNT)
    again = import_history(person, ACCOUNT)
    assert again["ledger"]["accepted"] == 0
    assert again["ledger"]["reasons"]["duplicate"] == {"already_here": 4}
    assert again["code"] == "completed"
    assert again["params"] == {
        "accepted": 0, "duplicate": 4, "skipped": 0, "failed": 0, "plays": 0, "skips": 0, "starts": 0,
        "files": 1, "unread": [],
    }  # fmt: skip
    assert again["status_message"] == "Nothing new: 4 records were here already."
    assert len(plays(person)) == 4


def test_rows_that_a_source_of_minutes_lists_twice_are_two_plays(person: Person) -> None:
    twice = as_json([account_row("2024-01-15 14:30", "Abba", "Waterloo", 900)] * 2)
    assert import_history(person, twice)["ledger"]["accepted"] == 2
    assert import_history(person, twice)["ledger"]["accepted"] == 0
    three = as_json([account_row("2024-01-15 14:30", "Abba", "Waterloo", 900)] * 3)
    assert import_history(person, three)["ledger"] | {"reasons": None} == {
        "total": 3, "accepted": 1, "duplicate": 2, "skipped": 0, "failed": 0, "failures": [], "reasons": None,
    }  # fmt: skip


def test_rows_that_a_source_of_seconds_lists_twice_are_one_play(person: Person) -> None:
    row = extended_row("2024-01-15T14:30:00Z", "Abba", "Waterloo", 166000)
    found = import_history(person, as_json([row, row]))
    assert found["ledger"]["accepted"] == 1
    assert found["ledger"]["reasons"]["duplicate"] == {"repeated": 1}


def test_what_is_no_music_and_what_is_private_is_skipped_with_its_reason(person: Person) -> None:
    rows = [
        extended_row("2024-01-15T14:30:00Z", "Abba", "Waterloo", 166000, spotify_track_uri="spotify:track:x"),
        extended_row("2024-01-15T15:30:00Z", None, None, 99, episode_name="One", spotify_episode_uri="e"),
        extended_row("2024-01-15T16:30:00Z", None, None, 99, audiobook_title="Two"),
        extended_row("2024-01-15T17:30:00Z", "Abba", "SOS", 99, incognito_mode=True),
        extended_row("2024-01-15T18:30:00Z", None, None, 99),
        extended_row("1970-01-01T00:30:00Z", "Abba", "SOS", 99),
        extended_row("gestern", "Abba", "SOS", 99),
        extended_row("2024-01-15T18:30:00Z", "Abba", "SOS", -1),
        extended_row("2024-01-15T18:30:00Z", "Ab\ud800ba", "SOS", 1),
        "no record at all",
    ]
    found = import_history(person, json.dumps(rows).encode())
    assert found["ledger"]["reasons"] == {
        "accepted": {"play": 1},
        "skipped": {"podcast": 1, "audiobook": 1, "private_session": 1, "unnamed": 1},
        "failed": {"time_out_of_range": 1, "malformed": 3, "not_text": 1},
    }
    assert found["ledger"]["failures"] == [
        {"file": "", "line": 6, "reason": "time_out_of_range"},
        {"file": "", "line": 7, "reason": "malformed"},
        {"file": "", "line": 8, "reason": "malformed"},
        {"file": "", "line": 9, "reason": "not_text"},
        {"file": "", "line": 10, "reason": "malformed"},
    ]


def test_addresses_and_devices_are_not_stored(person: Person) -> None:
    row = extended_row(
        "2024-01-15T14:30:00Z", "Abba", "Waterloo", 166000,
        user_agent_decrypted="SecretAgent", username="ada1815", ip_addr_decrypted="198.51.100.77",
    )  # fmt: skip
    import_history(person, as_json([row]))
    for table in ("plays", "alternate_reports", "imports"):
        stored = sql(person.harness.database_url, f"SELECT t::text FROM trends.{table} t")
        assert not any(word in str(stored) for word in ("203.0.113.5", "198.51", "SecretAgent", "ada1815"))


def test_the_uploaded_file_is_deleted_when_it_has_been_read(person: Person) -> None:
    import_history(person, ACCOUNT)
    left = boto3.client("s3").list_objects_v2(
        Bucket=person.harness.environment["UPLOAD_BUCKET"], Prefix=f"imports/{person.id}/"
    )
    assert left["KeyCount"] == 0


def test_a_zip_of_many_formats_is_sorted_out_by_content(person: Person) -> None:
    found = import_history(
        person,
        as_zip(
            {
                "a.bin": ACCOUNT,
                "history/b": gzipped(as_json([extended_row("2023-01-15T14:30:00Z", "Abba", "SOS", 40000)])),
                "listens/2022/5.jsonl": b"\n".join(
                    json.dumps(listen(1_652_000_000 + n, "Abba", f"Song {n}")).encode() for n in range(3)
                ),
                "user.json": b'{"user_id": 1, "username": "ada"}',
                "feedback.jsonl": b'{"recording_msid": "x", "score": 1}',
                "c.txt": b"uts,artist,album,track\n1640995200,Abba,Arrival,Tiger\n,Abba,Arrival,Now\n",
                "d.log": b"#AUDIOSCROBBLER/1.1\n#TZ/UTC\n"
                b"Abba\tArrival\tFernando\t1\t254\tL\t1641000000\t\nAbba\tArrival\tTiger\t2\t170\tS\t1641000300\t\n",
            }
        ),
    )
    assert found["formats"] == [
        "spotify_account", "spotify_extended", "listenbrainz", "lastfm", "scrobbler_log",
    ]  # fmt: skip
    assert found["ignored_files"] == ["user.json", "feedback.jsonl"]
    assert found["ledger"]["accepted"] == 4 + 1 + 3 + 1 + 2
    assert found["ledger"]["reasons"]["skipped"] == {"now_playing": 1}


def test_files_copied_into_a_zip_twice_count_once(person: Person) -> None:
    found = import_history(person, as_zip({"a.json": ACCOUNT, "copy of a.json": ACCOUNT}))
    assert (found["ledger"]["accepted"], found["ledger"]["duplicate"]) == (4, 4)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"%PDF-1.7 hello", "unknown-format", "none of the files"),
        (b"{}", "unknown-format", "none of the files"),
        (b"Track name,Artist name\nSay it,Salt\n", "table-without-times", "import it as one"),
        (as_zip({"readme.txt": b"hello"}), "nothing-readable", "Nothing in it can be read"),
        (b"PK\x03\x04 and then nothing", "unreadable-file", "damaged"),
        (gzipped(ACCOUNT)[:-20], "unreadable-file", "cannot be unpacked"),
    ],
)
def test_unreadable_uploads_fail_with_a_reason(person: Person, content: bytes, code: str, words: str) -> None:
    found = import_history(person, content)
    assert (found["status"], found["code"]) == ("failed", code)
    assert words in found["status_message"]
    assert found["ledger"]["total"] == 0


def test_the_complete_records_of_a_truncated_file_are_imported(person: Person) -> None:
    found = import_history(person, ACCOUNT[: ACCOUNT.rindex(b"{") + 9])
    assert found["status"] == "completed"
    assert (found["ledger"]["accepted"], found["ledger"]["failed"]) == (3, 1)


def test_a_file_has_to_be_there_and_of_the_size_that_was_announced(person: Person) -> None:
    made = person.call("POST", "/v1/plays/imports", {"size_bytes": 10}).json
    assert person.call("POST", f"/v1/plays/imports/{made['id']}/start").json["type"].endswith("not-uploaded")
    bucket = person.harness.environment["UPLOAD_BUCKET"]
    key = sql(person.harness.database_url, "SELECT storage_key FROM trends.imports WHERE id = %s", made["id"])
    boto3.client("s3").put_object(Bucket=bucket, Key=str(key[0][0]), Body=b"x" * 11)
    assert person.call("POST", f"/v1/plays/imports/{made['id']}/start").json["type"].endswith("wrong-size")
    too_big = person.call("POST", "/v1/plays/imports", {"size_bytes": 2 * 1024**3})
    assert too_big.status == 422


def test_other_peoples_imports_do_not_exist(person: Person) -> None:
    import_id = upload(person, ACCOUNT)
    other = person.harness.sign_up()
    assert other.call("GET", f"/v1/plays/imports/{import_id}").status == 404
    assert other.call("POST", f"/v1/plays/imports/{import_id}/start").status == 404
    assert other.call("DELETE", f"/v1/plays/imports/{import_id}").status == 404
    assert other.call("GET", "/v1/plays/imports").json["items"] == []


def test_imports_are_listed_newest_first_page_by_page(person: Person) -> None:
    ids = [import_history(person, ACCOUNT)["id"] for _ in range(3)]
    first = person.call("GET", "/v1/plays/imports?limit=2").json
    second = person.call("GET", f"/v1/plays/imports?limit=2&cursor={first['next_cursor']}").json
    assert [one["id"] for one in first["items"] + second["items"]] == ids[::-1]


SHARED_PATH = SHARED / "data"


def test_an_invented_history_gives_the_counts_that_it_was_made_with(person: Person) -> None:
    """A history of three months; the same song comes back, never twice within a minute."""
    rows = [
        account_row(f"2024-0{1 + n // 700}-{1 + n // 30 % 23:02} {n % 24:02}:{n * 7 % 60:02}",
                    f"Artist {n % 61}", f"Song {n % 409}", 31_000 + 997 * n % 240_000)
        for n in range(2100)
    ]  # fmt: skip
    found = import_history(person, gzipped(as_json(rows)), "StreamingHistory_music_0.json.gz")
    assert found["ledger"]["accepted"] == found["ledger"]["total"] == len(rows) == len(plays(person))
    again = import_history(person, as_json(rows), "StreamingHistory_music_0.json")
    assert (again["ledger"]["accepted"], again["ledger"]["duplicate"]) == (0, len(rows))


@pytest.mark.needs_shared
@pytest.mark.skipif(not SHARED_PATH.exists(), reason="needs other people's histories, ../shared/data")
def test_a_real_history_gives_the_counts_that_others_counted(person: Person) -> None:
    expected = json.loads((SHARED_PATH / "history_expected_counts.json").read_text())[0]
    content = (SHARED_PATH / expected["file"]).read_bytes()
    found = import_history(person, content, expected["file"])
    assert found["ledger"]["accepted"] == expected["plays"] == len(json.loads(gzip.decompress(content)))
    again = import_history(person, content, expected["file"])
    assert again["ledger"]["accepted"] == 0
    assert again["ledger"]["duplicate"] == expected["plays"]


class TestTheLedgerCannotLie:
    """Whatever an upload is, what is told of it is what became of it."""

    def test_plays_and_skips_are_told_apart_and_the_zone_that_was_assumed_is_told(
        self, person: Person
    ) -> None:
        log = b"#AUDIOSCROBBLER/1.1\n#TZ/UNKNOWN\n" + b"".join(
            b"Abba\t\tSong %d\t1\t200\t%s\t%d\t\n" % (n, b"S" if n < 3 else b"L", 1_700_000_000 + 300 * n)
            for n in range(17)
        )
        found = import_history(person, log)
        assert found["status_message"] == (
            "14 plays and 3 skips in 1 file. Times without a zone were taken for those of Europe/Berlin."
        )
        assert found["params"]["zone"] == "Europe/Berlin"

    def test_an_empty_history_is_complete(self, person: Person) -> None:
        found = import_history(person, b" [\n] ")
        assert (found["status"], found["ledger"]["total"]) == ("completed", 0)
        assert "empty history" in found["status_message"]

    def test_a_file_that_is_damaged_half_way_is_not_complete(self, person: Person) -> None:
        rows = [
            account_row(f"2024-01-{1 + n // 1440:02} {n // 60 % 24:02}:{n % 60:02}", "Abba", f"Song {n}", 900)
            for n in range(4000)
        ]
        packed = gzipped(as_json(rows))
        found = import_history(person, packed[: len(packed) - 2000], "cut.json.gz")
        assert (found["status"], found["code"]) == ("failed", "stopped-early")
        assert found["ledger"]["accepted"] == len(plays(person)) > 2500
        assert found["ledger"]["reasons"]["failed"] == {"damaged_file": 1}
        assert "Reading stopped behind record" in found["status_message"]
        assert "What was read stays" in found["status_message"]

    def test_a_damaged_file_in_a_zip_is_named_and_does_not_cost_the_others(self, person: Person) -> None:
        broken = bytearray(as_zip({"a.json": ACCOUNT * 9}))
        broken[len(broken) // 2] ^= 0xFF
        found = import_history(person, as_zip({"inner.zip": bytes(broken), "b.json": ACCOUNT}))
        assert (found["ledger"]["accepted"], found["ledger"]["total"]) == (4, 4)
        assert "“inner.zip/a.json” is not read" in found["status_message"]

    def test_what_in_an_archive_may_be_a_history_and_is_not_read_is_named_with_advice(
        self, person: Person
    ) -> None:
        chart = b"Artist;Name;Scrobbles;Rank\nAbba;SOS;12;1\n"
        found = import_history(person, as_zip({"chart.csv": chart, "b.json": ACCOUNT, "x.txt": b"hello"}))
        assert found["status"] == "completed"
        assert found["ignored_files"] == ["chart.csv", "x.txt"]
        (unread,) = found["unread_files"]
        assert (unread["name"], "Export the scrobbles" in unread["reason"]) == ("chart.csv", True)
        assert "“chart.csv” is not read" in found["status_message"]
        alone = import_history(person, chart, "chart.csv")
        assert alone["code"] == "table-of-ranks"
        assert "“chart.csv” is a chart" in alone["status_message"]

    def test_a_bad_record_costs_itself_and_has_its_place(self, person: Person) -> None:
        """The rest of the list used to be left out, and the import was complete."""
        rows = [account_row(f"2024-01-15 14:{n:02}", "Abba", f"Song {n}", 900) for n in range(50)]
        found = import_history(person, as_json(rows).replace(b'"Song 20"', b'"\\qSong 20"'))
        assert (found["ledger"]["accepted"], found["ledger"]["failed"]) == (49, 1)
        assert found["ledger"]["failures"] == [{"file": "", "line": 21, "reason": "malformed"}]

    def test_rows_without_an_artist_that_apple_leaves_out_are_told(self, person: Person) -> None:
        text = (
            "Event Start Timestamp,Event End Timestamp,Play Duration Milliseconds,Song Name\n"
            "2024-05-01T12:00:00Z,2024-05-01T12:03:36Z,216000,Low Tide\n"
        )
        found = import_history(person, text.encode())
        assert found["ledger"]["reasons"] == {"failed": {"no_title_or_artist": 1}}
        assert "Apple's Play Activity names no artist for 1 row" in found["status_message"]

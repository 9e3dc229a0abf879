"""Given several sources of the same plays, then each play is stored once, until its last report is gone."""

from typing import Any

import pytest

from tests.integration.trends.plays.conftest import (
    Scrobbler,
    account_row,
    as_json,
    extended_row,
    import_history,
    listen,
    plays,
)
from tests.support.functions import Person
from tests.support.postgres import sql

START = 1_705_329_000  # 2024-01-15 14:30 UTC


def ended(second: int) -> str:
    minutes, seconds = divmod(second, 60)
    return f"2024-01-15T14:{30 + minutes:02}:{seconds:02}Z"


def lastfm(*scrobbles: tuple[int, str]) -> bytes:
    rows = [f"{START + second},Abba,Arrival,{track}" for second, track in scrobbles]
    return "\n".join(["uts,artist,album,track", *rows]).encode()


def spotify(*streams: tuple[int, str, int]) -> bytes:
    return as_json(
        [
            extended_row(
                ended(second + seconds),
                "ABBA",
                track,
                seconds * 1000,
                spotify_track_uri=f"spotify:track:{track}",
            )
            for second, track, seconds in streams
        ]
    )


def reported(person: Person) -> list[tuple[str, str, list[str]]]:
    return [(play["title"], play["source"], play["also_from"]) for play in plays(person)]


def test_the_same_play_from_two_sources_is_one_and_the_better_source_is_shown(person: Person) -> None:
    import_history(person, lastfm((4, "SOS"), (260, "Waterloo")))
    found = import_history(person, spotify((0, "SOS", 200), (240, "Waterloo", 166), (500, "Tiger", 100)))
    assert found["ledger"]["reasons"] == {"accepted": {"play": 1}, "duplicate": {"other_source": 2}}
    assert reported(person) == [
        ("SOS", "spotify_extended", ["lastfm"]),
        ("Waterloo", "spotify_extended", ["lastfm"]),
        ("Tiger", "spotify_extended", []),
    ]
    assert plays(person)[0]["ms_played"] == 200_000


def test_the_order_of_imports_makes_no_difference(person: Person) -> None:
    other = person.harness.sign_up()
    first, second = lastfm((4, "SOS"), (260, "Waterloo")), spotify((0, "SOS", 200), (240, "Waterloo", 166))
    for content in (first, second):
        import_history(person, content)
    for content in (second, first):
        import_history(other, content)
    assert reported(person) == reported(other)
    assert [play["played_at"] for play in plays(person)] == [play["played_at"] for play in plays(other)]


def test_repeats_that_both_sources_list_stay_repeats(person: Person) -> None:
    import_history(person, spotify((0, "SOS", 40), (40, "SOS", 40), (80, "SOS", 40)))
    found = import_history(person, lastfm((3, "SOS"), (44, "SOS"), (85, "SOS"), (130, "SOS")))
    assert found["ledger"]["accepted"] == 1
    assert len(plays(person)) == 4


def test_a_skip_is_not_the_play_that_another_source_reports(person: Person) -> None:
    import_history(person, spotify((0, "SOS", 5), (8, "SOS", 200)))
    import_history(person, lastfm((1, "SOS"),))  # fmt: skip
    assert [(play["kind"], play["also_from"]) for play in plays(person)] == [
        ("skip", []), ("play", ["lastfm"]),
    ]  # fmt: skip


def test_minutes_and_seconds_meet(person: Person) -> None:
    import_history(person, as_json([account_row("2024-01-15 14:33", "Abba", "SOS", 200_000)]))
    import_history(person, spotify((37, "SOS", 200)))
    assert reported(person) == [("SOS", "spotify_extended", ["spotify_account"])]


def test_a_start_becomes_a_play_when_another_source_knows_more(person: Person, scrobbler: Scrobbler) -> None:
    row = {
        "header": "YouTube Music", "title": "Watched SOS", "time": "2024-01-15T14:30:02.844Z",
        "titleUrl": "https://music.youtube.com/watch?v\u003dxfeys7Jfnx8",
        "subtitles": [{"name": "ABBA - Topic", "url": "https://www.youtube.com/channel/UC"}],
        "products": ["YouTube"], "activityControls": ["YouTube watch history"],
    }  # fmt: skip
    import_history(person, as_json([row]))
    (start,) = plays(person)
    assert (start["kind"], start["counts"], start["title"], start["artist"]) == (
        "start",
        False,
        "SOS",
        "ABBA",
    )
    scrobbler(
        "POST", "/1/submit-listens", {"listen_type": "single", "payload": [listen(START, "Abba", "SOS")]}
    )
    (play,) = plays(person)
    assert (play["kind"], play["counts"], play["also_from"]) == ("play", True, ["youtube_takeout"])


class TestDeletingAnImport:
    def test_deletes_exactly_what_it_alone_reported(self, person: Person) -> None:
        first = import_history(person, lastfm((4, "SOS"), (260, "Waterloo")))
        before = reported(person)
        second = import_history(person, spotify((0, "SOS", 200), (500, "Tiger", 100)))
        removal = person.call("DELETE", f"/v1/plays/imports/{second['id']}").json
        assert removal == {"deleted": 1, "remaining": 1, "complete": True}
        assert reported(person) == before
        assert person.call("GET", f"/v1/plays/imports/{second['id']}").status == 404
        assert person.call("DELETE", f"/v1/plays/imports/{first['id']}").json["deleted"] == 2
        assert plays(person) == []
        left = "SELECT count(*) FROM trends.alternate_reports WHERE user_id = %s"
        assert sql(person.harness.database_url, left, person.id) == [(0,)]

    def test_leaves_what_a_later_import_of_the_same_file_confirmed(self, person: Person) -> None:
        ids = [import_history(person, lastfm((4, "SOS")))["id"] for _ in range(3)]
        for import_id in ids[:2]:
            assert person.call("DELETE", f"/v1/plays/imports/{import_id}").json["remaining"] <= 1
            assert len(plays(person)) == 1
        person.call("DELETE", f"/v1/plays/imports/{ids[2]}")
        assert plays(person) == []

    def test_leaves_nothing_that_would_prevent_another_import(self, person: Person) -> None:
        found = import_history(person, lastfm((4, "SOS")))
        person.call("DELETE", f"/v1/plays/imports/{found['id']}")
        assert import_history(person, lastfm((4, "SOS")))["ledger"]["accepted"] == 1

    def test_leaves_what_was_submitted(self, person: Person, scrobbler: Scrobbler) -> None:
        found = import_history(person, lastfm((4, "SOS")))
        scrobbler(
            "POST", "/1/submit-listens", {"listen_type": "single", "payload": [listen(START, "Abba", "SOS")]}
        )
        person.call("DELETE", f"/v1/plays/imports/{found['id']}")
        assert reported(person) == [("SOS", "listenbrainz", [])]


class TestDeletingForGood:
    def test_one_play_does_not_come_back_from_any_source(self, person: Person, scrobbler: Scrobbler) -> None:
        import_history(person, lastfm((4, "SOS"), (260, "Waterloo")))
        import_history(person, spotify((0, "SOS", 200)))
        play = plays(person)[0]
        assert person.call("DELETE", f"/v1/plays/{play['id']}").status == 204
        assert person.call("DELETE", f"/v1/plays/{play['id']}").status == 404
        again = import_history(person, lastfm((4, "SOS"), (260, "Waterloo")))
        assert again["ledger"]["reasons"] == {"duplicate": {"already_here": 1}, "skipped": {"deleted": 1}}
        import_history(person, spotify((0, "SOS", 200)))
        scrobbler(
            "POST", "/1/submit-listens", {"listen_type": "single", "payload": [listen(START, "Abba", "SOS")]}
        )
        assert reported(person) == [("Waterloo", "lastfm", [])]

    def test_a_period_goes_and_what_lies_outside_stays(self, person: Person) -> None:
        import_history(person, lastfm((0, "SOS"), (300, "Waterloo"), (600, "Tiger")))
        answer = person.call("DELETE", "/v1/plays?since=2024-01-15T14:32:00Z&until=2024-01-15T14:37:00Z")
        assert answer.json == {"deleted": 1, "remaining": 0, "complete": True}
        assert [title for title, *_ in reported(person)] == ["SOS", "Tiger"]
        assert import_history(person, lastfm((300, "Waterloo"), (900, "Fernando")))["ledger"]["accepted"] == 1

    def test_a_source_goes_and_others_still_tell(self, person: Person, scrobbler: Scrobbler) -> None:
        import_history(person, lastfm((4, "SOS"), (260, "Waterloo")))
        import_history(person, spotify((0, "SOS", 200), (500, "Tiger", 100)))
        answer = person.call("DELETE", "/v1/plays?source=spotify_extended")
        assert answer.json == {"deleted": 1, "remaining": 1, "complete": True}
        assert reported(person) == [("SOS", "lastfm", []), ("Waterloo", "lastfm", [])]
        again = import_history(person, spotify((0, "SOS", 200), (500, "Tiger", 100)))
        assert again["ledger"]["reasons"] == {"skipped": {"deleted": 2}}
        scrobbler(
            "POST", "/1/submit-listens",
            {"listen_type": "single", "payload": [listen(START + 501, "Abba", "Tiger")]},
        )  # fmt: skip
        assert reported(person)[-1] == ("Tiger", "listenbrainz", [])

    @pytest.mark.parametrize(
        "query",
        ["", "?since=2026", "?since=0", "?since=-1", "?since=0.5", "?since=2020-01-01", "?until=2030-01-01",
         "?since=2020-01-01T00:00:00&until=2030-01-01T00:00:00", "?all=1", "?all=yes", "?all=false"],
    )  # fmt: skip
    def test_no_slip_deletes_everything(self, person: Person, query: str) -> None:
        import_history(person, lastfm((0, "SOS")))
        assert person.call("DELETE", f"/v1/plays{query}").status == 422
        assert len(plays(person)) == 1

    def test_everything_goes_when_that_is_said(self, person: Person) -> None:
        import_history(person, lastfm((0, "SOS"), (300, "Waterloo")))
        assert person.call("DELETE", "/v1/plays?all=true").json["deleted"] == 2
        assert plays(person) == []

    def test_nobody_elses_plays_go(self, person: Person) -> None:
        import_history(person, lastfm((4, "SOS")))
        other = person.harness.sign_up()
        assert other.call("DELETE", f"/v1/plays/{plays(person)[0]['id']}").status == 404
        assert other.call("DELETE", "/v1/plays?all=true").json["deleted"] == 0
        assert len(plays(person)) == 1

    def test_ids_that_are_none_are_not_found(self, person: Person) -> None:
        for bad in ("1", "1-2-3", "9" * 15 + "-" + "f" * 16 + "-0", "1-" + "0" * 16 + "-99999"):
            assert person.call("DELETE", f"/v1/plays/{bad}").status == 404


def test_plays_are_listed_by_source_provider_and_time(person: Person) -> None:
    import_history(person, lastfm((0, "SOS"), (300, "Waterloo")))
    import_history(person, spotify((600, "Tiger", 5), (700, "Fernando", 60)))

    def titles(query: str) -> list[str]:
        return [play["title"] for play in plays(person, query)]

    assert titles("&source=lastfm") == ["SOS", "Waterloo"]
    assert titles("&provider=spotify") == ["Tiger", "Fernando"]
    assert titles("&counted_only=true") == ["SOS", "Waterloo", "Fernando"]
    assert titles("&since=2024-01-15T14:35:00Z&until=2024-01-15T14:40:00Z") == ["Waterloo"]
    assert titles("&since=2024-01-15T15:35:00%2B01:00") == ["Waterloo", "Tiger", "Fernando"]
    assert person.call("GET", "/v1/plays?limit=1&cursor=nonsense").status == 400
    assert person.call("GET", "/v1/plays?source=radio").status == 422


def test_days_that_change_are_marked_in_the_users_zone_and_in_utc(person: Person) -> None:
    url = person.harness.database_url
    sql(url, "TRUNCATE trends.dirty_user_days, trends.dirty_days")
    late: Any = 1_705_361_400  # 2024-01-15 23:30 UTC, the 16th in Berlin
    import_history(person, f"uts,artist,album,track\n{late},Abba,Arrival,SOS\n".encode())
    user_days = sql(url, "SELECT DISTINCT user_id, date::text, provider FROM trends.dirty_user_days")
    assert user_days == [(person.id, "2024-01-16", "other")]
    assert sql(url, "SELECT DISTINCT date::text, provider FROM trends.dirty_days") == [
        ("2024-01-15", "other")
    ]
    sql(url, "TRUNCATE trends.dirty_user_days, trends.dirty_days")
    person.call("PATCH", "/v1/me", {"time_zone": "America/New_York"})
    assert set(sql(url, "SELECT date::text FROM trends.dirty_user_days")) == {
        ("2024-01-15",),
        ("2024-01-16",),
    }
    sql(url, "TRUNCATE trends.dirty_user_days, trends.dirty_days")
    person.call("DELETE", f"/v1/plays/{plays(person)[0]['id']}")
    assert sql(url, "SELECT date::text FROM trends.dirty_user_days") == [("2024-01-15",)]
    assert sql(url, "SELECT date::text FROM trends.dirty_days") == [("2024-01-15",)]

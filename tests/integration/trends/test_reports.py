"""Figures over HTTP: a person's own, and everybody's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring

from musicconnect.platform import database as platform_database
from musicconnect.trends.plays import ingest
from musicconnect.trends.plays.model import listen
from tests.integration.trends import rollup_oracle as oracle
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner, Person

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
"""A Tuesday; in Berlin it is 13:00."""


@pytest.fixture(autouse=True)
def in_march(shifted_clock: ShiftedClock) -> None:
    shifted_clock.set_to(NOW)


@pytest.fixture(autouse=True)
def closed(core_harness: FunctionRunner) -> Iterator[None]:
    yield
    platform_database.close_all()


def play(person: Person, *plays: tuple[str, str, str], ms: int | None = 180_000, **more: Any) -> None:
    """Take in plays: when (UTC, without seconds), title, artist."""
    database = oracle.database_as(person.harness.database_url, "mc_user_trends")
    listens = [
        listen(
            played_at=int(datetime.fromisoformat(f"{at}:00+00:00").timestamp() * 1000),
            title=title,
            artist=artist,
            ms_played=ms,
            **{"source": "listenbrainz", "provider": "spotify", "provider_track_id": f"id-{title}", **more},
        )
        for at, title, artist in plays
    ]
    with database.transaction(person.id) as connection:
        ingest.ingest(connection, person.id, listens, import_id=None, at=NOW)
    database.close()


def roll_up(harness: FunctionRunner) -> Any:
    return harness.invoke("trends_rollup", {"source": "schedule"})


def get(person: Person, target: str, **options: Any) -> Any:
    answer = person.call("GET", f"/v1/trends/{target}", **options)
    assert answer.status == 200, answer.text
    return answer.json


def test_days_are_in_the_users_zone(core_harness: FunctionRunner) -> None:
    ada = core_harness.sign_up(time_zone="Europe/Berlin")
    play(ada, ("2026-03-09 22:59", "One", "Björk"), ("2026-03-09 23:00", "Two", "Björk"))
    play(ada, ("2026-03-10 09:00", "Two", "Björk"), ms=5_000)
    play(ada, ("2026-03-10 10:00", "Three", "Sezen"), ms=None, source="youtube_takeout", kind="start")
    roll_up(core_harness)
    answer = get(ada, "me/daily?from=2026-03-01&to=2026-03-10")
    assert answer["time_zone"] == "Europe/Berlin"
    assert [(day["date"], day["plays"], day["skips"], day["starts"]) for day in answer["items"]] == [
        ("2026-03-09", 1, 0, 0),
        ("2026-03-10", 1, 1, 1),
    ]
    ada.call("PATCH", "/v1/me", {"time_zone": "America/New_York"})
    assert get(ada, "me/daily?from=2026-03-01&to=2026-03-09")["state"] == "provisional"
    roll_up(core_harness)
    moved = get(ada, "me/daily?from=2026-03-01&to=2026-03-10")["items"]
    assert [(day["date"], day["plays"]) for day in moved] == [("2026-03-09", 2), ("2026-03-10", 0)]


def test_one_user_sees_nothing_of_another(core_harness: FunctionRunner) -> None:
    ada, bob = core_harness.sign_up(), core_harness.sign_up()
    play(ada, ("2026-03-09 12:00", "One", "Björk"))
    roll_up(core_harness)
    assert get(bob, "me/daily")["items"] == []
    assert get(bob, "me/top/tracks?period=year")["items"] == []
    assert get(bob, "me/summary?period=all")["plays"] == 0
    assert get(bob, "me/recap/2026")["first_play"] is None


def test_a_summary_compares_with_as_much_of_the_period_before(core_harness: FunctionRunner) -> None:
    ada = core_harness.sign_up()
    play(
        ada,
        ("2026-02-10 12:00", "One", "Björk"),
        ("2026-02-11 12:00", "Not yet", "Björk"),
        ("2026-03-01 08:15", "One", "Björk"),
        ("2026-03-02 08:45", "One", "Björk"),
        ("2026-03-02 21:00", "Two", "Sezen"),
        ("2026-03-09 21:00", "Three", "Sezen"),
        ("2026-03-10 09:00", "Three", "Sezen"),
    )
    play(ada, ("2026-03-09 20:00", "One", "Björk"), ms=None, provider="youtube", provider_track_id="v")
    roll_up(core_harness)
    answer = get(ada, "me/summary")
    assert (answer["from"], answer["to"], answer["state"]) == ("2026-03-01", "2026-03-31", "provisional")
    assert (answer["plays"], answer["minutes"], answer["untimed_plays"]) == (6, 15.0, 1)
    assert (answer["unique_tracks"], answer["unique_artists"]) == (3, 2)
    assert (answer["days"], answer["days_with_plays"]) == (10, 4)
    assert answer["busiest_day"] == {"date": "2026-03-02", "plays": 2, "minutes": 6.0}
    assert (answer["previous"]["from"], answer["previous"]["to"]) == ("2026-02-01", "2026-02-10")
    assert answer["previous"]["change"] == {
        "plays": 5,
        "plays_percent": 500.0,
        "minutes": 12.0,
        "minutes_percent": 400.0,
    }
    assert answer["current_streak"] == {"days": 2, "from": "2026-03-09", "to": "2026-03-10"}
    assert answer["longest_streak"]["days"] == 2
    assert sum(map(sum, answer["hours"])) == 6
    assert answer["hours"][6][8] == 1  # Sunday the first
    assert answer["hours"][0][21] == 2  # Mondays
    assert answer["providers"] == [
        {"provider": "spotify", "plays": 5, "minutes": 15.0},
        {"provider": "youtube", "plays": 1, "minutes": 0.0},
    ]
    everything = get(ada, "me/summary?period=all")
    assert (everything["plays"], everything["previous"]) == (8, None)
    assert (everything["from"], everything["to"]) == ("2026-02-10", "2026-03-10")
    week = get(ada, "me/summary?period=week&date=2026-03-02")
    assert (week["plays"], week["state"]) == (2, "final")
    assert (week["previous"]["from"], week["previous"]["plays"]) == ("2026-02-23", 1)
    custom = get(ada, "me/summary?from=2026-02-10&to=2026-02-11")
    assert (custom["plays"], custom["period"]) == (2, None)
    assert get(ada, "me/summary?period=month&provider=youtube")["plays"] == 1


def test_lists_go_by_plays_or_by_time_and_break_ties_the_same_way(core_harness: FunctionRunner) -> None:
    ada = core_harness.sign_up()
    play(
        ada,
        ("2026-03-01 08:00", "Short", "Björk"),
        ("2026-03-01 09:00", "SHORT", "Björk"),
        ms=31_000,
        album="A",
    )
    play(ada, ("2026-03-01 10:00", "Short", "Björk"), ms=31_000, album="a", provider="youtube")
    play(ada, ("2026-03-02 08:00", "Long", "Sezen"), ms=600_000, album="B")
    play(ada, ("2026-03-02 09:00", "Other", "Sezen"), ms=600_000)
    roll_up(core_harness)
    tracks = get(ada, "me/top/tracks")["items"]
    assert [tracks[0][part] for part in ("rank", "name", "artist", "plays")] == [1, "Short", "Björk", 3]
    assert [t["rank"] for t in tracks] == [1, 2, 2]
    assert {(i["provider"], i["id"]) for i in tracks[0]["ids"]} >= {("youtube", "id-Short")}
    assert get(ada, "me/top/tracks")["items"] == tracks
    by_time = get(ada, "me/top/artists?by=minutes")["items"]
    assert [(a["name"], a["artist"], a["minutes"], a["unique_tracks"]) for a in by_time] == [
        ("Sezen", None, 20.0, 2),
        ("Björk", None, 1.6, 1),
    ]
    albums = get(ada, "me/top/albums")["items"]
    assert [(a["name"], a["artist"], a["plays"]) for a in albums] == [("A", "Björk", 3), ("B", "Sezen", 1)]
    assert len(get(ada, "me/top/tracks?limit=1")["items"]) == 1
    assert get(ada, "me/top/tracks?period=day&date=2026-02-01")["items"] == []


def test_a_year_is_looked_back_on(core_harness: FunctionRunner) -> None:
    ada = core_harness.sign_up(time_zone="Asia/Tokyo")
    play(
        ada,
        ("2025-12-31 14:59", "Old", "Björk"),  # still 2025 in Tokyo
        ("2025-12-31 15:00", "First", "Björk"),
        ("2026-01-02 12:00", "New", "Sezen"),
        ("2026-02-03 12:00", "New", "Sezen"),
        album="Record",
    )
    roll_up(core_harness)
    answer = get(ada, "me/recap/2026")
    assert (answer["plays"], answer["minutes"], answer["state"]) == (3, 9.0, "provisional")
    assert [month["plays"] for month in answer["months"]] == [2, 1] + [0] * 10
    assert answer["first_play"]["title"] == "First"
    assert (answer["unique_tracks"], answer["unique_artists"], answer["unique_albums"]) == (2, 2, 2)
    assert (answer["new_artists"], [a["name"] for a in answer["top_new_artists"]]) == (1, ["Sezen"])
    assert [t["name"] for t in answer["top_tracks"]] == ["New", "First"]
    assert get(ada, "me/recap/2025")["plays"] == 1
    assert ada.call("GET", "/v1/trends/me/recap/123").status == 404


def test_an_answer_that_still_holds_is_not_sent_again(core_harness: FunctionRunner) -> None:
    ada = core_harness.sign_up()
    play(ada, ("2026-03-05 12:00", "One", "Björk"))
    roll_up(core_harness)
    for target in ("me/daily", "me/top/tracks", "me/summary", "me/recap/2026", "me/chart.svg", "tracks",
                   "tracks/spotify/x/daily", "global/daily", "global/summary", "global/top/artists",
                   "global/chart.svg"):  # fmt: skip
        first = ada.call("GET", f"/v1/trends/{target}")
        assert first.headers["cache-control"] == "private, no-cache"
        assert first.headers["etag"].startswith("W/")
        roll_up(core_harness)  # as_of moves, and nothing else
        again = ada.call("GET", f"/v1/trends/{target}", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status, again.text) == (304, ""), target
    tag = ada.call("GET", "/v1/trends/me/daily").headers["etag"]
    play(ada, ("2026-03-06 12:00", "One", "Björk"))
    waiting = ada.call("GET", "/v1/trends/me/daily?from=2026-03-05&to=2026-03-06")
    assert waiting.json["state"] == "provisional"
    roll_up(core_harness)
    changed = ada.call("GET", "/v1/trends/me/daily", headers={"If-None-Match": f'"x", {tag}'})
    assert changed.status == 200
    assert get(ada, "me/daily?from=2026-03-05&to=2026-03-06")["state"] == "final"


def test_what_too_few_people_share_is_not_shown(
    core_harness: FunctionRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [core_harness.sign_up() for _ in range(5)]
    for person in people:
        play(person, ("2026-03-08 12:00", "Shared", "Band"), ("2026-03-08 13:00", "Shared", "Band"))
    for person in people[:4]:
        play(person, ("2026-03-08 14:00", "Rare", "Other band"), ("2026-03-07 14:00", "Rare", "Other band"))
    roll_up(core_harness)
    ada = people[0]
    tracks = get(ada, "tracks?from=2026-03-07&to=2026-03-08")
    assert (tracks["min_users"], tracks["state"]) == (5, "final")
    assert tracks["items"] == [
        {
            "provider": "spotify", "provider_track_id": "id-Shared", "title": "Shared", "artist": "Band",
            "plays": 10, "users": 5,
        }
    ]  # fmt: skip
    days = get(ada, "global/daily?from=2026-03-07&to=2026-03-08")["items"]
    assert [(day["date"], day["plays"], day["users"]) for day in days] == [("2026-03-08", 14, 5)]
    assert [entry["title"] for entry in days[0]["top_tracks"]] == ["Shared"]
    assert [entry["name"] for entry in days[0]["top_artists"]] == ["Band"]
    one = get(ada, "tracks/spotify/id-Shared/daily?from=2026-03-01&to=2026-03-10")
    assert (one["title"], one["items"]) == ("Shared", [{"date": "2026-03-08", "plays": 10, "users": 5}])
    rare = get(ada, "tracks/spotify/id-Rare/daily?from=2026-03-01&to=2026-03-10")
    assert (rare["title"], rare["items"]) == (None, [])
    listed = get(ada, "global/top/tracks?from=2026-03-07&to=2026-03-08")["items"]
    assert [(one["name"], one["plays"], one["users"], one["days"]) for one in listed] == [
        ("Shared", 10, 5, 1)
    ]
    monkeypatch.setenv("TRENDS_MIN_PEOPLE", "6")
    assert get(ada, "tracks?from=2026-03-07&to=2026-03-08")["items"] == []
    assert get(ada, "global/daily?from=2026-03-07&to=2026-03-08")["items"] == []
    assert get(ada, "tracks/spotify/id-Shared/daily?from=2026-03-01&to=2026-03-10")["items"] == []


def test_everybodys_figures_over_any_days(core_harness: FunctionRunner) -> None:
    people = [core_harness.sign_up() for _ in range(5)]
    for person in people:
        play(person, ("2020-02-29 14:00", "Old", "Band"), ("2020-02-29 15:00", "Old", "Band"))
        play(person, ("2022-03-07 14:00", "Old", "Band"), ("2022-03-08 14:00", "New", "Other band"))
    play(
        people[0], ("2022-03-06 14:00", "Alone", "Nobody else"), ("2022-03-08 15:00", "Alone", "Nobody else")
    )
    roll_up(core_harness)
    ada = people[0]

    whole = get(ada, "global/summary?from=2019-01-01&to=2022-03-09")
    # The day on which one person listened is in no sum.
    assert (whole["plays"], whole["days"], whole["plays_per_day"]) == (21, 3, 7.0)
    assert (whole["busiest_day"], whole["users_of_busiest_day"], whole["empty"]) == ("2020-02-29", 5, None)

    artists = get(ada, "global/top/artists?from=2019-01-01&to=2022-03-09")["items"]
    assert [(one["rank"], one["name"], one["plays"], one["users"], one["days"]) for one in artists] == [
        (1, "Band", 15, 5, 2),
        (2, "Other band", 5, 5, 1),
    ]
    assert len(get(ada, "global/top/artists?from=2019-01-01&to=2022-03-09&limit=1")["items"]) == 1
    tracks = get(ada, "global/top/tracks?from=2022-03-07&to=2022-03-09")["items"]
    assert [(one["rank"], one["name"], one["artist"]) for one in tracks] == [
        (1, "New", "Other band"),
        (1, "Old", "Band"),
    ]

    answer = ada.call("GET", "/v1/trends/global/chart.svg?from=2022-03-01&to=2022-03-09")
    assert answer.headers["content-type"] == "image/svg+xml"
    drawn = {element.get("id"): element.text for element in fromstring(answer.text)}
    assert drawn["title"] == "Everybody's plays over time"
    assert "11 plays from 1 Mar 2022 to 9 Mar 2022" in (drawn["description"] or "")


def test_what_is_empty_says_why(core_harness: FunctionRunner) -> None:
    ada = core_harness.sign_up()

    def why(first: str, last: str) -> str:
        codes = set()
        for target in (
            "tracks", "tracks/spotify/x/daily", "global/daily", "global/summary", "global/top/tracks",
            "global/top/artists",
        ):  # fmt: skip
            answer = get(ada, f"{target}?from={first}&to={last}")
            assert answer.get("items", []) == []
            assert answer["empty"]["detail"].endswith(".")
            codes.add(answer["empty"]["code"])
        (code,) = codes
        return str(code)

    roll_up(core_harness)
    assert why("2026-04-01", "2026-04-02") == "in-the-future"
    nobody = why("2018-02-01", "2018-02-02")
    play(ada, ("2018-02-01 12:00", "Alone", "Nobody else"))
    assert why("2018-02-01", "2018-02-02") == "not-counted-yet"
    roll_up(core_harness)
    # That somebody listened, or nobody, is told in the same words.
    assert why("2018-02-01", "2018-02-02") == nobody == "too-few-users"
    drawn = ada.call("GET", "/v1/trends/global/chart.svg?from=2018-02-01&to=2018-02-02").text
    assert "What fewer share is not reported" in drawn


@pytest.mark.parametrize(
    ("query", "title", "says"),
    [
        ("kind=daily&period=month", "Plays over time", "2 plays from 1 Mar 2026 to 10 Mar 2026"),
        ("kind=daily&period=year&by=minutes", "Minutes over time", "6 minutes"),
        ("kind=hours&period=month", "Plays by weekday and hour", "Most: Mon from 12:00, with 2."),
        ("kind=top&of=tracks", "Top tracks", "1. <b>&amp;, Björk & co: 2"),
        ("kind=top&of=artists&by=minutes", "Top artists", "1. Björk & co: 6"),
        ("kind=daily&from=2020-01-01&to=2020-01-31", "Plays over time", "Nothing was played."),
        ("kind=hours&from=2020-01-01&to=2020-01-31", "Plays by weekday and hour", "Nothing was played."),
        ("kind=top&from=2020-01-01&to=2020-01-31", "Top artists", "Nothing was played."),
    ],
)
def test_pictures_show_the_same_figures(
    core_harness: FunctionRunner, query: str, title: str, says: str
) -> None:
    ada = core_harness.sign_up()
    play(ada, ("2026-03-09 12:00", "<b>&amp;", "Björk & co"), ("2026-03-09 12:30", "<b>&amp;", "Björk & co"))
    roll_up(core_harness)
    answer = ada.call("GET", f"/v1/trends/me/chart.svg?{query}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    drawn = {element.get("id"): element.text for element in fromstring(answer.text)}
    assert drawn["title"] == title
    assert says in (drawn["description"] or "")


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("me/daily?from=2026-03-02&to=2026-03-01", "query"),
        ("me/daily?from=1900-01-01&to=2026-03-01", "query.from"),
        ("me/daily?from=tomorrow", "query.from"),
        ("me/summary?from=2026-03-02", "query"),
        ("me/summary?from=2026-03-01&to=2026-03-02&period=week", "query"),
        ("me/summary?period=all&date=2026-03-01", "query"),
        ("me/summary?period=fortnight", "query.period"),
        ("me/top/tracks?limit=0", "query.limit"),
        ("me/top/tracks?provider=napster", "query.provider"),
        ("me/chart.svg?kind=pie", "query.kind"),
        ("tracks?from=2026-01-01&to=2026-03-01", "query.from"),
        ("global/daily?from=2024-01-01&to=2026-03-01", "query.from"),
        ("global/summary?from=1900-01-01&to=2026-03-01", "query.from"),
        ("global/top/tracks?limit=51", "query.limit"),
    ],
)
def test_questions_that_make_no_sense_are_refused(
    core_harness: FunctionRunner, target: str, path: str
) -> None:
    ada = core_harness.sign_up()
    answer = ada.call("GET", f"/v1/trends/{target}")
    assert answer.status == 422, answer.text
    assert answer.json["errors"][0]["path"] == path


def test_unknown_lists_and_providers_do_not_exist(core_harness: FunctionRunner) -> None:
    ada = core_harness.sign_up()
    assert ada.call("GET", "/v1/trends/me/top/genres").status == 404
    assert ada.call("GET", "/v1/trends/global/top/albums").status == 404
    assert ada.call("GET", "/v1/trends/tracks/napster/1/daily").status == 404


def test_what_retention_deleted_is_reported(
    core_harness: FunctionRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = core_harness.sign_up()
    monkeypatch.setenv("PLAY_RETENTION_DAYS", "60")
    assert get(ada, "me/summary?period=year")["plays_available_from"] == "2026-01-02"
    assert get(ada, "me/summary?period=month")["plays_available_from"] is None


def test_the_default_days_are_the_last_thirty(core_harness: FunctionRunner) -> None:
    ada = core_harness.sign_up()
    first = (NOW - timedelta(days=29)).date().isoformat()
    for target in ("me/daily", "global/daily"):
        answer = get(ada, target)
        assert (answer["from"], answer["to"]) == (first, "2026-03-10")
    assert get(ada, "tracks")["from"] == "2026-03-09"

"""Given one of ListenBrainz's clients, when it talks to us, then we answer as ListenBrainz does."""

import base64
from typing import Any

import pytest

from musicconnect.platform import clock
from tests.integration.trends.plays.conftest import Scrobbler, listen, plays
from tests.support.clock import ShiftedClock
from tests.support.functions import Answer, Person

NOW = int(clock.now().timestamp())


def submit(scrobbler: Scrobbler, kind: str, *payload: Any, **options: Any) -> Answer:
    return scrobbler("POST", "/1/submit-listens", {"listen_type": kind, "payload": list(payload)}, **options)


def name_of(scrobbler: Scrobbler) -> str:
    return str(scrobbler("GET", "/1/validate-token").json["user_name"])


def test_listens_are_submitted_and_read_back(scrobbler: Scrobbler, person: Person) -> None:
    sent = listen(
        NOW - 100, "Rick Astley", "Never Gonna Give You Up",
        music_service="spotify.com", spotify_id="https://open.spotify.com/track/4cOdK2wGLETKBW3PvgPWqT",
        isrc="GBARL9300135", duration_ms=213000, duration_played=213, tags=["pop"],
    )  # fmt: skip
    assert submit(scrobbler, "single", sent).json == {"status": "ok"}
    payload = scrobbler("GET", f"/1/user/{name_of(scrobbler)}/listens").json["payload"]
    assert (payload["count"], payload["latest_listen_ts"]) == (1, NOW - 100)
    back = payload["listens"][0]
    assert back["listened_at"] == NOW - 100
    assert back["track_metadata"]["track_name"] == "Never Gonna Give You Up"
    info = back["track_metadata"]["additional_info"]
    assert sent["track_metadata"]["additional_info"].items() <= info.items()
    (play,) = plays(person)
    assert (play["provider"], play["provider_track_id"]) == ("spotify", "4cOdK2wGLETKBW3PvgPWqT")
    assert (play["source"], play["ms_played"], play["duration_ms"]) == ("listenbrainz", 213000, 213000)


def test_what_is_being_played_is_told_and_is_no_play(scrobbler: Scrobbler, person: Person) -> None:
    now_playing = {"track_metadata": {"artist_name": "Abba", "track_name": "SOS"}}
    path = f"/1/user/{name_of(scrobbler)}/playing-now"
    nothing = {"user_id": name_of(scrobbler), "count": 0, "playing_now": True, "listens": []}
    assert scrobbler("GET", path).json == {"payload": nothing}
    assert submit(scrobbler, "playing_now", now_playing).json == {"status": "ok"}
    answer = scrobbler("POST", "/1/submit-listens?return_msid=true", {
        "listen_type": "playing_now", "payload": [now_playing],
    })  # fmt: skip
    (playing,) = scrobbler("GET", path).json["payload"]["listens"]
    assert playing["track_metadata"]["track_name"] == "SOS"
    assert playing["track_metadata"]["additional_info"]["recording_msid"] == answer.json["recording_msid"]
    assert "listened_at" not in playing
    assert plays(person) == []


def test_what_is_being_played_ends_after_its_length_and_not_later_for_being_repeated(
    scrobbler: Scrobbler, shifted_clock: ShiftedClock
) -> None:
    path = f"/1/user/{name_of(scrobbler)}/playing-now"
    metadata = {"artist_name": "Abba", "track_name": "SOS", "additional_info": {"duration": "200"}}

    def count() -> int:
        return int(scrobbler("GET", path).json["payload"]["count"])

    submit(scrobbler, "playing_now", {"track_metadata": metadata})
    shifted_clock.set_offset(150)
    submit(scrobbler, "playing_now", {"track_metadata": metadata})
    assert count() == 1
    shifted_clock.set_offset(210)
    assert count() == 0
    submit(scrobbler, "playing_now", {"track_metadata": {"artist_name": "Abba", "track_name": "Eagle"}})
    shifted_clock.set_offset(800)
    assert count() == 1
    shifted_clock.set_offset(820)
    assert count() == 0


def test_playing_ends_when_the_client_that_said_so_says_so(scrobbler: Scrobbler) -> None:
    info = {"submission_client": "player"}
    metadata = {"artist_name": "Abba", "track_name": "SOS", "additional_info": info}
    submit(scrobbler, "playing_now", {"track_metadata": metadata})
    path = "/1/playing-now/delete"
    assert scrobbler("POST", path, {"client": "other"}).status == 404
    assert scrobbler("POST", path, {"client": "player"}).json["status"] == "ok"
    assert scrobbler("POST", path).json["status"] == "ok"
    name = name_of(scrobbler)
    assert scrobbler("GET", f"/1/user/{name}/playing-now").json["payload"]["count"] == 0


def test_listens_sent_twice_are_there_once(scrobbler: Scrobbler, person: Person) -> None:
    sent = [listen(NOW - 1000 * n - 500, "Abba", f"Song {n}") for n in range(50)]
    for _ in range(2):
        assert submit(scrobbler, "import", *sent, sent[0]).status == 200
    assert len(plays(person)) == 50
    answer = scrobbler("GET", f"/1/user/{name_of(scrobbler)}/listen-count")
    assert answer.json == {"payload": {"count": 50}}


def test_listens_are_asked_for_by_time(scrobbler: Scrobbler) -> None:
    submit(scrobbler, "import", *[listen(NOW - 100 * n, "Abba", f"Song {n}") for n in range(1, 31)])
    name = name_of(scrobbler)

    def times(query: str) -> list[int]:
        found = scrobbler("GET", f"/1/user/{name}/listens{query}").json["payload"]["listens"]
        return [(NOW - one["listened_at"]) // 100 for one in found]

    assert times("") == list(range(1, 26))
    assert times("?count=1000") == list(range(1, 31))
    assert times(f"?max_ts={NOW - 500}&count=3") == [6, 7, 8]
    assert times(f"?min_ts={NOW - 500}&count=3") == [2, 3, 4]
    assert times(f"?min_ts={NOW - 2000}&max_ts={NOW - 1700}") == [18, 19]
    assert times("?min_ts=0&count=3") == [28, 29, 30]
    assert times(f"?min_ts={NOW - 2000}&max_ts={NOW - 100}&count=3") == [17, 18, 19]
    assert times("?count=0") == []


def test_a_client_that_pages_upwards_within_bounds_misses_nothing(scrobbler: Scrobbler) -> None:
    """As multi-scrobbler does: from the newest it has seen, while a page is full."""
    submit(scrobbler, "import", *[listen(NOW - 10 * n, "Abba", f"Song {n}") for n in range(1, 60)])
    name, seen, first = name_of(scrobbler), set[int](), NOW - 600
    while True:
        path = f"/1/user/{name}/listens?count=10&min_ts={first}&max_ts={NOW}"
        page = [one["listened_at"] for one in scrobbler("GET", path).json["payload"]["listens"]]
        assert page == sorted(page, reverse=True)
        seen |= set(page)
        if len(page) < 10:
            break
        first = page[0]
    assert seen == {NOW - 10 * n for n in range(1, 60)}


def test_a_client_that_pages_downwards_misses_nothing_of_a_crowded_second(scrobbler: Scrobbler) -> None:
    """As Pano Scrobbler does: below the oldest it has seen, until the oldest there is."""
    sent = [listen(NOW - 100 - n // 30, "Abba", f"Song {n}") for n in range(80)]
    submit(scrobbler, "import", *sent)
    name, seen, below = name_of(scrobbler), list[str](), NOW
    while True:
        payload = scrobbler("GET", f"/1/user/{name}/listens?count=20&max_ts={below}").json["payload"]
        seen += [one["track_metadata"]["track_name"] for one in payload["listens"]]
        below = payload["listens"][-1]["listened_at"]
        if below == payload["oldest_listen_ts"]:
            break
    assert sorted(seen) == sorted(one["track_metadata"]["track_name"] for one in sent)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("?min_ts=1700000005&max_ts=1700000000", "max_ts should be greater than min_ts"),
        ("?max_ts=soon", "Incorrect max_ts timestamp argument: soon"),
        ("?count=-1", "Number of items requested should be positive"),
        ("?count=x", "Invalid count argument: x"),
    ],
)
def test_questions_that_make_no_sense_are_refused(scrobbler: Scrobbler, query: str, error: str) -> None:
    answer = scrobbler("GET", f"/1/user/{name_of(scrobbler)}/listens{query}")
    assert (answer.status, answer.json) == (400, {"code": 400, "error": error})


def test_other_people_are_unknown(scrobbler: Scrobbler, person: Person) -> None:
    other = person.harness.sign_up(display_name="Bob")
    answer = scrobbler("GET", f"/1/user/bob-{other.id}/listens")
    assert (answer.status, answer.json["error"]) == (404, f"Cannot find user: bob-{other.id}")


def test_a_refusal_has_the_listen_beside_its_code(scrobbler: Scrobbler) -> None:
    answer = submit(scrobbler, "single", {"listened_at": NOW, "track_metadata": {"track_name": "x"}})
    assert answer.status == 400
    assert answer.json == {
        "code": 400,
        "error": "JSON document does not contain required field track_metadata.artist_name.",
        "listened_at": NOW,
        "track_metadata": {"track_name": "x"},
    }


def test_what_is_no_text_is_refused_with_a_code(scrobbler: Scrobbler) -> None:
    gzip = base64.b64encode(b"\x1f\x8b\x08" + bytes(range(256))).decode()
    answer = scrobbler("POST", "/1/submit-listens", raw=gzip, is_base64=True)
    assert (answer.status, answer.json["code"]) == (400, 400)
    assert "not UTF-8" in answer.json["error"]


@pytest.mark.parametrize("content_type", ["", "text/plain", "APPLICATION/JSON; CHARSET=UTF-8"])
def test_any_type_of_content_is_taken(scrobbler: Scrobbler, content_type: str) -> None:
    answer = submit(
        scrobbler, "single", listen(NOW - 5, "Abba", "SOS"), headers={"Content-Type": content_type}
    )
    assert answer.json == {"status": "ok"}


def test_one_album_that_is_empty_costs_no_play(scrobbler: Scrobbler, person: Person) -> None:
    """Mopidy sends one for every track that has none."""
    without, empty = listen(NOW - 500, "Abba", "SOS"), listen(NOW - 900, "Abba", "Eagle")
    empty["track_metadata"]["release_name"] = " "
    broken = listen(NOW - 1300, "Abba", "Chiquitita", origin_url="http://[", duration="213.5")
    assert submit(scrobbler, "import", without, empty, broken).status == 200
    assert [one["album"] for one in plays(person)] == [None] * 3
    assert plays(person)[0]["duration_ms"] == 213_000


def test_what_was_not_exported_by_us_as_it_says_is_a_listen_like_any_other(
    scrobbler: Scrobbler, person: Person
) -> None:
    own = {"source": "spotify_extended", "kind": "play", "provider": "spotify", "played_at_ms": 10**18}
    sent = [
        listen(NOW - 100, "Abba", "SOS", musicconnect=own),
        listen(NOW - 900, "Abba", "SOS", musicconnect={}),
    ]
    assert submit(scrobbler, "import", *sent).status == 200
    assert [one["source"] for one in plays(person)] == ["listenbrainz"] * 2


def test_nested_details_are_flattened(scrobbler: Scrobbler) -> None:
    submit(scrobbler, "single", listen(NOW - 5, "Abba", "SOS", player={"name": "x", "os": {"v": 1}}))
    (back,) = scrobbler("GET", f"/1/user/{name_of(scrobbler)}/listens").json["payload"]["listens"]
    info = back["track_metadata"]["additional_info"]
    assert (info["player.name"], info["player.os.v"]) == ("x", 1)
    assert info["recording_msid"] == back["recording_msid"]


def test_many_large_details_do_not_make_an_answer_too_large(scrobbler: Scrobbler) -> None:
    for begin in range(0, 600, 200):
        sent = [
            listen(NOW - 300 * n - 400, "Abba", f"Song {n}", note="x" * 9_800)
            for n in range(begin, begin + 200)
        ]
        assert submit(scrobbler, "import", *sent).status == 200
    answer = scrobbler("GET", f"/1/user/{name_of(scrobbler)}/listens?count=1000")
    assert answer.json["payload"]["count"] == 600
    assert len(answer.text) < 5_500_000  # Lambda's limit is 6 MB


class TestDeleting:
    def test_a_listen_is_deleted_for_good(self, scrobbler: Scrobbler, person: Person) -> None:
        sent = [listen(NOW - 100, "Abba", "SOS"), listen(NOW - 100, "Abba", "Eagle")]
        submit(scrobbler, "import", *sent)
        path = f"/1/user/{name_of(scrobbler)}/listens"
        (one,) = [
            one for one in scrobbler("GET", path).json["payload"]["listens"]
            if one["track_metadata"]["track_name"] == "SOS"
        ]  # fmt: skip
        body = {"listened_at": one["listened_at"], "recording_msid": one["recording_msid"]}
        for _ in range(2):
            assert scrobbler("POST", "/1/delete-listen", body).json == {"status": "ok"}
        submit(scrobbler, "import", *sent)
        assert [play["title"] for play in plays(person)] == ["Eagle"]

    def test_a_listen_of_somebody_else_stays(self, scrobbler: Scrobbler, person: Person) -> None:
        submit(scrobbler, "single", listen(NOW - 100, "Abba", "SOS"))
        (one,) = scrobbler("GET", f"/1/user/{name_of(scrobbler)}/listens").json["payload"]["listens"]
        other = person.harness.sign_up()
        token = other.call("POST", "/v1/auth/tokens", {"name": "x"}).json["token"]
        answer = person.harness.call(
            "POST", "/1/delete-listen",
            {"listened_at": one["listened_at"], "recording_msid": one["recording_msid"]},
            headers={"Authorization": f"Token {token}"},
        )  # fmt: skip
        assert answer.json == {"status": "ok"}
        assert len(plays(person)) == 1

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ({"recording_msid": "x"}, "Listen timestamp missing."),
            ({"listened_at": "soon", "recording_msid": "x"}, "soon: Listen timestamp invalid."),
            ({"listened_at": NOW}, "Recording MSID missing."),
            ({"listened_at": NOW, "recording_msid": "x"}, "x: Recording MSID format invalid."),
            ([], "Invalid JSON document submitted."),
        ],
    )
    def test_what_is_no_listen_is_refused(self, scrobbler: Scrobbler, body: Any, error: str) -> None:
        answer = scrobbler("POST", "/1/delete-listen", body)
        assert (answer.status, answer.json) == (400, {"code": 400, "error": error})


class TestImporters:
    def test_find_where_they_stopped_and_never_go_back(self, scrobbler: Scrobbler) -> None:
        path = f"/1/latest-import?user_name={name_of(scrobbler)}&service=librefm"
        none = {"musicbrainz_id": name_of(scrobbler), "latest_import": 0, "status": None, "error": None}
        assert scrobbler("GET", path).json == none
        for ts in (NOW - 50, NOW - 100):
            answer = scrobbler("POST", "/1/latest-import", {"ts": ts, "service": "librefm"})
            assert answer.json == {"status": "ok"}
        assert scrobbler("GET", path).json["latest_import"] == NOW - 50
        assert scrobbler("GET", path.replace("librefm", "lastfm")).json["latest_import"] == 0
        assert scrobbler("GET", path.replace("librefm", "other")).status == 404

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"ts": "x"},
            {"ts": "5"},
            {"ts": None},
            {"ts": False},
            {"ts": -1},
            {"ts": 2.5e-42},
            {"ts": 1.5},
            [],
        ],
    )  # fmt: skip
    def test_say_a_time(self, scrobbler: Scrobbler, body: Any) -> None:
        answer = scrobbler("POST", "/1/latest-import", body)
        assert (answer.status, answer.json) == (400, {"code": 400, "error": "Invalid data sent"})


class TestSharing:
    PATHS = ("listens", "listen-count", "playing-now")

    def test_nobody_reads_anybody_who_did_not_say_so(self, scrobbler: Scrobbler, person: Person) -> None:
        name = name_of(scrobbler)
        other = person.harness.sign_up().call("POST", "/v1/auth/tokens", {"name": "x"}).json["token"]
        for path in self.PATHS:
            answer = person.harness.call("GET", f"/1/user/{name}/{path}")
            assert (answer.status, answer.json["code"]) == (401, 401)
            for unknown in (name, "nobody-999999999"):
                answer = person.harness.call(
                    "GET", f"/1/user/{unknown}/{path}", headers={"Authorization": f"Token {other}"}
                )
                expected = {"code": 404, "error": f"Cannot find user: {unknown}"}
                assert (answer.status, answer.json) == (404, expected)

    def test_whoever_made_their_plays_public_is_read_by_all(
        self, scrobbler: Scrobbler, person: Person
    ) -> None:
        submit(scrobbler, "single", listen(NOW - 100, "Abba", "SOS"))
        assert person.call("GET", "/v1/plays/sharing").json == {
            "is_public": False, "changed_at": None, "user_name": name_of(scrobbler),
        }  # fmt: skip
        said = person.call("POST", "/v1/plays/sharing", {"is_public": True}).json
        assert said["is_public"] is True
        for path in self.PATHS:
            answer = person.harness.call("GET", f"/1/user/{said['user_name']}/{path}")
            assert answer.status == 200, path
            answer = person.harness.call(
                "GET", f"/1/user/{said['user_name']}/{path}", headers={"Authorization": f"Token {'x' * 43}"}
            )
            assert answer.status == 200, path
        person.call("POST", "/v1/plays/sharing", {"is_public": False})
        assert person.harness.call("GET", f"/1/user/{said['user_name']}/listens").status == 401


def test_a_refused_listen_rejects_its_whole_request(scrobbler: Scrobbler, person: Person) -> None:
    assert submit(scrobbler, "import", listen(NOW - 9, "A", "B"), listen(1, "A", "B")).status == 400
    assert plays(person) == []

"""Given one of ListenBrainz's clients, when it talks to us, then we answer as ListenBrainz does."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from musicconnect.platform import clock
from tests.integration.trends.plays.conftest import listen, plays
from tests.support.clock import ShiftedClock
from tests.support.functions import Answer, Person

NOW = int(clock.now().timestamp())
Scrobbler = Callable[..., Answer]


def submit(scrobbler: Scrobbler, kind: str, *payload: Any, **options: Any) -> Answer:
    return scrobbler("POST", "/1/submit-listens", {"listen_type": kind, "payload": list(payload)}, **options)


def name_of(scrobbler: Scrobbler) -> str:
    return str(scrobbler("GET", "/1/validate-token").json["user_name"])


def test_a_token_is_validated(scrobbler: Scrobbler, person: Person) -> None:
    answer = scrobbler("GET", "/1/validate-token")
    assert answer.status == 200
    assert answer.json == {
        "code": 200, "message": "Token valid.", "valid": True, "user_name": f"ada-lovelace-{person.id}",
    }  # fmt: skip


@pytest.mark.parametrize("header", ["Token nonsense", f"Token {'x' * 43}"])
def test_a_token_that_is_none_is_an_answer_and_no_error(person: Person, header: str) -> None:
    answer = person.harness.call("GET", "/1/validate-token", headers={"Authorization": header})
    assert (answer.status, answer.json) == (200, {"code": 200, "message": "Token invalid.", "valid": False})


def test_no_token_at_all_is_an_error(person: Person) -> None:
    answer = person.harness.call("GET", "/1/validate-token")
    assert (answer.status, answer.json) == (
        400, {"code": 400, "error": "You need to provide an Authorization token."},
    )  # fmt: skip


def test_a_token_may_come_in_the_address(person: Person) -> None:
    token = person.call("POST", "/v1/auth/tokens", {"name": "old client"}).json["token"]
    assert person.harness.call("GET", f"/1/validate-token?token={token}").json["valid"] is True


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


def test_what_is_being_played_is_accepted_and_not_stored(scrobbler: Scrobbler, person: Person) -> None:
    now_playing = {"track_metadata": {"artist_name": "Abba", "track_name": "SOS"}}
    assert submit(scrobbler, "playing_now", now_playing).json == {"status": "ok"}
    assert plays(person) == []


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


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("?min_ts=1700000005&max_ts=1700000000", "min_ts should be less than max_ts"),
        ("?max_ts=soon", "Invalid max_ts argument: soon"),
        ("?count=-1", "'count' should be a non-negative integer"),
    ],
)
def test_questions_that_make_no_sense_are_refused(scrobbler: Scrobbler, query: str, error: str) -> None:
    answer = scrobbler("GET", f"/1/user/{name_of(scrobbler)}/listens{query}")
    assert (answer.status, answer.json) == (400, {"code": 400, "error": error})


def test_other_people_are_unknown(scrobbler: Scrobbler, person: Person) -> None:
    other = person.harness.sign_up(display_name="Bob")
    answer = scrobbler("GET", f"/1/user/bob-{other.id}/listens")
    assert (answer.status, answer.json["error"]) == (404, f"Cannot find user: bob-{other.id}")


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ({}, "You need to provide an Authorization header."),
        ({"Authorization": "Token"}, "Provided Authorization header is invalid."),
        ({"Authorization": f"Token {'x' * 43}"}, "Invalid authorization token."),
        ({"Authorization": "Token 550e8400-e29b-41d4-a716-446655440000"}, "Invalid authorization token."),
    ],
)
def test_nobody_submits_without_a_token(person: Person, header: dict[str, str], error: str) -> None:
    answer = person.harness.call("POST", "/1/submit-listens", {"listen_type": "single"}, headers=header)
    assert (answer.status, answer.json) == (401, {"code": 401, "error": error})


GOOD = {"artist_name": "Abba", "track_name": "SOS"}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("{", "Cannot parse JSON document"),
        ("[]", "Top level of JSON document should be a json object"),
        ({}, "Invalid JSON document submitted."),
        ({"payload": [listen(NOW, "A", "B")]}, "Invalid JSON document submitted."),
        ({"listen_type": "single", "payload": {}}, "should be a list of listens"),
        ({"listen_type": "single", "payload": []}, "does not contain any listens"),
        ({"listen_type": "double", "payload": [1]}, "requires a valid listen_type key"),
        ({"listen_type": "single", "payload": [1, 2]}, "contains more than listen for a single"),
        ({"listen_type": "import", "payload": [1] * 1001}, "may not submit more than 1000 listens"),
        ({"listen_type": "single", "payload": [listen(NOW, "A" * 10300, "B")]}, "larger than 10240 bytes"),
        (
            {"listen_type": "single", "payload": [{"track_metadata": GOOD}]},
            "must contain the key listened_at",
        ),
        ({"listen_type": "single", "payload": [{"listened_at": "now", "track_metadata": GOOD}]}, "int value"),
        ({"listen_type": "single", "payload": [{"listened_at": NOW}]}, "must contain the key track_metadata"),
        ({"listen_type": "single", "payload": [listen(NOW * 1000, "A", "B")]}, "listened_at is too high"),
        ({"listen_type": "single", "payload": [listen(1_000_000_000, "A", "B")]}, "listened_at is too low"),
        (
            {"listen_type": "single", "payload": [listen(NOW, " ", "B")]},
            "field track_metadata.artist_name is",
        ),
        (
            {"listen_type": "single", "payload": [listen(NOW, "A", "B", tags=["x"] * 51)]},
            "more than 50 items",
        ),
        ({"listen_type": "single", "payload": [listen(NOW, "A", "B", tags=["x" * 65])]}, "longer than 64"),
        ({"listen_type": "single", "payload": [listen(NOW, "A", "B", recording_mbid="x")]}, "MBID format"),
        ({"listen_type": "single", "payload": [listen(NOW, "A", "B", duration=1, duration_ms=1)]}, "both"),
        ({"listen_type": "single", "payload": [listen(NOW, "A", "B", duration="long")]}, "positive integer"),
        ({"listen_type": "single", "payload": [listen(NOW, "A\x00", "B")]}, "contains a unicode null"),
        ({"listen_type": "playing_now", "payload": [listen(NOW, "A", "B")]}, "must not contain listened_at"),
    ],
)
def test_submissions_that_listenbrainz_refuses_are_refused(
    scrobbler: Scrobbler, body: Any, error: str
) -> None:
    raw = body if isinstance(body, str) else json.dumps(body)
    answer = scrobbler("POST", "/1/submit-listens", raw=raw)
    assert answer.status == 400
    assert answer.json["code"] == 400
    assert error in answer.json["error"]


def test_a_refused_listen_rejects_its_whole_request(scrobbler: Scrobbler, person: Person) -> None:
    assert submit(scrobbler, "import", listen(NOW - 9, "A", "B"), listen(1, "A", "B")).status == 400
    assert plays(person) == []


class TestPersonalTokens:
    def test_open_plays_and_nothing_else(self, scrobbler: Scrobbler) -> None:
        assert scrobbler("GET", "/v1/plays").status == 200
        assert scrobbler("GET", "/v1/plays/imports").status == 200
        for method, path in (("GET", "/v1/me"), ("GET", "/v1/auth/tokens"), ("POST", "/v1/auth/tokens")):
            assert scrobbler(method, path).status == 401

    def test_are_listed_without_the_token_and_revoked(self, person: Person) -> None:
        made = person.call("POST", "/v1/auth/tokens", {"name": "phone"}).json
        (listed,) = person.call("GET", "/v1/auth/tokens").json["items"]
        assert listed["name"] == "phone"
        assert made["token"] not in json.dumps(listed)
        headers = {"Authorization": f"Token {made['token']}"}
        assert person.harness.call("GET", "/1/validate-token", headers=headers).json["valid"] is True
        assert person.call("DELETE", f"/v1/auth/tokens/{made['id']}").status == 204
        assert person.harness.call("GET", "/1/validate-token", headers=headers).json["valid"] is False
        assert person.harness.call("GET", "/v1/plays", headers=headers).status == 401
        assert person.call("DELETE", f"/v1/auth/tokens/{made['id']}").status == 404

    def test_expire(self, person: Person, shifted_clock: ShiftedClock) -> None:
        made = person.call("POST", "/v1/auth/tokens", {"name": "x", "expires_in_days": 1}).json
        headers = {"Authorization": f"Token {made['token']}"}
        shifted_clock.set_offset(86_300)
        assert person.harness.call("GET", "/1/validate-token", headers=headers).json["valid"] is True
        shifted_clock.set_offset(86_500)
        assert person.harness.call("GET", "/1/validate-token", headers=headers).json["valid"] is False

    def test_are_limited_in_number_and_belong_to_one_user(self, person: Person) -> None:
        ids = [person.call("POST", "/v1/auth/tokens", {"name": str(n)}).json["id"] for n in range(50)]
        assert person.call("POST", "/v1/auth/tokens", {"name": "one more"}).status == 409
        other = person.harness.sign_up()
        assert other.call("GET", "/v1/auth/tokens").json["items"] == []
        assert other.call("DELETE", f"/v1/auth/tokens/{ids[0]}").status == 404


def test_listens_with_long_details_come_in_answers_that_lambda_carries(
    person: Person, scrobbler: Callable[..., Any]
) -> None:
    details = {f"note{number}": "n" * 900 for number in range(10)}
    times = [1_700_000_000 + 300 * number for number in range(600)]
    for start in range(0, 600, 50):
        payload = [listen(at, "Abba", f"Song {at}", **details) for at in times[start : start + 50]]
        submitted = scrobbler("POST", "/1/submit-listens", {"listen_type": "import", "payload": payload})
        assert submitted.status == 200, submitted.text
    name = scrobbler("GET", "/1/validate-token").json["user_name"]
    seen: list[int] = []
    query = "count=1000"
    while True:
        answer = scrobbler("GET", f"/1/user/{name}/listens?{query}")
        assert answer.status == 200
        assert len(answer.text.encode()) < 5_000_000
        page = [one["listened_at"] for one in answer.json["payload"]["listens"]]
        if not page:
            break
        seen += page
        query = f"count=1000&max_ts={page[-1]}"
    assert seen == times[::-1]

"""Given a client of Last.fm's, when it talks to us, then we answer as Last.fm does."""

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import psycopg
import pytest

from musicconnect.platform import clock
from tests.integration.trends.plays.conftest import listen, plays
from tests.support.clock import ShiftedClock
from tests.support.functions import Answer, FunctionRunner, Person

NOW = int(clock.now().timestamp())
Client = Callable[..., Answer]


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def call(
    harness: FunctionRunner, method: str, *, http: str = "POST", path: str = "/2.0/", **sent: Any
) -> Answer:
    """As clients do: form in the body of a POST, JSON wanted, a signature that nobody can check."""
    query = {"format": "json", "api_key": "k", "api_sig": "0" * 32} | sent.pop("query", {})
    if http == "GET":
        query |= sent | {"method": method}
        return harness.call("GET", f"{path}?{urlencode(query)}")
    body = urlencode({"method": method} | sent)
    content = {"Content-Type": "application/x-www-form-urlencoded"}
    return harness.call("POST", f"{path}?{urlencode(query)}", raw=body, headers=content)


@pytest.fixture
def token(person: Person) -> dict[str, Any]:
    return dict(person.call("POST", "/v1/auth/tokens", {"name": "phone"}).json)


@pytest.fixture
def client(person: Person, token: dict[str, Any]) -> Client:
    """Calls methods with a session key."""
    session = call(
        person.harness, "auth.getMobileSession", username=token["user_name"], password=token["token"]
    )
    key = session.json["session"]["key"]
    return lambda method, **sent: call(person.harness, method, sk=key, **sent)


def scrobble(*tracks: tuple[str, str, Any]) -> dict[str, str]:
    sent = {}
    for index, (artist, track, at) in enumerate(tracks):
        sent |= {f"artist[{index}]": artist, f"track[{index}]": track, f"timestamp[{index}]": str(at)}
    return sent


class TestSigningIn:
    def test_with_a_personal_token_as_the_password(self, person: Person, token: dict[str, Any]) -> None:
        assert token["user_name"] == f"ada-lovelace-{person.id}"
        answer = call(person.harness, "auth.getMobileSession", username="any", password=token["token"])
        session = answer.json["session"]
        assert (session["name"], session["subscriber"]) == (token["user_name"], 0)
        assert call(person.harness, "user.getInfo", sk=session["key"]).json["user"]["name"] == session["name"]

    def test_with_what_md5_makes_of_name_and_token(self, person: Person, token: dict[str, Any]) -> None:
        secret = md5(token["user_name"] + md5(token["token"]))
        answer = call(person.harness, "auth.getMobileSession", username=token["user_name"], authToken=secret)
        key = answer.json["session"]["key"]
        assert call(person.harness, "track.love", sk=key, artist="Abba", track="SOS").json == {}
        header = {"Authorization": f"Token {key}"}
        assert person.harness.call("GET", "/1/validate-token", headers=header).json["valid"] is False

    @pytest.mark.parametrize("sent", [{"password": "x"}, {"password": "y" * 43}, {"authToken": "0" * 32}])
    def test_fails_with_anything_else(self, person: Person, sent: dict[str, str]) -> None:
        answer = call(person.harness, "auth.getMobileSession", username="ada", **sent)
        assert (answer.status, answer.json["error"]) == (403, 4)
        assert "uthentication failed".lower() in answer.json["message"].lower()

    def test_needs_post_and_a_password(self, person: Person, token: dict[str, Any]) -> None:
        answer = call(person.harness, "auth.getMobileSession", http="GET", password=token["token"])
        assert (answer.status, answer.json["error"]) == (403, 4)
        assert call(person.harness, "auth.getMobileSession", username="ada").json["error"] == 6

    def test_ends_with_the_token(self, person: Person, token: dict[str, Any], client: Client) -> None:
        assert client("user.getInfo").status == 200
        person.call("DELETE", f"/v1/auth/tokens/{token['id']}")
        for method in ("user.getInfo", "track.scrobble", "track.love"):
            answer = client(method, artist="Abba", track="SOS", timestamp=NOW - 100)
            assert (answer.status, answer.json["error"]) == (403, 9)


class TestSigningInOnAPage:
    def test_gives_one_session_once_it_is_agreed(self, person: Person) -> None:
        harness = person.harness
        token = call(harness, "auth.getToken", http="GET").json["token"]
        answer = call(harness, "auth.getSession", http="GET", token=token)
        assert (answer.status, answer.json["error"]) == (403, 14)
        approval = {"token": token, "app": "Last.fm: scrobbler"}
        assert person.call("POST", "/v1/auth/apps", approval).status == 204
        session = call(harness, "auth.getSession", http="GET", token=token).json["session"]
        assert session["name"] == f"ada-lovelace-{person.id}"
        assert call(harness, "track.love", sk=session["key"], artist="Abba", track="SOS").json == {}
        assert call(harness, "auth.getSession", http="GET", token=token).json["error"] == 4
        (listed,) = person.call("GET", "/v1/auth/tokens").json["items"]
        assert listed["name"] == "Last.fm: scrobbler"
        person.call("DELETE", f"/v1/auth/tokens/{listed['id']}")
        assert call(harness, "user.getInfo", sk=session["key"]).json["error"] == 9

    def test_two_people_with_the_same_program_get_their_own(self, person: Person) -> None:
        harness, other = person.harness, person.harness.sign_up(display_name="Bob")
        asked = [call(harness, "auth.getToken").json["token"] for _ in range(2)]
        for one, token in zip((person, other), asked, strict=True):
            one.call("POST", "/v1/auth/apps", {"token": token, "app": "x"})
        names = [call(harness, "auth.getSession", token=token).json["session"]["name"] for token in asked]
        assert names == [f"ada-lovelace-{person.id}", f"bob-{other.id}"]

    def test_is_over_after_an_hour(self, person: Person, shifted_clock: ShiftedClock) -> None:
        token = call(person.harness, "auth.getToken").json["token"]
        person.call("POST", "/v1/auth/apps", {"token": token, "app": "x"})
        shifted_clock.set_offset(61 * 60)
        answer = call(person.harness, "auth.getSession", token=token)
        assert (answer.status, answer.json["error"]) == (403, 15)

    @pytest.mark.parametrize("token", ["x", "0" * 31, "z" * 32])
    def test_needs_a_token_of_ours(self, person: Person, token: str) -> None:
        assert call(person.harness, "auth.getSession", token=token).json["error"] == 4
        assert person.call("POST", "/v1/auth/apps", {"token": token, "app": "x"}).status == 422

    def test_is_on_a_page_that_programs_find(self, person: Person) -> None:
        answer = person.harness.call("GET", "/api/auth/?api_key=k&token=t")
        assert (answer.status, answer.headers["location"]) == (302, "/api/auth?api_key=k&token=t")


class TestScrobbling:
    def test_one_is_an_object(self, client: Client, person: Person) -> None:
        answer = client(
            "track.scrobble", artist="Portishead", track="Roads", timestamp=NOW - 400, album="Dummy",
            albumArtist="Portishead", trackNumber="8", duration="303", mbid="",
        )  # fmt: skip
        assert answer.json == {
            "scrobbles": {
                "@attr": {"accepted": 1, "ignored": 0},
                "scrobble": {
                    "track": {"corrected": "0", "#text": "Roads"},
                    "artist": {"corrected": "0", "#text": "Portishead"},
                    "album": {"corrected": "0", "#text": "Dummy"},
                    "albumArtist": {"corrected": "0", "#text": "Portishead"},
                    "timestamp": str(NOW - 400),
                    "ignoredMessage": {"code": "0", "#text": ""},
                },
            }
        }
        (play,) = plays(person)
        assert (play["title"], play["album"], play["duration_ms"]) == ("Roads", "Dummy", 303_000)
        assert (play["source"], play["kind"]) == ("lastfm", "play")

    @pytest.mark.parametrize("count", [2, 50, 51])
    def test_several_are_an_array_in_order(self, client: Client, person: Person, count: int) -> None:
        sent = [("Abba", f"Song {n}", NOW - 1000 - 300 * n) for n in range(count)]
        answer = client("track.scrobble", **scrobble(*sent)).json["scrobbles"]
        assert answer["@attr"] == {"accepted": count, "ignored": 0}
        assert [one["track"]["#text"] for one in answer["scrobble"]] == [track for _, track, _ in sent]
        assert len(plays(person)) == count

    def test_what_is_none_is_ignored_and_the_others_are_taken(self, client: Client, person: Person) -> None:
        sent = scrobble(
            ("Abba", "SOS", NOW - 100), ("Abba", "Eagle", 99), ("Abba", "Tiger", NOW + 7200),
            ("Abba", "Medley", ""), ("", "Nobody", NOW - 900), ("Abba", "", NOW - 1300),
            ("Abba", "Waterloo", NOW - 1700),
        )  # fmt: skip
        answer = client("track.scrobble", **sent).json["scrobbles"]
        assert answer["@attr"] == {"accepted": 2, "ignored": 5}
        codes = [one["ignoredMessage"]["code"] for one in answer["scrobble"]]
        assert codes == ["0", "3", "4", "3", "1", "2", "0"]
        assert [one["title"] for one in plays(person)] == ["Waterloo", "SOS"]

    def test_the_same_again_is_accepted_and_no_other_play(self, client: Client, person: Person) -> None:
        for _ in range(2):
            answer = client("track.scrobble", artist="Abba", track="SOS", timestamp=NOW - 100)
            assert answer.json["scrobbles"]["@attr"] == {"accepted": 1, "ignored": 0}
        assert len(plays(person)) == 1

    def test_a_play_that_comes_through_both_doors_is_one(
        self, client: Client, scrobbler: Client, person: Person
    ) -> None:
        client("track.scrobble", artist="Abba", track="SOS", timestamp=NOW - 100)
        body = {"listen_type": "single", "payload": [listen(NOW - 97, "ABBA", "SOS")]}
        assert scrobbler("POST", "/1/submit-listens", body).status == 200
        (play,) = plays(person)
        assert {play["source"], *play["also_from"]} == {"lastfm", "listenbrainz"}

    @pytest.mark.parametrize("sent", [{}, {"artist": "Abba"}, {"artist": "Abba", "track": "SOS"}])
    def test_nothing_at_all_is_an_error(self, client: Client, sent: dict[str, str]) -> None:
        answer = client("track.scrobble", **sent)
        assert (answer.status, answer.json["error"]) == (400, 6)

    def test_everything_may_be_in_the_query(
        self, person: Person, client: Client, token: dict[str, Any]
    ) -> None:
        sent = scrobble(("Abba", "SOS", NOW - 100)) | {"sk": token["token"], "method": "track.scrobble"}
        answer = person.harness.call("POST", f"/2.0?format=json&{urlencode(sent)}", raw="")
        assert answer.json["scrobbles"]["@attr"]["accepted"] == 1

    def test_one_is_deleted_for_good(self, client: Client, person: Person) -> None:
        sent = {"artist": "Abba", "track": "SOS", "timestamp": NOW - 100}
        client("track.scrobble", **sent)
        assert client("library.removeScrobble", **sent).json == {"lfm": {"status": "ok"}}
        client("track.scrobble", **sent)
        assert plays(person) == []


class TestNowPlaying:
    @pytest.mark.parametrize("method", ["track.updateNowPlaying", "track.updatenowplaying"])
    def test_is_told_and_is_no_play(self, client: Client, person: Person, method: str) -> None:
        answer = client(method, artist="Abba", track="SOS", duration="200")
        assert answer.json["nowplaying"]["track"] == {"corrected": "0", "#text": "SOS"}
        assert answer.json["nowplaying"]["ignoredMessage"] == {"code": "0", "#text": ""}
        assert plays(person) == []
        (track,) = client("user.getRecentTracks").json["recenttracks"]["track"]
        assert track["@attr"] == {"nowplaying": "true"}
        assert "date" not in track

    def test_ends_with_the_scrobble(self, client: Client) -> None:
        client("track.updateNowPlaying", artist="Abba", track="SOS")
        client("track.scrobble", artist="Abba", track="SOS", timestamp=NOW - 100)
        (track,) = client("user.getRecentTracks").json["recenttracks"]["track"]
        assert track["date"]["uts"] == str(NOW - 100)

    def test_ends_with_the_track(self, client: Client, shifted_clock: ShiftedClock) -> None:
        client("track.updateNowPlaying", artist="Abba", track="SOS", duration="200")
        shifted_clock.set_offset(210)
        assert client("user.getRecentTracks").json["recenttracks"]["track"] == []


class TestReading:
    def test_recent_tracks_come_page_by_page(self, client: Client) -> None:
        client("track.scrobble", **scrobble(*[("Abba", f"Song {n}", NOW - 1000 * n - 9) for n in range(5)]))

        def page(**query: Any) -> tuple[list[str], dict[str, str]]:
            found = client("user.getRecentTracks", query=query).json["recenttracks"]
            return [one["name"] for one in found["track"]], found["@attr"]

        names, attributes = page(limit=2, page=2)
        assert names == ["Song 2", "Song 3"]
        assert {name: attributes[name] for name in ("page", "perPage", "totalPages", "total")} == {
            "page": "2", "perPage": "2", "totalPages": "3", "total": "5",
        }  # fmt: skip
        assert page(limit=2, page=9)[0] == []
        assert page(**{"from": NOW - 2009, "to": NOW - 1009})[0] == ["Song 1", "Song 2"]

    @pytest.mark.parametrize("count", [0, 1, 2])
    def test_tracks_are_always_an_array(self, client: Client, count: int) -> None:
        for n in range(count):
            client("track.scrobble", artist="Abba", track=f"Song {n}", timestamp=NOW - 1000 * n - 9)
        found = client("user.getRecentTracks").json["recenttracks"]
        assert len(found["track"]) == count
        assert found["@attr"]["totalPages"] == str(min(count, 1))

    def test_a_user_is_described(self, client: Client, person: Person) -> None:
        client("track.scrobble", **scrobble(("Abba", "SOS", NOW - 100), ("Abba", "Eagle", NOW - 900)))
        user = client("user.getinfo").json["user"]
        assert (user["playcount"], user["track_count"], user["artist_count"]) == ("2", "2", "1")
        assert user["registered"]["#text"] == NOW - 900

    def test_others_are_read_only_if_they_are_public(
        self, client: Client, person: Person, token: dict[str, Any]
    ) -> None:
        client("track.scrobble", artist="Abba", track="SOS", timestamp=NOW - 100)
        other = person.harness.sign_up().call("POST", "/v1/auth/tokens", {"name": "x"}).json["token"]

        def read(user: str, **sent: str) -> Answer:
            return call(person.harness, "user.getRecentTracks", http="GET", user=user, **sent)

        for answer in (read(token["user_name"]), read(token["user_name"], sk=other), read("nobody-1")):
            assert (answer.status, answer.json["error"]) == (403, 17)
        person.call("POST", "/v1/plays/sharing", {"is_public": True})
        for answer in (read(token["user_name"]), read(token["user_name"], sk=other)):
            assert len(answer.json["recenttracks"]["track"]) == 1

    def test_love_is_shown(self, client: Client) -> None:
        client("track.scrobble", **scrobble(("Abba", "SOS", NOW - 100), ("Abba", "Eagle", NOW - 900)))
        client("track.love", artist="ABBA", track="sos")
        recent = client("user.getRecentTracks", query={"extended": "1"}).json["recenttracks"]["track"]
        assert [(one["loved"], one["artist"]["name"]) for one in recent] == [("1", "Abba"), ("0", "Abba")]
        (loved,) = client("user.getLovedTracks").json["lovedtracks"]["track"]
        assert (loved["name"], loved["artist"]["name"]) == ("sos", "ABBA")
        client("track.unlove", artist="Abba", track="SOS")
        assert client("user.getLovedTracks").json["lovedtracks"]["track"] == []


class TestFormats:
    def test_the_answer_is_xml_unless_json_is_wanted(self, person: Person, token: dict[str, Any]) -> None:
        sent = {
            "method": "track.updateNowPlaying",
            "sk": token["token"],
            "artist": "A & B",
            "track": '"<]]>🎵',
        }
        answer = person.harness.call("POST", "/2.0/", raw=urlencode(sent))
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        root = ElementTree.fromstring(answer.text.encode())
        assert (root.attrib["status"], root.findtext("nowplaying/track")) == ("ok", '"<]]>🎵')
        accepting = {"Accept": "application/json"}
        answer = person.harness.call("POST", "/2.0/", raw=urlencode(sent), headers=accepting)
        assert answer.json["nowplaying"]["artist"]["#text"] == "A & B"

    def test_errors_have_a_code_and_a_status_in_both(self, person: Person) -> None:
        for sent, status, code in (
            ({"method": "no.such"}, 400, 3), ({}, 400, 3), ({"format": "yaml"}, 400, 5),
            ({"method": "track.scrobble", "sk": "x"}, 403, 9), ({"method": "track.scrobble"}, 403, 9),
            ({"hs": "true", "p": "1.2"}, 400, 3),
        ):  # fmt: skip
            answer = person.harness.call("POST", "/2.0/", raw=urlencode(sent))
            assert answer.status == status
            root = ElementTree.fromstring(answer.text.encode())
            assert (root.attrib["status"], root[0].attrib["code"]) == ("failed", str(code))
            if "format" not in sent:
                answer = person.harness.call("POST", "/2.0/", raw=urlencode(sent | {"format": "json"}))
                assert (answer.status, answer.json["error"]) == (status, code)

    def test_the_old_handshake_is_refused_in_words(self, person: Person) -> None:
        answer = person.harness.call("GET", "/2.0/?hs=true&p=1.2&u=ada&t=1&a=x&format=json")
        assert "1.2" in answer.json["message"]

    @pytest.mark.parametrize("method", ["DELETE", "PUT", "TRACE"])
    def test_another_method_of_http_is_an_error_of_lastfm(self, person: Person, method: str) -> None:
        answer = person.harness.call(method, "/2.0/?format=json")
        assert (answer.status, answer.json["error"]) == (405, 6)
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"

    def test_a_body_that_is_no_text_is_an_error_of_lastfm(self, person: Person) -> None:
        answer = person.harness.call("POST", "/2.0?format=json", raw="/w==", is_base64=True)
        assert (answer.status, answer.json["error"]) == (400, 6)


class TestTrouble:
    def test_a_database_that_is_away_is_error_16(self, person: Person, core_harness: FunctionRunner) -> None:
        away = FunctionRunner("postgresql://nobody@127.0.0.1:1/nothing", core_harness.environment)
        answer = _invoke(away, {"method": "track.scrobble", "sk": "x" * 43, "format": "json"})
        assert (answer.status, answer.json["error"]) == (503, 16)
        assert "temporarily unavailable" in answer.json["message"]

    def test_a_request_that_takes_too_long_is_error_16(
        self, person: Person, token: dict[str, Any], core_harness: FunctionRunner
    ) -> None:
        sent = {"method": "track.scrobble", "sk": token["token"], **scrobble(("Abba", "SOS", NOW - 100))}
        with psycopg.connect(core_harness.database_url) as other:
            other.execute("SELECT trends.lock_user(%s)", [person.id])
            answer = _invoke(core_harness, sent, remaining_ms=3_500)
        root = ElementTree.fromstring(answer.text.encode())
        assert (answer.status, root[0].attrib["code"]) == (503, "16")


def _invoke(harness: FunctionRunner, sent: dict[str, str], **options: int) -> Answer:
    http = {"method": "POST", "path": "/2.0", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9"}
    event = {
        "version": "2.0", "routeKey": "POST /2.0", "rawPath": "/2.0", "rawQueryString": "", "headers": {},
        "requestContext": {"http": http, "domainName": "x", "requestId": "r", "stage": "$default"},
        "body": urlencode(sent), "isBase64Encoded": False,
    }  # fmt: skip
    if sent.get("format"):
        event["queryStringParameters"] = {"format": sent["format"]}
    answer = harness.invoke("trends_scrobbling_api", event, **options)
    return Answer(answer["statusCode"], {}, answer["body"])

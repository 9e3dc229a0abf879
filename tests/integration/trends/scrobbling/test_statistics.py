"""Given what somebody has played and loved, then ListenBrainz's clients are told as they expect it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from musicconnect.platform import clock
from tests.integration.trends.plays.conftest import Scrobbler, listen
from tests.support.functions import Person

NOW = clock.now().replace(microsecond=0)


def played(scrobbler: Scrobbler, person: Person, *listens: tuple[datetime, str, str, str]) -> str:
    """Submit listens and let the roll-up count them; gives the user's name."""
    sent = []
    for at, artist, track, album in listens:
        one = listen(int(at.timestamp()), artist, track)
        one["track_metadata"]["release_name"] = album
        sent.append(one)
    assert scrobbler("POST", "/1/submit-listens", {"listen_type": "import", "payload": sent}).status == 200
    person.harness.invoke("trends_rollup", {})
    return str(scrobbler("GET", "/1/validate-token").json["user_name"])


class TestStatistics:
    def test_what_was_played_most(self, scrobbler: Scrobbler, person: Person) -> None:
        at = NOW - timedelta(days=40)
        name = played(
            scrobbler, person,
            *[(at - timedelta(hours=n), "Portishead", "Roads", "Dummy") for n in range(3)],
            (at, "Portishead", "Glory Box", "Dummy"), (at, "Abba", "SOS", "ABBA"),
        )  # fmt: skip

        def payload(entity: str, query: str = "") -> dict[str, Any]:
            return dict(scrobbler("GET", f"/1/stats/user/{name}/{entity}{query}").json["payload"])

        artists = payload("artists")
        assert [(one["artist_name"], one["listen_count"]) for one in artists["artists"]] == [
            ("Portishead", 4), ("Abba", 1),
        ]  # fmt: skip
        assert artists["artists"][0]["artist_mbid"] is None
        assert (artists["count"], artists["total_artist_count"], artists["offset"]) == (2, 2, 0)
        assert (artists["user_id"], artists["range"]) == (name, "all_time")
        releases = payload("releases", "?count=1")
        assert releases["releases"][0]["release_name"] == "Dummy"
        assert (releases["count"], releases["total_release_count"]) == (1, 2)
        groups = payload("release-groups", "?offset=1")
        assert [one["release_group_name"] for one in groups["release_groups"]] == ["ABBA"]
        recordings = payload("recordings", "?range=all_time&offset=0&count=1000")
        assert recordings["recordings"][0]["track_name"] == "Roads"
        assert recordings["total_recording_count"] == 3
        assert payload("recordings", "?offset=50")["recordings"] == []

    def test_nothing_is_204(self, scrobbler: Scrobbler, person: Person) -> None:
        name = played(scrobbler, person, (NOW - timedelta(days=800), "Abba", "SOS", "ABBA"))
        for entity in ("artists", "releases", "recordings", "listening-activity", "daily-activity"):
            answer = scrobbler("GET", f"/1/stats/user/{name}/{entity}?range=this_week")
            assert (answer.status, answer.text) == (204, "")

    @pytest.mark.parametrize(
        ("path", "status", "error"),
        [
            ("artists?range=decade", 400, "Invalid range: decade"),
            ("artists?count=-1", 400, "should be non-negative"),
            ("artists?offset=x", 400, "should be non-negative"),
            ("genres", 404, ""),
        ],
    )
    def test_what_is_not_known_is_refused(
        self, scrobbler: Scrobbler, path: str, status: int, error: str
    ) -> None:
        name = scrobbler("GET", "/1/validate-token").json["user_name"]
        answer = scrobbler("GET", f"/1/stats/user/{name}/{path}")
        assert (answer.status, answer.json["code"]) == (status, status)
        assert error in answer.json["error"]

    def test_activity_holds_the_range_before_and_zeros(self, scrobbler: Scrobbler, person: Person) -> None:
        name = played(scrobbler, person, (NOW, "Abba", "SOS", "ABBA"), (NOW, "Abba", "Eagle", "ABBA"))
        payload = scrobbler("GET", f"/1/stats/user/{name}/listening-activity?range=this_week").json["payload"]
        steps = payload["listening_activity"]
        assert (len(steps), sum(one["listen_count"] for one in steps)) == (14, 2)
        assert all(one["to_ts"] + 1 == after["from_ts"] for one, after in pairwise(steps))
        assert steps[0]["time_range"].startswith("Monday ")
        assert steps[7]["from_ts"] == payload["from_ts"]
        (ever,) = scrobbler("GET", f"/1/stats/user/{name}/listening-activity").json["payload"][
            "listening_activity"
        ]
        assert ever["listen_count"] == 2

    def test_a_day_has_24_hours_in_the_users_zone(self, scrobbler: Scrobbler, person: Person) -> None:
        at = datetime(2026, 1, 5, 22, 30, tzinfo=UTC)  # a Monday, 23:30 in Berlin
        name = played(scrobbler, person, (at, "Abba", "SOS", "ABBA"))
        activity = scrobbler("GET", f"/1/stats/user/{name}/daily-activity").json["payload"]["daily_activity"]
        assert list(activity) == [
            "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
        ]  # fmt: skip
        assert all([hour["hour"] for hour in hours] == list(range(24)) for hours in activity.values())
        assert [hour["hour"] for hour in activity["Monday"] if hour["listen_count"]] == [23]

    def test_others_read_them_only_if_they_are_public(self, scrobbler: Scrobbler, person: Person) -> None:
        name = played(scrobbler, person, (NOW, "Abba", "SOS", "ABBA"))
        path = f"/1/stats/user/{name}/artists"
        assert person.harness.call("GET", path).status == 401
        person.call("POST", "/v1/plays/sharing", {"is_public": True})
        assert person.harness.call("GET", path).status == 200


class TestFeedback:
    @pytest.fixture
    def recording(self, scrobbler: Scrobbler, person: Person) -> str:
        name = played(scrobbler, person, (NOW - timedelta(minutes=9), "Abba", "SOS", "ABBA"))
        (one,) = scrobbler("GET", f"/1/user/{name}/listens").json["payload"]["listens"]
        return str(one["recording_msid"])

    @staticmethod
    def feedback(scrobbler: Scrobbler, query: str = "") -> list[dict[str, Any]]:
        name = scrobbler("GET", "/1/validate-token").json["user_name"]
        answer = scrobbler("GET", f"/1/feedback/user/{name}/get-feedback{query}")
        assert answer.status == 200, answer.text
        assert answer.json["count"] == len(answer.json["feedback"])
        return list(answer.json["feedback"])

    def test_is_kept_changed_and_taken_back(self, scrobbler: Scrobbler, recording: str) -> None:
        for score in (1, -1):
            body = {"recording_msid": recording, "score": score}
            assert scrobbler("POST", "/1/feedback/recording-feedback", body).json == {"status": "ok"}
            (one,) = self.feedback(scrobbler, "?metadata=true")
            assert (one["recording_msid"], one["recording_mbid"], one["score"]) == (recording, None, score)
            assert one["track_metadata"] == {
                "track_name": "SOS", "artist_name": "Abba", "release_name": "ABBA",
            }  # fmt: skip
        assert self.feedback(scrobbler)[0]["track_metadata"] is None
        assert self.feedback(scrobbler, "?score=1") == []
        scrobbler("POST", "/1/feedback/recording-feedback", {"recording_msid": recording, "score": 0})
        assert self.feedback(scrobbler) == []

    def test_may_be_of_what_was_never_played(self, scrobbler: Scrobbler) -> None:
        ids = ["6b2fb9f4-b9b5-4a3e-8d65-2b6b0a1c2d3e", "7b2fb9f4-b9b5-4a3e-8d65-2b6b0a1c2d3e"]
        for kind, recording in zip(("recording_mbid", "recording_msid"), ids, strict=True):
            scrobbler("POST", "/1/feedback/recording-feedback", {kind: recording, "score": 1})
        found = self.feedback(scrobbler, "?metadata=true")
        assert [one["track_metadata"] for one in found] == [None, None]
        assert self.feedback(scrobbler, "?count=1&offset=1") == self.feedback(scrobbler)[1:]

    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_is_told_of_those_that_are_asked_for(
        self, scrobbler: Scrobbler, recording: str, method: str
    ) -> None:
        scrobbler("POST", "/1/feedback/recording-feedback", {"recording_msid": recording, "score": -1})
        other = "6b2fb9f4-b9b5-4a3e-8d65-2b6b0a1c2d3e"
        name = scrobbler("GET", "/1/validate-token").json["user_name"]
        path = f"/1/feedback/user/{name}/get-feedback-for-recordings"
        if method == "GET":
            answer = scrobbler("GET", f"{path}?recording_msids={other},{recording}&recording_mbids={other}")
        else:
            body = {"recording_msids": [other, recording], "recording_mbids": [other]}
            answer = scrobbler("POST", path, body)
        assert [one["score"] for one in answer.json["feedback"]] == [0, -1, 0]

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ({"score": 1}, "must contain either recording_msid or recording_mbid"),
            ({"recording_msid": "x"}, "must contain either recording_msid or recording_mbid"),
            ([], "must contain either recording_msid or recording_mbid"),
            ({"recording_msid": "x", "score": 1}, "must be a valid UUID"),
            ({"recording_mbid": 5, "score": 1}, "must be a valid UUID"),
            ({"recording_msid": {}, "score": 1}, "must be a valid UUID"),
            ({"recording_msid": False, "score": 1}, "must be a valid UUID"),
            ({"recording_msid": "x", "score": 1, "extra": 1}, "may only contain recording_msid"),
            (
                {"recording_mbid": "6b2fb9f4-b9b5-4a3e-8d65-2b6b0a1c2d3e", "score": 2},
                "score can have a value of 1, 0 or -1",
            ),
        ],
    )
    def test_that_is_none_is_refused(self, scrobbler: Scrobbler, body: Any, error: str) -> None:
        answer = scrobbler("POST", "/1/feedback/recording-feedback", body)
        assert (answer.status, answer.json["code"]) == (400, 400)
        assert error in answer.json["error"]

    def test_is_nobody_elses(self, scrobbler: Scrobbler, person: Person, recording: str) -> None:
        scrobbler("POST", "/1/feedback/recording-feedback", {"recording_msid": recording, "score": 1})
        person.call("POST", "/v1/plays/sharing", {"is_public": True})
        name = scrobbler("GET", "/1/validate-token").json["user_name"]
        assert person.harness.call("GET", f"/1/feedback/user/{name}/get-feedback").status == 401

    def test_is_the_same_through_both_apis(
        self, scrobbler: Scrobbler, person: Person, recording: str
    ) -> None:
        token = person.call("POST", "/v1/auth/tokens", {"name": "x"}).json["token"]

        def lastfm(method: str) -> Any:
            sent = f"method={method}&sk={token}&format=json&artist=ABBA&track=sos"
            return person.harness.call("POST", "/2.0/", raw=sent).json

        lastfm("track.love")
        assert [one["recording_msid"] for one in self.feedback(scrobbler, "?score=1")] == [recording]
        scrobbler("POST", "/1/feedback/recording-feedback", {"recording_msid": recording, "score": -1})
        assert lastfm("user.getLovedTracks")["lovedtracks"]["track"] == []
        scrobbler("POST", "/1/feedback/recording-feedback", {"recording_msid": recording, "score": 1})
        assert [one["name"] for one in lastfm("user.getLovedTracks")["lovedtracks"]["track"]] == ["SOS"]

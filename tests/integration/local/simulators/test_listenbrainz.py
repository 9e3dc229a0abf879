"""What the ListenBrainz simulator does: tokens, lists, playlists by position, limits, errors."""

import uuid
from typing import Any

import pytest

from local.simulators.listenbrainz.playlists import PLAYLIST_EXTENSION, RECORDING_URI, TRACK_EXTENSION
from tests.integration.local.simulators.listenbrainz_factories import ListenBrainz, jspf, named

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def token(listenbrainz: ListenBrainz) -> str:
    return listenbrainz.token()


def tracks_of(shown: dict[str, Any]) -> list[str]:
    """The recordings of a playlist as it is shown."""
    return [one["identifier"][0].removeprefix(RECORDING_URI) for one in shown["playlist"]["track"]]


# --- tokens -------------------------------------------------------------------------------------------


def test_a_token_is_checked_by_a_call_that_always_answers_200(listenbrainz: ListenBrainz, token: str) -> None:
    assert listenbrainz.get("/validate-token", token) == {
        "code": 200, "message": "Token valid.", "valid": True, "user_name": "Ada",
    }  # fmt: skip
    assert listenbrainz.get("/validate-token", NOBODY)["valid"] is False
    by_query = listenbrainz.http.get(f"{listenbrainz.url}/1/validate-token?token={token}", timeout=10)
    assert by_query.json()["valid"] is True
    assert "Authorization" in listenbrainz.refused(400, "GET", "/validate-token")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/playlist/create"), ("POST", "/metadata/lookup/"), ("GET", "/metadata/lookup/"),
     ("POST", "/metadata/recording/"), ("POST", f"/playlist/{NOBODY}/item/add")],
)  # fmt: skip
def test_what_needs_a_token_is_401_without_one_and_with_a_wrong_one(
    listenbrainz: ListenBrainz, method: str, path: str
) -> None:
    assert "Authorization" in listenbrainz.refused(401, method, path)
    assert "Invalid" in listenbrainz.refused(401, method, path, str(uuid.uuid4()))


def test_a_token_that_was_replaced_is_no_longer_good(listenbrainz: ListenBrainz, token: str) -> None:
    new = listenbrainz.control("POST", "users/ada/reset-token")["token"]
    assert listenbrainz.get("/validate-token", token)["valid"] is False
    listenbrainz.refused(401, "GET", "/user/Ada/playlists", token)
    assert listenbrainz.get("/user/Ada/playlists", new)["playlist_count"] == 1


# --- lists --------------------------------------------------------------------------------------------


def test_playlists_come_in_pages_without_tracks_the_newest_first(
    listenbrainz: ListenBrainz, token: str, mbids: list[str]
) -> None:
    for number in range(30):
        listenbrainz.new_playlist(mbids[:2], name=f"List {number}")
    first = listenbrainz.get("/user/ada/playlists", token)
    assert (first["playlist_count"], first["count"], first["offset"], len(first["playlists"])) == (
        31, 25, 0, 25,
    )  # fmt: skip
    assert first["playlists"][0]["playlist"]["title"] == "List 29"
    assert first["playlists"][0]["playlist"]["track"] == []
    rest = listenbrainz.get("/user/ada/playlists", token, count=25, offset=25)
    assert [one["playlist"]["title"] for one in rest["playlists"]][-2:] == ["List 0", "Morning listens"]
    assert listenbrainz.get("/user/ada/playlists", token, offset=99)["playlists"] == []
    for bad in ("many", -1):
        assert "count" in listenbrainz.refused(400, "GET", "/user/ada/playlists", token, count=bad)
    assert "nobody" in listenbrainz.refused(404, "GET", "/user/nobody/playlists", token)


def test_private_ones_are_listed_and_shown_to_their_owner_and_collaborators_only(
    listenbrainz: ListenBrainz, token: str, mbids: list[str]
) -> None:
    private = listenbrainz.new_playlist(mbids[:1], name="Mine")
    public = listenbrainz.new_playlist(mbids[:1], name="All", public=True)
    grace = listenbrainz.token("grace")
    for someone in (None, grace):
        shown = listenbrainz.get("/user/ada/playlists", someone)
        assert [one["playlist"]["title"] for one in shown["playlists"]] == ["All"]
        listenbrainz.refused(404, "GET", f"/playlist/{private}", someone)
        assert tracks_of(listenbrainz.get(f"/playlist/{public}", someone)) == mbids[:1]
    listenbrainz.control("POST", f"users/grace/collaborate/{private}")
    assert tracks_of(listenbrainz.get(f"/playlist/{private}", grace)) == mbids[:1]
    listenbrainz.post(f"/playlist/{private}/item/add", grace, jspf(mbids[1]))
    listenbrainz.refused(403, "POST", f"/playlist/edit/{private}", grace, jspf(title="Hers"))
    listenbrainz.refused(403, "POST", f"/playlist/{private}/delete", grace)
    listenbrainz.refused(403, "POST", f"/playlist/{public}/item/add", grace, jspf(mbids[1]))


def test_a_playlist_comes_whole_and_what_nobody_knows_is_an_id_alone(
    listenbrainz: ListenBrainz, token: str, mbids: list[str]
) -> None:
    playlist = listenbrainz.new_playlist([*mbids[:300], {"dead": NOBODY}], description="Words")
    shown = listenbrainz.get(f"/playlist/{playlist}", token)["playlist"]
    assert len(shown["track"]) == 301
    assert shown["identifier"].endswith(playlist)
    assert (shown["title"], shown["creator"], shown["annotation"]) == ("Test", "Ada", "Words")
    own = shown["extension"][PLAYLIST_EXTENSION]
    assert (own["public"], own["collaborators"]) == (False, [])
    assert own["last_modified_at"]
    known, unknown = shown["track"][0], shown["track"][300]
    assert known["title"]
    assert known["creator"]
    assert known["duration"] > 1000
    assert known["extension"][TRACK_EXTENSION]["added_by"] == "Ada"
    assert unknown.keys() == {"identifier", "extension"}
    listenbrainz.settings(identifiers_as_text=True)
    shown = listenbrainz.get(f"/playlist/{playlist}", token)["playlist"]
    assert shown["track"][0]["identifier"] == RECORDING_URI + mbids[0]


@pytest.mark.parametrize(("mbid", "status"), [("nonsense", 400), (NOBODY, 404)])
def test_what_is_no_id_is_400_and_what_is_not_there_404(
    listenbrainz: ListenBrainz, token: str, mbid: str, status: int
) -> None:
    assert listenbrainz.refused(status, "GET", f"/playlist/{mbid}", token)


# --- writing ------------------------------------------------------------------------------------------


def test_a_new_playlist_says_whether_it_is_public(
    listenbrainz: ListenBrainz, token: str, mbids: list[str]
) -> None:
    for body in (jspf(title="No word"), named(""), named("Numbers", public=1), {"nothing": {}}):
        assert listenbrainz.refused(400, "POST", "/playlist/create", token, body)
    many = named("Many", *mbids[:250])
    made = listenbrainz.post("/playlist/create", token, many)
    assert made["status"] == "ok"
    assert listenbrainz.truth(made["playlist_mbid"]) == mbids[:250], "creating is not capped"
    bad = named("Bad")
    bad["playlist"]["track"] = [{"identifier": ["https://example.org/1", RECORDING_URI + mbids[0]]}]
    assert "track 0" in listenbrainz.refused(400, "POST", "/playlist/create", token, bad), "the first counts"


def test_a_hundred_tracks_are_added_at_a_time_wherever_they_belong(
    listenbrainz: ListenBrainz, token: str, mbids: list[str]
) -> None:
    playlist = listenbrainz.new_playlist(mbids[:2])
    add = f"/playlist/{playlist}/item/add"
    assert "100" in listenbrainz.refused(400, "POST", add, token, jspf(*mbids[:101]))
    assert listenbrainz.truth(playlist) == mbids[:2], "all or none"
    assert listenbrainz.post(add, token, jspf(*mbids[2:102])) == {"status": "ok"}
    assert listenbrainz.post(f"{add}/1", token, jspf(NOBODY, mbids[0])) == {"status": "ok"}
    assert listenbrainz.truth(playlist) == [mbids[0], NOBODY, mbids[0], mbids[1], *mbids[2:102]]
    mixed = jspf(mbids[0])
    mixed["playlist"]["track"].append({"identifier": [f"{RECORDING_URI}nonsense"]})
    assert "track 1" in listenbrainz.refused(400, "POST", add, token, mixed)
    assert len(listenbrainz.truth(playlist)) == 104, "one bad id costs the call"


def test_entries_are_removed_and_moved_by_position_whatever_stands_there(
    listenbrainz: ListenBrainz, token: str, mbids: list[str]
) -> None:
    a, b, c, d, e = mbids[:5]
    playlist = listenbrainz.new_playlist([a, b, c, d])
    listenbrainz.post(f"/playlist/{playlist}/item/add/0", listenbrainz.token(), jspf(e))
    listenbrainz.post(f"/playlist/{playlist}/item/delete", token, {"index": 0, "count": 2})
    assert listenbrainz.truth(playlist) == [b, c, d], "somebody had put one in front"
    move = {"mbid": playlist, "from": 0, "to": 1, "count": 2}
    listenbrainz.post(f"/playlist/{playlist}/item/move", token, move)
    assert listenbrainz.truth(playlist) == [d, b, c]
    for body in ({"index": -1, "count": 1}, {"index": 0}, {"index": "0", "count": 1}):
        listenbrainz.refused(400, "POST", f"/playlist/{playlist}/item/delete", token, body)


def test_editing_drops_the_collaborators_that_are_not_named(
    listenbrainz: ListenBrainz, token: str, mbids: list[str]
) -> None:
    playlist = listenbrainz.new_playlist(mbids[:1], name="Ours", public=True)
    listenbrainz.control("POST", f"users/grace/collaborate/{playlist}")
    listenbrainz.post(
        f"/playlist/edit/{playlist}", token, jspf(annotation="<b>New</b> <script>words</script>")
    )
    shown = listenbrainz.get(f"/playlist/{playlist}", token)["playlist"]
    assert (shown["title"], shown["annotation"]) == ("Ours", "<b>New</b> words")
    own = shown["extension"][PLAYLIST_EXTENSION]
    assert (own["public"], own["collaborators"]) == (True, [])


def test_every_write_is_a_new_version_and_a_deleted_one_is_gone(
    listenbrainz: ListenBrainz, token: str, mbids: list[str]
) -> None:
    playlist = listenbrainz.new_playlist(mbids[:2])

    def version() -> str:
        shown = listenbrainz.get(f"/playlist/{playlist}", token)["playlist"]
        return str(shown["extension"][PLAYLIST_EXTENSION]["last_modified_at"])

    seen = {version()}
    for path, body in (
        (f"/playlist/{playlist}/item/add", jspf(mbids[3])),
        (f"/playlist/{playlist}/item/delete", {"index": 0, "count": 1}),
        (f"/playlist/edit/{playlist}", jspf(title="New")),
    ):
        listenbrainz.post(path, token, body)
        seen.add(version())
    assert len(seen) == 4
    listenbrainz.post(f"/playlist/{playlist}/delete", token)
    listenbrainz.refused(404, "GET", f"/playlist/{playlist}", token)


def test_a_write_whose_answer_is_lost_has_landed_and_its_repetition_lands_again(
    listenbrainz: ListenBrainz, token: str, mbids: list[str]
) -> None:
    """Nothing is idempotent: who repeats writes twice."""
    playlist = listenbrainz.new_playlist([])
    fault = {"endpoint": "POST /1/playlist/{mbid}/item/add", "as": "server_error", "applied": True}
    listenbrainz.control("POST", "faults", fault)
    listenbrainz.refused(500, "POST", f"/playlist/{playlist}/item/add", token, jspf(mbids[0]))
    listenbrainz.post(f"/playlist/{playlist}/item/add", token, jspf(mbids[0]))
    assert listenbrainz.truth(playlist) == [mbids[0], mbids[0]]


# --- limits and errors --------------------------------------------------------------------------------


def test_thirty_calls_in_ten_seconds_from_one_address_whoever_makes_them(listenbrainz: ListenBrainz) -> None:
    people = [listenbrainz.token("ada"), listenbrainz.token("grace")]
    listenbrainz.quota(calls=30)
    answers = []
    for number in range(30):
        listenbrainz.stop_clock()  # All in one window, however slow the machine is.
        answers.append(listenbrainz.call("GET", "/validate-token", people[number % 2]))
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].headers["X-RateLimit-Limit"] == "30"
    assert [answers[at].headers["X-RateLimit-Remaining"] for at in (0, 29)] == ["29", "0"]
    listenbrainz.stop_clock()
    refused = listenbrainz.call("GET", "/validate-token", people[0])
    assert refused.status_code == 429
    assert refused.json()["error"].startswith("You have exceeded your rate limit.")
    assert 1 <= int(refused.headers["X-RateLimit-Reset-In"]) <= 10
    assert int(refused.headers["X-RateLimit-Reset"]) % 10 == 0
    listenbrainz.stop_clock("2026-12-01T09:00:10Z")
    assert listenbrainz.call("GET", "/validate-token", people[0]).status_code == 200


@pytest.mark.parametrize(
    ("name", "status"),
    [("rate_limited", 429), ("expired_token", 401), ("forbidden", 403), ("not_found", 404),
     ("server_error", 500), ("unavailable", 503)],
)  # fmt: skip
def test_ready_made_faults_have_the_form_of_its_errors(
    listenbrainz: ListenBrainz, token: str, name: str, status: int
) -> None:
    listenbrainz.control("POST", "faults", {"endpoint": "GET /1/playlist/{mbid}", "as": name})
    assert listenbrainz.refused(status, "GET", f"/playlist/{NOBODY}", token)


@pytest.mark.parametrize("body", ["no JSON", "[]", '{"playlist": []}'])
def test_a_body_that_cannot_be_read_is_400(listenbrainz: ListenBrainz, token: str, body: str) -> None:
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    url = f"{listenbrainz.url}/1/playlist/create"
    answer = listenbrainz.http.post(url, data=body, headers=headers, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["code"] == 400


def test_what_is_no_endpoint_is_404(listenbrainz: ListenBrainz, token: str) -> None:
    assert listenbrainz.refused(404, "GET", "/nothing", token)

"""Look-ups in the simulator: by ISRC and words as MusicBrainz, by names and ids as ListenBrainz."""

import uuid
from collections import Counter

import pytest

from local.simulators.listenbrainz.catalogue import MusicBrainzCatalogue, MusicBrainzRecording
from tests.integration.local.simulators.listenbrainz_factories import ListenBrainz

NAMES = "/metadata/lookup/"


@pytest.fixture
def token(listenbrainz: ListenBrainz) -> str:
    return listenbrainz.token()


@pytest.fixture(scope="module")
def known(musicbrainz: MusicBrainzCatalogue) -> list[MusicBrainzRecording]:
    """Recordings that names alone tell apart."""
    names = Counter((one.title.casefold(), one.artists[0]) for one in musicbrainz.recordings.values())
    return [
        one for one in musicbrainz.recordings.values()
        if one.isrcs and one.album and names[one.title.casefold(), one.artists[0]] == 1
    ]  # fmt: skip


def asked(one: MusicBrainzRecording) -> dict[str, str]:
    return {"artist_name": one.credit, "recording_name": one.title}


# --- MusicBrainz --------------------------------------------------------------------------------------


def test_an_isrc_leads_to_its_recordings(
    listenbrainz: ListenBrainz, known: list[MusicBrainzRecording]
) -> None:
    one = known[0]
    found = listenbrainz.musicbrainz(f"/isrc/{one.isrcs[0]}", inc="artist-credits releases").json()
    assert found["isrc"] == one.isrcs[0].upper()
    (recording,) = found["recordings"]
    assert (recording["id"], recording["title"], recording["length"]) == (one.id, one.title, one.length_ms)
    assert [credit["name"] for credit in recording["artist-credit"]] == list(one.artists)
    assert recording["releases"][0]["title"] == one.album
    bare = listenbrainz.musicbrainz(f"/isrc/{one.isrcs[0].lower()}").json()["recordings"][0]
    assert not {"artist-credit", "releases"} & bare.keys(), "only what was asked for"


def test_an_isrc_may_have_several_recordings(listenbrainz: ListenBrainz) -> None:
    track = {"title": "Twice", "artists": ["Somebody"], "duration_ms": 200_000, "isrc": "QZAAA2600001"}
    listenbrainz.new_playlist([{"track": track}, {"track": {**track, "disambiguation": "live"}}])
    found = listenbrainz.musicbrainz("/isrc/QZAAA2600001").json()["recordings"]
    assert sorted(one["disambiguation"] for one in found) == ["", "live"]


@pytest.mark.parametrize(
    ("isrc", "status"), [("nonsense", 400), ("US-AAA-26-00001", 400), ("ZZZZZ9999999", 404)]
)
def test_what_is_no_isrc_is_400_and_what_it_does_not_have_404(
    listenbrainz: ListenBrainz, isrc: str, status: int
) -> None:
    answer = listenbrainz.musicbrainz(f"/isrc/{isrc}")
    assert answer.status_code == status
    assert answer.json()["error"]


def test_words_find_recordings_the_best_first(
    listenbrainz: ListenBrainz, known: list[MusicBrainzRecording]
) -> None:
    one = known[1]
    found = listenbrainz.musicbrainz("/recording", query=f"{one.title} {one.artists[0]}", limit=5).json()
    assert len(found["recordings"]) <= 5
    assert one.id in [hit["id"] for hit in found["recordings"]]
    scores = [hit["score"] for hit in found["recordings"]]
    assert scores == sorted(scores, reverse=True)
    assert listenbrainz.musicbrainz("/recording", query=" ").status_code == 400


def test_a_caller_says_whom_to_write_to(listenbrainz: ListenBrainz) -> None:
    assert listenbrainz.musicbrainz("/recording", agent="curl/8", query="x").status_code == 403
    listenbrainz.settings(needs_contact=False)
    assert listenbrainz.musicbrainz("/recording", agent="curl/8", query="x").status_code == 200


def test_calls_that_come_too_fast_are_503_and_the_playlists_do_not_mind(
    listenbrainz: ListenBrainz, token: str
) -> None:
    listenbrainz.quota(musicbrainz=1)
    for second, path in enumerate(("/isrc/ZZZZZ9999999", "/recording")):  # What it lacks counts as well.
        listenbrainz.stop_clock(f"2026-12-01T09:00:1{second}Z")
        assert listenbrainz.musicbrainz(path, query="x").status_code in (200, 404)
        assert listenbrainz.control("GET", "quota")["musicbrainz"]["used"] == 1
    listenbrainz.quota(musicbrainz=0)
    busy = listenbrainz.musicbrainz("/isrc/ZZZZZ9999999")
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "1")
    assert "allowable rate limit" in busy.json()["error"]
    assert "X-RateLimit-Limit" not in busy.headers
    assert listenbrainz.call("GET", "/validate-token", token).status_code == 200
    quota = listenbrainz.control("GET", "quota")
    assert (quota["musicbrainz"]["limit"], quota["calls"]["limit"]) == (0, None)


def test_what_was_entered_since_is_found_and_what_was_removed_is_not(
    listenbrainz: ListenBrainz,
    token: str,
    musicbrainz: MusicBrainzCatalogue,
    known: list[MusicBrainzRecording],
) -> None:
    spotify_id, lacking = next((id_, one) for id_, one in musicbrainz.lacking.items() if one.isrcs)
    path = f"/isrc/{lacking.isrcs[0]}"
    assert listenbrainz.musicbrainz(path).status_code == 404
    made = listenbrainz.control("POST", "recordings", {"spotify": spotify_id})["id"]
    assert [one["id"] for one in listenbrainz.musicbrainz(path).json()["recordings"]] == [made]
    listenbrainz.control("DELETE", f"recordings/{known[0].id}")
    assert listenbrainz.musicbrainz(f"/isrc/{known[0].isrcs[0]}").status_code == 404
    body = {"recording_mbids": [known[0].id, made]}
    assert listenbrainz.post("/metadata/recording/", token, body).keys() == {made}


# --- ListenBrainz' look-ups ---------------------------------------------------------------------------


def test_names_are_answered_in_order_and_what_is_unknown_without_an_id(
    listenbrainz: ListenBrainz, token: str, known: list[MusicBrainzRecording]
) -> None:
    nothing = {"artist_name": "Nobody", "recording_name": "Nothing like it"}
    answer = listenbrainz.post(NAMES, token, {"recordings": [asked(known[0]), nothing, asked(known[1])]})
    assert [one["index"] for one in answer] == [0, 1, 2]
    assert [one.get("recording_mbid") for one in answer] == [known[0].id, None, known[1].id]
    assert answer[1].keys() == {"index", "artist_name_arg", "recording_name_arg"}
    assert answer[0]["artist_credit_name"] == known[0].credit
    assert answer[0]["release_name"] == known[0].album
    assert "length" not in answer[0], "how long it is has to be asked for"


def test_one_is_asked_for_by_get(
    listenbrainz: ListenBrainz, token: str, known: list[MusicBrainzRecording]
) -> None:
    assert listenbrainz.get(NAMES, token, **asked(known[0]))["recording_mbid"] == known[0].id
    assert listenbrainz.get(NAMES, token, artist_name="Nobody", recording_name="Nothing") == {}
    listenbrainz.refused(400, "GET", NAMES, token, artist_name="Nobody")


def test_a_near_miss_is_a_hit(
    listenbrainz: ListenBrainz, token: str, known: list[MusicBrainzRecording]
) -> None:
    wrong = {"artist_name": known[0].artists[0], "recording_name": "Something that it never sang"}
    assert "recording_mbid" not in listenbrainz.post(NAMES, token, {"recordings": [wrong]})[0]
    listenbrainz.settings(near_misses=True)
    (hit,) = listenbrainz.post(NAMES, token, {"recordings": [wrong]})
    assert hit["recording_mbid"]
    assert hit["recording_name"] != wrong["recording_name"]


@pytest.mark.parametrize(
    "recordings",
    [
        [], "x", [{"artist_name": "A"}], [{"artist_name": "A", "recording_name": "B"}] * 51,
        [{"artist_name": "A" * 200, "recording_name": "B" * 51}],
    ],
)  # fmt: skip
def test_fifty_names_of_250_characters_are_the_most(
    listenbrainz: ListenBrainz, token: str, recordings: object
) -> None:
    assert listenbrainz.refused(400, "POST", NAMES, token, {"recordings": recordings})


def test_ids_are_answered_with_lengths_and_what_is_unknown_is_missing(
    listenbrainz: ListenBrainz, token: str, known: list[MusicBrainzRecording]
) -> None:
    unknown = str(uuid.uuid4())
    body = {"recording_mbids": [known[0].id, unknown], "inc": "artist release"}
    answer = listenbrainz.post("/metadata/recording/", token, body)
    assert answer.keys() == {known[0].id}
    told = answer[known[0].id]
    assert (told["recording"]["name"], told["recording"]["length"]) == (known[0].title, known[0].length_ms)
    assert [artist["name"] for artist in told["artist"]["artists"]] == list(known[0].artists)
    assert told["release"]["name"] == known[0].album
    for count in (0, 1001):
        listenbrainz.refused(400, "POST", "/metadata/recording/", token, {"recording_mbids": ["x"] * count})

"""Links and their counterparts."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from local.simulators.catalogue import Catalogue, Recording
from tests.integration.providers.helpers import DAY, slug
from tests.integration.search.client import group, searches
from tests.support.functions import FunctionRunner, Person
from tests.support.postgres import sql
from tests.support.simulator import Simulator

RECORDINGS = {recording.key: recording for recording in Catalogue.load().recordings}
SALT = RECORDINGS["Kestrel Parade / Salt and Signal"]
ART_TRACK = next(upload for upload in SALT.uploads if upload.kind == "art_track")


def resolve(person: Person, url: str) -> dict[str, Any]:
    answer = person.call("GET", f"/v1/resolve?url={quote(url, safe='')}")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def track_url(recording: Recording = SALT, number: int = 0) -> str:
    return f"https://open.spotify.com/track/{recording.tracks[number].id}"


def video_url(recording: Recording = SALT) -> str:
    return f"https://youtu.be/{recording.uploads[0].video_id}"


def counterpart(resolved: dict[str, Any]) -> dict[str, Any]:
    (found,) = resolved["counterparts"]
    one: dict[str, Any] = found
    return one


def test_a_link_of_spotify_finds_the_video(person: Person, spotify: Simulator, youtube: Simulator) -> None:
    resolved = resolve(person, f"https://open.spotify.com/intl-de/track/{SALT.tracks[0].id}?si=abc")
    assert resolved["link"] == {
        "provider": "spotify", "type": "track", "id": SALT.tracks[0].id, "url": track_url(),
        "start_seconds": None, "playlist_id": None,
    }  # fmt: skip
    assert (resolved["item"]["title"], resolved["item"]["artists"]) == ("Salt and Signal", ["Kestrel Parade"])
    found = counterpart(resolved)
    assert (found["provider"], found["outcome"], found["source"]) == ("youtube", "matched", "search")
    assert found["item"]["id"] in {upload.video_id for upload in SALT.uploads if upload.same_recording}
    assert found["score"] > 90
    assert found["parts"].keys() >= {"title", "artist", "duration"}
    assert {"the titles agree", "the artists agree", "the lengths agree"} <= set(found["reasons"])
    assert found["confirmed_by"] == "score"
    assert (searches(spotify), searches(youtube)) == (0, 1)


def test_a_link_of_youtube_finds_the_track(person: Person, spotify: Simulator, youtube: Simulator) -> None:
    resolved = resolve(person, f"https://music.youtube.com/watch?v={ART_TRACK.video_id}&t=1m5s&list=PLabc")
    assert (resolved["link"]["start_seconds"], resolved["link"]["playlist_id"]) == (65, "PLabc")
    assert (resolved["item"]["type"], resolved["item"]["channel"]) == ("video", "Kestrel Parade - Topic")
    found = counterpart(resolved)
    assert (found["outcome"], found["item"]["type"]) == ("matched", "track")
    assert found["item"]["id"] in {track.id for track in SALT.tracks}
    assert searches(youtube) == 0


def test_the_second_time_nobody_is_asked_anything(
    person: Person, another: Person, spotify: Simulator, youtube: Simulator
) -> None:
    first = resolve(person, track_url())
    spotify.clear_calls()
    youtube.clear_calls()
    again = resolve(another, f"spotify:track:{SALT.tracks[0].id}")
    assert spotify.calls() == youtube.calls() == {}
    assert again["item"] == first["item"]
    found, before = counterpart(again), counterpart(first)
    assert (found["source"], found["item"]) == ("match_store", before["item"])
    assert (found["score"], found["reasons"]) == (before["score"], before["reasons"])
    back = resolve(another, found["item"]["url"])
    assert counterpart(back)["item"]["id"] == SALT.tracks[0].id, "and the other way round"
    assert spotify.calls() == youtube.calls() == {}


def test_another_release_of_the_recording_is_found_without_a_search(
    person: Person, youtube: Simulator
) -> None:
    assert len(SALT.tracks) > 1
    first = counterpart(resolve(person, track_url()))
    youtube.clear_calls()
    second = counterpart(resolve(person, track_url(number=1)))
    assert (second["item"]["id"], second["source"]) == (first["item"]["id"], "match_store")
    assert searches(youtube) == 0


def test_what_is_not_there_is_remembered_for_a_while(
    person: Person, youtube: Simulator, later: Callable[[float], None]
) -> None:
    recording = next(r for r in RECORDINGS.values() if r.tracks and not r.uploads)
    first = counterpart(resolve(person, track_url(recording)))
    assert first["outcome"] in ("no_match", "needs_review")
    assert first["item"] is None
    asked = searches(youtube)
    again = counterpart(resolve(person, track_url(recording)))
    assert (again["outcome"], again["source"]) == (first["outcome"], "match_store")
    assert searches(youtube) == asked
    later(1801)
    assert counterpart(resolve(person, track_url(recording)))["source"] == "search"


def test_a_wrong_version_is_a_candidate_at_most(person: Person) -> None:
    recording = next(
        r for r in RECORDINGS.values()
        if r.tracks and r.uploads and not any(upload.same_recording for upload in r.uploads)
    )  # fmt: skip
    found = counterpart(resolve(person, track_url(recording)))
    assert (found["outcome"] in ("no_match", "needs_review"), found["item"]) == (True, None)
    for candidate in found["candidates"]:
        assert candidate["item"]["url"].startswith("https://www.youtube.com/watch?v=")
        assert candidate["score"] is not None
        assert candidate["score"] < 90


@pytest.mark.parametrize(
    ("kind", "name"),
    [("album", "tidewater atlas"), ("artist", "kestrel parade"), ("playlist", "fresh harbour")],
)
def test_other_types_are_resolved_and_have_no_counterparts(
    person: Person, kind: str, name: str, spotify: Simulator
) -> None:
    item = group(person, "spotify", name, type=kind, provider="spotify")["items"][0]
    spotify.clear_calls()
    resolved = resolve(person, item["url"])
    assert spotify.calls() == {}, "a search has found it already"
    assert (resolved["item"], resolved["counterparts"]) == (item, [])
    sql(person.harness.database_url, "DELETE FROM search.cache")
    assert resolve(person, item["url"])["item"]["title"] == item["title"]


def test_a_channel_is_found_by_its_id_and_by_its_handle(person: Person, youtube: Simulator) -> None:
    item = group(person, "youtube", "kestrel parade", type="artist", provider="youtube")["items"][0]
    assert resolve(person, item["url"])["item"]["title"] == item["title"]
    handle = resolve(person, "https://www.youtube.com/@ada")
    assert handle["item"]["type"] == "artist"
    assert handle["link"]["id"] == "@ada"
    assert handle["link"]["url"] == handle["item"]["url"] != item["url"]


@pytest.mark.parametrize(
    ("url", "status", "reason"),
    [
        ("", 422, "invalid-request"),
        ("x" * 2001, 422, "invalid-request"),
        ("salt and signal", 422, "invalid-request"),
        ("https://example.org/track/1", 422, "invalid-request"),
        ("https://spotify.link/abc", 422, "invalid-request"),
        ("javascript:alert(1)", 422, "invalid-request"),
        ("'; DROP TABLE providers.match_store; --", 422, "invalid-request"),
        (f"https://open.spotify.com/track/{'0' * 22}", 404, "not-found-at-provider"),
        ("https://youtu.be/aaaaaaaaaaa", 404, "not-found-at-provider"),
        ("https://www.youtube.com/playlist?list=PLnothing", 404, "not-found-at-provider"),
        ("https://www.youtube.com/@nobody-of-this-name", 404, "not-found-at-provider"),
    ],
)
def test_a_link_to_nothing_is_an_error(person: Person, url: str, status: int, reason: str) -> None:
    answer = person.call("GET", f"/v1/resolve?url={quote(url, safe='')}")
    assert (answer.status, slug(answer)) == (status, reason)


def test_without_a_link_it_is_asked_for(person: Person) -> None:
    assert person.call("GET", "/v1/resolve").status == 422
    assert person.call("GET", "/v1/resolve?url=x&extra=1").status == 422


def test_nothing_linked_is_an_error(nobody: Person) -> None:
    answer = nobody.call("GET", f"/v1/resolve?url={quote(track_url())}")
    assert (answer.status, slug(answer)) == (409, "not-linked")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("search_exhausted", "quota-exhausted"),
        ("server_error", "provider-unavailable"),
        ("rate_limit", "rate-limited"),
    ],
)
def test_a_failure_is_not_found_nothing(person: Person, youtube: Simulator, fault: str, reason: str) -> None:
    youtube.fault("GET /youtube/v3/search", ready_made=fault, times=1)
    found = counterpart(resolve(person, track_url()))
    assert (found["outcome"], found["error"]["code"]) == ("unanswered", reason)
    assert found["error"]["message"]
    assert sql(person.harness.database_url, "SELECT count(*) FROM providers.match_store") == [(0,)]


def test_when_the_searches_are_spent_the_store_still_answers(
    person: Person, youtube: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(person, track_url())
    monkeypatch.setenv("YOUTUBE_DAILY_SEARCHES", "1")
    assert counterpart(resolve(person, track_url()))["outcome"] == "matched"
    other = counterpart(resolve(person, track_url(RECORDINGS["Mira Vonn / Afterglow"])))
    assert (other["outcome"], other["error"]["code"]) == ("unanswered", "quota-exhausted")
    assert other["error"]["params"]["until"]


def test_facts_are_fetched_again_after_29_days(
    person: Person, youtube: Simulator, later: Callable[[float], None]
) -> None:
    resolve(person, track_url())
    later(29.5 * DAY)
    youtube.clear_calls()
    assert counterpart(resolve(person, track_url()))["source"] == "search"


def test_what_a_user_confirmed_is_an_answer(person: Person, harness: FunctionRunner) -> None:
    resolve(person, track_url())
    sql(
        harness.database_url,
        "UPDATE providers.match_store SET confirmed_by = 'person', matcher_version = 0, "
        "fetched_at = now() - interval '100 days'",
    )
    found = counterpart(resolve(person, track_url()))
    assert (found["outcome"], found["confirmed_by"], found["source"]) == ("matched", "person", "match_store")
    assert found["item"]["url"].startswith("https://www.youtube.com/watch?v=")


@pytest.mark.parametrize("privacy", ["private", "unlisted"])
def test_private_tracks_are_shown_to_nobody_else(
    person: Person, another: Person, youtube: Simulator, monkeypatch: pytest.MonkeyPatch, privacy: str
) -> None:
    body = {"privacy": privacy, "owner": "ada"}
    youtube.control("PUT", f"/videos/{ART_TRACK.video_id}", body)
    url = f"https://youtu.be/{ART_TRACK.video_id}"
    own = resolve(person, url)
    assert own["item"]["title"] == "Salt and Signal", "whoever asks may see it"
    assert counterpart(own)["outcome"] == "matched"
    assert sql(person.harness.database_url, "SELECT count(*) FROM providers.match_store") == [(0,)]
    answer = another.call("GET", f"/v1/resolve?url={quote(url, safe='')}")
    assert answer.status == (404 if privacy == "private" else 200)
    # Neither the other way round, nor where the store stands in for a search.
    found = counterpart(resolve(another, track_url()))
    assert found["item"] is None or found["item"]["id"] != ART_TRACK.video_id
    monkeypatch.setenv("YOUTUBE_DAILY_SEARCHES", "1")
    stand_in = group(another, "youtube", "kestrel salt")
    assert stand_in["error"]["code"] == "quota-exhausted"
    assert ART_TRACK.video_id not in {item["id"] for item in stand_in["items"]}

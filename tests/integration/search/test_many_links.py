"""Up to a hundred links in one request: each for itself, many at a time, and not on everybody's costs."""

from typing import Any

import pytest

from musicconnect.providers.spotify.client import SpotifyClient
from musicconnect.providers.youtube.client import YouTubeClient
from musicconnect.search.resolve.concurrent_calls import MAX_TRANSIENT_FAILURES
from tests.integration.search.client import group, searches
from tests.integration.search.test_resolve import RECORDINGS, SALT, counterpart, track_url, video_url
from tests.support.functions import Person
from tests.support.simulator import Simulator

TRACK, VIDEO = SALT.tracks[0].id, SALT.uploads[0].video_id
LIST = "PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf"
FORMS = {
    f"https://open.spotify.com/track/{TRACK}": ("track", TRACK),
    f"https://open.spotify.com/track/{TRACK}?si=0123456789abcdef&utm_source=copy-link": ("track", TRACK),
    f"https://open.spotify.com/intl-de/track/{TRACK}": ("track", TRACK),
    f"https://open.spotify.com/intl-pt-br/track/{TRACK}?si=x": ("track", TRACK),
    f"http://open.spotify.com/track/{TRACK}#0:42": ("track", TRACK),
    f"https://open.spotify.com/embed/track/{TRACK}?utm_source=generator": ("track", TRACK),
    f"https://play.spotify.com/track/{TRACK}": ("track", TRACK),
    f"open.spotify.com/track/{TRACK}": ("track", TRACK),
    f"spotify:track:{TRACK}": ("track", TRACK),
    f"https://www.youtube.com/watch?v={VIDEO}": ("video", VIDEO),
    f"https://m.youtube.com/watch?app=desktop&v={VIDEO}": ("video", VIDEO),
    f"https://music.youtube.com/watch?v={VIDEO}&si=abc": ("video", VIDEO),
    f"https://music.youtube.com/watch?v={VIDEO}&list=RDAMVM{VIDEO}": ("video", VIDEO),
    f"https://www.youtube.com/watch?v={VIDEO}&list={LIST}&index=3&t=1m30s": ("video", VIDEO),
    f"https://www.youtube.com/watch?v={VIDEO}#t=90": ("video", VIDEO),
    f"https://youtu.be/{VIDEO}": ("video", VIDEO),
    f"https://youtu.be/{VIDEO}?si=abc&t=43": ("video", VIDEO),
    f"https://www.youtube.com/shorts/{VIDEO}?feature=share": ("video", VIDEO),
    f"https://www.youtube.com/live/{VIDEO}": ("video", VIDEO),
    f"https://www.youtube.com/embed/{VIDEO}?start=42": ("video", VIDEO),
    f"https://www.youtube-nocookie.com/embed/{VIDEO}": ("video", VIDEO),
    f"vnd.youtube:{VIDEO}": ("video", VIDEO),
}


def resolve_all(person: Person, urls: list[str]) -> dict[str, Any]:
    answer = person.call("POST", "/v1/resolve", {"urls": urls})
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_every_form_of_a_link_leads_to_the_same(
    person: Person, spotify: Simulator, youtube: Simulator
) -> None:
    items = resolve_all(person, list(FORMS))["items"]
    for item in items:
        assert (item["link"]["type"], item["link"]["id"]) == FORMS[item["url"]]
        assert item["item"]["id"] == item["link"]["id"]
        assert counterpart(item)["outcome"] == "matched", item["url"]
        assert item["link"]["start_seconds"] == {"t=1m30s": 90, "#t=90": 90, "t=43": 43, "start=42": 42}.get(
            next((part for part in ("t=1m30s", "#t=90", "t=43", "start=42") if part in item["url"]), "")
        )
    assert searches(spotify) == 1, "equal links are asked about once"
    assert searches(youtube) == 0, "the video's own channel names the track's counterpart"


def test_playlists_albums_and_channels_are_resolved_among_others(person: Person) -> None:
    found = [
        item
        for kind, words in (
            ("album", "tidewater atlas"),
            ("artist", "kestrel parade"),
            ("playlist", "fresh harbour"),
        )
        for item in group(person, "spotify", words, type=kind, provider="spotify")["items"][:2]
    ]
    found += group(person, "youtube", "kestrel parade", type="artist", provider="youtube")["items"][:2]
    items = resolve_all(person, [item["url"] for item in found])["items"]
    assert [(item["item"]["type"], item["item"]["title"]) for item in items] == [
        (item["type"], item["title"]) for item in found
    ]
    assert all(item["counterparts"] == [] for item in items)


def test_a_hundred_links_are_one_request(person: Person, spotify: Simulator, youtube: Simulator) -> None:
    with_both = [r for r in RECORDINGS.values() if r.tracks and r.uploads and r.uploads[0].same_recording]
    wanted = with_both[:100]
    assert len(wanted) == 100
    answer = resolve_all(person, [video_url(recording) for recording in wanted])
    right = sum(
        counterpart(item)["item"] is not None
        and counterpart(item)["item"]["id"] in {track.id for track in recording.tracks}
        for recording, item in zip(wanted, answer["items"], strict=True)
    )
    assert right >= 95
    assert youtube.calls() == {"GET /youtube/v3/videos": 2}, "fifty a call"
    assert answer["searches_spent"] == {"spotify": searches(spotify)}


@pytest.mark.parametrize("provider", ["spotify", "youtube"])
def test_a_provider_that_is_down_is_not_asked_a_hundred_times(
    person: Person, spotify: Simulator, youtube: Simulator, provider: str
) -> None:
    simulator = {"spotify": spotify, "youtube": youtube}[provider]
    simulator.fault("GET /v1/search" if provider == "spotify" else "GET /youtube/v3/search",
                    ready_made="server_error", times=None)  # fmt: skip
    wanted = [r for r in RECORDINGS.values() if r.tracks and r.uploads and r.uploads[0].same_recording][:60]
    urls = [track_url(one) if provider == "youtube" else video_url(one) for one in wanted]
    answer = resolve_all(person, urls)
    under_way = {"spotify": SpotifyClient, "youtube": YouTubeClient}[provider].limits.reads_at_once
    assert searches(simulator) < MAX_TRANSIENT_FAILURES + under_way, "those under way when it became clear"
    reasons = {counterpart(item)["error"]["code"] for item in answer["items"]}
    assert reasons <= {"provider-unavailable", "too-many-at-once"}
    assert all(counterpart(item)["outcome"] == "unanswered" for item in answer["items"])


def test_many_links_are_resolved_at_once_each_for_itself(
    person: Person, spotify: Simulator, youtube: Simulator
) -> None:
    recordings = [r for r in RECORDINGS.values() if r.tracks and r.uploads and r.uploads[0].same_recording][
        :9
    ]
    urls = [track_url(recording) for recording in recordings]
    mixed = [*urls, "nonsense", urls[0] + "?si=again", f"spotify:track:{'0' * 22}", video_url(recordings[0])]
    answer = resolve_all(person, mixed)
    items = answer["items"]
    assert [item["url"] for item in items] == mixed
    for recording, item in zip(recordings, items[:9], strict=True):
        assert item["error"] is None
        assert counterpart(item)["item"]["id"] in {
            upload.video_id for upload in recording.uploads if upload.same_recording
        }, recording.key
    assert items[9]["error"]["code"] == "not-a-link"
    assert items[9]["link"] is None
    assert items[10]["counterparts"] == items[0]["counterparts"]
    assert items[11]["error"]["code"] == "not-found-at-provider"
    assert counterpart(items[12])["outcome"] == "matched"
    assert answer["searches_spent"]["youtube"] == searches(youtube) <= 9
    # Ten hits each: five searches fill one look-up of fifty.
    assert youtube.calls()["GET /youtube/v3/videos"] <= 1 + 2


def test_one_request_does_not_spend_everybodys_searches(
    person: Person, youtube: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_artist = {r.tracks[0].artists[0].name: r for r in reversed(RECORDINGS.values()) if r.tracks}
    recordings = list(by_artist.values())[:40]
    urls = [track_url(recording) for recording in recordings]
    first = resolve_all(person, urls)
    assert first["searches_spent"]["youtube"] == searches(youtube) == 20
    unanswered = [item for item in first["items"] if counterpart(item)["outcome"] == "unanswered"]
    assert unanswered
    assert {counterpart(item)["error"]["code"] for item in unanswered} == {"too-many-at-once"}
    second = resolve_all(person, urls)
    left = [item for item in second["items"] if counterpart(item)["outcome"] == "unanswered"]
    assert len(left) < len(unanswered), "what was found is remembered"


@pytest.mark.parametrize(
    "body",
    [{}, {"urls": []}, {"urls": ["x"] * 101}, {"urls": "x"}, {"urls": [""]}, {"urls": [None]},
     {"urls": ["a\x00"]},     {"urls": ["x" * 2001]}, {"urls": ["x"], "more": 1}],
    ids=lambda body: str(body)[:40],
)  # fmt: skip
def test_what_is_no_list_of_links_is_refused(person: Person, body: Any) -> None:
    assert person.call("POST", "/v1/resolve", body).status == 422

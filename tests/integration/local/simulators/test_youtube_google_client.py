"""Google's own client works against the simulator, and every answer fits Google's own description of it."""

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any

import google.auth.exceptions
import pytest
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from googleapiclient.errors import HttpError

from local.simulators.catalogue import Catalogue
from tests.integration.local.simulators.youtube_factories import (
    CLIENT,
    READ,
    YouTube,
    item_body,
    simulated_youtube,
)

DISCOVERY = json.loads(
    resources.files("googleapiclient")
    .joinpath("discovery_cache/documents/youtube.v3.json")
    .read_text("utf-8")
)
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "number": (int, float),
    "array": list,
    "object": dict,
}


def fits(value: Any, schema: dict[str, Any], path: str = "$") -> None:
    """Fail unless a value has only the properties that the discovery document knows, with their types."""
    if "$ref" in schema:
        schema = {**DISCOVERY["schemas"][schema["$ref"]], **{k: v for k, v in schema.items() if k != "$ref"}}
    assert isinstance(value, _TYPES[schema["type"]]), f"{path} is {value!r}, not of type {schema['type']}"
    assert schema["type"] == "boolean" or not isinstance(value, bool), path
    if isinstance(value, list):
        for index, entry in enumerate(value):
            fits(entry, schema["items"], f"{path}[{index}]")
    elif isinstance(value, dict):
        known = schema.get("properties", {})
        for name, inner in value.items():
            assert name in known or "additionalProperties" in schema, f"{path}.{name} is no property"
            fits(inner, known.get(name) or schema["additionalProperties"], f"{path}.{name}")
    elif schema.get("format") in ("uint64", "int64"):
        assert str(value).isdigit(), path


def checked(request: Any) -> Any:
    """Execute a request of the client and hold the answer against the schema of its method."""
    answer = request.execute()
    resource, method = request.methodId.split(".")[1:]
    schema = DISCOVERY["resources"][resource]["methods"][method].get("response")
    if schema is not None:
        fits(answer, schema, request.methodId)
    return answer


@pytest.fixture(scope="module")
def simulator() -> Iterator[YouTube]:
    with simulated_youtube() as running:
        yield running


@pytest.fixture
def youtube(simulator: YouTube) -> YouTube:
    simulator.control("POST", "reset")
    return simulator


@pytest.fixture
def service(youtube: YouTube) -> Iterator[Any]:
    with youtube.google(youtube.grant()) as client:
        yield client


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


ALL_PARTS = {
    "channels": "id,snippet,contentDetails,statistics,status",
    "playlists": "id,snippet,contentDetails,status,player",
    "playlistItems": "id,snippet,contentDetails,status",
    "videos": "id,snippet,contentDetails,status,statistics,topicDetails,player",
}


def test_whose_channel_it_is(service: Any) -> None:
    answer = checked(service.channels().list(part=ALL_PARTS["channels"], mine=True))
    (channel,) = answer["items"]
    assert channel["snippet"]["title"] == "Ada"
    assert channel["contentDetails"]["relatedPlaylists"]["likes"] == "LL"
    again = checked(service.channels().list(part="snippet", id=[channel["id"]]))
    assert again["items"][0]["id"] == channel["id"]


def test_own_playlists_and_all_pages_of_their_entries(youtube: YouTube, service: Any) -> None:
    listed = checked(service.playlists().list(part=ALL_PARTS["playlists"], mine=True, maxResults=50))["items"]
    counts = {playlist["id"]: playlist["contentDetails"]["itemCount"] for playlist in listed}
    longest = max(counts, key=lambda playlist_id: counts[playlist_id])
    assert counts[longest] > 20
    found: list[Any] = []
    pages = 0
    request = service.playlistItems().list(part=ALL_PARTS["playlistItems"], playlistId=longest, maxResults=7)
    while request is not None:
        answer = checked(request)
        assert answer["pageInfo"] == {"totalResults": counts[longest], "resultsPerPage": 7}
        found += answer["items"]
        pages += 1
        request = service.playlistItems().list_next(request, answer)
    assert pages == -(-counts[longest] // 7)
    assert [item["contentDetails"]["videoId"] for item in found] == youtube.truth(longest)
    assert [item["snippet"]["position"] for item in found] == list(range(len(found)))
    assert {item["snippet"]["channelTitle"] for item in found} == {"Ada"}


def test_liked_videos_are_a_playlist(youtube: YouTube, service: Any) -> None:
    answer = checked(service.playlistItems().list(part=ALL_PARTS["playlistItems"], playlistId="LL"))
    assert answer["items"]
    assert [item["snippet"]["resourceId"]["videoId"] for item in answer["items"]] == youtube.truth("LL:ada")[
        :5
    ]
    liked = checked(service.videos().list(part=ALL_PARTS["videos"], myRating="like"))
    assert liked["items"]


def test_make_fill_change_and_delete_a_playlist(youtube: YouTube, service: Any, catalogue: Catalogue) -> None:
    videos = list(catalogue.uploads_by_id)[:3]
    body = {"snippet": {"title": "Neu & schön", "description": "d"}, "status": {"privacyStatus": "private"}}
    made = checked(service.playlists().insert(part="snippet,status", body=body))
    assert made["snippet"]["title"] == "Neu & schön"
    assert made["status"] == {"privacyStatus": "private"}
    for video_id in videos:
        checked(
            service.playlistItems().insert(
                part="snippet,contentDetails", body=item_body(made["id"], video_id)
            )
        )
    assert youtube.truth(made["id"]) == videos
    items = checked(service.playlistItems().list(part="snippet", playlistId=made["id"]))["items"]
    second = items[1]
    upload = catalogue.uploads_by_id[videos[1]]
    assert second["snippet"]["videoOwnerChannelTitle"] == upload.channel
    assert second["snippet"]["description"] == upload.description
    service.playlistItems().delete(id=second["id"]).execute()
    assert youtube.truth(made["id"]) == [videos[0], videos[2]]
    changed = checked(
        service.playlists().update(part="snippet", body={"id": made["id"], "snippet": {"title": "Other"}})
    )
    assert changed["snippet"]["description"] == "", "what a sent part leaves out is cleared"
    listed = checked(service.playlists().list(part="snippet,status,contentDetails", mine=True))["items"]
    assert listed[0]["snippet"]["title"] == "Other"
    assert listed[0]["status"] == {"privacyStatus": "private"}, "a part that was not sent stays"
    assert listed[0]["contentDetails"] == {"itemCount": 2}
    service.playlists().delete(id=made["id"]).execute()
    with pytest.raises(HttpError) as caught:
        service.playlistItems().list(part="snippet", playlistId=made["id"]).execute()
    assert caught.value.resp.status == 404
    assert caught.value.error_details[0]["reason"] == "playlistNotFound"


def test_search_and_then_the_details(service: Any, catalogue: Catalogue) -> None:
    recording = next(
        r for r in catalogue.recordings if r.tracks and r.uploads and r.uploads[0].kind == "art_track"
    )
    query = f"{recording.tracks[0].artists[0].name} {recording.tracks[0].title}"
    request = service.search().list(
        part="snippet", q=query, type="video", videoCategoryId="10", maxResults=10
    )
    hits = checked(request)
    ids = [hit["id"]["videoId"] for hit in hits["items"]]
    assert recording.uploads[0].video_id in ids
    assert all(len(hit["snippet"]["description"]) <= 170 for hit in hits["items"])
    following = checked(service.search().list_next(request, hits))
    assert not {hit["id"]["videoId"] for hit in following["items"]} & set(ids)
    details = checked(service.videos().list(part=ALL_PARTS["videos"], id=",".join([*ids, "AAAAAAAAAAA"])))
    assert [video["id"] for video in details["items"]] == ids, "an unknown id is simply missing"
    art = details["items"][ids.index(recording.uploads[0].video_id)]
    assert art["snippet"]["description"].startswith("Provided to YouTube by")
    assert art["contentDetails"]["duration"].startswith("PT")
    assert art["topicDetails"]["topicCategories"] == ["https://en.wikipedia.org/wiki/Music"]


def test_search_titles_are_escaped_and_other_types_are_found(service: Any, catalogue: Catalogue) -> None:
    upload = next(u for u in catalogue.uploads_by_id.values() if "'" in u.title or "&" in u.title)
    hits = checked(service.search().list(part="snippet", q=f"{upload.channel} {upload.title}", maxResults=50))
    titles = {hit["id"].get("videoId"): hit["snippet"]["title"] for hit in hits["items"]}
    assert "&#39;" in titles[upload.video_id] or "&amp;" in titles[upload.video_id]
    artist = catalogue.recordings[0].uploads[0].channel
    channels = checked(service.search().list(part="snippet", q=artist, type="channel"))
    assert channels["items"][0]["id"]["kind"] == "youtube#channel"
    playlists = checked(service.search().list(part="snippet", q="Quiet hours", type="playlist"))
    assert [hit["snippet"]["title"] for hit in playlists["items"]] == ["Quiet hours"]


def test_deleted_and_private_entries_keep_their_place(
    youtube: YouTube, service: Any, catalogue: Catalogue
) -> None:
    first, second, third = list(catalogue.uploads_by_id)[:3]
    playlist_id = youtube.new_playlist(items=[first, second, third, {"deleted": "goneGONEgon"}])
    youtube.control("PUT", f"videos/{first}", {"privacy": "deleted"})
    youtube.control("PUT", f"videos/{second}", {"privacy": "private"})
    answer = checked(service.playlistItems().list(part=ALL_PARTS["playlistItems"], playlistId=playlist_id))
    titles = [item["snippet"]["title"] for item in answer["items"]]
    assert titles == [
        "Deleted video", "Private video", catalogue.uploads_by_id[third].title, "Deleted video",
    ]  # fmt: skip
    assert answer["pageInfo"]["totalResults"] == 4
    for item in (answer["items"][0], answer["items"][1], answer["items"][3]):
        assert not any(name.startswith("videoOwner") for name in item["snippet"])
        assert "videoPublishedAt" not in item["contentDetails"]
        assert item["snippet"]["thumbnails"] == {}
    assert checked(service.videos().list(part="snippet", id=[first, second]))["items"] == []


def test_an_expired_token_is_refreshed_by_the_client(youtube: YouTube) -> None:
    tokens = youtube.grant()
    youtube.advance(3600)
    with youtube.google(tokens) as client:
        assert checked(client.channels().list(part="snippet", mine=True))["items"]
    statuses = [call["status"] for call in youtube.control("GET", "calls")["calls"]]
    assert statuses[-3:] == [401, 200, 200]


def test_refreshing_by_hand_and_after_revocation(youtube: YouTube) -> None:
    tokens = youtube.grant()
    assert tokens["expires_in"] == 3599
    credentials = Credentials(  # type: ignore[no-untyped-call]
        None, refresh_token=tokens["refresh_token"], token_uri=f"{youtube.url}/token", **CLIENT
    )
    with Request().session as session:
        credentials.refresh(Request(session))  # type: ignore[no-untyped-call]
        assert credentials.valid
        assert credentials.token != tokens["access_token"]
        assert credentials.refresh_token == tokens["refresh_token"]
        assert youtube.http.post(f"{youtube.url}/revoke", data={"token": credentials.token}).json() == {}
        with pytest.raises(google.auth.exceptions.RefreshError, match="invalid_grant"):
            credentials.refresh(Request(session))  # type: ignore[no-untyped-call]


def test_refusals_reach_the_client_with_their_reason(youtube: YouTube, catalogue: Catalogue) -> None:
    playlist_id = youtube.new_playlist()
    video_id = next(iter(catalogue.uploads_by_id))
    with youtube.google(youtube.grant(scope=READ)) as client, pytest.raises(HttpError) as caught:
        client.playlistItems().insert(part="snippet", body=item_body(playlist_id, video_id)).execute()
    assert caught.value.resp.status == 403
    # The client shows Google's `details` where there are any: the machine-readable reason stands there.
    assert caught.value.error_details[0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    youtube.control("PUT", "quota", {"general": 50})
    with youtube.google(youtube.grant()) as client:
        with pytest.raises(HttpError) as caught:
            client.playlistItems().insert(part="snippet", body=item_body(playlist_id, video_id)).execute()
        assert caught.value.error_details[0]["reason"] == "quotaExceeded"


def test_the_client_retries_what_can_be_retried(youtube: YouTube, service: Any) -> None:
    youtube.fault("server_error", times=1)
    request = service.channels().list(part="snippet", mine=True)
    request._sleep = lambda seconds: None  # the client's own hook for tests
    assert request.execute(num_retries=1)["items"]

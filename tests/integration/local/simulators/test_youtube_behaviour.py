"""Quota, pace, order, lag and partial answers of the YouTube simulator."""

import html
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.integration.local.simulators.youtube_factories import YouTube, error


def shown(youtube: YouTube, token: str, playlist_id: str) -> int:
    """How many entries the API lists."""
    answer = youtube.call("GET", "playlistItems", token, part="id", playlistId=playlist_id)
    return len(answer.json()["items"])


# Quota


def test_what_calls_cost(youtube: YouTube, token: str, videos: list[str]) -> None:
    mine = {"part": "snippet", "mine": "true"}
    playlist_id = youtube.new_playlist()
    spent = []
    calls: list[Callable[[], object]] = [
        lambda: youtube.call("GET", "channels", token, **mine),
        lambda: youtube.call("GET", "playlists", token, **mine),
        lambda: youtube.call("GET", "videos", token, part="snippet", id=",".join(videos[:50])),
        lambda: youtube.insert(token, playlist_id, videos[0]),
        lambda: youtube.call("PUT", "playlists", token, part="snippet", body={"id": playlist_id}),
        lambda: youtube.call("DELETE", "playlists", token, id=playlist_id),
        lambda: youtube.call("GET", "search", token, part="snippet", q="x"),
    ]
    for act in calls:
        before = youtube.used()
        act()
        spent.append(youtube.used() - before)
    assert spent == [1, 1, 1, 50, 50, 50, 0]
    assert youtube.used("search") == 1
    logged = youtube.control("GET", "calls")["calls"]
    api = [call["cost"] for call in logged if call["path"].startswith("/youtube")]
    assert api == [1, 1, 1, 50, 50, 50, 1]


def test_the_search_bucket_empties_for_everybody_and_answers_429(youtube: YouTube, token: str) -> None:
    youtube.control("PUT", "quota", {"search": 2})
    grace = youtube.grant(login="grace")["access_token"]
    for caller in (token, grace):
        assert youtube.call("GET", "search", caller, part="snippet", q="x").status_code == 200
    answer = youtube.call("GET", "search", token, part="snippet", q="x")
    assert error(answer) == (429, "rateLimitExceeded")
    inner = answer.json()["error"]
    assert inner["status"] == "RESOURCE_EXHAUSTED"
    assert inner["message"] == (
        "Quota exceeded for quota metric 'Search Queries' and limit 'Search Queries per day' of service "
        "'youtube.googleapis.com' for consumer 'project_number:123456789012'."
    )
    assert inner["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
    assert youtube.call("GET", "channels", token, part="id", mine="true").status_code == 200


def test_the_general_pool_empties_and_answers_403(youtube: YouTube, token: str, videos: list[str]) -> None:
    youtube.control("PUT", "quota", {"general": 51})
    playlist_id = youtube.new_playlist()
    assert youtube.insert(token, playlist_id, videos[0]).status_code == 200
    answer = youtube.insert(token, playlist_id, videos[1])
    assert error(answer) == (403, "quotaExceeded")
    assert answer.json()["error"]["errors"][0]["domain"] == "youtube.quota"
    assert "exceeded your <a href=" in answer.json()["error"]["message"]
    assert youtube.call("GET", "channels", token, part="id", mine="true").status_code == 200, (
        "one unit is left"
    )
    assert youtube.call("GET", "search", token, part="snippet", q="x").status_code == 200
    assert youtube.truth(playlist_id) == videos[:1]


@pytest.mark.parametrize(
    ("spent_at", "still_empty", "full_again"),
    [
        pytest.param("2026-11-01T07:30:00Z", "2026-11-02T07:59:00Z", "2026-11-02T08:00:01Z", id="25 hours"),
        pytest.param("2026-03-08T08:30:00Z", "2026-03-09T06:59:00Z", "2026-03-09T07:00:01Z", id="23 hours"),
    ],
)
def test_quota_comes_back_at_midnight_pacific_on_the_days_the_clocks_change(
    youtube: YouTube, spent_at: str, still_empty: str, full_again: str
) -> None:
    def search() -> int:
        token = youtube.grant()["access_token"]
        return youtube.call("GET", "search", token, part="snippet", q="x").status_code

    youtube.control("PUT", "quota", {"search": 1})
    youtube.control("PUT", "clock", {"now": spent_at})
    assert search() == 200
    youtube.control("PUT", "clock", {"now": still_empty})
    assert search() == 429
    resets_at = youtube.control("GET", "quota")["search"]["resets_at"]
    assert resets_at == full_again.replace(":01Z", ":00Z")
    youtube.control("PUT", "clock", {"now": full_again})
    assert search() == 200


# Pace


def test_writes_need_a_distance(youtube: YouTube, token: str, videos: list[str]) -> None:
    youtube.settings(write_spacing_ms=60_000, conflict_lands_every=0)
    playlist_id = youtube.new_playlist()
    assert youtube.insert(token, playlist_id, videos[0]).status_code == 200
    assert error(youtube.insert(token, playlist_id, videos[1])) == (409, "SERVICE_UNAVAILABLE")
    youtube.advance(61)
    assert youtube.insert(token, playlist_id, videos[1]).status_code == 200
    assert youtube.truth(playlist_id) == videos[:2]


def test_a_new_playlist_is_not_ready_at_once(youtube: YouTube, token: str, videos: list[str]) -> None:
    youtube.settings(new_playlist_ms=60_000, conflict_lands_every=0)
    made = youtube.call("POST", "playlists", token, part="snippet", body={"snippet": {"title": "x"}})
    playlist_id = made.json()["id"]
    assert error(youtube.insert(token, playlist_id, videos[0])) == (409, "SERVICE_UNAVAILABLE")
    youtube.advance(61)
    assert youtube.insert(token, playlist_id, videos[0]).status_code == 200


def test_whatever_overlaps_only_what_was_confirmed_is_there(
    youtube: YouTube, token: str, videos: list[str]
) -> None:
    youtube.settings(write_ms=30, conflict_lands_every=0)
    playlist_id = youtube.new_playlist()

    def insert(video_id: str) -> int:
        body = {
            "snippet": {
                "playlistId": playlist_id,
                "resourceId": {"kind": "youtube#video", "videoId": video_id},
            }
        }
        url = f"{youtube.url}/youtube/v3/playlistItems?part=snippet"
        headers = {"Authorization": f"Bearer {token}"}
        return requests.post(url, json=body, headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(insert, videos[:16]))
    assert set(outcomes) <= {200, 409}
    confirmed = [video_id for video_id, status in zip(videos, outcomes, strict=False) if status == 200]
    assert sorted(youtube.truth(playlist_id)) == sorted(confirmed)


# Order


def test_positions_in_a_playlist_sorted_by_hand(youtube: YouTube, token: str, videos: list[str]) -> None:
    playlist_id = youtube.new_playlist(items=videos[:2], manual_sort=True)
    added = youtube.insert(token, playlist_id, videos[2], position=0)
    assert added.json()["snippet"]["position"] == 0
    assert youtube.truth(playlist_id) == [videos[2], videos[0], videos[1]]
    assert error(youtube.insert(token, playlist_id, videos[3], position=9)) == (
        400,
        "invalidPlaylistItemPosition",
    )
    body = {**added.json(), "snippet": {**added.json()["snippet"], "position": 2}}
    moved = youtube.call("PUT", "playlistItems", token, body=body, part="snippet")
    assert moved.json()["snippet"]["position"] == 2
    assert youtube.truth(playlist_id) == [videos[0], videos[1], videos[2]]
    body["snippet"]["position"] = 3
    refused = youtube.call("PUT", "playlistItems", token, body=body, part="snippet")
    assert error(refused) == (400, "invalidPlaylistItemPosition")


def test_a_place_in_a_playlist_not_sorted_by_hand_cannot_move(
    youtube: YouTube, token: str, videos: list[str]
) -> None:
    playlist_id = youtube.new_playlist(items=videos[:2])
    item = youtube.call("GET", "playlistItems", token, part="snippet", playlistId=playlist_id).json()[
        "items"
    ][0]
    assert youtube.call("PUT", "playlistItems", token, body=item, part="snippet").status_code == 200
    item["snippet"]["position"] = 1
    refused = youtube.call("PUT", "playlistItems", token, body=item, part="snippet")
    assert error(refused) == (400, "manualSortRequired")
    item["snippet"]["resourceId"]["videoId"] = videos[5]
    refused = youtube.call("PUT", "playlistItems", token, body=item, part="snippet")
    assert error(refused) == (400, "invalidResourceType")


# Lists that lag


def test_a_new_entry_shows_after_some_reads(youtube: YouTube, token: str, videos: list[str]) -> None:
    youtube.settings(item_lag_reads=2)
    playlist_id = youtube.new_playlist(items=videos[:1])
    youtube.insert(token, playlist_id, videos[1])
    assert [shown(youtube, token, playlist_id) for _ in range(3)] == [1, 1, 2]
    assert youtube.truth(playlist_id) == videos[:2]


def test_a_new_entry_shows_after_some_time(youtube: YouTube, token: str, videos: list[str]) -> None:
    youtube.settings(item_lag_ms=60_000)
    playlist_id = youtube.new_playlist()
    youtube.insert(token, playlist_id, videos[0])
    query = {"part": "contentDetails", "id": playlist_id}
    counted = youtube.call("GET", "playlists", token, **query).json()["items"][0]["contentDetails"]
    assert (shown(youtube, token, playlist_id), counted) == (0, {"itemCount": 0})
    youtube.advance(61)
    counted = youtube.call("GET", "playlists", token, **query).json()["items"][0]["contentDetails"]
    assert (shown(youtube, token, playlist_id), counted) == (1, {"itemCount": 1})


def test_a_new_playlist_shows_after_some_reads(youtube: YouTube, token: str) -> None:
    youtube.settings(playlist_lag_reads=1)
    made = youtube.call("POST", "playlists", token, part="snippet", body={"snippet": {"title": "x"}}).json()[
        "id"
    ]
    seen = []
    for _ in range(2):
        answer = youtube.call("GET", "playlists", token, part="id", mine="true", maxResults=50)
        seen.append(made in [playlist["id"] for playlist in answer.json()["items"]])
    assert seen == [False, True]
    assert youtube.call("GET", "playlists", token, part="id", id=made).json()["items"], "by id it is there"


# Answers


def test_an_etag_saves_the_body_but_not_the_unit(youtube: YouTube, token: str, videos: list[str]) -> None:
    playlist_id = youtube.new_playlist(items=videos[:2])
    query = {"part": "snippet", "playlistId": playlist_id}
    first = youtube.call("GET", "playlistItems", token, **query)
    for known in (first.headers["etag"], first.json()["etag"], f'"x", W/{first.headers["etag"]}'):
        again = youtube.call("GET", "playlistItems", token, headers={"If-None-Match": known}, **query)
        assert (again.status_code, again.content) == (304, b"")
    assert youtube.used() == 4
    youtube.insert(token, playlist_id, videos[2])
    changed = youtube.call(
        "GET", "playlistItems", token, headers={"If-None-Match": first.headers["etag"]}, **query
    )
    assert changed.status_code == 200


def test_the_etag_of_a_playlist_changes_with_its_contents(
    youtube: YouTube, token: str, videos: list[str]
) -> None:
    playlist_id = youtube.new_playlist(items=videos[:2])

    def etag() -> str:
        answer = youtube.call("GET", "playlists", token, part="snippet", id=playlist_id)
        return str(answer.json()["items"][0]["etag"])

    before = etag()
    assert etag() == before
    listed = youtube.call("GET", "playlistItems", token, part="id", playlistId=playlist_id).json()["items"]
    youtube.call("DELETE", "playlistItems", token, id=listed[1]["id"])
    youtube.insert(token, playlist_id, videos[1])
    assert etag() != before, "as many entries, but other ones"


def test_parts_fields_and_the_parameters_of_every_google_api(youtube: YouTube, token: str) -> None:
    answer = youtube.call(
        "GET", "playlists", token, part="status", mine="true", prettyPrint="false", alt="json"
    )
    assert set(answer.json()["items"][0]) == {"kind", "etag", "id", "status"}
    answer = youtube.call(
        "GET",
        "playlists",
        token,
        part="snippet",
        mine="true",
        fields="items/snippet/title",
        quotaUser="u",
        key="k",
    )
    assert all(item.keys() == {"snippet"} for item in answer.json()["items"])
    assert answer.json().keys() == {"items"}
    pretty = youtube.call("GET", "playlists", token, part="id", mine="true", prettyPrint="true")
    assert "\n  " in pretty.text


def test_public_things_can_be_read_with_a_key_alone(youtube: YouTube, videos: list[str]) -> None:
    public = youtube.new_playlist(items=videos[:3], privacy="public")
    listed = youtube.call("GET", "playlistItems", None, part="snippet", playlistId=public, key="k").json()
    assert len(listed["items"]) == 3
    channel = youtube.call("GET", "videos", None, part="snippet", id=videos[0], key="k").json()["items"][0]
    uploads = "UU" + channel["snippet"]["channelId"][2:]
    answer = youtube.call(
        "GET", "playlistItems", None, part="contentDetails", playlistId=uploads, key="k", maxResults=50
    ).json()
    assert videos[0] in [item["contentDetails"]["videoId"] for item in answer["items"]]


def test_a_channels_uploads_are_the_newest_first_without_what_is_gone(
    youtube: YouTube, token: str, videos: list[str]
) -> None:
    found = youtube.call("GET", "videos", token, part="snippet", id=videos[0]).json()["items"][0]["snippet"]
    query = {"part": "snippet,contentDetails", "playlistId": "UU" + found["channelId"][2:], "maxResults": 50}

    def uploads() -> list[dict[str, Any]]:
        return list(youtube.call("GET", "playlistItems", token, **query).json()["items"])

    listed = uploads()
    dates = [item["contentDetails"]["videoPublishedAt"] for item in listed]
    assert dates == sorted(dates, reverse=True)
    assert {item["snippet"]["videoOwnerChannelId"] for item in listed} == {found["channelId"]}
    youtube.control("PUT", f"videos/{videos[0]}", {"privacy": "deleted"})
    assert [item["contentDetails"]["videoId"] for item in uploads()] == [
        item["contentDetails"]["videoId"] for item in listed if item["contentDetails"]["videoId"] != videos[0]
    ]


def test_a_channel_lists_twenty_thousand_uploads_at_most(
    youtube: YouTube, token: str, videos: list[str]
) -> None:
    found = youtube.call("GET", "videos", token, part="snippet", id=videos[0]).json()["items"][0]["snippet"]
    youtube.control("PUT", f"channels/{found['channelId']}/uploads", {"count": 25_000})
    page = youtube.call(
        "GET", "playlistItems", token, part="id", playlistId="UU" + found["channelId"][2:], maxResults=50
    ).json()
    assert page["pageInfo"]["totalResults"] == 20_000


def test_a_channel_that_nobody_knows_lists_nothing(youtube: YouTube, token: str) -> None:
    answer = youtube.call("GET", "playlistItems", token, part="id", playlistId="UU" + "x" * 22)
    assert answer.status_code == 404


def test_entries_can_be_looked_for_by_video(youtube: YouTube, token: str, videos: list[str]) -> None:
    playlist_id = youtube.new_playlist(items=[videos[0], videos[1], videos[0]])
    query = {"part": "snippet", "playlistId": playlist_id, "videoId": videos[0]}
    found = youtube.call("GET", "playlistItems", token, **query).json()["items"]
    assert [item["snippet"]["position"] for item in found] == [0, 2]


def test_search_filters_and_orders(youtube: YouTube, token: str) -> None:
    def search(**query: str) -> list[dict[str, str]]:
        answer = youtube.call(
            "GET", "search", token, part="snippet", q="the", type="video", maxResults="50", **query
        ).json()
        return [{**hit["snippet"], **hit["id"]} for hit in answer["items"]]

    dates = [hit["publishedAt"] for hit in search(order="date")]
    assert dates == sorted(dates, reverse=True)
    middle = dates[len(dates) // 2]
    assert all(hit["publishedAt"] >= middle for hit in search(publishedAfter=middle))
    assert all(hit["publishedAt"] < middle for hit in search(publishedBefore=middle))
    channel = search()[0]["channelId"]
    assert {hit["channelId"] for hit in search(channelId=channel)} == {channel}
    assert search(videoDuration="long") != search(videoDuration="short")
    titles = [html.unescape(hit["title"]).casefold() for hit in search(order="title")]
    assert titles == sorted(titles)
    assert len(titles) > 1


def test_results_of_a_search_end_at_five_hundred(youtube: YouTube, token: str) -> None:
    query = {"part": "id", "type": "video", "maxResults": "50"}
    ids: list[str] = []
    page: str | None = None
    while True:
        more = {"pageToken": page} if page else {}
        answer = youtube.call("GET", "search", token, **query, **more).json()
        ids += [hit["id"]["videoId"] for hit in answer["items"]]
        page = answer.get("nextPageToken")
        if page is None:
            break
    assert len(ids) == len(set(ids)) == 500
    assert answer["pageInfo"]["totalResults"] > 500


def test_channels_and_their_playlists(youtube: YouTube, token: str, videos: list[str]) -> None:
    public = youtube.new_playlist("grace", privacy="public")
    youtube.new_playlist("grace")
    found = youtube.call("GET", "channels", token, part="snippet,contentDetails", forHandle="@Grace").json()
    (grace,) = found["items"]
    assert grace["contentDetails"]["relatedPlaylists"]["likes"] == "", (
        "somebody else's likes are nobody's business"
    )
    listed = youtube.call("GET", "playlists", token, part="id", channelId=grace["id"]).json()["items"]
    assert [playlist["id"] for playlist in listed] == [public]
    uploader = youtube.call("GET", "videos", token, part="snippet", id=videos[0]).json()["items"][0][
        "snippet"
    ]
    channels = youtube.call(
        "GET", "channels", token, part="snippet", id=f"{uploader['channelId']},UCnope"
    ).json()
    assert [channel["snippet"]["title"] for channel in channels["items"]] == [uploader["channelTitle"]]
    none = youtube.call("GET", "playlists", token, part="id", channelId=uploader["channelId"]).json()
    assert none["items"] == []


def test_a_single_entry_by_its_id(youtube: YouTube, token: str, videos: list[str]) -> None:
    playlist_id = youtube.new_playlist(items=videos[:3])
    listed = youtube.call("GET", "playlistItems", token, part="snippet", playlistId=playlist_id).json()[
        "items"
    ]
    one = youtube.call("GET", "playlistItems", token, part="snippet", id=listed[2]["id"]).json()["items"]
    assert one == [listed[2]]


def test_what_is_most_popular(youtube: YouTube, token: str) -> None:
    query = {"part": "statistics,snippet", "chart": "mostPopular", "videoCategoryId": "10"}
    listed = youtube.call("GET", "videos", token, **query).json()["items"]
    views = [int(video["statistics"]["viewCount"]) for video in listed]
    assert views == sorted(views, reverse=True)
    assert {video["snippet"]["categoryId"] for video in listed} == {"10"}

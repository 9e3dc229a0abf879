"""Every refusal of the API, by natural means where there are any, else by its ready-made fault."""

from typing import Any

import pytest

from local.simulators.youtube.faults import READY_MADE
from tests.integration.local.simulators.youtube_factories import (
    READ,
    YouTube,
    error,
    item_body,
)


@pytest.mark.parametrize(
    ("path", "query", "reason"),
    [
        ("channels", {"mine": "true"}, "missingRequiredParameter"),
        ("channels", {"part": "snippet"}, "missingRequiredParameter"),
        ("channels", {"part": "snippet,unheard", "mine": "true"}, "unknownPart"),
        ("channels", {"part": "snippet", "mine": "maybe"}, "invalid"),
        ("playlists", {"part": "snippet", "mine": "true", "id": "PLx"}, "incompatibleParameters"),
        ("playlists", {"part": "snippet", "mine": "true", "colour": "red"}, "unexpectedParameter"),
        ("playlists", {"part": "snippet", "mine": "true", "pageToken": "CAUQAA"}, "invalidPageToken"),
        ("playlists", {"part": "snippet", "mine": "true", "maxResults": "51"}, "invalidParameter"),
        ("playlists", {"part": "snippet", "mine": "true", "maxResults": "many"}, "invalid"),
        ("playlists", {"part": "snippet", "mine": "true", "fields": "items("}, "invalidParameter"),
        ("videos", {"part": "snippet", "maxResults": "0", "chart": "mostPopular"}, "invalidParameter"),
        ("videos", {"part": "snippet", "id": ",".join(map(str, range(51)))}, "invalidFilters"),
        ("search", {"part": "snippet", "q": "x", "videoCategoryId": "10"}, "invalidSearchFilter"),
        ("search", {"part": "snippet", "q": "x", "type": "song"}, "invalidParameter"),
        ("search", {"part": "snippet", "q": "x", "order": "best"}, "invalid"),
        ("search", {"part": "snippet", "q": "x", "publishedAfter": "yesterday"}, "invalid"),
    ],
)
def test_bad_parameters(youtube: YouTube, token: str, path: str, query: dict[str, str], reason: str) -> None:
    bucket = "search" if path == "search" else "general"
    assert error(youtube.call("GET", path, token, **query)) == (400, reason)
    assert youtube.used(bucket) == 1, "an invalid call costs as well"


def _without(body: dict[str, Any], *path: str) -> dict[str, Any]:
    inner = body
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return body


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        (lambda body: _without(body, "snippet"), 400, "playlistIdRequired"),
        (lambda body: _without(body, "snippet", "playlistId"), 400, "playlistIdRequired"),
        (lambda body: _without(body, "snippet", "resourceId"), 400, "resourceIdRequired"),
        (lambda body: _without(body, "snippet", "resourceId", "videoId"), 400, "resourceIdRequired"),
        (lambda body: _without(body, "snippet", "resourceId", "kind"), 400, "invalidResourceType"),
        (lambda body: body["snippet"].update(playlistId="PLnope") or body, 404, "playlistNotFound"),
        (lambda body: body["snippet"]["resourceId"].update(videoId="nope") or body, 404, "videoNotFound"),
        (lambda body: body["snippet"].update(position=0) or body, 400, "manualSortRequired"),
        (lambda body: body["snippet"].update(position=-1) or body, 400, "invalidPlaylistItemPosition"),
        (lambda body: body["snippet"].update(position="first") or body, 400, "invalid"),
        (lambda body: body["snippet"].update(playlistId="LL") or body, 400, "playlistOperationUnsupported"),
        (lambda body: body["snippet"].update(playlistId="HL") or body, 403, "watchHistoryNotAccessible"),
        (lambda body: body["snippet"].update(playlistId="WL") or body, 403, "watchLaterNotAccessible"),
        (lambda body: {**body, "contentDetails": {"note": "x" * 281}}, 400, "invalidContentDetails"),
        (lambda body: [body], 400, "parseError"),
    ],
)
def test_bad_inserts(
    youtube: YouTube, token: str, videos: list[str], change: Any, status: int, reason: str
) -> None:
    playlist_id = youtube.new_playlist()
    body = change(item_body(playlist_id, videos[0]))
    assert error(youtube.call("POST", "playlistItems", token, body=body, part="snippet")) == (status, reason)
    assert youtube.truth(playlist_id) == []
    assert youtube.used() == 50


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "playlistTitleRequired"),
        ({"snippet": {"title": "  "}}, "playlistTitleRequired"),
        ({"snippet": {"title": "x" * 151}}, "invalidPlaylistSnippet"),
        ({"snippet": {"title": "x", "description": "y" * 5001}}, "invalidPlaylistSnippet"),
        ({"snippet": {"title": "x"}, "status": {"privacyStatus": "secret"}}, "invalid"),
    ],
)
def test_bad_playlists(youtube: YouTube, token: str, body: Any, reason: str) -> None:
    assert error(youtube.call("POST", "playlists", token, body=body, part="snippet,status")) == (400, reason)


def test_other_peoples_playlists(youtube: YouTube, token: str, videos: list[str]) -> None:
    private = youtube.new_playlist("grace", items=videos[:1])
    public = youtube.new_playlist("grace", items=videos[:1], privacy="public")
    for_items = (403, "playlistItemsNotAccessible")
    assert error(youtube.call("GET", "playlistItems", token, part="id", playlistId=private)) == for_items
    listed = youtube.call("GET", "playlistItems", token, part="id", playlistId=public).json()["items"]
    assert len(listed) == 1
    assert error(youtube.insert(token, public, videos[1])) == for_items
    assert error(youtube.call("DELETE", "playlistItems", token, id=listed[0]["id"])) == for_items
    body = {"id": public, "snippet": {"title": "mine now"}}
    forbidden = (403, "playlistForbidden")
    assert error(youtube.call("PUT", "playlists", token, body=body, part="snippet")) == forbidden
    assert error(youtube.call("DELETE", "playlists", token, id=public)) == forbidden
    assert youtube.call("GET", "playlists", token, part="id", id=private).json()["items"] == []
    assert youtube.truth(public) == videos[:1]


def test_what_is_gone(youtube: YouTube, token: str, videos: list[str]) -> None:
    playlist_id = youtube.new_playlist(items=videos[:1])
    item_id = youtube.call("GET", "playlistItems", token, part="id", playlistId=playlist_id).json()["items"][
        0
    ]["id"]
    assert youtube.call("DELETE", "playlistItems", token, id=item_id).status_code == 204
    gone = (404, "playlistItemNotFound")
    assert error(youtube.call("DELETE", "playlistItems", token, id=item_id)) == gone
    assert error(youtube.call("GET", "playlistItems", token, part="id", id=item_id)) == gone
    assert youtube.call("DELETE", "playlists", token, id=playlist_id).status_code == 204
    lost = (404, "playlistNotFound")
    assert error(youtube.call("DELETE", "playlists", token, id=playlist_id)) == lost
    assert error(youtube.call("GET", "playlistItems", token, part="id", playlistId=playlist_id)) == lost
    assert error(youtube.call("GET", "playlists", token, part="id", channelId="UCnope")) == (
        404,
        "channelNotFound",
    )


def test_videos_that_cannot_be_added(youtube: YouTube, token: str, videos: list[str]) -> None:
    playlist_id = youtube.new_playlist()
    youtube.control("PUT", f"videos/{videos[0]}", {"privacy": "private"})
    assert error(youtube.insert(token, playlist_id, videos[0])) == (400, "failedPrecondition")
    youtube.control("PUT", f"videos/{videos[0]}", {"privacy": "deleted"})
    assert error(youtube.insert(token, playlist_id, videos[0])) == (404, "videoNotFound")
    youtube.control("PUT", f"videos/{videos[0]}", {"privacy": "unlisted"})
    assert youtube.insert(token, playlist_id, videos[0]).status_code == 200


def test_a_full_playlist(youtube: YouTube, token: str, videos: list[str]) -> None:
    youtube.settings(playlist_size=2)
    playlist_id = youtube.new_playlist(items=videos[:2])
    full = (403, "playlistContainsMaximumNumberOfVideos")
    assert error(youtube.insert(token, playlist_id, videos[2])) == full


def test_duplicates_are_taken_or_refused(youtube: YouTube, token: str, videos: list[str]) -> None:
    playlist_id = youtube.new_playlist(items=videos[:1])
    assert youtube.insert(token, playlist_id, videos[0]).status_code == 200
    youtube.settings(duplicates="refuse")
    assert error(youtube.insert(token, playlist_id, videos[0])) == (409, "videoAlreadyInPlaylist")
    assert youtube.truth(playlist_id) == [videos[0], videos[0]]


def test_who_is_asking(youtube: YouTube, token: str) -> None:
    query = {"part": "snippet", "mine": "true"}
    assert error(youtube.call("GET", "channels", "ya29.madeup", **query)) == (401, "authError")
    assert error(youtube.call("GET", "channels", None, **query)) == (403, "forbidden")
    assert error(youtube.call("GET", "channels", None, key="k", **query)) == (401, "required")
    assert youtube.used() == 1, "only the call with the key belongs to a known project"
    read_only = youtube.grant(scope=READ, login="grace")["access_token"]
    answer = youtube.call("POST", "playlists", read_only, part="snippet", body={"snippet": {"title": "x"}})
    assert error(answer) == (403, "insufficientPermissions")
    youtube.settings(api_enabled=False)
    assert error(youtube.call("GET", "channels", token, **query)) == (403, "accessNotConfigured")


def test_an_expired_token(youtube: YouTube, token: str) -> None:
    youtube.advance(3600)
    answer = youtube.call("GET", "channels", token, part="id", mine="true")
    assert error(answer) == (401, "authError")
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"


def test_an_account_without_a_channel(youtube: YouTube) -> None:
    youtube.control("POST", "users", {"id": "nobody", "display_name": "No Channel", "channel": False})
    token = youtube.grant(login="nobody")["access_token"]
    query = {"part": "snippet", "mine": "true"}
    answer = youtube.call("GET", "channels", token, **query)
    assert error(answer) == (401, "youtubeSignupRequired")
    assert answer.json()["error"]["errors"][0]["domain"] == "youtube.header"
    assert error(youtube.call("GET", "playlists", token, **query)) == (401, "youtubeSignupRequired")
    youtube.settings(no_channel="empty")
    assert "items" not in youtube.call("GET", "channels", token, **query).json()


def test_too_many_playlists_in_a_day(youtube: YouTube, token: str) -> None:
    youtube.control("PUT", "clock", {"now": "2026-11-22T20:00:00Z"})

    def make(token: str) -> Any:
        return youtube.call("POST", "playlists", token, part="snippet", body={"snippet": {"title": "x"}})

    token = youtube.grant()["access_token"]
    assert [make(token).status_code for _ in range(10)] == [200] * 10
    refused = make(token)
    assert refused.status_code == 429
    assert refused.json()["error"]["status"] == "RESOURCE_EXHAUSTED"
    other = youtube.grant(login="grace")["access_token"]
    assert make(other).status_code == 200, "the limit is the person's"
    youtube.control("PUT", "clock", {"now": "2026-11-23T08:00:00Z"})
    assert make(youtube.grant()["access_token"]).status_code == 200


_NATURAL_ENDPOINT = {
    "POST /youtube/v3/playlistItems": ("POST", "playlistItems"),
    "POST /youtube/v3/playlists": ("POST", "playlists"),
    "GET /youtube/v3/search": ("GET", "search"),
    "* /youtube/v3/*": ("GET", "videos"),
    "* /youtube/v3/playlist*": ("GET", "playlists"),
    "* /youtube/v3/playlists": ("GET", "playlists"),
    "* /youtube/v3/playlistItems": ("GET", "playlistItems"),
}

_REASONS = {
    "quota_exceeded": (403, "quotaExceeded"),
    "daily_limit": (403, "dailyLimitExceeded"),
    "search_exhausted": (429, "rateLimitExceeded"),
    "rate_limit": (403, "rateLimitExceeded"),
    "user_rate_limit": (403, "userRateLimitExceeded"),
    "playlists_exhausted": (429, "rateLimitExceeded"),
    "conflict": (409, "SERVICE_UNAVAILABLE"),
    "conflict_landed": (409, "SERVICE_UNAVAILABLE"),
    "auth_error": (401, "authError"),
    "signup_required": (401, "youtubeSignupRequired"),
    "insufficient": (403, "insufficientPermissions"),
    "access_not_configured": (403, "accessNotConfigured"),
    "not_found": (404, "videoNotFound"),
    "playlist_not_found": (404, "playlistNotFound"),
    "item_not_found": (404, "playlistItemNotFound"),
    "failed_precondition": (400, "failedPrecondition"),
    "not_accessible": (403, "playlistItemsNotAccessible"),
    "playlist_forbidden": (403, "playlistForbidden"),
    "playlist_full": (403, "playlistContainsMaximumNumberOfVideos"),
    "already_in_playlist": (409, "videoAlreadyInPlaylist"),
    "already_in_another_series": (400, "videoAlreadyInAnotherSeriesPlaylist"),
    "manual_sort": (400, "manualSortRequired"),
    "server_error": (503, "backendError"),
    "internal_error": (500, "backendError"),
}


@pytest.mark.parametrize("name", sorted(READY_MADE.keys() - {"invalid_grant"}))
def test_every_ready_made_fault_strikes_once_with_its_envelope(
    youtube: YouTube, token: str, name: str
) -> None:
    youtube.fault(name)
    method, path = _NATURAL_ENDPOINT[READY_MADE[name]["endpoint"]]
    assert error(youtube.call(method, path, token, body={}, part="snippet")) == _REASONS[name]
    after = youtube.call(method, path, token, body={}, part="snippet")
    assert after.status_code == 200 or error(after) != _REASONS[name]


def test_a_landed_conflict_has_written(youtube: YouTube, token: str, videos: list[str]) -> None:
    playlist_id = youtube.new_playlist()
    youtube.fault("conflict_landed")
    assert error(youtube.insert(token, playlist_id, videos[0])) == (409, "SERVICE_UNAVAILABLE")
    assert youtube.truth(playlist_id) == [videos[0]]


def test_unknown_paths_and_methods(youtube: YouTube, token: str) -> None:
    for answer in (youtube.call("GET", "captions", token), youtube.call("DELETE", "search", token)):
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == 404

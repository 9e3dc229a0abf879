"""Saved albums and followed artists, as the simulators have them: pages, scopes, refusals."""

from typing import Any

import pytest
import requests


def _control(url: str, method: str, path: str, body: Any = None) -> Any:
    answer = requests.request(method, f"{url}/_control{path}", json=body, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def _token(url: str, user: str, **more: Any) -> dict[str, str]:
    token = _control(url, "POST", "/tokens", {"user": user, **more})["access_token"]
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def spotify(spotify_url: str) -> str:
    _control(spotify_url, "POST", "/reset")
    return spotify_url


def _artists(url: str, headers: dict[str, str], count: int) -> list[str]:
    found: list[str] = []
    for offset in range(0, 200, 10):
        params: dict[str, Any] = {"q": "a", "type": "artist", "limit": 10, "offset": offset}
        answer = requests.get(f"{url}/v1/search", params=params, headers=headers, timeout=10).json()
        found += [one["id"] for one in answer["artists"]["items"] if one["id"] not in found]
    assert len(found) >= count
    return found[:count]


def test_spotify_pages_followed_artists_by_the_last_id(spotify: str) -> None:
    ids = _artists(spotify, _token(spotify, "ada"), 7)
    _control(spotify, "POST", "/users", {"id": "fan", "following": ids})
    headers = _token(spotify, "fan")
    seen: list[str] = []
    after: str | None = None
    while True:
        params: dict[str, Any] = {"type": "artist", "limit": 3} | ({"after": after} if after else {})
        answer = requests.get(f"{spotify}/v1/me/following", params=params, headers=headers, timeout=10)
        page = answer.json()["artists"]
        assert page["total"] == 7
        seen += [one["id"] for one in page["items"]]
        after = page["cursors"]["after"]
        if after is None:
            break
    assert sorted(seen) == sorted(ids)
    assert len(seen) == 7


def test_spotify_asks_for_a_scope_of_its_own_and_lets_new_applications_follow_nobody(spotify: str) -> None:
    (artist,) = _artists(spotify, _token(spotify, "ada"), 1)
    params = {"type": "artist", "ids": artist}
    narrow = _token(spotify, "ada", scopes=["user-library-read"])
    refused = requests.get(
        f"{spotify}/v1/me/following", params={"type": "artist"}, headers=narrow, timeout=10
    )
    assert (refused.status_code, refused.json()["error"]["message"]) == (403, "Insufficient client scope")
    gone = requests.put(
        f"{spotify}/v1/me/following", params=params, headers=_token(spotify, "ada"), timeout=10
    )
    assert (gone.status_code, gone.json()["error"]["message"]) == (403, "Forbidden")
    uris = {"uris": f"spotify:artist:{artist}"}
    other = requests.put(f"{spotify}/v1/me/library", params=uris, headers=_token(spotify, "ada"), timeout=10)
    assert other.status_code == 400

    _control(spotify, "PUT", "/settings", {"mode": "extended"})
    done = requests.put(
        f"{spotify}/v1/me/following", params=params, headers=_token(spotify, "ada"), timeout=10
    )
    assert done.status_code == 204
    users = _control(spotify, "GET", "/users")["users"]
    assert next(user for user in users if user["id"] == "ada")["following"] == [artist]
    _control(spotify, "POST", "/reset")


def test_spotify_lists_saved_albums_with_their_codes(spotify: str) -> None:
    headers = _token(spotify, "ada")
    params: dict[str, Any] = {"q": "a", "type": "album", "limit": 2}
    found = requests.get(f"{spotify}/v1/search", params=params, headers=headers, timeout=10).json()
    ids = [one["id"] for one in found["albums"]["items"]]
    uris = ",".join(f"spotify:album:{one}" for one in ids)
    requests.put(
        f"{spotify}/v1/me/library", params={"uris": uris}, headers=headers, timeout=10
    ).raise_for_status()
    saved = requests.get(f"{spotify}/v1/me/albums", headers=headers, timeout=10).json()
    assert sorted(one["album"]["id"] for one in saved["items"]) == sorted(ids)
    assert all("external_ids" in one["album"] for one in saved["items"])


@pytest.fixture
def youtube(youtube_url: str) -> str:
    _control(youtube_url, "POST", "/reset")
    return youtube_url


def test_youtube_subscribes_once_and_says_why_not(youtube: str) -> None:
    _control(youtube, "POST", "/users", {"id": "fan", "display_name": "Fan"})
    headers = _token(youtube, "fan")
    url = f"{youtube}/youtube/v3/subscriptions"
    videos = requests.get(
        f"{youtube}/youtube/v3/search",
        params={"part": "snippet", "q": "parade", "type": "video", "maxResults": "5"},
        headers=headers,
        timeout=10,
    ).json()["items"]
    channel = videos[0]["snippet"]["channelId"]

    def subscribe(channel_id: str) -> requests.Response:
        body = {"snippet": {"resourceId": {"kind": "youtube#channel", "channelId": channel_id}}}
        return requests.post(url, params={"part": "snippet"}, json=body, headers=headers, timeout=10)

    def reason(answer: requests.Response) -> tuple[int, str]:
        return answer.status_code, answer.json()["error"]["errors"][0]["reason"]

    used = _control(youtube, "GET", "/quota")["general"]["used"]
    made = subscribe(channel)
    assert made.status_code == 200
    assert _control(youtube, "GET", "/quota")["general"]["used"] == used + 50
    assert reason(subscribe(channel)) == (400, "subscriptionDuplicate")
    assert reason(subscribe("UCnobody")) == (404, "publisherNotFound")
    own = next(user for user in _control(youtube, "GET", "/users")["users"] if user["id"] == "fan")
    assert reason(subscribe(own["channel_id"])) == (400, "subscriptionForbidden")

    listed = requests.get(url, params={"part": "snippet", "mine": "true"}, headers=headers, timeout=10).json()
    assert [one["snippet"]["resourceId"]["channelId"] for one in listed["items"]] == [channel]
    gone = requests.delete(url, params={"id": made.json()["id"]}, headers=headers, timeout=10)
    assert gone.status_code == 204
    again = requests.delete(url, params={"id": made.json()["id"]}, headers=headers, timeout=10)
    assert reason(again) == (404, "subscriptionNotFound")

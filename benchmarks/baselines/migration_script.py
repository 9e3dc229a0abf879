"""A plain script that moves a playlist, one call after the other: what the engine is measured against.

It makes the calls that the engine makes and nothing else: no database, no matcher (the first hit is taken),
no retries. One session, so that connections are kept open.
"""

import json
import sys
import time
from collections.abc import Iterator
from itertools import batched
from typing import Any

import requests

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word(number: int) -> str:
    """A made-up word, another for every number."""
    text = ""
    for _ in range(5):
        number, rest = divmod(number, 26)
        text += _LETTERS[rest] + "aeiou"[rest % 5]
    return text.capitalize()


class Api:
    """One provider's API, as one person."""

    def __init__(self, url: str, token: str) -> None:
        self.calls = 0
        self._url = url
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, body: Any = None, **params: str | int) -> Any:
        """One call; gives the parsed answer."""
        self.calls += 1
        answer = self._session.request(method, f"{self._url}/{path}", params=params, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()


def youtube_pages(api: Api, playlist_id: str) -> Iterator[list[Any]]:
    """A playlist's entries, 50 at a time."""
    token: dict[str, str] = {}
    while True:
        page = api("GET", "playlistItems", part="snippet,contentDetails,status", playlistId=playlist_id,
                   maxResults=50, **token)  # fmt: skip
        yield page["items"]
        if "nextPageToken" not in page:
            return
        token = {"pageToken": page["nextPageToken"]}


def spotify_pages(api: Api, playlist_id: str) -> Iterator[list[Any]]:
    """A playlist's entries, 50 at a time."""
    offset = 0
    while True:
        page = api("GET", f"playlists/{playlist_id}/items", limit=50, offset=offset)
        yield page["items"]
        offset += 50
        if page["next"] is None:
            return


def to_spotify(source: Api, target: Api, playlist_id: str, most: int) -> int:
    """Read, look lengths up, search, make, write, read back; gives the number of tracks."""
    source("GET", "playlists", part="snippet,status,contentDetails", id=playlist_id)
    titles: list[str] = []
    for items in youtube_pages(source, playlist_id):
        ids = [item["contentDetails"]["videoId"] for item in items]
        source("GET", "videos", part="snippet,contentDetails,status", id=",".join(ids), maxResults=50)
        titles += [
            f"{item['snippet']['videoOwnerChannelTitle'].removesuffix(' - Topic')} {item['snippet']['title']}"
            for item in items
        ]
        if len(titles) >= most:
            break
    source("GET", "playlists", part="snippet,status,contentDetails", id=playlist_id)
    uris = []
    for title in titles:
        hits = target("GET", "search", q=title, type="track", limit=10)["tracks"]["items"]
        uris += [hit["uri"] for hit in hits[:1]]
    made = target("POST", "me/playlists", {"name": "Plain", "public": False})["id"]
    for batch in batched(uris, 100, strict=False):
        target("POST", f"playlists/{made}/items", {"uris": list(batch)})
    for _ in spotify_pages(target, made):
        pass
    return len(titles)


def to_youtube(source: Api, target: Api, playlist_id: str, most: int) -> int:
    """Read, search, look hits up, make, write, read back; gives the number of tracks."""
    source("GET", f"playlists/{playlist_id}", fields="id,name,snapshot_id")
    titles: list[str] = []
    for items in spotify_pages(source, playlist_id):
        titles += [f"{item['item']['artists'][0]['name']} {item['item']['name']}" for item in items]
        if len(titles) >= most:
            break
    source("GET", f"playlists/{playlist_id}", fields="id,name,snapshot_id")
    ids, first = [], []
    for title in titles:
        hits = target("GET", "search", part="snippet", q=title, type="video", videoCategoryId=10,
                      maxResults=10)["items"]  # fmt: skip
        ids += [hit["id"]["videoId"] for hit in hits]
        first += [hit["id"]["videoId"] for hit in hits[:1]]
    for batch in batched(ids, 50, strict=False):
        target("GET", "videos", part="snippet,contentDetails,status", id=",".join(batch), maxResults=50)
    body: dict[str, Any] = {"snippet": {"title": "Plain"}, "status": {"privacyStatus": "private"}}
    made = target("POST", "playlists", body, part="snippet,status")["id"]
    for video_id in first:
        resource = {"kind": "youtube#video", "videoId": video_id}
        body = {"snippet": {"playlistId": made, "resourceId": resource}}
        target("POST", "playlistItems", body, part="snippet")
    for _ in youtube_pages(target, made):
        pass
    return len(titles)


def main() -> None:
    """Print what it took."""
    order = json.loads(sys.argv[1])
    source, target = (Api(order[name]["url"], order[name]["token"]) for name in ("source", "target"))
    move = to_spotify if order["to"] == "spotify" else to_youtube
    started = time.perf_counter()
    tracks = move(source, target, order["playlist"], order["most"])
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "calls": source.calls + target.calls, "tracks": tracks}))


if __name__ == "__main__":
    main()

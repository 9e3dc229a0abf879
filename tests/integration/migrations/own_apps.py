"""What a person does with the providers' own apps, over HTTP and with a token of theirs."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

RECORDING = "https://musicbrainz.org/recording/"
JSPF = "https://musicbrainz.org/doc/jspf#playlist"


@dataclass(frozen=True)
class OwnApp(ABC):
    """A provider's own app, in which somebody is signed in."""

    url: str
    token: str
    headers: dict[str, str] = field(default_factory=dict)
    scheme = "Bearer"

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        headers = {"Authorization": f"{self.scheme} {self.token}", **self.headers}
        answer = requests.request(
            method, f"{self.url}{path}", params=query, json=body, headers=headers, timeout=10
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content.strip() else None

    @abstractmethod
    def add(self, playlist_id: str, ids: Sequence[str]) -> None:
        """Put tracks at the end of a playlist."""

    @abstractmethod
    def remove(self, playlist_id: str, position: int) -> None:
        """Take out what stands at a position."""

    @abstractmethod
    def replace(self, playlist_id: str, ids: Sequence[str]) -> None:
        """Give a playlist of at most 20 entries other contents."""

    @abstractmethod
    def rename(self, playlist_id: str, name: str, description: str | None = None) -> None:
        """Give a playlist another name and, where one is given, another description."""

    @abstractmethod
    def called(self, playlist_id: str) -> tuple[str, str]:
        """Give name and description of a playlist."""

    @abstractmethod
    def delete(self, playlist_id: str) -> None:
        """Delete a playlist, or follow it no longer."""

    def like(self, item_id: str) -> None:
        """Like a song; ListenBrainz has no likes of songs that move."""
        pytest.fail(f"{type(self).__name__} likes nothing: {item_id}")


class SpotifyApp(OwnApp):
    """Spotify's."""

    def add(self, playlist_id: str, ids: Sequence[str]) -> None:
        self.call("POST", f"/v1/playlists/{playlist_id}/items", {"uris": [f"spotify:track:{i}" for i in ids]})

    def remove(self, playlist_id: str, position: int) -> None:
        """Take out every copy of the track that stands there, as Spotify does."""
        items = self.call("GET", f"/v1/playlists/{playlist_id}/items")["items"]
        self.remove_track(playlist_id, items[position]["item"]["id"])

    def remove_track(self, playlist_id: str, track_id: str) -> None:
        body = {"items": [{"uri": f"spotify:track:{track_id}"}]}
        self.call("DELETE", f"/v1/playlists/{playlist_id}/items", body)

    def replace(self, playlist_id: str, ids: Sequence[str]) -> None:
        self.call("PUT", f"/v1/playlists/{playlist_id}/items", {"uris": [f"spotify:track:{i}" for i in ids]})

    def rename(self, playlist_id: str, name: str, description: str | None = None) -> None:
        body = {"name": name} if description is None else {"name": name, "description": description}
        self.call("PUT", f"/v1/playlists/{playlist_id}", body)

    def called(self, playlist_id: str) -> tuple[str, str]:
        found = self.call("GET", f"/v1/playlists/{playlist_id}")
        return found["name"], found["description"]

    def delete(self, playlist_id: str) -> None:
        self.call("DELETE", "/v1/me/library", uris=f"spotify:playlist:{playlist_id}")

    def like(self, item_id: str) -> None:
        self.call("PUT", "/v1/me/library", uris=f"spotify:track:{item_id}")


class YouTubeApp(OwnApp):
    """YouTube's."""

    ITEMS = "/youtube/v3/playlistItems"

    def add(self, playlist_id: str, ids: Sequence[str]) -> None:
        for video_id in ids:
            resource = {"kind": "youtube#video", "videoId": video_id}
            body = {"snippet": {"playlistId": playlist_id, "resourceId": resource}}
            self.call("POST", self.ITEMS, body, part="snippet")

    def _items(self, playlist_id: str) -> list[Any]:
        query = {"part": "snippet", "playlistId": playlist_id, "maxResults": "50"}
        return list(self.call("GET", self.ITEMS, **query)["items"])

    def remove(self, playlist_id: str, position: int) -> None:
        self.call("DELETE", self.ITEMS, id=self._items(playlist_id)[position]["id"])

    def replace(self, playlist_id: str, ids: Sequence[str]) -> None:
        for item in self._items(playlist_id):
            self.call("DELETE", self.ITEMS, id=item["id"])
        self.add(playlist_id, ids)

    def rename(self, playlist_id: str, name: str, description: str | None = None) -> None:
        snippet = {"title": name, "description": description or ""}
        self.call("PUT", "/youtube/v3/playlists", {"id": playlist_id, "snippet": snippet}, part="snippet")

    def called(self, playlist_id: str) -> tuple[str, str]:
        found = self.call("GET", "/youtube/v3/playlists", part="snippet", id=playlist_id)["items"][0][
            "snippet"
        ]
        return found["title"], found["description"]

    def delete(self, playlist_id: str) -> None:
        self.call("DELETE", "/youtube/v3/playlists", id=playlist_id)

    def like(self, item_id: str) -> None:
        self.call("POST", "/youtube/v3/videos/rate", id=item_id, rating="like")


class TidalApp(OwnApp):
    """TIDAL's."""

    def _path(self, playlist_id: str) -> str:
        return f"/v2/playlists/{playlist_id}/relationships/items"

    def add(self, playlist_id: str, ids: Sequence[str]) -> None:
        if ids:
            self.call(
                "POST", self._path(playlist_id), {"data": [{"type": "tracks", "id": one} for one in ids]}
            )

    def remove(self, playlist_id: str, position: int) -> None:
        data = self.call("GET", self._path(playlist_id))["data"]
        self.call("DELETE", self._path(playlist_id), {"data": [data[position]]})

    def replace(self, playlist_id: str, ids: Sequence[str]) -> None:
        if data := self.call("GET", self._path(playlist_id))["data"]:
            self.call("DELETE", self._path(playlist_id), {"data": data})
        self.add(playlist_id, ids)

    def rename(self, playlist_id: str, name: str, description: str | None = None) -> None:
        attributes = {"name": name} if description is None else {"name": name, "description": description}
        body = {"data": {"type": "playlists", "id": playlist_id, "attributes": attributes}}
        self.call("PATCH", f"/v2/playlists/{playlist_id}", body)

    def called(self, playlist_id: str) -> tuple[str, str]:
        found = self.call("GET", f"/v2/playlists/{playlist_id}")["data"]["attributes"]
        return found["name"], found["description"]

    def delete(self, playlist_id: str) -> None:
        self.call("DELETE", f"/v2/playlists/{playlist_id}")

    def like(self, item_id: str) -> None:
        path = "/v2/userCollectionTracks/me/relationships/items"
        self.call("POST", path, {"data": [{"type": "tracks", "id": item_id}]})


class ListenBrainzApp(OwnApp):
    """ListenBrainz' page."""

    scheme = "Token"

    def add(self, playlist_id: str, ids: Sequence[str]) -> None:
        if ids:
            tracks = [{"identifier": [RECORDING + one]} for one in ids]
            self.call("POST", f"/1/playlist/{playlist_id}/item/add", {"playlist": {"track": tracks}})

    def remove(self, playlist_id: str, position: int) -> None:
        self.call("POST", f"/1/playlist/{playlist_id}/item/delete", {"index": position, "count": 1})

    def replace(self, playlist_id: str, ids: Sequence[str]) -> None:
        count = len(self.call("GET", f"/1/playlist/{playlist_id}")["playlist"]["track"])
        if count:
            self.call("POST", f"/1/playlist/{playlist_id}/item/delete", {"index": 0, "count": count})
        self.add(playlist_id, ids)

    def rename(self, playlist_id: str, name: str, description: str | None = None) -> None:
        changed = {"title": name} if description is None else {"title": name, "annotation": description}
        self.call("POST", f"/1/playlist/edit/{playlist_id}", {"playlist": changed})

    def called(self, playlist_id: str) -> tuple[str, str]:
        found = self.call("GET", f"/1/playlist/{playlist_id}")["playlist"]
        return found["title"], found["annotation"]

    def delete(self, playlist_id: str) -> None:
        self.call("POST", f"/1/playlist/{playlist_id}/delete")


def app_of(provider: str, url: str, token: str) -> OwnApp:
    """Open a provider's own app."""
    match provider:
        case "spotify":
            return SpotifyApp(url, token)
        case "youtube":
            return YouTubeApp(url, token)
        case "tidal":
            kind = "application/vnd.api+json"
            return TidalApp(url, token, {"Content-Type": kind, "Accept": kind})
        case _:
            return ListenBrainzApp(url, token)

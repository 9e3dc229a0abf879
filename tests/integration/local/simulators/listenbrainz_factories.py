"""A ListenBrainz simulator in a thread, and what tests do with it over HTTP."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import requests

from local.simulators.listenbrainz.app import create_app
from local.simulators.listenbrainz.playlists import PLAYLIST_EXTENSION, RECORDING_URI
from local.simulators.server import serve_in_thread

CONTACT = "MusicConnect/1.0 ( music@example.org )"
"""A User-Agent that says whom MusicBrainz can write to."""


class ListenBrainz:
    """One simulator: control, bare HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()

    # Control

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, f"{self.url}/_control/{path}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def settings(self, **switches: Any) -> None:
        self.control("PUT", "settings", switches)

    def quota(self, **limits: int | None) -> None:
        self.control("PUT", "quota", limits)

    def stop_clock(self, at: str = "2026-12-01T09:00:00Z") -> None:
        """Make it a moment at which a window begins; it goes on from there."""
        self.control("PUT", "clock", {"now": at})

    def token(self, user: str = "ada") -> str:
        return str(self.control("POST", "tokens", {"user": user})["token"])

    def new_playlist(self, items: Sequence[Any], user: str = "ada", **details: Any) -> str:
        body = {"name": "Test", "items": list(items), **details}
        return str(self.control("POST", f"users/{user}/playlists", body)["id"])

    def truth(self, playlist_id: str) -> list[str]:
        return [row["id"] for row in self.control("GET", f"playlists/{playlist_id}/items")["items"]]

    # The API

    def call(
        self, method: str, path: str, token: str | None = None, body: Any = None, **query: Any
    ) -> requests.Response:
        """One call of ListenBrainz, whatever its status."""
        headers = {} if token is None else {"Authorization": f"Token {token}"}
        return self.http.request(
            method, f"{self.url}/1{path}", params=query, json=body, headers=headers, timeout=10
        )

    def get(self, path: str, token: str | None = None, **query: Any) -> Any:
        answer = self.call("GET", path, token, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, token: str, body: Any = None) -> Any:
        answer = self.call("POST", path, token, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def musicbrainz(self, path: str, agent: str = CONTACT, **query: Any) -> requests.Response:
        """One call of MusicBrainz, whatever its status."""
        headers = {"User-Agent": agent}
        return self.http.get(
            f"{self.url}/ws/2{path}", params={"fmt": "json", **query}, headers=headers, timeout=10
        )

    def refused(self, status: int, method: str, path: str, *args: Any, **query: Any) -> str:
        """What a call says that is refused with this status."""
        answer = self.call(method, path, *args, **query)
        assert answer.status_code == status, answer.text
        assert answer.json()["code"] == status
        return str(answer.json()["error"])


def jspf(*mbids: str, **playlist: Any) -> dict[str, Any]:
    """A playlist as it is sent."""
    tracks = [{"identifier": [RECORDING_URI + mbid]} for mbid in mbids]
    return {"playlist": {**playlist, "track": tracks}}


def named(title: str, *mbids: str, public: bool = False, **own: Any) -> dict[str, Any]:
    """A playlist that can be created."""
    return jspf(*mbids, title=title, extension={PLAYLIST_EXTENSION: {"public": public, **own}})


@contextlib.contextmanager
def simulated_listenbrainz() -> Iterator[ListenBrainz]:
    """A simulator for as long as the block runs."""
    with serve_in_thread(create_app()) as url:
        yield ListenBrainz(url)

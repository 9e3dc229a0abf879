"""A Spotify simulator in a thread, and what tests do with it over HTTP."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from local.simulators.oauth import pkce_challenge
from local.simulators.server import serve_in_thread
from local.simulators.spotify.app import create_app

REDIRECT = "http://127.0.0.1:5000/v1/providers/spotify/callback"
CLIENT = {"client_id": "musicconnect-local", "client_secret": "local-secret"}
VERIFIER = "v" * 64
SCOPES = "playlist-read-private playlist-modify-private user-library-read"


class Spotify:
    """One simulator: control, consent, bare HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()

    # Control

    def control(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self.http.request(method, f"{self.url}/_control/{path}", json=body, timeout=10)
        assert answer.status_code == status, answer.text
        return answer.json()

    def settings(self, **switches: Any) -> None:
        self.control("PUT", "settings", switches)

    def fault(self, **details: Any) -> None:
        self.control("POST", "faults", details)

    def advance(self, seconds: float) -> None:
        offset = self.control("GET", "clock")["offset_seconds"]
        self.control("PUT", "clock", {"offset_seconds": offset + seconds})

    def grant(self, user: str = "ada", scopes: Sequence[str] | None = None) -> str:
        """An access token without a consent page."""
        body = {"user": user} if scopes is None else {"user": user, "scopes": list(scopes)}
        return str(self.control("POST", "tokens", body)["access_token"])

    def new_playlist(self, items: Sequence[Any], user: str = "ada", **details: Any) -> str:
        body = {"name": "Test", "items": list(items), **details}
        return str(self.control("POST", f"users/{user}/playlists", body)["id"])

    def truth(self, playlist_id: str) -> list[str]:
        return [row["id"] for row in self.control("GET", f"playlists/{playlist_id}/items")["items"]]

    # The Web API

    def call(self, method: str, path: str, token: str, body: Any = None, **query: Any) -> requests.Response:
        return self.http.request(
            method,
            f"{self.url}/v1/{path}",
            params=query,
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )

    def get(self, path: str, token: str, **query: Any) -> Any:
        answer = self.call("GET", path, token, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    # Consent

    def authorize(self, **query: str) -> requests.Response:
        asked = {
            "client_id": CLIENT["client_id"],
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": SCOPES,
            "state": "s1",
            "code_challenge": pkce_challenge(VERIFIER),
            "code_challenge_method": "S256",
            **query,
        }
        return self.http.get(f"{self.url}/authorize", params=asked, allow_redirects=False, timeout=10)

    def callback(self, **query: str) -> dict[str, str]:
        """What the redirect after the consent page carries."""
        return carried(self.authorize(**{"login": "ada", "decision": "approve", **query}))

    def token(self, auth: tuple[str, str] | None = None, /, **form: str) -> requests.Response:
        return self.http.post(f"{self.url}/api/token", data=form, auth=auth, timeout=10)

    def exchange(self, code: str, **changes: str) -> requests.Response:
        form = {
            **CLIENT,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        }
        return self.token(**{**form, **changes})

    def tokens(self) -> dict[str, Any]:
        """A whole consent and exchange."""
        answer = self.exchange(self.callback()["code"])
        assert answer.status_code == 200, answer.text
        grant = answer.json()
        assert isinstance(grant, dict)
        return grant

    def refresh(self, refresh_token: str, **changes: str) -> requests.Response:
        form = {**CLIENT, "grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.token(**{**form, **changes})


def carried(answer: requests.Response) -> dict[str, str]:
    """The query of a redirect."""
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


@contextlib.contextmanager
def simulated_spotify() -> Iterator[Spotify]:
    with serve_in_thread(create_app()) as url:
        spotify = Spotify(url)
        with spotify.http:
            yield spotify

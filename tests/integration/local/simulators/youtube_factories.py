"""A YouTube simulator in a thread, and what tests do with it over HTTP."""

import contextlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

from local.simulators.oauth import pkce_challenge
from local.simulators.server import serve_in_thread
from local.simulators.youtube.app import create_app

READ = "https://www.googleapis.com/auth/youtube.readonly"
WRITE = "https://www.googleapis.com/auth/youtube"
REDIRECT = "http://127.0.0.1:5000/v1/providers/youtube/callback"
CLIENT = {"client_id": "musicconnect-local", "client_secret": "local-secret"}
VERIFIER = "v" * 64


class YouTube:
    """One simulator: control, consent, bare HTTP and Google's own client."""

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

    def fault(self, name: str, **details: Any) -> None:
        self.control("POST", "faults", {"as": name, **details})

    def advance(self, seconds: float) -> None:
        offset = self.control("GET", "clock")["offset_seconds"]
        self.control("PUT", "clock", {"offset_seconds": offset + seconds})

    def used(self, bucket: str = "general") -> int:
        used = self.control("GET", "quota")[bucket]["used"]
        assert isinstance(used, int)
        return used

    def truth(self, playlist_id: str) -> list[str]:
        return [item["id"] for item in self.control("GET", f"playlists/{playlist_id}/items")["items"]]

    # Consent

    def authorize(self, **query: str) -> requests.Response:
        """The consent page, answered when the query carries a decision."""
        asked = {
            "client_id": CLIENT["client_id"],
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": WRITE,
            "state": "s1",
            "access_type": "offline",
            **query,
        }
        url = f"{self.url}/o/oauth2/v2/auth"
        return self.http.get(url, params=asked, allow_redirects=False, timeout=10)

    def callback(self, **query: str) -> dict[str, str]:
        """What the redirect after the consent page carries."""
        answer = self.authorize(**{"login": "ada", "decision": "approve", **query})
        assert answer.status_code == 302, answer.text
        return {
            name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()
        }

    def token(self, **form: str) -> requests.Response:
        return self.http.post(f"{self.url}/token", data={**CLIENT, **form}, timeout=10)

    def exchange(self, code: str, **form: str) -> requests.Response:
        return self.token(
            **{"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **form}
        )

    def grant(self, **query: str) -> dict[str, Any]:
        """Consent and exchange: what the token endpoint answers."""
        challenge = {"code_challenge": pkce_challenge(VERIFIER), "code_challenge_method": "S256"}
        answer = self.exchange(self.callback(**{**challenge, **query})["code"], code_verifier=VERIFIER)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    # The API

    def call(
        self,
        method: str,
        path: str,
        token: str | None,
        *,
        body: Any = None,
        headers: Any = None,
        **query: Any,
    ) -> requests.Response:
        """One bare call of the API."""
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.request(
            method,
            f"{self.url}/youtube/v3/{path}",
            params=query,
            json=body,
            headers={**authorization, **(headers or {})},
            timeout=30,
        )

    def insert(self, token: str, playlist_id: str, video_id: str, **snippet: Any) -> requests.Response:
        return self.call(
            "POST", "playlistItems", token, body=item_body(playlist_id, video_id, **snippet), part="snippet"
        )

    def new_playlist(self, person: str = "ada", *, items: list[Any] | None = None, **body: Any) -> str:
        """A playlist made behind the API's back: free, and not counted."""
        made = self.control(
            "POST", f"users/{person}/playlists", {"name": "Test", "items": items or [], **body}
        )
        return str(made["id"])

    @contextlib.contextmanager
    def google(self, tokens: dict[str, Any]) -> Iterator[Any]:
        """Google's client, unchanged but for the address."""
        credentials = Credentials(  # type: ignore[no-untyped-call]
            tokens["access_token"],
            refresh_token=tokens.get("refresh_token"),
            token_uri=f"{self.url}/token",
            **CLIENT,
        )
        with build(
            "youtube",
            "v3",
            credentials=credentials,
            static_discovery=True,
            client_options={"api_endpoint": self.url},
        ) as service:
            yield service


def item_body(playlist_id: str, video_id: str, **snippet: Any) -> dict[str, Any]:
    """The body of playlistItems.insert."""
    resource = {"kind": "youtube#video", "videoId": video_id}
    return {"snippet": {"playlistId": playlist_id, "resourceId": resource, **snippet}}


def error(answer: requests.Response) -> tuple[int, str]:
    """Status and reason; checks that the envelope is whole."""
    inner = answer.json()["error"]
    assert inner["code"] == answer.status_code
    assert inner["message"]
    entry = inner["errors"][0]
    assert entry["message"]
    assert entry["domain"]
    return answer.status_code, entry["reason"]


@contextlib.contextmanager
def simulated_youtube() -> Iterator[YouTube]:
    """A simulator in a thread of this process."""
    with serve_in_thread(create_app()) as url:
        youtube = YouTube(url)
        with youtube.http:
            yield youtube

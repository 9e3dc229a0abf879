"""A TIDAL simulator in a thread, and what tests do with it over HTTP."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from local.simulators.oauth import pkce_challenge
from local.simulators.server import serve_in_thread
from local.simulators.tidal.app import create_app
from local.simulators.tidal.errors import MEDIA_TYPE

REDIRECT = "http://127.0.0.1:5000/v1/providers/tidal/callback"
CLIENT = {"client_id": "musicconnect-local", "client_secret": "local-secret"}
VERIFIER = "v" * 64
READ = "user.read playlists.read collection.read search.read"


class Tidal:
    """One simulator: control, consent, bare HTTP."""

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

    # The API

    def call(
        self,
        method: str,
        path: str,
        token: str | None,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> requests.Response:
        """One call, whatever its status; ``params`` for names that are no identifiers."""
        sent = {"Accept": MEDIA_TYPE}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            sent["Content-Type"] = MEDIA_TYPE
        return self.http.request(
            method,
            f"{self.url}/v2{path}",
            params=query.pop("params", query),
            json=body,
            headers=sent | (headers or {}),
            timeout=10,
        )

    def get(self, path: str, token: str, params: dict[str, str] | None = None) -> Any:
        answer = self.call("GET", path, token, params=params or {})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, path: str, token: str, params: dict[str, str] | None = None) -> list[list[Any]]:
        """The ``data`` of every page, by following ``next``."""
        found = []
        page = self.get(path, token, params)
        while True:
            found.append(page["data"])
            if "next" not in page["links"]:
                return found
            page = self.get(page["links"]["next"], token)

    def add(
        self, playlist_id: str, ids: Sequence[str], token: str, key: str | None = None, **meta: str
    ) -> Any:
        """Add tracks; gives the answer whatever its status."""
        body: dict[str, Any] = {"data": [{"type": "tracks", "id": id_} for id_ in ids]}
        if meta:
            body["meta"] = meta
        headers = {"Idempotency-Key": key} if key is not None else {}
        return self.call("POST", f"/playlists/{playlist_id}/relationships/items", token, body, headers)

    def entries(self, playlist_id: str, token: str) -> list[Any]:
        """The identifiers in a playlist."""
        path = f"/playlists/{playlist_id}/relationships/items"
        return [entry for page in self.pages(path, token) for entry in page]

    # Consent

    def authorize(self, **query: str) -> requests.Response:
        asked = {
            "client_id": CLIENT["client_id"],
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": READ,
            "state": "s1",
            "code_challenge": pkce_challenge(VERIFIER),
            "code_challenge_method": "S256",
            **query,
        }
        return self.http.get(f"{self.url}/authorize", params=asked, allow_redirects=False, timeout=10)

    def callback(self, **query: str) -> dict[str, str]:
        """What the redirect after the consent page carries."""
        answer = self.authorize(**{"login": "ada", "decision": "approve", **query})
        assert answer.status_code == 302, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def token(self, auth: tuple[str, str] | None = None, /, **form: str) -> requests.Response:
        return self.http.post(f"{self.url}/v1/oauth2/token", data=form, auth=auth, timeout=10)

    def exchange(self, code: str, **changes: str) -> requests.Response:
        form = {
            **CLIENT,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        }
        return self.token(**{**form, **changes})

    def tokens(self, **query: str) -> dict[str, Any]:
        """A whole consent and exchange."""
        answer = self.exchange(self.callback(**query)["code"])
        assert answer.status_code == 200, answer.text
        grant: dict[str, Any] = answer.json()
        return grant

    def refresh(self, refresh_token: str, **changes: str) -> requests.Response:
        form = {**CLIENT, "grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.token(**{**form, **changes})


@contextlib.contextmanager
def simulated_tidal() -> Iterator[Tidal]:
    """A simulator of its own until the block ends."""
    with serve_in_thread(create_app()) as url:
        yield Tidal(url)

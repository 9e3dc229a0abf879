"""Use the API over HTTP as a script would: sign up, link accounts, upload and download files."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from local.stack import mailbox
from local.stack.wait import wait_until

TIMEOUT = 35.0
"""Seconds; a little over the API's own limit."""
PASSWORD = "correct horse battery staple"
ENDED = {"completed", "failed"}
_TRY_AGAIN = 503


class UnexpectedAnswerError(RuntimeError):
    """The API, or a provider's consent page, answered something that ends the script."""


@dataclass
class ApiUser:
    """A user with a session."""

    api_url: str
    token: str
    email: str

    @classmethod
    def sign_up(cls, api_url: str, display_name: str, *, aws_url: str = "") -> "ApiUser":
        """Make an account under a fresh address, confirmed by the mailbox at ``aws_url`` if it has to be."""
        email = f"{display_name.lower()}.{secrets.token_hex(4)}@example.org"
        body = {"email": email, "password": PASSWORD, "display_name": display_name}
        answer = requests.post(f"{api_url}/v1/auth/signup", json=body, timeout=TIMEOUT)
        session = _checked(answer)
        if answer.status_code == 202:
            session = mailbox.confirm_sign_up(api_url, aws_url, email)
        return cls(api_url, session["token"], email)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request; gives the parsed answer, or ``UnexpectedAnswerError``."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = self.api_url + path
        answer = requests.request(method, url, json=body, headers=headers, timeout=TIMEOUT)
        if method == "GET" and answer.status_code == _TRY_AGAIN:
            # The gateway gives up after 30 s, and a machine at its limits may need longer for a first start.
            answer = requests.request(method, url, json=body, headers=headers, timeout=TIMEOUT)
        return _checked(answer)

    def every(self, path: str) -> Iterator[dict[str, Any]]:
        """All items of a paged list."""
        separator = "&" if "?" in path else "?"
        cursor: str | None = None
        while True:
            page = self.call("GET", path + (f"{separator}cursor={cursor}" if cursor else ""))
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def link(self, provider: str, login: str = "ada") -> dict[str, Any]:
        """Link an account of a simulator: to the consent page, back to the callback, and completed."""
        started = self.call("POST", f"/v1/providers/{provider}/link", {"access": "write"})
        url = f"{started['authorize_url']}&login={login}&decision=approve"
        consent = requests.get(url, allow_redirects=False, timeout=TIMEOUT)
        callback = consent.headers.get("Location", "")
        if consent.status_code not in {302, 303} or not callback:
            raise UnexpectedAnswerError(f"The consent page of {provider} answered {consent.status_code}.")
        page = requests.get(callback, allow_redirects=False, timeout=TIMEOUT)  # on to the console
        if not page.ok:
            raise UnexpectedAnswerError(f"The callback page answered {page.status_code}.")
        returned = parse_qs(urlsplit(callback).query)
        completion = {"code": returned["code"][0], "state": returned["state"][0]}
        linked: dict[str, Any] = self.call("POST", f"/v1/providers/{provider}/link/complete", completion)
        return linked

    def synced_playlists(self) -> list[dict[str, Any]]:
        """Ask for the playlists of all linked accounts to be read, and wait until they are."""
        self.call("POST", "/v1/playlists/sync", {})

        def all_ended() -> bool:
            states = self.call("GET", "/v1/playlists/sync")["items"]
            return bool(states) and all(state["status"] in ENDED for state in states)

        wait_until(all_ended, seconds=TIMEOUT, what="the playlists to be read")
        return list(self.every("/v1/playlists?limit=100"))

    def finished(self, path: str, *, seconds: float = 60.0) -> dict[str, Any]:
        """Wait until the job at a path is completed or failed, and return it."""

        def ended() -> dict[str, Any] | None:
            job: dict[str, Any] = self.call("GET", path)
            return job if job["status"] in ENDED else None

        return wait_until(ended, seconds=seconds, what=f"{path} to end")

    def upload(self, route: str, content: bytes, file_name: str, **fields: Any) -> dict[str, Any]:
        """Create an import at a route, upload its file, start it and return it once it has been read."""
        body = {"size_bytes": len(content), "file_name": file_name, **fields}
        created = self.call("POST", route, body)
        link = created["upload"]
        requests.put(link["url"], content, headers=link["headers"], timeout=TIMEOUT).raise_for_status()
        self.call("POST", f"{route}/{created['id']}/start")
        return self.finished(f"{route}/{created['id']}")

    def download(self, path: str) -> bytes:
        """Download a file; the session's token is not sent along to where the API redirects."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.get(self.api_url + path, headers=headers, allow_redirects=False, timeout=TIMEOUT)
        if answer.is_redirect:
            answer = requests.get(answer.headers["Location"], timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.content


def _checked(answer: requests.Response) -> Any:
    if not answer.ok:
        asked = f"{answer.request.method} {urlsplit(answer.url).path}"
        raise UnexpectedAnswerError(f"{asked} answered {answer.status_code}: {answer.text}")
    return answer.json() if answer.content else None

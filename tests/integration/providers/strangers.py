"""What the tests of pages for strangers do over and over."""

import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.integration.providers.helpers import QUEUE
from tests.support.functions import FunctionRunner, Person

ROUTES = {"l": ("GET /l/{provider}/{track_id}", ["provider", "track_id"]), "p": ("GET /p/{slug}", ["slug"])}


@dataclass
class Page(HTMLParser):
    """A page as a stranger's browser sees it."""

    status: int
    headers: dict[str, str]
    html: str
    links: list[tuple[str, str]] = field(default_factory=list)
    """Address and text."""
    heading: str = ""
    lines: list[str] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take notice of what it loads and where it leads."""
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        assert not any(name.startswith("on") or name == "style" for name in given), given
        if tag == "meta" and "property" in given:
            self.meta[given["property"]] = given["content"]
        if tag in {"meta", "link", "input", "rect", "circle"}:
            return
        self._open.append(tag)
        if tag == "a":
            self.links.append((given["href"], ""))
        if tag == "li":
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if tag in self._open:
            self._open.remove(tag)

    def handle_data(self, data: str) -> None:
        """Collect texts."""
        if "a" in self._open:
            address, text = self.links.pop()
            self.links.append((address, text + data))
        if "h1" in self._open:
            self.heading += data
        if "li" in self._open:
            self.lines[-1] += data

    def address_of(self, text: str) -> str:
        """Where a link leads."""
        (found,) = {address for address, shown in self.links if shown == text}
        return found


def visit(harness: FunctionRunner, target: str, *, source_ip: str = "198.51.100.7", **headers: str) -> Page:
    """Open a page as somebody who is nobody here."""
    parts = urlsplit(target)
    segments = parts.path.strip("/").split("/")
    route, names = ROUTES[segments[0]] if len(segments) > 1 else ("GET /l", [])
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": {"user-agent": "tests", **headers},
        "requestContext": {
            "http": {"method": "GET", "path": parts.path, "protocol": "HTTP/1.1", "sourceIp": source_ip},
            "domainName": "127.0.0.1", "requestId": str(uuid.uuid4()), "routeKey": route,
            "stage": "$default", "timeEpoch": 0,
        },
        "isBase64Encoded": False,
        "pathParameters": dict(zip(names, segments[1:], strict=True)),
    }  # fmt: skip
    if parts.query:
        event["queryStringParameters"] = dict(parse_qsl(parts.query, keep_blank_values=True))
    answer = harness.invoke("providers_public_api", event)
    told = {name.lower(): value for name, value in answer["headers"].items()}
    return Page(answer["statusCode"], told, answer.get("body", ""))


def known_playlist(harness: FunctionRunner, person: Person, provider_id: str) -> int:
    """Read the person's playlists, and give our own id of one."""
    assert person.call("POST", "/v1/playlists/sync", {}).status == 202
    harness.drain(QUEUE, "providers_sync_worker")
    items = person.call("GET", "/v1/playlists?limit=200").json["items"]
    return int(next(one["id"] for one in items if one["provider_playlist_id"] == provider_id))

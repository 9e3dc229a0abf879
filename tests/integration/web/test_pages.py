"""The pages as a browser gets them through API Gateway."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.support.lambda_context import Context
from web.app import handler
from web.site import DESCRIPTION


def get(path: str, *, method: str = "GET", route: str | None = None, **headers: str) -> dict[str, Any]:
    """The function's answer to one request."""
    answer: dict[str, Any] = handler(
        {
            "version": "2.0",
            "routeKey": route or f"{method} {path}",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"host": "api.example.org", **headers},
            "requestContext": {
                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7"},
                "domainName": "api.example.org",
                "requestId": "r",
                "stage": "$default",
                "timeEpoch": 0,
            },
            "isBase64Encoded": False,
        },
        Context(),
    )
    return answer


class References(HTMLParser):
    """Addresses that a page makes a browser load or offers to follow, and scripts written into it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.loaded: list[str] = []
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect."""
        given = dict(attrs)
        for name in ("href", "src"):
            if address := given.get(name):
                self.found.append(address)
                if tag != "a":
                    self.loaded.append(address)
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.inline.append(tag)


@pytest.mark.parametrize("path", ["/docs", "/api/auth", "/account/reset"])
def test_a_page_loads_only_what_the_function_itself_serves(path: str) -> None:
    page = get(path)
    assert page["statusCode"] == 200
    assert page["headers"]["content-type"].startswith("text/html")
    references = References(page["body"])
    assert references.loaded
    for address in references.loaded:
        assert get(address)["statusCode"] == 200, address
    assert all(address.startswith("/") for address in references.found)


@pytest.mark.parametrize("path", ["/docs", "/api/auth", "/account/reset"])
def test_the_content_security_policy_forbids_other_hosts_and_inline_code_and_the_pages_need_neither(
    path: str,
) -> None:
    page = get(path)
    policy = page["headers"]["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert References(page["body"]).inline == []


def test_the_documentation_reads_the_description_that_is_served() -> None:
    script = get("/docs/start.js")["body"]
    address = re.search(r'url: "([^"]+)"', script)
    assert address
    assert get(address[1])["headers"]["content-type"] == "application/json"


def test_the_description_is_the_generated_one() -> None:
    served = json.loads(get("/openapi.json")["body"])
    assert served == json.loads(DESCRIPTION.read_text())


def test_swagger_ui_can_read_this_version_of_openapi() -> None:
    # Swagger UI before 5 shows an error instead of a description of version 3.1.
    bundle = get("/docs/swagger-ui-bundle.js")["body"]
    assert "SwaggerUIBundle" in bundle
    assert re.search(r'"5\.\d+\.\d+"', bundle)
    assert json.loads(get("/openapi.json")["body"])["openapi"].startswith("3.1.")


def test_large_answers_are_compressed_for_those_who_accept_it() -> None:
    plain = get("/docs/swagger-ui-bundle.js")
    packed = get("/docs/swagger-ui-bundle.js", **{"accept-encoding": "gzip"})
    assert packed["isBase64Encoded"]
    assert packed["headers"]["content-encoding"] == "gzip"
    raw = base64.b64decode(packed["body"])
    assert len(raw) < len(plain["body"]) / 2
    assert gzip.decompress(raw).decode() == plain["body"]


def test_an_unchanged_asset_is_not_sent_again() -> None:
    first = get("/docs/page.css")
    again = get("/docs/page.css", **{"if-none-match": first["headers"]["etag"]})
    assert again["statusCode"] == 304
    assert again["body"] == ""


def test_pictures_arrive_as_they_are() -> None:
    icon = get("/docs/favicon.png")
    assert icon["headers"]["content-type"] == "image/png"
    assert base64.b64decode(icon["body"]).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/docs/nothing.js", 404),
        ("GET", "/docs/../app.py", 404),
        ("GET", "/docs/..%2fapp.py", 404),
        ("GET", "/elsewhere", 404),
        ("GET", "/v1/migrations/", 404),
        ("PUT", "/v1/me", 405),
        ("HEAD", "/v1/migrations/7", 405),
        ("POST", "/docs", 405),
    ],
)
def test_what_is_not_there_is_a_problem(method: str, path: str, status: int) -> None:
    answer = get(path, method=method)
    assert answer["statusCode"] == status
    assert answer["headers"]["content-type"] == "application/problem+json"
    problem = json.loads(answer["body"])
    assert problem["status"] == status
    assert problem["type"].startswith("urn:musicconnect:problem:")

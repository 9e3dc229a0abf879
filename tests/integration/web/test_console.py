"""The console's page and files as a browser gets them through API Gateway."""

import base64
import gzip
import re

import pytest

from tests.integration.web.test_pages import References, get

pytestmark = pytest.mark.usefixtures("built_console")


@pytest.fixture(autouse=True)
def storage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")


@pytest.fixture
def page() -> str:
    """The console's page."""
    body = get("/")["body"]
    assert isinstance(body, str)
    return body


def script_of(page: str) -> str:
    """The address of the script that everything begins with."""
    found = re.search(r'<script type="module"[^>]* src="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize(
    "path", ["/app", "/app/", "/app/playlists", "/app/moves/7/review", "/app/no/such/screen"]
)
def test_every_screen_is_the_same_page_which_is_asked_for_every_time(page: str, path: str) -> None:
    answer = get(path)

    assert answer["statusCode"] == 200
    assert answer["body"] == page
    assert answer["headers"]["cache-control"] == "no-cache"


def test_the_page_loads_only_its_own_files_and_has_no_code_in_it(page: str) -> None:
    references = References(page)

    assert references.inline == []
    assert len(references.loaded) >= 3
    for address in references.loaded:
        assert address.startswith("/app/")
        assert get(address)["statusCode"] == 200, address


def test_what_has_a_hash_in_its_name_never_changes(page: str) -> None:
    for address in References(page).loaded:
        caching = get(address)["headers"]["cache-control"]
        assert ("immutable" in caching) is ("/assets/" in address), address


def test_a_file_that_a_newer_version_no_longer_has_is_not_answered_with_the_page() -> None:
    answer = get("/app/assets/index-00000000.js")

    assert answer["statusCode"] == 404
    assert answer["headers"]["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/app/../app.py", "/app/assets/../../app.py", "/app/.sources", "/app/manifest.json"]
)
def test_nothing_but_the_built_files_is_served(page: str, path: str) -> None:
    answer = get(path)

    assert answer["statusCode"] == 404 or answer["body"] == page


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_files_are_sent_as_they_were_packed_when_built(
    page: str, accepted: str, encoding: str | None
) -> None:
    answer = get(script_of(page), **{"accept-encoding": accepted})

    assert answer["headers"].get("content-encoding") == encoding
    assert answer["headers"]["vary"] == "Accept-Encoding"
    plain = get(script_of(page))["body"]
    if encoding == "gzip":
        assert gzip.decompress(base64.b64decode(answer["body"])).decode() == plain
    if encoding:
        assert answer["isBase64Encoded"]
        assert len(base64.b64decode(answer["body"])) < len(plain) / 2


def test_the_policy_allows_its_own_files_and_nothing_that_is_called_unsafe() -> None:
    headers = get("/")["headers"]
    policy = headers["content-security-policy"]

    assert "unsafe" not in policy
    assert "data:" not in policy
    assert policy.count("http") == 1  # the storage that uploads go to
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    ):
        assert rule in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


def test_uploads_may_go_to_the_object_storage_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    before = get("/")["headers"]["content-security-policy"]
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("UPLOAD_BUCKET", "files")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")

    assert "connect-src 'self' http://127.0.0.1:5000;" in before
    policy = get("/")["headers"]["content-security-policy"]
    assert "connect-src 'self' https://files.s3.eu-central-1.amazonaws.com;" in policy


def test_an_unchanged_page_is_not_sent_again() -> None:
    first = get("/app/playlists")
    again = get("/app/moves", **{"if-none-match": first["headers"]["etag"]})

    assert again["statusCode"] == 304
    assert again["body"] == ""

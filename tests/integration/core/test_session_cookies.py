"""A browser's session: a cookie that only our own pages can use."""

import re
from typing import Any

import pytest

from tests.support.functions import Answer, FunctionRunner

OURS = {"sec-fetch-site": "same-origin"}
THEIRS = [
    {"sec-fetch-site": "cross-site", "origin": "https://evil.example.org"},
    {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:4000"},
    {"origin": "https://evil.example.org"},
    {"origin": "null"},
    {},
]


class Browser:
    """Somebody who is signed in by cookie."""

    def __init__(self, harness: FunctionRunner) -> None:
        self.harness = harness
        self.person = harness.sign_up()
        self.answer = self.sign_in(OURS)
        self.cookie = self.answer.headers["set-cookie"].partition(";")[0]

    def sign_in(self, headers: dict[str, str]) -> Answer:
        body = {"email": self.person.email, "password": self.person.password, "as_cookie": True}
        return self.harness.call("POST", "/v1/auth/login", body, headers=headers)

    def call(self, method: str, target: str, body: Any = None, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.harness.call(method, target, body, headers=sent, cookies=[self.cookie])


@pytest.fixture
def browser(core_harness: FunctionRunner) -> Browser:
    return Browser(core_harness)


def test_signing_in_and_up_for_a_browser_gives_no_token_to_the_page(
    core_harness: FunctionRunner, browser: Browser
) -> None:
    body = {"email": f"new-{browser.person.email}", "password": "correct horse battery staple"}
    up = core_harness.call("POST", "/v1/auth/signup", {**body, "as_cookie": True}, headers=OURS)

    assert up.status == 201
    for answer in (up, browser.answer):
        assert answer.json["token"] is None
        assert re.match(
            r"session=[\w-]{43}; Path=/; Max-Age=\d+; HttpOnly; SameSite=Strict$",
            answer.headers["set-cookie"],
        )
        assert answer.headers["set-cookie"].partition("=")[2].partition(";")[0] not in answer.text


def test_without_asking_there_is_a_token_and_no_cookie(core_harness: FunctionRunner) -> None:
    person = core_harness.sign_up()
    answer = core_harness.call("POST", "/v1/auth/login", {"email": person.email, "password": person.password})

    assert answer.json["token"]
    assert "set-cookie" not in answer.headers


def test_our_page_acts_as_the_person(browser: Browser) -> None:
    assert browser.call("GET", "/v1/me", sec_fetch_site="same-origin").json["id"] == browser.person.id
    changed = browser.call("PATCH", "/v1/me", {"display_name": "Noor"}, sec_fetch_site="same-origin")
    assert changed.status == 200


@pytest.mark.parametrize("headers", THEIRS)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/v1/me", {"display_name": "Mallory"}),
        ("DELETE", "/v1/me", None),
        ("POST", "/v1/auth/logout", {}),
    ],
)
def test_another_sites_page_changes_nothing_with_the_cookie(
    browser: Browser, headers: dict[str, str], method: str, path: str, body: Any
) -> None:
    answer = browser.harness.call(method, path, body, headers=headers, cookies=[browser.cookie])

    assert answer.status == 403
    assert answer.problem["type"].endswith(":cross-origin")
    assert browser.person.call("GET", "/v1/me").json["display_name"] != "Mallory"


@pytest.mark.parametrize("headers", THEIRS[:-1])
def test_another_sites_page_reads_nothing_with_the_cookie(browser: Browser, headers: dict[str, str]) -> None:
    answer = browser.harness.call("GET", "/v1/me", headers=headers, cookies=[browser.cookie])

    assert answer.status == 403
    assert browser.person.email not in answer.text


@pytest.mark.parametrize("headers", THEIRS)
def test_another_sites_page_cannot_sign_a_person_in_as_somebody_else(
    browser: Browser, headers: dict[str, str]
) -> None:
    answer = browser.sign_in(headers)

    assert answer.status == 403
    assert "set-cookie" not in answer.headers


def test_a_token_counts_although_the_browser_adds_a_cookie_of_somebody_elses(browser: Browser) -> None:
    other = browser.harness.sign_up()
    answer = browser.harness.call("GET", "/v1/me", token=other.token, cookies=[browser.cookie])

    assert answer.json["id"] == other.id


@pytest.mark.parametrize(
    "cookie", ["session=", "session=short", f"session={'x' * 43}", f"__Host-session={'x' * 43}"]
)
def test_a_cookie_that_opens_nothing_is_nobody(core_harness: FunctionRunner, cookie: str) -> None:
    answer = core_harness.call("GET", "/v1/me", headers=OURS, cookies=[cookie])

    assert answer.status == 401


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/auth/logout"), ("DELETE", "/v1/me")])
def test_leaving_clears_the_browser_and_ends_the_session(browser: Browser, method: str, path: str) -> None:
    answer = browser.call(method, path, sec_fetch_site="same-origin")

    assert answer.status == 204
    assert answer.headers["set-cookie"].startswith("session=; Path=/; Max-Age=0")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert browser.call("GET", "/v1/me", sec_fetch_site="same-origin").status == 401


def test_a_program_that_leaves_is_told_nothing_of_cookies(browser: Browser) -> None:
    answer = browser.person.call("POST", "/v1/auth/logout")

    assert answer.status == 204
    assert "set-cookie" not in answer.headers

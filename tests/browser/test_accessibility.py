"""axe-core finds nothing on any screen, in any state, light and dark, wide and narrow."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from local.stack.stack import Stack
from tests.browser.app import App, Person
from tests.browser.conftest import WIDTHS, opened
from tools.console import MODULES

AXE = (MODULES / "axe-core/axe.min.js").read_text()
FOLDER = os.environ.get("SCREENSHOTS")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROWEST = 320
"""Pixels."""

OUTSIDE = ["/", "/app/signin", "/app/signup"]
INSIDE = [
    "/app",
    "/app/start",
    "/app/playlists",
    "/app/playlists/looked-after",
    "/app/move/where",
    "/app/move/preview/{preview}",
    "/app/moves",
    "/app/moves/past",
    "/app/moves/review",
    "/app/moves/{move}",
    "/app/moves/{move}/tracks",
    "/app/moves/{move}/tracks/{track}",
    "/app/moves/in-step",
    "/app/moves/in-step/new",
    "/app/moves/in-step/{pair}",
    "/app/moves/in-step/{pair}/runs/{run}",
    "/app/search?q=salt",
    "/app/search/link",
    "/app/search/pins",
    "/app/listening",
    "/app/listening/year",
    "/app/listening/plays",
    "/app/listening/import",
    "/app/files",
    "/app/files/import",
    "/app/account",
    "/app/account/services",
    "/app/account/signin",
    "/app/account/scrobblers",
    "/app/account/notices",
    "/app/account/webhooks",
    "/app/account/delete",
    "/app/notices",
    "/app/no/such/place",
]


def violations(app: App) -> list[str]:
    """What axe finds, as one line each."""
    app.page.evaluate(AXE)
    found: dict[str, Any] = app.page.evaluate(
        "async (tags) => await axe.run(document, { runOnly: { type: 'tag', values: tags } })", RULES
    )
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def picture(app: App, name: str) -> None:
    """Take a picture, where somebody asks for pictures (`make screenshots`)."""
    if not FOLDER:
        return
    form = f"{'phone' if app.is_phone else 'desktop'}-{'dark' if app.is_dark else 'light'}"
    path = Path(FOLDER) / form / f"{name.partition('?')[0].strip('/').replace('/', '-') or 'welcome'}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    app.page.screenshot(path=path, full_page=True)


def check(app: App, path: str) -> None:
    """Hold one screen against axe, and against its own width."""
    expect(app.page.get_by_role("heading", level=1).first).to_be_visible()
    app.settled()
    picture(app, path)
    assert violations(app) == [], path
    width = app.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{path} scrolls sideways by {width} px"


@pytest.fixture(params=[False, True], ids=["desktop", "phone"])
def form(request: pytest.FixtureRequest, browser: Browser, stack: Stack) -> Iterator[App]:
    """The console at a desk, and on a phone."""
    with opened(browser, stack, phone=request.param) as app:
        yield app


def check_both(app: App, path: str) -> None:
    """Hold one screen against axe light and dark; on a phone, at the narrowest, too."""
    for is_dark in (False, True):
        app.darken(is_dark)
        check(app, path)
    if app.is_phone:
        width, height = WIDTHS["phone"]
        app.page.set_viewport_size({"width": NARROWEST, "height": height})
        expect(app.page.get_by_role("heading", level=1).first).to_be_visible()
        reached = app.page.evaluate("document.documentElement.scrollWidth")
        assert reached <= NARROWEST, f"{path} is {reached} px wide"
        app.page.set_viewport_size({"width": width, "height": height})


def test_every_screen(form: App, person: Person) -> None:
    for path in OUTSIDE:
        form.open(path)
        check_both(form, path)
    form.sign_in_as(person)
    for path in INSIDE:
        form.open(path.format(**asdict(person)))
        check_both(form, path)


PROBLEMS = {
    "quota": (
        429,
        {"title": "Today’s searches are used up", "bucket": "search", "until": "2099-01-01T08:00:00Z"},
    ),
    "too-fast": (429, {"title": "Too many requests"}),
    "provider-down": (503, {"title": "Spotify does not answer", "provider": "spotify"}),
    "unavailable": (503, {"title": "The database does not answer"}),
    "not-there": (404, {"title": "Not found"}),
    "refused": (409, {"title": "Not now", "detail": "Somebody is at work on it."}),
}


@pytest.mark.parametrize("state", [*PROBLEMS, "offline", "session-ended", "loading"])
def test_every_state(browser: Browser, stack: Stack, person: Person, state: str) -> None:
    with opened(browser, stack) as app:
        app.sign_in_as(person)

        def answer(route: Route) -> None:
            if state == "offline":
                route.abort("internetdisconnected")
            elif state == "loading":
                return  # it never comes
            else:
                status, problem = PROBLEMS.get(state, (401, {"title": "Sign in first"}))
                body = {
                    "type": f"urn:musicconnect:problem:{state}",
                    "status": status,
                    "request_id": "r",
                    **problem,
                }
                route.fulfill(status=status, json=body, content_type="application/problem+json")

        app.page.route("**/v1/exports?*", answer)
        app.open("/app/files")
        said = {
            "offline": "You are offline",
            "session-ended": "You were signed out",
            "loading": "Loading",
            "too-fast": "That was too fast",
            "not-there": "There is nothing here",
        }
        text = said.get(state) or str(PROBLEMS[state][1]["title"])
        expect(app.page.get_by_text(text).first).to_be_attached()
        # The heading is the screen's own: before it, "Loading" is said of the screen's code.
        expect(app.page.get_by_role("heading", level=1)).to_be_attached()
        if state != "loading":
            app.settled()
        for is_dark in (False, True):
            app.darken(is_dark)
            picture(app, f"state-{state}")
            assert violations(app) == []

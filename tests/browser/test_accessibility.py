"""axe-core finds nothing on any screen, in any state, light and dark, wide and narrow.

What is tried stands in ``screens.py``; a test without a browser holds it against the console's own list.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from local.stack.stack import Stack
from tests.browser.app import App, Person
from tests.browser.conftest import WIDTHS, opened
from tests.browser.screens import DIALOGS, INSIDE, NOT_A_SCREEN, OUTSIDE, STATES, UNAUTHORIZED, TriedDialog
from tools.console import MODULES

AXE = (MODULES / "axe-core/axe.min.js").read_text()
FOLDER = os.environ.get("SCREENSHOTS")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
NARROWEST = 320
"""Pixels."""


def violations(app: App) -> list[str]:
    """What axe finds, as one line each.

    Dark, nothing but the colours is another: only what depends on them is looked at again.
    """
    if not app.page.evaluate("'axe' in window"):
        app.page.evaluate(AXE)
    only = {"type": "rule", "values": COLOUR_RULES} if app.is_dark else {"type": "tag", "values": RULES}
    found: dict[str, Any] = app.page.evaluate(
        "async (only) => await axe.run(document, { runOnly: only })", only
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
    path = Path(FOLDER) / form / f"{re.split('[?#]', name)[0].strip('/').replace('/', '-') or 'welcome'}.png"
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
    form.open("/app")
    for path in INSIDE:
        form.go(path.format(**asdict(person)))
        check_both(form, path)


@dataclass
class Altered:
    """Answers of the API that say something else, so that there is something to ask about."""

    person: Person
    answers: dict[str, Any] = field(default_factory=dict)

    def __call__(self, route: Route) -> None:
        """Answer one request: as it was answered, but for what is altered."""
        path = urlsplit(route.request.url).path
        change = next(
            (one for at, one in self.answers.items() if at.format(**asdict(self.person)) == path), None
        )
        if change is None or route.request.method != "GET":
            route.continue_()
        elif change == UNAUTHORIZED:
            problem = {
                "type": "urn:musicconnect:problem:session-ended",
                "status": 401,
                "title": "Sign in first",
            }
            route.fulfill(status=401, json=problem, content_type="application/problem+json")
        else:
            without_filter = route.request.url.replace("outcome=needs_review", "written=true")
            headers = {
                name: value for name, value in route.request.headers.items() if name != "if-none-match"
            }
            answer = route.fetch(url=without_filter, headers=headers)
            body = answer.json() if answer.ok else {"items": []}
            for name, value in change.items():
                if name == "items" and value:
                    first, *rest = body["items"] or [{}]
                    body["items"] = [{**first, **value[0]}, *rest]
                else:
                    body[name] = {**body.get(name, {}), **value} if isinstance(value, dict) else value
            route.fulfill(status=200, json=body)


def _slug(one: TriedDialog) -> str:
    return re.sub("[^a-z]+", "-", f"{one.source.removesuffix('.tsx')} {one.title}".lower()).strip("-")


def check_dialog(app: App, one: TriedDialog) -> None:
    """Hold an open dialog against axe and against the width of the narrowest phone."""
    title = re.compile("^" + ".+".join(re.escape(part) for part in one.title.split("*")) + "$")
    dialog: Locator = app.page.get_by_role("dialog", name=title)
    expect(dialog).to_be_visible()
    check_both(app, f"dialog-{_slug(one)}")
    if app.is_phone:
        width, height = WIDTHS["phone"]
        app.page.set_viewport_size({"width": NARROWEST, "height": height})
        box = dialog.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= NARROWEST - box["width"], one
        assert dialog.evaluate("element => element.scrollWidth <= element.clientWidth"), one
        app.page.set_viewport_size({"width": width, "height": height})


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_every_dialog_and_late_state(browser: Browser, stack: Stack, person: Person, phone: bool) -> None:
    altered = Altered(person)
    asked_before: dict[str, Any] = {}
    with opened(browser, stack, phone=phone, by_name=True) as app:
        app.sign_in_as(person)
        app.page.route("**/v1/**", altered)
        app.open("/app")
        for state in STATES:
            altered.answers = state.altered
            app.go(NOT_A_SCREEN)
            app.go(state.path.format(**asdict(person)))
            if state.open:
                state.open(app)
            expect(app.page.get_by_text(state.says).first).to_be_visible()
            check_both(app, f"{state.path.format(**asdict(person))}/{state.name}")
        for one in DIALOGS:
            if one.wide_only and app.is_phone:
                continue
            altered.answers = one.altered
            app.go(NOT_A_SCREEN)  # so that what is altered is read anew, without loading the page
            app.go(one.path.format(**asdict(person)))
            if one.altered and one.altered is not asked_before:
                asked_before = one.altered
                check_both(app, f"{one.path.format(**asdict(person))}/{_slug(one)}")
            one.open(app)
            check_dialog(app, one)
            app.page.keyboard.press("Escape")
            expect(app.page.get_by_role("dialog")).to_have_count(0)


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

"""Pairs: made of two playlists, shown first, written on a yes, undone; and every state they can stand in."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from local.demo.user import ApiUser
from local.stack.stack import Stack
from tests.browser.app import App, Person
from tests.browser.conftest import opened
from tests.browser.test_accessibility import violations


@pytest.fixture(scope="module")
def newcomer(stack: Stack) -> str:
    """Somebody who has linked both services and done nothing yet; their address."""
    user = ApiUser.sign_up(stack.api_url, "Grace", aws_url=stack.aws_url)
    for provider in ("spotify", "youtube"):
        user.link(provider, "grace")
    user.synced_playlists()
    return user.email


def test_a_pair_is_made_seen_written_and_undone(desktop: App, newcomer: str) -> None:
    page = desktop.page
    desktop.sign_in_as(newcomer)
    desktop.open("/app/moves/in-step")
    page.get_by_role("link", name="Choose two playlists").click()
    desktop.heading("Keep a playlist in step")
    first = page.get_by_role("radiogroup", name="First playlist")
    first.get_by_role("radio", name="Compiler beats").click()
    second = page.locator("section").filter(has=page.get_by_role("heading", name="Second playlist"))
    second.get_by_role("radio", name="Evening").click()
    page.get_by_role("radiogroup", name="How often").get_by_role("radio", name="When you say so").click()
    page.get_by_role("button", name="See what would be written").click()

    # The first run is shown, change by change.
    desktop.heading("Compiler beats")
    asks = page.get_by_role("region", name="What it asks")
    expect(asks).to_contain_text("Asks you first")
    asks.get_by_role("link", name="See every change").click()
    desktop.heading("What it would change")
    rows = page.get_by_role("list", name="In the second playlist").get_by_role("listitem")
    expect(rows.filter(has_text="Will be put in").first).to_be_visible()
    page.get_by_role("link", name="The pair").click()

    asks.get_by_role("button", name="Yes, write it").click()
    expect(page.get_by_text("In step", exact=True)).to_be_visible()
    page.get_by_role("button", name=re.compile("^Undo")).click()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Undone, rests", exact=True)).to_be_visible()

    # It goes on, and asks again; then it is ended.
    page.get_by_role("button", name="Go on").click()
    expect(asks).to_contain_text("Asks you first")
    asks.get_by_role("button", name="No, leave both as they are").click()
    expect(page.get_by_text("Rests", exact=True)).to_be_visible()
    page.get_by_role("button", name="Change").click()
    page.get_by_label("How often").select_option("Every week")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Every week", exact=True)).to_be_visible()
    page.get_by_role("button", name="Stop keeping in step").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("heading", name="Nothing is kept in step yet")).to_be_visible()


GUARD = {
    "code": "many-removals",
    "message": "212 songs of 240 are gone from Spotify. They were not taken out of YouTube.",
    "provider": "spotify",
    "count": 212,
    "of": 240,
    "tracks": [{"title": "<b>Slow River</b>", "artist": "Ola Fen"}],
}
STATES: dict[str, dict[str, Any]] = {
    "Stopped, asks you": {"status": "asking", "code": "asking-many-removals", "run_id": None},
    "Rests": {"status": "paused", "code": "paused", "run_id": None},
    "Link again": {"status": "sleeping", "code": "sleeping", "run_id": None},
    "Playlist is gone": {"status": "lost", "code": "playlist-gone", "run_id": None},
    "Waits": {"status": "active", "code": "waiting-for-quota", "next_at": "2099-01-01T08:00:00Z"},
    "Writing": {"status": "active", "code": "writing"},
    "Looking": {"status": "active", "code": "waiting-to-start", "run_id": None},
}


def test_every_state_of_a_pair_is_in_words(browser: Browser, stack: Stack, person: Person) -> None:
    state: dict[str, Any] = {}

    def answer(route: Route) -> None:
        route.fulfill(json={**route.fetch().json(), **state})

    def runs(route: Route) -> None:
        body = route.fetch().json()
        body["items"][0]["guards"] = [GUARD]
        route.fulfill(json=body)

    with opened(browser, stack, phone=True) as app:
        app.sign_in_as(person)
        app.page.route(f"**/v1/pairs/{person.pair}", answer)
        app.page.route(f"**/v1/pairs/{person.pair}/runs?*", runs)
        for word, change in STATES.items():
            state = change
            app.open(f"/app/moves/in-step/{person.pair}")
            expect(app.page.get_by_text(word, exact=True).first).to_be_visible()
            app.settled()
            if word == "Stopped, asks you":
                expect(app.page.get_by_role("button", name="Yes, take out 212")).to_be_visible()
                expect(app.page.get_by_text("<b>Slow River</b>")).to_be_visible()
            assert violations(app) == [], word

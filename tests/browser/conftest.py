"""The console in a real browser, on the whole local stack.

The browser is a Chromium of the machine (Debian: the package ``chromium``), or the one that ``CHROMIUM``
names. Where there is none, this ring is skipped and says so; with ``BROWSER_REQUIRED=1`` it fails instead.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from local.demo.user import ApiUser
from local.stack.stack import Options, Stack
from local.stack.wait import wait_until
from tests.browser.app import App, Person, Watch

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
SLOW_S = 180.0
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}


def executable() -> str | None:
    """Where the machine's Chromium is."""
    return os.environ.get("CHROMIUM") or next(
        (found for name in NAMES if (found := shutil.which(name))), None
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip this ring where there is no browser."""
    if executable() or os.environ.get("BROWSER_REQUIRED"):
        return
    skip = pytest.mark.skip(reason="there is no Chromium on this machine (Debian: apt-get install chromium)")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def stack(built_console: None) -> Iterator[Stack]:
    """Everything, running."""
    # What the tests write together is more than YouTube gives in a day; a spent day has tests of its own.
    lifted = {"YouTubeDailyUnits": "1000000", "YouTubeDailySearches": "100000"}
    lifted |= {"LinkPagesEnabled": "true", "PlaylistPagesEnabled": "true"}
    with Stack(Options(quiet=True, instances=4, mail=True, parameters=lifted)) as running:
        control = f"{running.youtube_url}/_control"
        for path, body in (
            ("quota", {"search": None, "general": None}),
            ("settings", {"playlists_per_day": None}),
        ):
            requests.put(f"{control}/{path}", json=body, timeout=10).raise_for_status()
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a file; every test has a context of its own.

    Playwright's event loop runs in the process' main thread as long as it is there: other files have theirs.
    """
    with sync_playwright() as playwright:
        # No sandbox: continuous integration runs as root, in containers; nothing but our own pages is opened.
        launched = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def person(stack: Stack) -> Person:
    """Somebody who linked both services, and has something on every screen."""
    user = ApiUser.sign_up(stack.api_url, "Grace", aws_url=stack.aws_url)
    for provider in ("spotify", "youtube"):
        user.link(provider, "grace")
    synced = user.synced_playlists()
    playlists = [one for one in synced if one["provider"] == "spotify" and one["can_read"]]
    evening = next(one for one in synced if one["provider"] == "youtube" and one["name"] == "Evening")
    body = {
        "source_provider": "spotify",
        "target_provider": "youtube",
        "playlists": [playlists[0]["provider_playlist_id"]],
        "dry_run": True,
    }
    preview = user.call("POST", "/v1/migrations", body)["id"]
    user.finished(f"/v1/migrations/{preview}", seconds=SLOW_S)
    move = user.call("POST", "/v1/migrations", {"from_preview": preview})["id"]
    user.finished(f"/v1/migrations/{move}", seconds=SLOW_S)
    sides = {
        "left": {"provider": "spotify", "playlist_id": playlists[0]["provider_playlist_id"]},
        "right": {"provider": "youtube", "playlist_id": evening["provider_playlist_id"]},
    }
    pair = user.call("POST", "/v1/pairs", {"items": [{**sides, "mode": "add_only"}]})["items"][0]["id"]

    def asked() -> int | None:
        one = user.call("GET", f"/v1/pairs/{pair}")
        return int(one["run_id"]) if one["status"] == "asking" else None

    run = wait_until(asked, seconds=SLOW_S, what="the pair to be looked at")
    track = user.call("GET", f"/v1/migrations/{move}/tracks?written=true&limit=1")["items"][0]["id"]
    kept = playlists[1]
    user.call("POST", f"/v1/playlists/{kept['id']}/share", {"shared_by": "Grace"})
    place = {"provider": "spotify", "playlist_id": kept["provider_playlist_id"]}
    user.call("POST", "/v1/repair-schedules", {**place, "schedule": "weekly", "country": "DE"})
    webhook = user.call("POST", "/v1/webhooks", {"name": "My house", "url": "http://127.0.0.1:9/"})["id"]
    user.call("PATCH", f"/v1/webhooks/{webhook}", {"is_enabled": False})
    return Person(user.email, preview, move, track, pair, run, kept["id"], webhook)


@contextmanager
def opened(browser: Browser, stack: Stack, *, phone: bool = False, by_name: bool = False) -> Iterator[App]:
    """A browser of somebody new. What violates the policy or ends in an error fails the test at its end.

    ``by_name`` opens this machine as ``localhost``, which passkeys need: there are none for a number.
    """
    width, height = WIDTHS["phone" if phone else "desktop"]
    context: BrowserContext = browser.new_context(
        base_url=stack.api_url.replace("127.0.0.1", "localhost") if by_name else stack.api_url,
        viewport={"width": width, "height": height},
        has_touch=phone,
        locale="en-GB",
        timezone_id="Europe/Berlin",
        reduced_motion="reduce",
    )
    context.set_default_timeout(SLOW_S * 1000)
    page: Page = context.new_page()
    watch = Watch(page)
    try:
        yield App(page, stack, watch, is_phone=phone)
        assert watch.troubles == []
    finally:
        context.close()


@pytest.fixture(params=["desktop", "phone"])
def app(request: pytest.FixtureRequest, browser: Browser, stack: Stack) -> Iterator[App]:
    """The console, opened by somebody who is not signed in, at both widths."""
    with opened(browser, stack, phone=request.param == "phone") as running:
        yield running


@pytest.fixture
def desktop(browser: Browser, stack: Stack) -> Iterator[App]:
    """The console at a desk."""
    with opened(browser, stack) as running:
        yield running

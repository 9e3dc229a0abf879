"""What the console weighs, and how soon it does what one asks of it.

Sizes are those of the built files as gzip, from the build's own manifest: what the first view loads, and what
each further screen adds to it. Times are measured in the machine's Chromium on a warm local stack: from the
request for a page until Home can be used, and, in a list of ten thousand playlists that the browser is given
instead of the API's answer, from a key or a click until the frame that shows its effect.

    python -m benchmarks.console [--json]
"""

import argparse
import json
import statistics
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, Route, sync_playwright

from benchmarks.report import Figure, emit
from local.demo.user import ApiUser
from local.stack.stack import Options, Stack
from tests.browser.app import PASSWORD
from tests.browser.conftest import executable
from tools import console

ROWS, PAGE_ROWS = 10_000, 200
REPEATS = 5
FIRST_BYTES, SCREEN_BYTES = 60_000, 20_000
INTERACTIVE_MS, INTERACTION_MS = 1_000.0, 100.0
HOME = "src/screens/home/index.tsx"

# Resolves once the frame after the next change is on the screen: what a person sees, not what a script did.
EFFECT = """(act) => new Promise((done) => {
  const began = performance.now();
  new Function(act)();
  const looked = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  requestAnimationFrame(looked);
})"""
FILTER = """const box = document.querySelector("[data-filter]"); box.value = "9";
box.dispatchEvent(new Event("input", { bubbles: true }));"""
CLEAR = FILTER.replace('"9"', '""')
CHOOSE = 'document.querySelector("[data-row]").click();'
CHOOSE_ALL = (
    'document.dispatchEvent(new KeyboardEvent("keydown", { key: "a", ctrlKey: true, bubbles: true }));'
)


def sizes() -> tuple[int, dict[str, int]]:
    """Bytes of the first view (page, shell, Home), and of each other screen beyond it, as gzip."""
    manifest: dict[str, Any] = json.loads((console.BUILT / "manifest.json").read_text())

    def files(key: str) -> Iterator[str]:
        entry = manifest[key]
        yield entry["file"]
        yield from entry.get("css", [])
        for needed in entry.get("imports", []):
            yield from files(needed)

    def weight(names: set[str]) -> int:
        return sum((console.BUILT / f"{name}.gz").stat().st_size for name in names)

    shell = {"index.html", *files("index.html")}
    first = shell | set(files(HOME))
    screens = {
        key.removeprefix("src/screens/").removesuffix(".tsx"): weight(set(files(key)) - shell)
        for key, entry in manifest.items()
        if entry.get("isDynamicEntry") and key != HOME
    }
    return weight(first), screens


def interactive_ms(page: Page) -> float:
    """Milliseconds from the request for the page until Home stands there and can be used."""
    page.goto("/app")
    page.get_by_role("heading", level=1).wait_for()
    found: float = page.evaluate("performance.now()")
    return found


def many(route: Route) -> None:
    """Answer with a page of ten thousand playlists."""
    query = route.request.url.partition("?")[2]
    cursor = next((part[7:] for part in query.split("&") if part.startswith("cursor=")), "0")
    at = int(cursor)
    items = [
        {
            "id": number, "provider": "spotify", "provider_playlist_id": f"p{number}",
            "name": f"Playlist {number}", "description": "", "track_count": number % 500, "is_own": True,
            "can_read": True, "is_liked": False, "owner": "Ada", "is_public": False,
            "url": "https://open.spotify.com/", "targets": [], "last_synced_at": "2026-11-30T06:00:00Z",
        }
        for number in range(at, at + PAGE_ROWS)
    ]  # fmt: skip
    following = at + PAGE_ROWS
    route.fulfill(json={"items": items, "next_cursor": str(following) if following < ROWS else None})


def interactions_ms(page: Page) -> dict[str, float]:
    """Milliseconds until an interaction shows, the slowest of a few times each."""
    page.route("**/v1/playlists?*", many)
    # The page reads the list again where the last reading found another number.
    page.route("**/v1/playlists/sync", lambda route: route.fulfill(json={"items": []}))
    page.goto("/app/playlists")
    page.get_by_text(f"Choose all {ROWS:,}", exact=True).wait_for()
    acts = {"filter": FILTER, "clear": CLEAR, "choose": CHOOSE, "choose_all": CHOOSE_ALL}
    found: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(REPEATS):
        for name, act in acts.items():
            found[name].append(page.evaluate(EFFECT, act))
    rows = page.locator("[data-row]").count()
    assert rows <= 60, f"{rows} rows are in the page"
    return {name: max(times) for name, times in found.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    console.build()
    first, screens = sizes()
    largest = max(screens, key=lambda name: screens[name])
    with Stack(Options(quiet=True)) as stack, sync_playwright() as playwright:
        user = ApiUser.sign_up(stack.api_url, "Ada", aws_url=stack.aws_url)
        user.link("spotify")
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        page = browser.new_context(base_url=stack.api_url).new_page()
        body = {"email": user.email, "password": PASSWORD, "as_cookie": True}
        page.request.post("/v1/auth/login", data=body, headers={"Sec-Fetch-Site": "same-origin"})
        interactive_ms(page)  # warms up
        times = [interactive_ms(page) for _ in range(REPEATS)]
        interactions = interactions_ms(page)
        browser.close()
    figures = {
        "first_view": Figure(first, "bytes", FIRST_BYTES, "lower"),
        "largest_further_screen": Figure(screens[largest], "bytes", SCREEN_BYTES, "lower"),
        "interactive": Figure(statistics.median(times), "ms", INTERACTIVE_MS, "lower"),
        **{
            f"{name}_{ROWS}_rows": Figure(value, "ms", INTERACTION_MS, "lower")
            for name, value in interactions.items()
        },
    }
    context = {"screens_bytes": screens, "largest": largest, "interactive_ms": times}
    emit("console", figures, context, as_json=options.json)


if __name__ == "__main__":
    main()

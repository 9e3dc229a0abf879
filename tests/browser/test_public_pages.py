"""A playlist is shared, read by a stranger without scripts, and withdrawn."""

from playwright.sync_api import Browser, expect

from local.stack.stack import Stack
from tests.browser.app import App
from tests.browser.conftest import opened
from tests.browser.test_accessibility import violations


def test_a_shared_playlist_is_read_by_a_stranger_until_it_is_withdrawn(
    browser: Browser, stack: Stack, desktop: App
) -> None:
    page = desktop.page
    desktop.sign_up()
    desktop.link_both()
    desktop.open("/app/playlists?service=spotify")
    page.get_by_role("link", name="Kitchen mess").click()
    page.get_by_label("Name on the page").fill("<b>Grace</b>")
    page.get_by_role("button", name="Share it").click()
    address = page.get_by_role("link", name="/p/")
    expect(address).to_be_visible()
    where = str(address.get_attribute("href"))
    assert violations(desktop) == []

    with opened(browser, stack, phone=True) as stranger:
        for path in (where, f"{where}?at=youtube", f"{stack.api_url}/l"):
            assert stranger.page.goto(path) is not None
            expect(stranger.page.get_by_role("heading", level=1)).to_be_visible()
            assert violations(stranger) == []
            assert stranger.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        stranger.page.goto(where)
        expect(stranger.page.get_by_text("A playlist from <b>Grace</b>.")).to_be_visible()
        expect(stranger.page.get_by_role("listitem").first).to_be_visible()

        page.get_by_role("button", name="Stop sharing").click()
        expect(page.get_by_role("button", name="Share it")).to_be_visible()
        assert stack.api_url in where
        gone = stranger.page.request.get(where, headers={"Cache-Control": "no-cache"})
        assert gone.status == 404

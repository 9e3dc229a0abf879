"""What another site's page can do with somebody's cookie (nothing), and what a session leaves behind."""

import re

from playwright.sync_api import Browser, expect

from local.stack.stack import Stack
from tests.browser.app import PASSWORD, App
from tests.browser.conftest import opened

ATTACK = """
<!doctype html><title>Another site</title><body>
<form id="form" method="post" enctype="text/plain" action="{api}/v1/auth/logout">
<input name='{{"a":"' value='"}}'></form>
<iframe name="sink" src="{api}/app"></iframe>
"""
TRIES = """async (api) => {
  const tried = [];
  const all = [["GET", "/v1/me"], ["DELETE", "/v1/me"], ["PATCH", "/v1/me"], ["POST", "/v1/auth/logout"]];
  for (const [method, path] of all) {
    try {
      const answer = await fetch(api + path, { method, credentials: "include" });
      tried.push(await answer.text());
    } catch { tried.push("refused"); }
    const simple = { method: method === "GET" ? "GET" : "POST", mode: "no-cors", credentials: "include" };
    try { await fetch(api + path, simple); } catch { }
  }
  const form = document.getElementById("form"); form.target = "sink"; form.submit();
  await new Promise((done) => setTimeout(done, 1000));
  return tried;
}"""


def test_another_sites_page_can_do_nothing_with_the_cookie(browser: Browser, stack: Stack) -> None:
    # The other origins: another site, and another port of this one, which counts as the same site.
    for origin in ("http://evil.test", "http://127.0.0.1:9"):
        with opened(browser, stack) as app:
            app.sign_up()
            page = app.page.context.new_page()
            page.route(
                f"{origin}/**",
                lambda route: route.fulfill(body=ATTACK.format(api=stack.api_url), content_type="text/html"),
            )
            page.goto(f"{origin}/")
            assert page.evaluate(TRIES, stack.api_url) == ["refused"] * 4
            inside = page.frames[-1]
            assert inside.locator("main").count() == 0, "the console was shown in a frame"
            app.open("/app/account")
            app.heading("Account")
            expect(app.page.get_by_text(app.email)).to_be_visible()


def test_names_full_of_markup_are_text(desktop: App) -> None:
    dialogs: list[str] = []
    desktop.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    name = '<img src=x onerror=alert(1)>"><script>alert(2)</script>'
    desktop.sign_up(name)
    desktop.section("Home")
    expect(desktop.page.get_by_role("heading", level=1)).to_contain_text(name)
    assert desktop.page.locator("main img, main script").count() == 0
    assert dialogs == []


def test_nothing_secret_stays_in_the_address_in_storage_or_in_history(desktop: App) -> None:
    desktop.sign_up()
    desktop.page.get_by_role("button", name="Link Spotify", exact=True).click()
    desktop.consent()
    desktop.heading("Link your services")
    expect(desktop.page.get_by_text("Linked", exact=True)).to_have_count(1)
    page = desktop.page
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    seen = page.evaluate(
        "JSON.stringify([localStorage, sessionStorage, document.cookie, location.href, history.state])"
    )
    assert cookie["value"] not in seen
    assert not re.search(r"code=|state=|[A-Za-z0-9_-]{43}", seen)
    for _ in range(3):
        page.go_back(wait_until="commit")
        page.wait_for_load_state()  # another origin is another process, which is not there at once
        assert not re.search(r"code=|state=", page.url) or not page.url.startswith(desktop.stack.api_url)


def test_signing_out_clears_everything_and_back_shows_nothing(desktop: App) -> None:
    desktop.sign_up()
    page = desktop.page
    page.get_by_role("link", name="Account").first.click()
    desktop.heading("Account")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Make an account").first).to_be_visible()
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert desktop.email not in page.content()
    page.get_by_label("E-mail address").fill(desktop.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    desktop.heading("Account")

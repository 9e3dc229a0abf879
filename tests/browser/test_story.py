"""The story: sign up, link two services, move playlists, keep one in step, listen, and leave again."""

import base64
import re

from playwright.sync_api import expect

from tests.browser.app import PASSWORD, App
from tests.browser.test_account import authenticator
from tests.browser.test_files import DROP, listens

PAIRS = {"ada": ("Kitchen mess", "Quiet hours"), "grace": ("Compiler beats", "Evening")}
"""Of each login: a playlist of Spotify's, and one of YouTube's that does not have its tracks."""


def test_from_signing_up_to_leaving(app: App) -> None:
    app.sign_up()
    app.link_both()
    move_two(app)
    replace_one(app)
    undo_the_move(app)
    pair_two(app)
    look_for_dead_tracks(app)
    search_and_pin(app)
    bring_a_history(app)
    export(app)
    leave_by_passkey(app)


def move_two(app: App) -> None:
    page = app.page

    # Choose two playlists.
    page.get_by_role("link", name="Go on to my playlists").click()
    app.heading("Playlists")
    for name in ("Liked Songs", PAIRS[app.login][0]):
        page.get_by_role("checkbox", name=f"Choose {name}").click()
    expect(page.get_by_role("region", name="What is chosen")).to_contain_text("2 chosen")
    page.get_by_role("button", name="Move", exact=True).click()

    # Writing is asked for separately.
    app.heading("Where to")
    ask = page.get_by_role("button", name="Let us write to YouTube")
    preview = page.get_by_role("button", name="Preview")
    expect(ask.or_(preview)).to_be_visible()
    if ask.count():  # the service may remember what its account agreed to before
        ask.click()
        app.consent()
        app.heading("Where to")
    preview.click()

    # Nothing is written before the preview.
    app.heading("Preview")
    expect(page.get_by_text("Nothing has been written yet.")).to_be_visible()
    page.get_by_role("button", name="Begin the move").click()
    app.heading("to YouTube")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()

    # What was doubtful is decided with one key each.
    if page.get_by_role("link", name="Review", exact=True).count():
        page.get_by_role("link", name="Review", exact=True).first.click()
        app.heading("to look at")
        before = page.get_by_role("region", name="Yours").inner_text()
        if app.is_phone:
            page.get_by_role("button", name="Leave out").click()
        else:
            page.keyboard.press("x")
        expect(page.get_by_text("Left out. Remembered for later moves.")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("region", name="Yours")).to_have_text(
            re.compile(re.escape(before.split("\n")[2]))
        )
        page.get_by_role("link", name="The move").click()
        app.heading("to YouTube")


def replace_one(app: App) -> None:
    page = app.page
    page.get_by_role("link", name="Every track").click()
    app.heading("What was written")
    tracks = page.get_by_role("list", name="Tracks").get_by_role("link")
    expect(tracks.nth(1)).to_be_visible()
    tracks.nth(1).click()
    app.heading("Replace a track")
    now = page.get_by_role("status").filter(has_text="At YouTube now")
    other = now.get_by_role("link", name="Listen at YouTube").get_attribute("href")
    page.get_by_role("link", name="What was written").click()
    tracks.nth(0).click()
    app.heading("Replace a track")
    before = now.get_by_role("link", name="Listen at YouTube").get_attribute("href")
    assert other != before
    page.get_by_role("button", name="Paste a link").click()
    page.get_by_label("Link at YouTube").fill(other or "")
    page.get_by_role("button", name="Take it").click()
    expect(now).to_contain_text("your choice of today")
    expect(now.get_by_role("link", name="Listen at YouTube")).to_have_attribute("href", other or "")
    page.get_by_role("main").get_by_role("button", name="Undo").click()
    expect(now).not_to_contain_text("your choice")
    expect(now.get_by_role("link", name="Listen at YouTube")).to_have_attribute("href", before or "")
    page.get_by_role("link", name="What was written").click()
    page.get_by_role("link", name="to YouTube").click()
    app.heading("to YouTube")


def undo_the_move(app: App) -> None:
    page = app.page
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name=re.compile("^Remove ")).click()
    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    app.section("Home")
    expect(page.get_by_role("heading", name="Under way")).to_be_visible()


def pair_two(app: App) -> None:
    page = app.page
    left, right = PAIRS[app.login]
    app.section("Playlists")
    page.get_by_role("link", name=left).click()
    app.heading(left)
    page.get_by_role("button", name="Keep in step").click()
    app.heading("Keep a playlist in step")
    other = page.locator("section").filter(has=page.get_by_role("heading", name="Second playlist"))
    chosen = other.get_by_role("button", name="Another one")
    evening = other.get_by_role("radio", name=right)
    expect(chosen.or_(evening)).to_be_visible()
    if chosen.count():  # where it was moved to is the first choice
        chosen.click()
    evening.click()
    page.get_by_role("button", name="See what would be written").click()
    app.heading(left)
    yes = page.get_by_role("button", name="Yes, write it")
    expect(yes).to_be_visible()
    yes.click()
    expect(page.get_by_text("In step", exact=True)).to_be_visible()
    undo = page.get_by_role("button", name=re.compile("^Undo"))
    expect(undo).to_be_visible()
    undo.click()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Undone, rests", exact=True)).to_be_visible()


def look_for_dead_tracks(app: App) -> None:
    page = app.page
    app.section("Playlists")
    page.get_by_role("button", name="With dead tracks").click()
    expect(page.get_by_role("heading", name="Nothing was checked yet")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Check [0-9]+ playlists?$")).click()
    expect(
        page.get_by_text(re.compile("All of yours were checked|of yours (was|were) checked"))
    ).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Check "))).to_have_count(0)


def search_and_pin(app: App) -> None:
    page = app.page
    app.section("Search")
    page.get_by_role("searchbox").fill("salt")
    page.get_by_role("searchbox").press("Enter")
    hit = page.get_by_role("region", name="Spotify").get_by_role("listitem").first
    title = hit.locator("bdi").first.inner_text()
    at_spotify = page.get_by_role("link", name="Open this search at Spotify")
    expect(at_spotify).to_have_attribute("href", "https://open.spotify.com/search/salt/tracks")
    hit.get_by_role("button", name="Pin").click()
    page.get_by_role("navigation", name="Search").get_by_role("link", name="Pins").click()
    expect(page.get_by_role("listitem").filter(has_text=title).first).to_contain_text("pinned today")


def bring_a_history(app: App) -> None:
    page = app.page
    app.section("Listening")
    page.get_by_role("link", name="Bring a history").first.click()
    content = base64.b64encode(listens()).decode()
    page.locator(".drop").evaluate(DROP, {"name": "listens.json", "content": content})
    expect(page.get_by_text("3 new, 0 known, 0 left out, 0 unreadable")).to_be_visible()
    app.stack.fire_schedule("TrendsRollupFunctionEveryMinute")
    app.open("/app/listening?period=year")
    expect(page.get_by_role("img", name="Minutes by day")).to_be_visible()
    expect(page.get_by_role("img", name="Plays by hour")).to_be_visible()
    page.get_by_role("navigation", name="Listening").get_by_role("link", name="Year").click()
    app.heading("Your ")
    expect(page.get_by_role("heading", name="Month by month")).to_be_visible()


def export(app: App) -> None:
    page = app.page
    app.open("/app/files")
    page.get_by_label("What", exact=True).select_option("Plays, as CSV")
    page.get_by_role("button", name="Make the file").click()
    link = page.get_by_role("link", name=re.compile("^Download"))
    expect(link).to_be_visible()
    with page.expect_download() as downloaded:
        link.click()
    assert downloaded.value.path().stat().st_size > 0


def leave_by_passkey(app: App) -> None:
    """Passkeys are for names: at this machine's own, the same account is signed in to once more."""
    page = app.page
    named = app.stack.api_url.replace("127.0.0.1", "localhost")
    page.goto(f"{named}/app/signin?next=/app/account/signin")
    authenticator(page)
    page.get_by_label("E-mail address").fill(app.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("Where it is kept").fill("My phone")
    page.get_by_role("dialog").get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on in the browser").click()
    expect(page.get_by_role("list", name="Passkeys")).to_contain_text("My phone")

    page.get_by_role("navigation", name="Account").get_by_role("link", name="Delete").click()
    page.get_by_label("to delete this account").fill(app.email)
    page.get_by_role("button", name="Delete the account").click()
    expect(page.get_by_role("link", name="Make an account").first).to_be_visible()
    page.goto(f"{named}/app/signin")
    page.get_by_label("E-mail address").fill(app.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()

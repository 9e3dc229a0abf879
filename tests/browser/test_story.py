"""The story: sign up, link two services, move playlists, decide what was doubtful, undo it."""

import re

from playwright.sync_api import expect

from tests.browser.app import App


def test_from_signing_up_to_undoing_a_move(app: App) -> None:
    page = app.page
    app.sign_up()
    app.link_both()

    # Choose two playlists.
    page.get_by_role("link", name="Go on to my playlists").click()
    app.heading("Playlists")
    boxes = page.get_by_role("checkbox", name=re.compile("^Choose (?!all)"))
    expect(boxes.nth(1)).to_be_visible()
    boxes.nth(0).click()
    boxes.nth(1).click()
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

    # It takes out what it wrote.
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name=re.compile("^Remove ")).click()
    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    app.section("Home")
    expect(page.get_by_role("heading", name="Under way")).to_be_visible()

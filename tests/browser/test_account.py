"""The account: passkeys, another mail address, notices and how they come, webhooks."""

import json

from playwright.sync_api import Browser, Page, expect

from local.stack.stack import Stack
from tests.browser.app import PASSWORD, App, Person
from tests.browser.conftest import opened
from tests.browser.test_accessibility import violations
from tests.integration.notices.endpoint import serving


def authenticator(page: Page) -> None:
    """Give the browser a device that has seen its person."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_named_used_and_deleted(browser: Browser, stack: Stack) -> None:
    with opened(browser, stack, by_name=True) as app:
        page = app.page
        authenticator(page)
        app.sign_up()
        app.open("/app/account/signin")
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_label("Where it is kept").fill("My phone")
        page.get_by_label("Your password").last.fill("not the password")
        page.get_by_role("button", name="Go on in the browser").click()
        expect(page.get_by_role("dialog").locator("[aria-invalid]")).to_be_visible()
        page.get_by_label("Your password").last.fill(PASSWORD)
        page.get_by_role("button", name="Go on in the browser").click()
        rows = page.get_by_role("list", name="Passkeys").get_by_role("listitem")
        expect(rows).to_contain_text("not used yet")
        page.get_by_role("button", name="Rename My phone").click()
        page.get_by_label("Where it is kept").fill("Old phone")
        page.get_by_role("button", name="Rename", exact=True).click()
        expect(rows).to_contain_text("Old phone")
        app.settled()
        assert violations(app) == []

        # It lets in without the password.
        app.open("/app/account")
        page.get_by_role("button", name="Sign out").click()
        app.open("/app/signin")
        page.get_by_role("button", name="Sign in with a passkey").click()
        app.heading("Noor")
        app.open("/app/account/signin")
        expect(rows).to_contain_text("last used today")
        page.get_by_role("button", name="Delete Old phone").click()
        page.get_by_role("button", name="Delete it").click()
        expect(page.get_by_text("None yet. A passkey signs you in")).to_be_visible()


def test_a_number_for_an_address_says_why_there_are_no_passkeys(desktop: App, person: Person) -> None:
    desktop.sign_in_as(person)
    desktop.open("/app/account/signin")
    add = desktop.page.get_by_role("button", name="Add a passkey")
    expect(add).to_have_attribute("aria-disabled", "true")
    expect(desktop.page.get_by_text("not a number: open it as localhost")).to_be_visible()


def test_another_address_counts_once_it_is_confirmed(desktop: App) -> None:
    page = desktop.page
    desktop.sign_up()
    before = desktop.email
    desktop.open("/app/account/signin")
    expect(page.get_by_text("Confirmed today")).to_be_visible()
    desktop.email = before.replace("noor", "noor.new")
    page.get_by_label("New address").fill(desktop.email)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Send the mail").click()
    page.get_by_label("Six digits").fill("000000")
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_text(before, exact=True)).to_be_visible()
    page.get_by_label("Six digits").fill(desktop.mailed(r"\b(\d{6})\b"))
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_text(desktop.email, exact=True)).to_be_visible()
    expect(page.get_by_text("Confirmed. This is your address from now on.")).to_be_visible()


def test_notices_are_read_and_chosen(desktop: App, stack: Stack, person: Person) -> None:
    page = desktop.page
    stack.invoke("NoticesDispatcherFunction", {})
    desktop.sign_in_as(person)
    desktop.open("/app")
    bell = page.get_by_role("complementary").get_by_role("link", name="Notices")
    expect(bell).to_contain_text("new")
    bell.click()
    desktop.heading("Notices")
    notices = page.get_by_role("list", name="Notices").get_by_role("listitem")
    moved = notices.filter(has=page.get_by_role("link", name="Your migration is done"))
    expect(moved.first).to_contain_text("New")
    moved.first.get_by_role("button", name="as read").click()
    expect(moved.first.get_by_role("button", name="as not read")).to_be_visible()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("New", exact=True)).to_have_count(0)
    expect(bell).not_to_contain_text("new")

    page.get_by_role("link", name="How you are told").click()
    choice = page.get_by_label("A move is done: mail")
    choice.select_option("Once a day")
    page.reload()
    expect(choice).to_have_value("daily")
    choice.select_option("At once")
    expect(page.get_by_role("row", name="Your account was suspended")).to_contain_text("Always")


def test_a_webhook_is_made_tested_and_switched_off(desktop: App) -> None:
    page = desktop.page
    desktop.sign_up()
    with serving() as endpoint:
        desktop.open("/app/account/webhooks")
        page.get_by_label("What it is for").fill("My house")
        page.get_by_label("Address").fill("ftp://example.org")
        page.get_by_role("button", name="Make a webhook").click()
        expect(page.locator("[aria-invalid]")).to_be_visible()
        page.get_by_label("Address").fill(endpoint.url)
        page.get_by_role("button", name="Make a webhook").click()

        # The secret is shown once, and stands nowhere afterwards.
        secret = page.get_by_role("dialog").locator("code").inner_text()
        assert secret.startswith("whsec_")
        page.get_by_role("button", name="I have it").click()
        page.reload()
        desktop.heading("My house")
        assert secret not in page.content()

        page.get_by_role("button", name="Send a test").click()
        sent = page.get_by_role("list", name="Deliveries").get_by_role("listitem")
        expect(sent.filter(has_text="Arrived").first).to_be_visible()
        assert json.loads(endpoint.received[0].body)["type"] == "test"
        page.get_by_role("button", name="Send again").first.click()
        expect(page.get_by_text("Sent again, under the same id.")).to_be_visible()
        desktop.settled()
        assert violations(desktop) == []

        page.get_by_role("button", name="Switch off").click()
        expect(page.get_by_text("Off", exact=True)).to_be_visible()
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("button", name="Delete it").click()
        expect(page.get_by_text("None yet.")).to_be_visible()

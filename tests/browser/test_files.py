"""Files: brought by dropping them or choosing them, straight to the object storage, and read."""

import base64
import json
import re
from datetime import timedelta

from playwright.sync_api import expect

from musicconnect.platform import clock
from tests.browser.app import App, Person

DROP = """(element, {name, content}) => {
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name));
  element.dispatchEvent(new DragEvent("drop", {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""


def listens() -> bytes:
    """Three listens as ListenBrainz exports them, of the last hours."""
    now = clock.now()
    return json.dumps(
        [
            {
                "listened_at": int((now - timedelta(hours=hours)).timestamp()),
                "track_metadata": {"artist_name": "Ola Fen", "track_name": f"Slow River {hours}"},
            }
            for hours in (3, 2, 1)
        ]
    ).encode()


def test_a_history_is_dropped_read_and_deleted_again(desktop: App, person: Person) -> None:
    page = desktop.page
    desktop.sign_in_as(person)
    desktop.open("/app/listening/import")
    desktop.heading("Bring a history")
    content = base64.b64encode(listens()).decode()
    page.locator(".drop").evaluate(DROP, {"name": "listens.json", "content": content})
    expect(page.get_by_text("It is being read; you can close this page.")).to_be_visible()

    # The server knows it: closing the tab loses nothing.
    page.reload()
    expect(page.get_by_text("3 new, 0 known, 0 left out, 0 unreadable")).to_be_visible()
    page.get_by_role("button", name="Delete listens.json").click()
    expect(page.get_by_text("listens.json", exact=True)).to_have_count(0)


def test_playlists_are_chosen_and_previewed_before_anything_is_written(desktop: App, person: Person) -> None:
    page = desktop.page
    desktop.sign_in_as(person)
    desktop.open("/app/files/import")
    desktop.heading("Bring playlists")
    csv = b"Track Name,Artist Name(s)\nSlow River,Ola Fen\nFar Hill,Ola Fen\n"
    page.get_by_label("Drop a file of playlists here").set_input_files(
        {"name": "Evening.csv", "mimeType": "text/csv", "buffer": csv}
    )
    expect(page.get_by_text("nothing is written yet")).to_be_visible()
    expect(page.get_by_text("1 playlist with 2 tracks to Spotify")).to_be_visible()
    page.get_by_role("link", name="Look").click()
    desktop.heading("Preview")


def test_a_pasted_list_goes_the_way_of_a_file(desktop: App, person: Person) -> None:
    page = desktop.page
    desktop.sign_in_as(person)
    desktop.open("/app/files/import")
    page.get_by_label("What the playlist is called").fill("From a mail")
    page.get_by_label("Tracks").fill("Ola Fen - Slow River\nOla Fen - Far Hill\nOla Fen - <i>Third</i>\n")
    page.get_by_role("button", name="Look for them").click()
    row = page.get_by_role("listitem").filter(has_text="From a mail")
    expect(row).to_contain_text("1 playlist with 3 tracks to Spotify")
    row.get_by_role("link", name="Look").click()
    desktop.heading("Preview")


def test_a_pasted_link_to_a_playlist_is_moved_and_a_line_that_says_nothing_is_told(
    desktop: App, person: Person
) -> None:
    page = desktop.page
    desktop.sign_in_as(person)
    desktop.open("/app/playlists?service=youtube")
    page.get_by_role("link", name="Evening").click()
    address = page.get_by_role("link", name="Open at YouTube").first.get_attribute("href")
    desktop.go("/app/files/import")
    page.get_by_label("What the playlist is called").fill("From a message")
    page.get_by_label("Tracks").fill(f"Kestrel Parade - Salt and Signal\nListen: {address}\nsee you\n")
    page.get_by_role("button", name="Look for them").click()
    row = page.get_by_role("listitem").filter(has_text="From a message")
    expect(row).to_contain_text("2 playlists with 1 track to Spotify")
    row.get_by_text("1 line could not be read").click()
    expect(row).to_contain_text("line 3: it is no line of artist and title")

    # The words and the playlist are each a move; both are looked at before anything is written.
    row.get_by_role("link", name="Look at part 2").click()
    desktop.heading("Preview")
    expect(page.get_by_role("row", name="Evening")).to_be_visible()
    page.go_back()
    row.get_by_role("link", name="Look at part 1").click()
    desktop.heading("Preview")
    page.get_by_role("button", name="Begin the move").click()
    desktop.heading("to Spotify")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def test_what_is_no_file_of_playlists_is_said_in_words(desktop: App, person: Person) -> None:
    page = desktop.page
    desktop.sign_in_as(person)
    desktop.open("/app/files/import")
    page.get_by_label("Drop a file of playlists here").set_input_files(
        {"name": "picture.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(64)}
    )
    row = page.get_by_role("listitem").filter(has_text="picture.png")
    expect(row.get_by_text("Failed", exact=True)).to_be_visible()
    expect(row).to_contain_text("picture.png")


def test_a_playlist_is_taken_as_a_file_from_its_page(desktop: App, person: Person) -> None:
    page = desktop.page
    desktop.sign_in_as(person)
    desktop.open("/app/playlists?service=youtube")
    page.get_by_role("link", name="Evening").click()
    page.get_by_role("button", name="Take as a file").click()
    desktop.heading("Files")
    expect(page.get_by_text("1 playlist: Evening")).to_be_visible()
    page.get_by_role("button", name="Make the file").click()
    link = page.get_by_role("link", name=re.compile("^Download Evening"))
    expect(link).to_be_visible()
    with page.expect_download() as downloaded:
        link.click()
    assert b"Track Name" in downloaded.value.path().read_bytes()

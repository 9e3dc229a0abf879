"""Given notices, a person lists them, reads them and chooses how they come; each comes once."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from musicconnect.notices.digest import next_morning
from tests.integration.notices.conftest import Timers
from tests.support.functions import FunctionRunner, Person, new_person
from tests.support.mailbox import Mailbox
from tests.support.postgres import sql

READY = {"export_id": 4, "type": "pins_csv", "expires_at": "2026-12-07T08:00:00+00:00"}
DAY_S = 86_400


@pytest.fixture
def mailbox(core_harness: FunctionRunner) -> Iterator[Mailbox]:
    """Mail is switched on."""
    yield Mailbox.of(core_harness)
    del core_harness.environment["MAIL_FROM"]


@pytest.fixture
def reader(core_harness: FunctionRunner, mailbox: Mailbox) -> Person:
    """Somebody in Tokyo, whose address is confirmed."""
    made = new_person(core_harness)
    email = f"ada-{uuid.uuid4().hex[:12]}@example.org"  # ids are of a database; the mailbox is of all of them
    sql(
        core_harness.database_url,
        "UPDATE core.users SET email = %s, email_confirmed_at = now(), time_zone = 'Asia/Tokyo' "
        "WHERE id = %s RETURNING id",
        email,
        made.id,
    )
    return replace(made, email=email)


def choose(person: Person, code: str, **choice: object) -> None:
    answer = person.call("PATCH", "/v1/notices/settings", {"kinds": {code: choice}})
    assert answer.status == 200, answer.text


def link_of(headers: dict[str, str]) -> str:
    match = re.search(r"<(.+)>", headers["List-Unsubscribe"])
    assert match
    return match[1].partition("//")[2].partition("/")[2]


def test_notices_are_listed_in_pages_read_and_unread(person: Person, other: Person, timers: Timers) -> None:
    for number in range(5):
        timers.record(person, "export-ready", f"export-ready:{number}", **READY | {"export_id": number})
    timers.record(other, "export-ready", "export-ready:9", **READY)
    timers.tick()

    first = person.call("GET", "/v1/notices?limit=3").json
    rest = person.call("GET", f"/v1/notices?limit=3&cursor={first['next_cursor']}").json
    assert [one["params"]["export_id"] for one in first["items"] + rest["items"]] == [4, 3, 2, 1, 0]
    assert (first["unread"], rest["next_cursor"]) == (5, None)

    one = first["items"][0]
    assert other.call("GET", f"/v1/notices/{one['id']}").status == 404
    assert other.call("PATCH", f"/v1/notices/{one['id']}", {"is_read": True}).status == 404
    read = person.call("PATCH", f"/v1/notices/{one['id']}", {"is_read": True}).json
    assert person.call("PATCH", f"/v1/notices/{one['id']}", {"is_read": True}).json == read
    assert person.call("GET", "/v1/notices?unread=true").json["unread"] == 4
    assert person.call("PATCH", f"/v1/notices/{one['id']}", {"is_read": False}).json["read_at"] is None

    until = first["items"][1]["id"]
    assert person.call("POST", "/v1/notices/read", {"until": until}).json == {"marked": 4}
    assert [one["id"] for one in person.call("GET", "/v1/notices?unread=true").json["items"]] == [one["id"]]


def test_the_same_thing_is_told_once(person: Person, timers: Timers) -> None:
    for _ in range(3):
        timers.record(person, "export-ready", "export-ready:4", **READY)
        timers.tick()
        timers.tick(60)

    assert len(person.call("GET", "/v1/notices").json["items"]) == 1


def test_a_mail_comes_at_once_in_the_persons_zone(reader: Person, mailbox: Mailbox, timers: Timers) -> None:
    params = {
        "session_id": 1,
        "ip_address": "203.0.113.9",
        "user_agent": "x",
        "at": "2026-11-30T20:00:00+00:00",
    }
    timers.record(reader, "sign-in-from-new-place", "sign-in:1", **params)
    for _ in range(3):
        timers.tick()

    (mail,) = mailbox.to(reader.email)
    assert mail.subject == "New sign-in to your account"
    assert "05:00" in mail.text
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_digest_comes_at_their_own_morning_once(reader: Person, mailbox: Mailbox, timers: Timers) -> None:
    choose(reader, "export-ready", mail="daily")
    for number in range(3):
        timers.record(reader, "export-ready", f"export-ready:{number}", **READY)
    timers.tick()
    assert mailbox.to(reader.email) == []

    for _ in range(3 * 24):  # three days, hour by hour
        timers.tick(3_600)
        timers.tick()
    (mail,) = mailbox.to(reader.email)
    assert mail.subject == "3 notices from MusicConnect"
    assert mail.text.count("The export of your pins is ready") == 3


@pytest.mark.parametrize(
    ("at", "zone", "morning"),
    [
        ("2026-11-30T22:59:00", "Asia/Tokyo", "2026-11-30T23:00:00"),
        ("2026-11-30T23:00:00", "Asia/Tokyo", "2026-12-01T23:00:00"),
        ("2027-03-13T17:00:00", "America/Los_Angeles", "2027-03-14T15:00:00"),  # an hour is lost
        ("2026-10-31T16:00:00", "America/Los_Angeles", "2026-11-01T16:00:00"),
        ("2026-11-30T09:00:00", "UTC", "2026-12-01T08:00:00"),
    ],
)
def test_mornings_are_of_the_persons_zone(at: str, zone: str, morning: str) -> None:
    found = next_morning(datetime.fromisoformat(at).replace(tzinfo=UTC), zone)

    assert found == datetime.fromisoformat(morning).replace(tzinfo=UTC)


def test_one_click_ends_a_kind_of_mail_without_signing_in(
    core_harness: FunctionRunner, reader: Person, mailbox: Mailbox, timers: Timers
) -> None:
    timers.record(reader, "export-ready", "export-ready:1", **READY)
    timers.tick()
    (mail,) = mailbox.to(reader.email)
    target = "/" + link_of(mail.headers)

    shown = core_harness.call("GET", target)
    assert shown.status == 200
    assert shown.headers["content-type"].startswith("text/html")
    assert reader.call("GET", "/v1/notices/settings").json["kinds"]["export-ready"]["mail"] == "at_once"
    form = {"content-type": "application/x-www-form-urlencoded"}
    for _ in range(2):
        answer = core_harness.call("POST", target, raw="List-Unsubscribe=One-Click", headers=form)
        assert answer.status == 200, answer.text
    kinds = reader.call("GET", "/v1/notices/settings").json["kinds"]
    assert kinds["export-ready"]["mail"] == "none"
    assert kinds["import-ready"]["mail"] == "at_once"
    timers.record(reader, "export-ready", "export-ready:2", **READY)
    timers.tick()
    assert len(mailbox.to(reader.email)) == 1
    assert len(reader.call("GET", "/v1/notices").json["items"]) == 2, "the list goes on"


def test_a_link_of_another_person_or_kind_is_no_link(
    core_harness: FunctionRunner, reader: Person, other: Person, mailbox: Mailbox, timers: Timers
) -> None:
    timers.record(reader, "export-ready", "export-ready:1", **READY)
    timers.tick()
    target = "/" + link_of(mailbox.to(reader.email)[0].headers)

    for changed in (
        target.replace(f"token={reader.id}.", f"token={other.id}."),
        target.replace("export-ready", "import-ready"),
        target[:-2],
        target + "x",
        "/v1/notices/unsubscribe?token=",
        "/v1/notices/unsubscribe?token=1.daily.k1.",
        "/v1/notices/unsubscribe?token=..",
        "/v1/notices/unsubscribe?token=a.b.k9.%C3%BC",
    ):
        assert core_harness.call("POST", changed).status == 404, changed
        assert core_harness.call("GET", changed).status == 404, changed


def test_nothing_is_sent_for_whoever_is_gone(reader: Person, mailbox: Mailbox, timers: Timers) -> None:
    choose(reader, "import-ready", mail="daily")
    timers.record(reader, "import-ready", "i:1", kind="plays", import_id=1, accepted=2, failed=0)
    timers.record(reader, "export-ready", "export-ready:1", **READY)
    timers.harness.invoke("notices_dispatcher", {})
    timers.record(reader, "export-ready", "export-ready:2", **READY)
    assert reader.call("DELETE", "/v1/me").status == 204

    for _ in range(30):
        timers.tick(3_600)
    assert mailbox.to(reader.email) == []


def test_what_concerns_the_account_cannot_be_switched_off(person: Person) -> None:
    answer = person.call("PATCH", "/v1/notices/settings", {"kinds": {"account-restored": {"mail": "none"}}})

    assert answer.status == 422


def test_a_sign_in_from_a_new_place_is_told_and_others_are_not(
    core_harness: FunctionRunner, timers: Timers
) -> None:
    person = core_harness.sign_up()
    body = {"email": person.email, "password": person.password}
    for source in ("203.0.113.7", "198.51.100.9", "198.51.100.9", "203.0.113.7"):
        assert core_harness.call("POST", "/v1/auth/login", body, source_ip=source).status == 200
    timers.tick()

    (notice,) = person.call("GET", "/v1/notices").json["items"]
    assert notice["code"] == "sign-in-from-new-place"
    assert notice["params"]["ip_address"] == "198.51.100.9"


def test_notices_settings_and_webhooks_are_in_the_archive_without_secrets(person: Person) -> None:
    from musicconnect.exports.content.tables import TABLES  # noqa: PLC0415
    from musicconnect.exports.plan import TABLES as PLANNED  # noqa: PLC0415

    names = {"notices", "notice_settings", "webhooks", "webhook_deliveries"}
    assert names <= TABLES.keys()
    assert names <= set(PLANNED)
    assert "secret" not in json.dumps([TABLES[name] for name in names])

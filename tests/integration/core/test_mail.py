"""Mail: sent once, to whom it may concern, and not at all where it must not be."""

import contextlib
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from local.stack.mailbox import sent
from musicconnect.core import accounts, mail
from musicconnect.core.mail import ses
from musicconnect.core.mail.content import Code, Content, Link, MailTemplate
from musicconnect.core.mail.messages import MailMessage
from musicconnect.core.mail.worker import UNKNOWN_WAIT, MailWorker
from musicconnect.platform import database
from musicconnect.platform.work.deadline import Deadline
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner, Person, new_person
from tests.support.mailbox import MAIL_FROM, Mailbox
from tests.support.postgres import sql

TEMPLATES = {
    "ready": MailTemplate(
        lambda params, reader: Content(
            f"{params['name']} is ready",
            [
                f"It was done at {reader.time(params['at'])} <b>",
                Link("Open", "https://music.example/x?a=1&b=2"),
            ],
        )
    ),
    "code": MailTemplate(lambda _, __: Content("Your code", [Code("123456")]), to_unconfirmed=True),
}
DEADLINE = Deadline.after(60_000)


@pytest.fixture(scope="module")
def mailbox(core_harness: FunctionRunner) -> Mailbox:
    return Mailbox.of(core_harness)


@pytest.fixture
def person(core_harness: FunctionRunner, mailbox: Mailbox) -> Person:
    made = new_person(core_harness)
    email = f"ada-{uuid.uuid4().hex[:12]}@example.org"  # ids are of a database; the mailbox is of all of them
    sql(
        core_harness.database_url,
        "UPDATE core.users SET email = %s, email_confirmed_at = now(), time_zone = 'Asia/Tokyo' "
        "WHERE id = %s",
        email,
        made.id,
    )
    return replace(made, email=email)


@pytest.fixture
def worker(core_harness: FunctionRunner, mailbox: Mailbox) -> Iterator[MailWorker]:
    with core_harness.environment_of("mail_worker"):
        yield MailWorker(TEMPLATES, {})


def enqueue(person: Person, template: str = "ready", **fields: Any) -> int | None:
    params = {"name": "Export", "at": "2026-11-30T20:00:00+00:00"} | fields.pop("params", {})
    key = fields.pop("key", "export:1")
    with database.shared().transaction(person.id) as connection:
        return mail.enqueue(
            connection,
            mail.OutgoingMail(template=template, key=key, user_id=person.id, params=params, **fields),
        )


def deliver(worker: MailWorker, mail_id: int | None, person: Person) -> None:
    assert mail_id is not None
    worker.deliver(database.shared(), MailMessage(mail_id=mail_id, user_id=person.id), DEADLINE)


def state(person: Person) -> list[tuple[str, str | None]]:
    rows = sql(
        person.harness.database_url,
        "SELECT status, reason FROM core.mail_messages WHERE user_id = %s ORDER BY id",
        person.id,
    )
    return [(str(status), reason if reason is None else str(reason)) for status, reason in rows]


def received(person: Person) -> list[Any]:
    return [one for one in sent() if one.to == person.email]


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception, *, after_sending: bool = False) -> None:
    """Break the wire to SES, before or after it has taken the message."""
    client = ses._client()

    def send_email(**call: Any) -> Any:
        if after_sending:
            client.send_email(**call)
        raise error

    broken = type("Broken", (), {"send_email": staticmethod(send_email)})()
    monkeypatch.setattr(ses, "_client", lambda: broken)


def refusal(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "SendEmail",
    )


def test_a_message_has_a_text_and_an_html_part_in_the_persons_zone(
    worker: MailWorker, person: Person
) -> None:
    url = "https://music.example/u?t=1"
    deliver(worker, enqueue(person, unsubscribe_url=url), person)

    (one,) = received(person)
    assert one.sender == f"MusicConnect <{MAIL_FROM}>"
    assert one.subject == "Export is ready"
    assert "05:00" in one.text  # of the next day, in Tokyo
    assert "https://music.example/x?a=1&b=2" in one.text
    assert "&lt;b&gt;" in one.html
    assert 'href="https://music.example/x?a=1&amp;b=2"' in one.html
    assert "<img" not in one.html
    assert one.headers["List-Unsubscribe"] == f"<{url}>"
    assert one.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert state(person) == [("sent", None)]


def test_nothing_is_injected_into_headers(worker: MailWorker, person: Person) -> None:
    sql(
        person.harness.database_url,
        "UPDATE core.users SET display_name = %s WHERE id = %s",
        "Ada\r\nBcc: eve@example.org",
        person.id,
    )
    name = "x\r\nBcc: eve@example.org\r\n\r\nbody" + "y" * 500
    deliver(worker, enqueue(person, params={"name": name}), person)

    (one,) = received(person)
    assert "Bcc" not in one.headers
    assert len(one.subject) <= 150
    assert [mail for mail in sent() if "eve@" in mail.to] == []


def test_the_same_key_twice_is_one_message(worker: MailWorker, person: Person) -> None:
    first = enqueue(person)
    assert enqueue(person) is None
    threads = [threading.Thread(target=deliver, args=(worker, first, person)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deliver(worker, first, person)

    assert len(received(person)) == 1


def test_what_was_rolled_back_is_not_sent(worker: MailWorker, person: Person) -> None:
    with contextlib.suppress(ZeroDivisionError), database.shared().transaction(person.id) as connection:
        mail.enqueue(connection, mail.OutgoingMail(template="ready", key="x", user_id=person.id))
        raise ZeroDivisionError
    assert state(person) == []


def test_nobody_enqueues_for_somebody_else(
    worker: MailWorker, person: Person, core_harness: FunctionRunner
) -> None:
    other = new_person(core_harness)
    with database.shared().transaction(other.id) as connection:
        assert (
            mail.enqueue(connection, mail.OutgoingMail(template="ready", key="x", user_id=person.id)) is None
        )
    assert state(person) == []


def test_only_what_was_asked_for_goes_to_an_address_that_is_not_confirmed(
    worker: MailWorker, person: Person
) -> None:
    sql(
        person.harness.database_url,
        "UPDATE core.users SET email_confirmed_at = NULL WHERE id = %s",
        person.id,
    )
    deliver(worker, enqueue(person), person)
    deliver(worker, enqueue(person, "code", key="code"), person)

    assert [one.subject for one in received(person)] == ["Your code"]
    assert state(person) == [("not_sent", "not-confirmed"), ("sent", None)]


@pytest.mark.parametrize(
    "error",
    [
        refusal("TooManyRequestsException", 429),
        refusal("SendingPausedException"),
        refusal("AccessDeniedException", 403),
        EndpointConnectionError(endpoint_url="https://email.example"),
    ],
)
def test_ses_that_takes_nothing_now_is_asked_again_later(
    worker: MailWorker,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
    shifted_clock: ShiftedClock,
    error: Exception,
) -> None:
    mail_id = enqueue(person)
    with monkeypatch.context() as patch:
        failing(patch, error)
        deliver(worker, mail_id, person)
        deliver(worker, mail_id, person)  # not due yet
    ((status, reason),) = state(person)
    assert status == "pending"
    assert reason

    shifted_clock.advance(60)
    deliver(worker, mail_id, person)
    assert len(received(person)) == 1


def test_what_ses_refuses_is_not_tried_again(
    worker: MailWorker, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, refusal("MessageRejected"))
    deliver(worker, enqueue(person), person)
    assert state(person) == [("not_sent", "refused")]


def test_a_message_of_which_nobody_knows_is_settled_by_ses_own_event(
    worker: MailWorker,
    person: Person,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    shifted_clock: ShiftedClock,
) -> None:
    mail_id = enqueue(person)
    with monkeypatch.context() as patch:
        failing(patch, ReadTimeoutError(endpoint_url="https://email.example"), after_sending=True)
        deliver(worker, mail_id, person)
    assert state(person) == [("sending", None)]
    mailbox.report("Send", mail_id)

    shifted_clock.advance(UNKNOWN_WAIT.total_seconds() + 60)
    deliver(worker, mail_id, person)
    assert len(received(person)) == 1
    assert state(person) == [("sent", None)]


def test_a_worker_that_dies_before_ses_was_asked_costs_ten_minutes(
    worker: MailWorker, person: Person, monkeypatch: pytest.MonkeyPatch, shifted_clock: ShiftedClock
) -> None:
    mail_id = enqueue(person)
    with monkeypatch.context() as patch:
        failing(patch, KeyboardInterrupt())  # type: ignore[arg-type]
        with pytest.raises(KeyboardInterrupt):
            deliver(worker, mail_id, person)
    deliver(worker, mail_id, person)
    assert received(person) == []

    shifted_clock.advance(UNKNOWN_WAIT.total_seconds() + 60)
    assert worker.on_timer(database.shared(), {}, DEADLINE)["sent"] >= 1
    deliver(worker, mail_id, person)
    assert len(received(person)) == 1


def test_a_person_who_is_gone_gets_nothing(worker: MailWorker, person: Person) -> None:
    mail_id = enqueue(person)
    with database.shared().transaction(person.id) as connection:
        assert accounts.delete_user(connection, person.id)
    deliver(worker, mail_id, person)
    assert received(person) == []


def test_what_would_come_too_late_is_not_sent(
    worker: MailWorker, person: Person, shifted_clock: ShiftedClock
) -> None:
    mail_id = enqueue(person, lifetime=timedelta(hours=1))
    shifted_clock.advance(7200)
    deliver(worker, mail_id, person)
    assert state(person) == [("not_sent", "too-late")]


@pytest.mark.parametrize(
    ("kind", "details", "reason"),
    [
        ("Bounce", {"bounce": {"bounceType": "Permanent", "bouncedRecipients": "RECIPIENTS"}}, "bounced"),
        ("Complaint", {"complaint": {"complainedRecipients": "RECIPIENTS"}}, "complained"),
        ("Bounce", {"bounce": {"bounceType": "Transient", "bouncedRecipients": "RECIPIENTS"}}, None),
        (
            "Complaint",
            {"complaint": {"complaintFeedbackType": "not-spam", "complainedRecipients": "RECIPIENTS"}},
            None,
        ),
    ],
)
def test_an_address_that_bounces_or_complains_is_switched_off(
    worker: MailWorker,
    person: Person,
    mailbox: Mailbox,
    kind: str,
    details: dict[str, dict[str, Any]],
    reason: str | None,
) -> None:
    recipients = [{"emailAddress": person.email.upper()}]
    filled = {
        name: {key: recipients if value == "RECIPIENTS" else value for key, value in part.items()}
        for name, part in details.items()
    }
    for _ in range(2):  # SNS says it twice now and then
        assert mailbox.report(kind, None, **filled) == {"batchItemFailures": []}
    deliver(worker, enqueue(person), person)

    assert state(person) == [("sent", None) if reason is None else ("not_sent", reason)]


def test_an_address_that_ses_does_not_take_ends_the_message(worker: MailWorker, person: Person) -> None:
    deliver(worker, enqueue(person, address="žofie@example.org"), person)
    deliver(worker, enqueue(person, key="2", address="ada@bücher.example"), person)
    assert state(person) == [("not_sent", "undeliverable"), ("sent", None)]
    assert [one for one in sent() if one.to == "ada@xn--bcher-kva.example"]


def test_without_an_identity_nothing_is_enqueued(
    worker: MailWorker, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = enqueue(person, key="before")
    monkeypatch.setenv("MAIL_FROM", "")
    assert enqueue(person) is None
    deliver(worker, waiting, person)
    assert state(person) == [("not_sent", "mail-off")]

"""Addresses that are confirmed, passwords that are forgotten, and sign-ins without one: by mail."""

import re
import secrets
import threading
from typing import Any

import pytest

from tests.support.clock import ShiftedClock
from tests.support.functions import Answer, FunctionRunner, Person
from tests.support.mailbox import Mailbox
from tests.support.postgres import sql

PASSWORD = "correct horse battery staple"
OTHER = "wrong donkey charger paperclip"
HOUR = 3600


@pytest.fixture(scope="module")
def mailbox(core_harness: FunctionRunner) -> Mailbox:
    return Mailbox.of(core_harness)


@pytest.fixture(autouse=True)
def _no_limits_of_others(core_harness: FunctionRunner) -> None:
    sql(core_harness.database_url, "DELETE FROM core.sign_in_limits")


def address() -> str:
    return f"{secrets.token_hex(6)}@example.org"


def begin(mailbox: Mailbox, path: str, body: dict[str, Any], **options: Any) -> Answer:
    answer = mailbox.harness.call("POST", path, body, **options)
    assert answer.status == 202, answer.text
    return answer


def last(mailbox: Mailbox, to: str) -> str:
    return mailbox.to(to)[-1].text


def token_in(text: str) -> str:
    match = re.search(r"/account/[a-z-]+#(\S+)", text)
    assert match, text
    return match[1]


def code_in(text: str) -> str:
    match = re.search(r"^ +([0-9]{6})$", text, re.MULTILINE)
    assert match, text
    return match[1]


@pytest.fixture
def person(core_harness: FunctionRunner, mailbox: Mailbox) -> Person:
    """Somebody who has signed up and confirmed the address by its link."""
    email = address()
    begin(mailbox, "/v1/auth/signup", {"email": email, "password": PASSWORD, "time_zone": "Asia/Tokyo"})
    answer = core_harness.call("POST", "/v1/auth/signup/confirm", {"token": token_in(last(mailbox, email))})
    assert answer.status == 201, answer.text
    assert answer.json["user"]["email_confirmed_at"] is not None
    return Person(core_harness, answer.json["user"]["id"], email, PASSWORD, answer.json["token"])


def sign_in(person: Person, password: str = PASSWORD, **options: Any) -> int:
    body = {"email": person.email, "password": password}
    return person.harness.call("POST", "/v1/auth/login", body, **options).status


def test_there_is_no_account_before_the_address_is_confirmed(mailbox: Mailbox) -> None:
    email = address()
    begin(mailbox, "/v1/auth/signup", {"email": email, "password": PASSWORD})
    body = {"email": email, "password": PASSWORD}
    assert mailbox.harness.call("POST", "/v1/auth/login", body).status == 401


def test_a_sign_up_is_confirmed_by_its_code_too(mailbox: Mailbox) -> None:
    email = address()
    body = {"email": email, "password": PASSWORD, "display_name": "Ada"}
    begun = begin(mailbox, "/v1/auth/signup", body)
    proof = {"confirmation": begun.json["confirmation"], "code": code_in(last(mailbox, email))}
    answer = mailbox.harness.call("POST", "/v1/auth/signup/confirm", proof)
    assert answer.status == 201
    assert answer.json["user"]["display_name"] == "Ada"


def test_signing_up_under_a_taken_address_looks_the_same_and_its_owner_hears_of_it(
    mailbox: Mailbox, person: Person
) -> None:
    free = address()
    taken = begin(mailbox, "/v1/auth/signup", {"email": person.email, "password": OTHER})
    other = begin(mailbox, "/v1/auth/signup", {"email": free, "password": OTHER})
    assert taken.json.keys() == other.json.keys()
    assert taken.headers.keys() == other.headers.keys()

    (mail,) = [one for one in mailbox.to(person.email) if "already" in one.subject]
    assert "/account/" not in mail.text
    guess = {"confirmation": taken.json["confirmation"], "code": "000000"}
    assert mailbox.harness.call("POST", "/v1/auth/signup/confirm", guess).status == 410
    assert sign_in(person) == 200
    assert sign_in(person, OTHER) == 401


def test_two_sign_ups_for_one_address_make_one_account(mailbox: Mailbox) -> None:
    email, tokens = address(), []
    for number in range(2):
        begin(mailbox, "/v1/auth/signup", {"email": email, "password": f"{PASSWORD} {number}"})
        tokens.append(token_in(last(mailbox, email)))
    answers = [mailbox.harness.call("POST", "/v1/auth/signup/confirm", {"token": one}) for one in tokens]
    assert [one.status for one in answers] == [201, 410]


def test_a_forgotten_password_is_replaced_and_all_sessions_end(mailbox: Mailbox, person: Person) -> None:
    token = person.call("POST", "/v1/auth/tokens", {"name": "Scrobbler"}).json["id"]
    begin(mailbox, "/v1/auth/password/forgot", {"email": person.email.upper()})
    proof = {"token": token_in(last(mailbox, person.email)), "new_password": OTHER, "revoke_tokens": False}
    answer = person.harness.call("POST", "/v1/auth/password/reset", proof)

    assert answer.status == 200, answer.text
    assert answer.json["sessions_ended"] == 1
    assert [one["id"] for one in answer.json["tokens"]] == [token]
    assert person.call("GET", "/v1/me").status == 401
    assert (sign_in(person), sign_in(person, OTHER)) == (401, 200)
    assert mailbox.to(person.email)[-1].subject == "Your password was changed"
    assert person.harness.call("POST", "/v1/auth/password/reset", proof).status == 410  # used


def test_a_link_is_used_once_however_many_try(mailbox: Mailbox, person: Person) -> None:
    begin(mailbox, "/v1/auth/login/link", {"email": person.email})
    proof = {"token": token_in(last(mailbox, person.email))}
    answers: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(person.harness.call("POST", "/v1/auth/login/confirm", proof).status)
        )
        for _ in range(4)
    ]
    # Held around all of them: each sets and clears the process's environment for itself.
    with person.harness.environment_of("core_api"):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(answers) == [200, 410, 410, 410]


@pytest.mark.parametrize(
    ("path", "confirm", "lifetime"),
    [
        ("/v1/auth/password/forgot", "/v1/auth/password/reset", HOUR),
        ("/v1/auth/login/link", "/v1/auth/login/confirm", HOUR / 2),
    ],
)
def test_a_link_is_old_after_its_time(
    mailbox: Mailbox,
    person: Person,
    shifted_clock: ShiftedClock,
    path: str,
    confirm: str,
    lifetime: float,
) -> None:
    begin(mailbox, path, {"email": person.email})
    proof = {"token": token_in(last(mailbox, person.email))}
    if "password" in confirm:
        proof["new_password"] = OTHER
    shifted_clock.advance(lifetime + 60)
    assert person.harness.call("POST", confirm, proof).status == 410
    shifted_clock.advance(-900)
    assert person.harness.call("POST", confirm, proof).status == 200


def test_a_link_of_one_kind_is_none_of_another(mailbox: Mailbox, person: Person) -> None:
    begin(mailbox, "/v1/auth/login/link", {"email": person.email})
    token = token_in(last(mailbox, person.email))
    reset = {"token": token, "new_password": OTHER}
    assert person.harness.call("POST", "/v1/auth/password/reset", reset).status == 410
    assert person.harness.call("POST", "/v1/auth/email/confirm", {"token": token}).status == 410
    assert person.harness.call("POST", "/v1/auth/login/confirm", {"token": token}).status == 200


def test_a_code_is_tried_five_times(mailbox: Mailbox, person: Person) -> None:
    begun = begin(mailbox, "/v1/auth/login/link", {"email": person.email})
    code = code_in(last(mailbox, person.email))
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    handle = begun.json["confirmation"]
    for _ in range(5):
        guess = {"confirmation": handle, "code": wrong}
        assert person.harness.call("POST", "/v1/auth/login/confirm", guess).status == 410
    right = {"confirmation": handle, "code": code}
    assert person.harness.call("POST", "/v1/auth/login/confirm", right).status == 410
    link = {"token": token_in(last(mailbox, person.email))}
    assert person.harness.call("POST", "/v1/auth/login/confirm", link).status == 200


def test_codes_run_out_for_an_address_and_links_do_not(mailbox: Mailbox, person: Person) -> None:
    refused = []
    for number in range(4):
        source = f"198.51.100.{number}"
        begun = begin(mailbox, "/v1/auth/login/link", {"email": person.email}, source_ip=source)
        code = code_in(last(mailbox, person.email))
        guess = {"confirmation": begun.json["confirmation"], "code": f"{(int(code) + 1) % 1_000_000:06}"}
        refused += [
            person.harness.call("POST", "/v1/auth/login/confirm", guess, source_ip=source).status
            for _ in range(5)
        ]
    assert refused[:15] == [410] * 15
    assert 429 in refused[15:]
    link = {"token": token_in(last(mailbox, person.email))}
    assert person.harness.call("POST", "/v1/auth/login/confirm", link).status == 200


def test_whoever_guesses_from_many_places_does_not_keep_the_owner_out(
    mailbox: Mailbox, person: Person
) -> None:
    for number in range(40):
        sign_in(person, "a wrong guess of a password", source_ip=f"198.51.100.{number}")
    new_place = "192.0.2.77"
    assert sign_in(person, source_ip=new_place) == 429

    begin(mailbox, "/v1/auth/login/link", {"email": person.email}, source_ip=new_place)
    link = {"token": token_in(last(mailbox, person.email))}
    answer = person.harness.call("POST", "/v1/auth/login/confirm", link, source_ip=new_place)
    assert answer.status == 200
    assert sign_in(person, source_ip=new_place) == 200  # a place that is known from now on


def test_mails_are_limited_per_address_and_source_alike_for_everybody(
    mailbox: Mailbox, person: Person
) -> None:
    def until_refused(email: str, source: str) -> int:
        for count in range(40):
            answer = mailbox.harness.call(
                "POST", "/v1/auth/password/forgot", {"email": email}, source_ip=source
            )
            if answer.status == 429:
                assert int(answer.headers["retry-after"]) > 0
                return count
        return 40

    assert until_refused(person.email, "198.51.100.1") == until_refused(address(), "198.51.100.2") == 4
    # Another place may still ask: nobody alone uses up what an address may be sent.
    begin(mailbox, "/v1/auth/password/forgot", {"email": person.email}, source_ip="198.51.100.3")
    one_source = [
        mailbox.harness.call(
            "POST", "/v1/auth/password/forgot", {"email": address()}, source_ip="198.51.100.4"
        ).status
        for _ in range(32)
    ]
    assert one_source[-1] == 429


def test_nothing_is_sent_to_an_address_without_an_account(mailbox: Mailbox) -> None:
    email = address()
    begin(mailbox, "/v1/auth/password/forgot", {"email": email})
    begin(mailbox, "/v1/auth/login/link", {"email": email})
    assert mailbox.to(email) == []


def test_an_address_is_changed_and_both_sides_are_told(mailbox: Mailbox, person: Person) -> None:
    new = address()
    body = {"email": new, "password": "not the right password"}
    assert person.call("POST", "/v1/auth/email", body).status == 422
    begun = person.call("POST", "/v1/auth/email", body | {"password": PASSWORD})
    assert begun.status == 202
    assert person.call("GET", "/v1/me").json["email"] == person.email

    proof = {"token": token_in(last(mailbox, new))}
    assert person.harness.call("POST", "/v1/auth/email/confirm", proof).status == 204
    assert person.harness.call("POST", "/v1/auth/email/confirm", proof).status == 410
    assert person.call("GET", "/v1/me").json["email"] == new
    assert mailbox.to(person.email)[-1].subject == "Your address was changed"
    assert new not in mailbox.to(person.email)[-1].text
    assert mailbox.to(new)[-1].subject == "This is your address now"
    assert sign_in(person) == 401


def test_an_address_of_somebody_else_is_not_taken_over(mailbox: Mailbox, person: Person) -> None:
    email = address()
    begin(mailbox, "/v1/auth/signup", {"email": email, "password": PASSWORD})
    confirmed = mailbox.harness.call(
        "POST", "/v1/auth/signup/confirm", {"token": token_in(last(mailbox, email))}
    )
    body = {"email": email, "password": PASSWORD}
    begun = person.call("POST", "/v1/auth/email", body)
    assert begun.status == 202
    assert mailbox.to(email)[-1].subject == "You have an account already"
    guess = {"confirmation": begun.json["confirmation"], "code": "123456"}
    assert person.harness.call("POST", "/v1/auth/email/confirm", guess).status == 410
    me = mailbox.harness.call("GET", "/v1/me", token=confirmed.json["token"])
    assert me.json["email"] == email


def test_an_address_that_was_taken_meanwhile_is_not_given_twice(mailbox: Mailbox, person: Person) -> None:
    new = address()
    person.call("POST", "/v1/auth/email", {"email": new, "password": PASSWORD})
    change = {"token": token_in(last(mailbox, new))}
    begin(mailbox, "/v1/auth/signup", {"email": new, "password": OTHER}, source_ip="198.51.100.9")
    sign_up = {"token": token_in(last(mailbox, new))}
    assert mailbox.harness.call("POST", "/v1/auth/signup/confirm", sign_up).status == 201
    assert person.harness.call("POST", "/v1/auth/email/confirm", change).status == 410
    assert person.call("GET", "/v1/me").json["email"] == person.email


def test_the_old_addresss_links_end_with_it(mailbox: Mailbox, person: Person) -> None:
    begin(mailbox, "/v1/auth/password/forgot", {"email": person.email})
    reset = {"token": token_in(last(mailbox, person.email)), "new_password": OTHER}
    new = address()
    person.call("POST", "/v1/auth/email", {"email": new, "password": PASSWORD})
    person.harness.call("POST", "/v1/auth/email/confirm", {"token": token_in(last(mailbox, new))})
    assert person.harness.call("POST", "/v1/auth/password/reset", reset).status == 410


def test_who_deletes_the_account_gets_no_mail_that_was_under_way(mailbox: Mailbox, person: Person) -> None:
    new = address()
    assert person.call("POST", "/v1/auth/email", {"email": new, "password": PASSWORD}).status == 202
    begin(mailbox, "/v1/auth/password/forgot", {"email": person.email})
    before = len(mailbox.to("nobody@example.org"))  # what else waits is sent
    person.call("POST", "/v1/auth/email", {"email": new, "password": PASSWORD})
    sent_before = len(mailbox.harness.messages("MAIL_QUEUE_URL")), before
    assert person.call("DELETE", "/v1/me").status == 204
    assert sent_before[0] >= 1
    assert [one.subject for one in mailbox.to(new)] == ["Confirm your address"]


def test_an_address_that_bounced_is_mended_by_confirming_it_again(mailbox: Mailbox, person: Person) -> None:
    recipients = [{"emailAddress": person.email}]
    mailbox.report("Bounce", None, bounce={"bounceType": "Permanent", "bouncedRecipients": recipients})
    begin(mailbox, "/v1/auth/password/forgot", {"email": person.email})
    count = len(mailbox.to(person.email))
    assert person.call("POST", "/v1/auth/email", {"email": person.email, "password": PASSWORD}).status == 202
    assert len(mailbox.to(person.email)) == count + 1
    proof = {"token": token_in(last(mailbox, person.email))}
    assert person.harness.call("POST", "/v1/auth/email/confirm", proof).status == 204
    begin(mailbox, "/v1/auth/password/forgot", {"email": person.email})
    assert len(mailbox.to(person.email)) == count + 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"token": "x" * 43, "code": "123456"},
        {"confirmation": "x" * 43},
        {"token": "x" * 43, "confirmation": "x" * 43, "code": "123456"},
        {"confirmation": "x" * 43, "code": "12345a"},
        {"token": "short"},
    ],
)
def test_what_is_no_proof_is_refused(mailbox: Mailbox, body: dict[str, Any]) -> None:
    assert mailbox.harness.call("POST", "/v1/auth/login/confirm", body).status == 422


@pytest.mark.parametrize("path", ["/v1/auth/password/forgot", "/v1/auth/login/link"])
def test_without_mail_nothing_that_needs_it_is_offered(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setitem(mailbox.harness.environment, "MAIL_FROM", "")
    answer = mailbox.harness.call("POST", path, {"email": address()})
    assert (answer.status, answer.json["type"]) == (409, "urn:musicconnect:problem:mail-off")
    made = mailbox.harness.sign_up()
    body = {"email": address(), "password": made.password}
    assert made.call("POST", "/v1/auth/email", body).status == 409

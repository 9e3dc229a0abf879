"""The story of an account over HTTP and the mailbox, by the whole running system."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from local.stack import mailbox
from local.stack.mailbox import SentMail
from local.stack.stack import Options, Stack
from local.stack.wait import wait_until
from tests.support.authenticator import Authenticator

pytestmark = pytest.mark.e2e
EMAIL, NEW_EMAIL = "ada.lovelace@example.org", "ada.king@example.net"
PASSWORD, NEW_PASSWORD = "correct horse battery staple", "wrong donkey charger paperclip"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack(Options(mail=True)) as running:
        yield running


class Story:
    """What one person does."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.token = ""

    def call(self, method: str, path: str, body: Any = None, *, status: int) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = requests.request(method, self.stack.api_url + path, json=body, headers=headers, timeout=60)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def mail(self, to: str, subject: str, *, more_than: int = 0) -> SentMail:
        """Wait for a mail, once there are more of that subject than so many."""

        def newest() -> SentMail | None:
            found = [
                one for one in mailbox.read(self.stack.aws_url) if (one.to, one.subject) == (to, subject)
            ]
            return found[-1] if len(found) > more_than else None

        return wait_until(newest, seconds=90, what=f"“{subject}” to {to}")


def token_of(mail: SentMail) -> str:
    match = re.search(r"/account/[a-z-]+#(\S+)", mail.text)
    assert match, mail.text
    return match[1]


def code_of(mail: SentMail) -> str:
    match = re.search(r"^ +([0-9]{6})$", mail.text, re.MULTILINE)
    assert match, mail.text
    return match[1]


def test_the_story_of_an_account(stack: Stack) -> None:
    story = Story(stack)

    # Sign up: nothing before the address is confirmed, by the code this time.
    body = {"email": EMAIL, "password": PASSWORD, "time_zone": "Europe/London"}
    begun = story.call("POST", "/v1/auth/signup", body, status=202)
    story.call("POST", "/v1/auth/login", {"email": EMAIL, "password": PASSWORD}, status=401)
    code = code_of(story.mail(EMAIL, "Confirm your address"))
    proof = {"confirmation": begun["confirmation"], "code": code}
    session = story.call("POST", "/v1/auth/signup/confirm", proof, status=201)
    story.call("POST", "/v1/auth/signup/confirm", proof, status=410)
    assert session["user"]["email_confirmed_at"]

    # Forget: the link in the mail leads to a page, and the page's request sets the password.
    story.call("POST", "/v1/auth/password/forgot", {"email": EMAIL}, status=202)
    mail = story.mail(EMAIL, "Set a new password")
    link = re.search(r"http\S+/account/reset", mail.text)
    assert link
    page = requests.get(link[0], timeout=60)
    assert (page.status_code, '<div id="app">' in page.text) == (200, True)
    reset = {"token": token_of(mail), "new_password": NEW_PASSWORD}
    story.token = session["token"]
    story.call("GET", "/v1/me", status=200)
    story.token = ""
    story.call("POST", "/v1/auth/password/reset", reset, status=200)
    story.token = session["token"]
    story.call("GET", "/v1/me", status=401)
    story.token = ""
    story.call("POST", "/v1/auth/login", {"email": EMAIL, "password": PASSWORD}, status=401)
    story.token = story.call(
        "POST", "/v1/auth/login", {"email": EMAIL, "password": NEW_PASSWORD}, status=200
    )["token"]
    story.mail(EMAIL, "Your password was changed")

    # Change the address: both are told.
    story.call("POST", "/v1/auth/email", {"email": NEW_EMAIL, "password": NEW_PASSWORD}, status=202)
    proof = {"token": token_of(story.mail(NEW_EMAIL, "Confirm your address"))}
    story.call("POST", "/v1/auth/email/confirm", proof, status=204)
    story.mail(EMAIL, "Your address was changed")
    story.mail(NEW_EMAIL, "This is your address now")
    assert story.call("GET", "/v1/me", status=200)["email"] == NEW_EMAIL

    # A passkey, and in by it alone; then by a link.
    device = Authenticator(stack.api_url.replace("127.0.0.1", "localhost"))  # browsers want a name
    begun = story.call("POST", "/v1/auth/passkeys/registration", {"password": NEW_PASSWORD}, status=200)
    made = {"ceremony": begun["ceremony"], "name": "Phone", "credential": device.create(begun["options"])}
    story.call("POST", "/v1/auth/passkeys", made, status=201)
    story.mail(NEW_EMAIL, "A passkey was added")
    story.call("POST", "/v1/auth/logout", status=204)
    story.token = ""
    begun = story.call("POST", "/v1/auth/passkeys/authentication", status=200)
    signed = {"ceremony": begun["ceremony"], "credential": device.get(begun["options"])}
    story.call("POST", "/v1/auth/login/passkey", signed, status=200)
    story.call("POST", "/v1/auth/login/link", {"email": NEW_EMAIL}, status=202)
    proof = {"token": token_of(story.mail(NEW_EMAIL, "Sign in to MusicConnect"))}
    story.token = story.call("POST", "/v1/auth/login/confirm", proof, status=200)["token"]

    # Suspended by an operator, nothing lets in, and the person is told; restored, all is as before.
    order = {"operator": "grace@example.net", "user_id": session["user"]["id"]}
    done = stack.invoke("OperatorFunction", {**order, "action": "suspend", "reason": "It sends spam."})
    assert done["outcome"] == "done"
    story.mail(NEW_EMAIL, "Your account was suspended")
    story.call("GET", "/v1/me", status=401)
    story.token = ""
    password = {"email": NEW_EMAIL, "password": NEW_PASSWORD}
    refused = story.call("POST", "/v1/auth/login", password, status=401)
    assert refused == story.call("POST", "/v1/auth/login", {**password, "password": PASSWORD}, status=401) | {
        "request_id": refused["request_id"]
    }
    begun = story.call("POST", "/v1/auth/passkeys/authentication", status=200)
    signed = {"ceremony": begun["ceremony"], "credential": device.get(begun["options"])}
    story.call("POST", "/v1/auth/login/passkey", signed, status=401)
    assert stack.invoke("OperatorFunction", {**order, "action": "restore"})["outcome"] == "done"
    story.mail(NEW_EMAIL, "Your account was restored")
    story.token = story.call("POST", "/v1/auth/login", password, status=200)["token"]
    assert story.call("GET", "/v1/me", status=200)["email"] == NEW_EMAIL

    # Whoever signs up under a taken address is answered the same, and the owner hears of it.
    story.call("POST", "/v1/auth/signup", {"email": NEW_EMAIL, "password": PASSWORD}, status=202)
    story.mail(NEW_EMAIL, "You have an account already")

    # Everything goes with the account.
    story.call("DELETE", "/v1/me", status=204)
    story.call("POST", "/v1/auth/password/forgot", {"email": NEW_EMAIL}, status=202)
    story.token = ""
    story.call("POST", "/v1/auth/login", {"email": NEW_EMAIL, "password": NEW_PASSWORD}, status=401)
    mailbox_page = requests.get(f"{stack.aws_url}{mailbox.PATH}", timeout=60)
    assert "You have an account already" in mailbox_page.text

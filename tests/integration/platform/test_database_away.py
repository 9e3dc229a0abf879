"""The database stops, comes back, restarts under load: callers hear a 503, then it works again."""

import threading
import uuid
from collections import Counter
from collections.abc import Iterator

import pytest

from local.stack import postgres as embedded
from musicconnect.platform import database, passwords
from tests.support.functions import Answer, FunctionRunner
from tests.support.postgres import TEMPLATE, make_template, release, sql, url_for


@pytest.fixture(scope="module")
def server() -> Iterator[embedded.Postgres]:
    """A server of this module's own: stopping the shared one would stop it for everybody."""
    with embedded.postgres(throwaway=True) as running:
        make_template(running.url(user=embedded.ADMIN))
        yield running


@pytest.fixture
def harness(server: embedded.Postgres) -> Iterator[FunctionRunner]:
    admin, name = server.url(user=embedded.ADMIN), f"away_{uuid.uuid4().hex}"
    sql(admin, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    url = url_for(admin, dbname=name)
    yield FunctionRunner(url, {})
    release(url)


def assert_unavailable(answer: Answer) -> None:
    assert answer.status == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "5"
    assert answer.json["type"] == "urn:musicconnect:problem:database-unavailable"
    assert "127.0.0.1" not in answer.text


@pytest.mark.parametrize("immediate", [False, True], ids=["stopped", "crashed"])
def test_while_it_is_away_every_route_says_so_and_then_works(
    server: embedded.Postgres, harness: FunctionRunner, immediate: bool
) -> None:
    person = harness.sign_up()
    login = {"email": person.email, "password": person.password}
    server.stop(immediate=immediate)
    try:
        assert_unavailable(harness.call("GET", "/v1/health"))
        assert_unavailable(harness.call("POST", "/v1/auth/login", login))
        assert_unavailable(person.call("GET", "/v1/me"))
        assert_unavailable(person.call("DELETE", "/v1/auth/sessions/1"))
    finally:
        server.start()

    assert harness.call("GET", "/v1/health").status == 200
    assert person.call("GET", "/v1/me").status == 200
    assert harness.call("POST", "/v1/auth/login", login).status == 200


def test_a_restart_between_two_requests_goes_unnoticed(
    server: embedded.Postgres, harness: FunctionRunner
) -> None:
    person = harness.sign_up()

    server.restart()

    assert person.call("GET", "/v1/me").status == 200


def test_a_restart_under_load_loses_nothing_that_was_acknowledged(
    server: embedded.Postgres, harness: FunctionRunner
) -> None:
    """One request after the other, without a pause, while the server restarts three times."""
    person = harness.sign_up()
    restarted = threading.Event()

    def restart() -> None:
        for immediate in (False, True, False):
            server.restart(immediate=immediate)
        restarted.set()

    thread = threading.Thread(target=restart)
    statuses: Counter[int] = Counter()
    acknowledged = tried = 0
    thread.start()
    while not restarted.is_set() or tried != acknowledged:
        tried += 1
        answer = person.call("PATCH", "/v1/me", {"display_name": f"name {tried}"})
        statuses[answer.status] += 1
        if answer.status == 200:
            acknowledged = tried
        else:
            assert_unavailable(answer)
    thread.join()

    assert set(statuses) == {200, 503}
    assert person.call("GET", "/v1/me").json["display_name"] == f"name {acknowledged}"


def test_signing_up_while_it_goes_away_makes_one_account_or_none(
    server: embedded.Postgres, harness: FunctionRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the limits and the account, where the password is hashed."""
    real = passwords.hash_password

    def restart_meanwhile(password: str) -> str:
        monkeypatch.setattr(passwords, "hash_password", real)
        server.restart(immediate=True)
        return real(password)

    monkeypatch.setattr(passwords, "hash_password", restart_meanwhile)
    body = {"email": "midway@example.org", "password": "correct horse battery"}

    assert harness.call("POST", "/v1/auth/signup", body).status == 201
    count = "SELECT count(*) FROM core.users WHERE email = 'midway@example.org'"
    assert sql(harness.database_url, count) == [(1,)]


def test_the_authorizer_lets_nobody_in_as_somebody(
    server: embedded.Postgres, harness: FunctionRunner
) -> None:
    person = harness.sign_up()
    event = {"headers": {"authorization": f"Bearer {person.token}"}}
    server.stop()
    try:
        verdict = harness.invoke("core_authorizer", event)
    finally:
        server.start()

    assert verdict == {"isAuthorized": True, "context": {"unavailable": "database"}}
    database.close_all()

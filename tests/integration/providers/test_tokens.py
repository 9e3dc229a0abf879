"""Tokens of a linked account in use: refresh, rotation, races, the end of a consent, encryption."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import LiteralString

import boto3
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from local.stack.wait import wait_until
from musicconnect.platform import secrets
from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.database import Database
from musicconnect.providers.accounts.clients import client_for
from musicconnect.providers.errors import (
    ConsentRevokedError,
    NotLinkedError,
    RetryableError,
    ScopeMissingError,
    TransientError,
)
from tests.integration.providers.conftest import Act
from tests.integration.providers.helpers import CONSENTING
from tests.support import pooler
from tests.support.functions import FunctionRunner, Person
from tests.support.oauth import link
from tests.support.postgres import sql
from tests.support.simulator import Simulator

HOUR = 3600.0
TOKEN = {"spotify": "POST /api/token", "youtube": "POST /token", "tidal": "POST /v1/oauth2/token"}
PROFILE = {
    "spotify": "GET /v1/me",
    "youtube": "GET /youtube/v3/channels",
    "tidal": "GET /v2/users/{id}",
    "listenbrainz": "GET /1/validate-token",
}
REFUSED = {"spotify": "expired_token", "youtube": "auth_error", "tidal": "expired_token"}


def account_state(person: Person, provider: str) -> tuple[object, ...]:
    (row,) = sql(
        person.harness.database_url,
        """
        SELECT a.status, a.status_reason, t.account_id IS NOT NULL
        FROM providers.accounts a LEFT JOIN providers.tokens t ON t.account_id = a.id
        WHERE a.user_id = %s AND a.provider = %s""",
        person.id,
        provider,
    )
    return row


def test_a_good_token_is_used_as_it_is(provider: str, simulator: Simulator, person: Person, act: Act) -> None:
    account = link(person, provider)
    simulator.clear_calls()
    client = act(person, provider)
    assert client.profile().provider_user_id == account["provider_user_id"]
    assert client.profile().display_name == "Ada"
    assert simulator.calls() == {PROFILE[provider]: 2}


def test_nothing_is_called_or_read_before_the_first_method(person: Person, act: Act) -> None:
    client = act(person, "spotify", "write")
    with pytest.raises(NotLinkedError):
        client.profile()


@pytest.mark.parametrize("provider", CONSENTING, indirect=True)
def test_a_token_is_refreshed_a_minute_before_it_ends(
    provider: str, simulator: Simulator, person: Person, act: Act, later: Callable[[float], None]
) -> None:
    link(person, provider)
    simulator.clear_calls()
    later(HOUR - 55)
    client = act(person, provider)
    client.profile()
    client.profile()
    assert simulator.calls() == {TOKEN[provider]: 1, PROFILE[provider]: 2}
    act(person, provider).profile()
    assert simulator.calls()[TOKEN[provider]] == 1, "the refreshed token was stored"


@pytest.mark.parametrize("provider", CONSENTING, indirect=True)
def test_a_refused_token_is_refreshed_once_and_the_call_repeated(
    provider: str, simulator: Simulator, person: Person, act: Act
) -> None:
    link(person, provider)
    simulator.clear_calls()
    simulator.fault(PROFILE[provider], ready_made=REFUSED[provider])
    act(person, provider).profile()
    assert simulator.calls() == {TOKEN[provider]: 1, PROFILE[provider]: 2}


@pytest.mark.parametrize("provider", CONSENTING, indirect=True)
def test_a_token_that_is_refused_again_is_no_reason_to_go_on(
    provider: str, simulator: Simulator, person: Person, act: Act
) -> None:
    link(person, provider)
    simulator.clear_calls()
    simulator.fault(PROFILE[provider], times=None, ready_made=REFUSED[provider])
    with pytest.raises(TransientError):
        act(person, provider).profile()
    assert simulator.calls() == {TOKEN[provider]: 1, PROFILE[provider]: 2}
    assert account_state(person, provider) == ("active", None, True)


def test_a_refresh_token_that_rotates_is_kept(
    spotify: Simulator, person: Person, act: Act, later: Callable[[float], None]
) -> None:
    spotify.settings(rotate_refresh_tokens=True)
    link(person, "spotify")
    client = act(person, "spotify")
    for hours in (1, 2, 3):
        later(hours * HOUR)
        client.profile()
    act(person, "spotify").profile()


def test_a_refresh_token_that_stays_is_kept(
    youtube: Simulator, person: Person, act: Act, later: Callable[[float], None]
) -> None:
    link(person, "youtube")
    for hours in (1, 2, 3):
        later(hours * HOUR)
        act(person, "youtube").profile()


@pytest.mark.parametrize("provider", CONSENTING, indirect=True)
def test_two_refreshes_at_once_make_one(
    provider: str,
    simulator: Simulator,
    person: Person,
    harness: FunctionRunner,
    later: Callable[[float], None],
) -> None:
    # With rotation a second refresh would come with a dead token and end the consent.
    if provider != "youtube":
        simulator.settings(rotate_refresh_tokens=True)
    link(person, provider)
    simulator.clear_calls()
    later(2 * HOUR)
    together, failures = threading.Barrier(4), []

    def run() -> None:
        database = Database(DatabaseSettings.from_environment())
        try:
            client = client_for(database, person.id, provider)
            together.wait(timeout=10)
            client.profile()
        except Exception as error:  # noqa: BLE001 - told to the test
            failures.append(error)
        finally:
            database.close()

    with harness.environment_of("migrations_worker"):
        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert failures == []
    assert simulator.calls()[TOKEN[provider]] == 1


@pytest.mark.parametrize("provider", CONSENTING, indirect=True)
def test_the_end_of_a_consent_is_written_down_and_not_tried_again(
    provider: str, simulator: Simulator, person: Person, act: Act, later: Callable[[float], None]
) -> None:
    link(person, provider)
    later(2 * HOUR)
    simulator.fault(
        TOKEN[provider], status=400, body={"error": "invalid_grant", "error_description": "whatever"}
    )
    client = act(person, provider)
    with pytest.raises(ConsentRevokedError) as ended:
        client.profile()
    assert ended.value.reason == "invalid_grant"
    assert account_state(person, provider) == ("consent_needed", "invalid_grant", False)

    simulator.clear_calls()
    for again in (client, act(person, provider)):
        with pytest.raises(ConsentRevokedError):
            again.profile()
    assert simulator.calls() == {}
    answer = person.call("GET", f"/v1/providers/{provider}").json
    assert answer["status"] == "consent_needed"
    assert answer["next_step"]["code"] == "consent-needed"

    link(person, provider)
    assert act(person, provider).profile().display_name == "Ada"


def test_spotifys_six_months_end_the_consent(
    spotify: Simulator, person: Person, act: Act, later: Callable[[float], None]
) -> None:
    link(person, "spotify")
    later(200 * 86_400)
    with pytest.raises(ConsentRevokedError):
        act(person, "spotify").profile()


def test_a_consent_withdrawn_at_google_ends_ours(youtube: Simulator, person: Person, act: Act) -> None:
    link(person, "youtube")
    other = act(person, "youtube")
    other.profile()
    # Somebody else's link to the same Google account, given back: Google ends the whole consent.
    youtube.control("POST", "/reset")
    with pytest.raises(ConsentRevokedError):
        other.profile()
    assert account_state(person, "youtube")[0] == "consent_needed"


@pytest.mark.parametrize("provider", CONSENTING, indirect=True)
@pytest.mark.parametrize("fault", [{"status": 500}, {"kind": "garbage"}, {"status": 429}, {"kind": "close"}])
def test_a_sign_in_service_in_trouble_ends_nothing(
    fault: dict[str, object],
    provider: str,
    simulator: Simulator,
    person: Person,
    act: Act,
    later: Callable[[float], None],
) -> None:
    link(person, provider)
    later(2 * HOUR)
    simulator.fault(TOKEN[provider], **fault)
    client = act(person, provider)
    with pytest.raises(RetryableError):
        client.profile()
    assert account_state(person, provider) == ("active", None, True)
    client.profile()


def test_reading_access_is_not_enough_to_write(
    provider: str, simulator: Simulator, person: Person, act: Act
) -> None:
    link(person, provider, access="read")
    simulator.clear_calls()
    with pytest.raises(ScopeMissingError):
        act(person, provider, "write").create_playlist("x", "")
    assert simulator.calls() == {}
    act(person, provider, "read").profile()


def test_writing_beyond_the_consent_is_noticed_at_the_provider_too(
    youtube: Simulator, person: Person, act: Act
) -> None:
    link(person, "youtube", access="read")
    with pytest.raises(ScopeMissingError):
        act(person, "youtube", "read").create_playlist("x", "")


def test_an_account_is_seen_by_its_owner_only(person: Person, spotify: Simulator, act: Act) -> None:
    link(person, "spotify")
    stranger = Person(person.harness, person.id + 1, "", "", "")
    with pytest.raises(NotLinkedError):
        act(stranger, "spotify").profile()


def test_a_new_key_seals_again_on_use(
    person: Person, harness: FunctionRunner, spotify: Simulator, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = link(person, "spotify")
    ring = secrets.get(harness.environment["TOKEN_KEYS_SECRET_ARN"])
    newer = boto3.client("secretsmanager").create_secret(
        Name=f"newer-{person.id}", SecretString=json.dumps({**ring, "current": "k2", "k2": "another " * 8})
    )
    monkeypatch.setenv("TOKEN_KEYS_SECRET_ARN", newer["ARN"])

    act(person, "spotify").profile()

    stored = "SELECT access_token, refresh_token FROM providers.tokens WHERE account_id = %s"
    ((access, refresh),) = sql(harness.database_url, stored, account["account_id"])
    assert str(access).startswith("k2.")
    assert str(refresh).startswith("k2.")
    act(person, "spotify").profile()


def test_without_a_refresh_token_the_consent_ends_with_the_access_token(
    person: Person, harness: FunctionRunner, youtube: Simulator, act: Act, later: Callable[[float], None]
) -> None:
    account = link(person, "youtube")
    forget = "UPDATE providers.tokens SET refresh_token = NULL WHERE account_id = %s"
    sql(harness.database_url, forget, account["account_id"])
    act(person, "youtube").profile()
    later(2 * HOUR)
    with pytest.raises(ConsentRevokedError):
        act(person, "youtube").profile()
    assert account_state(person, "youtube") == ("consent_needed", "no_refresh_token", False)


@contextmanager
def waiting_briefly(url: str, role: str) -> Iterator[None]:
    """Have a role wait for a lock for 50 ms only; as a role's own setting, since poolers pass none on."""
    with psycopg.connect(url, autocommit=True) as connection:
        database = Identifier(connection.info.dbname)

        def let_role(change: LiteralString) -> None:
            whose = SQL("ALTER ROLE {} IN DATABASE {} ").format(Identifier(role), database)
            connection.execute(whose + SQL(change))
            # A pooler's connections have the settings that were when they began, and end when idle for 1 s.
            query = "SELECT 1 FROM pg_stat_activity WHERE usename = %s AND datname = current_database()"
            if pooler.IS_WANTED:
                wait_until(
                    lambda: not connection.execute(query, [role]).fetchall(), seconds=20, what="nobody there"
                )

        let_role("SET lock_timeout = '50ms'")
        try:
            yield
        finally:
            let_role("RESET lock_timeout")


def test_a_refresh_that_waits_too_long_for_another_gives_way(
    person: Person,
    harness: FunctionRunner,
    spotify: Simulator,
    act: Act,
    later: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link(person, "spotify")
    later(2 * HOUR)
    url = os.environ["DATABASE_URL"]
    # Another address, so that it connects anew.
    monkeypatch.setenv("DATABASE_URL", f"{url}{'&' if '?' in url else '?'}application_name=waits_briefly")
    client = act(person, "spotify")
    role = conninfo_to_dict(url)["user"]
    with waiting_briefly(harness.database_url, str(role)), psycopg.connect(harness.database_url) as other:
        other.execute("SELECT 1 FROM providers.accounts WHERE user_id = %s FOR UPDATE", [person.id])
        with pytest.raises(TransientError) as gave_way:
            client.profile()
    assert gave_way.value.reason == "refresh_lock"
    assert client.profile().display_name == "Ada"


def test_another_function_may_have_ended_the_consent_meanwhile(
    person: Person, harness: FunctionRunner, spotify: Simulator, act: Act, later: Callable[[float], None]
) -> None:
    account = link(person, "spotify")
    client = act(person, "spotify")
    client.profile()
    sql(harness.database_url, "DELETE FROM providers.tokens WHERE account_id = %s", account["account_id"])
    spotify.clear_calls()
    later(2 * HOUR)
    for again in (client, act(person, "spotify")):
        with pytest.raises(ConsentRevokedError):
            again.profile()
    assert spotify.calls() == {}

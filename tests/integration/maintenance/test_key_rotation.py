"""Keys, credentials and passwords are changed while requests go on: none of them fails."""

import json
import random
import threading
import time
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import psycopg
import pytest

from local.stack.wait import wait_until
from musicconnect.maintenance.task import TaskContext
from musicconnect.maintenance.tasks import key_rotation
from musicconnect.platform import clock, encryption
from musicconnect.platform import secrets as platform_secrets
from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.database import Database
from musicconnect.platform.work.deadline import Deadline
from musicconnect.providers.accounts.clients import client_for
from tests.integration.maintenance.runner import MaintenanceRunner
from tests.support.functions import Person, new_person
from tests.support.oauth import link
from tests.support.postgres import ROLE_PASSWORD, url_for

CACHE_TTL_S = 0.3
"""Instead of five minutes: how old a copy of a secret may be."""
SETTLED_SECONDS = 3 * CACHE_TTL_S
"""Instead of ten: nobody works with a copy of before any more."""


class Environments(MutableMapping[str, Any]):
    """Copies of secrets as they are in so many execution environments: every thread has its own."""

    def __init__(self) -> None:
        self._local = threading.local()

    def _own(self) -> dict[str, Any]:
        if not hasattr(self._local, "copies"):
            self._local.copies = {}
        copies: dict[str, Any] = self._local.copies
        return copies

    def __getitem__(self, key: str) -> Any:
        return self._own()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._own()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._own()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._own())

    def __len__(self) -> int:
        return len(self._own())


@pytest.fixture
def people(maintenance: MaintenanceRunner, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Person]]:
    """Some people with tokens, among functions that keep copies of the keys for a while, each its own."""
    monkeypatch.setattr(platform_secrets, "_cache", Environments())
    monkeypatch.setattr(platform_secrets, "CACHE_TTL_S", CACHE_TTL_S)
    monkeypatch.setattr(encryption, "RELOAD_INTERVAL_S", 0.0)
    secret = boto3.client("secretsmanager").create_secret(
        Name=f"keys-{time.monotonic_ns()}", SecretString=json.dumps({"current": "k1", "k1": "one " * 16})
    )
    monkeypatch.setitem(maintenance.harness.environment, "TOKEN_KEYS_SECRET_ARN", secret["ARN"])
    found = [new_person(maintenance.harness) for _ in range(4)]
    for person in found:
        link(person, "spotify")
        link(person, "youtube")
    with maintenance.harness.environment_of("migrations_worker"):
        yield found


def put_keys(maintenance: MaintenanceRunner, current: str, **keys: str) -> None:
    boto3.client("secretsmanager").put_secret_value(
        SecretId=maintenance.harness.environment["TOKEN_KEYS_SECRET_ARN"],
        SecretString=json.dumps({"current": current, **keys}),
    )


def sealed_under(maintenance: MaintenanceRunner) -> dict[str, int]:
    """How many tokens each key seals."""
    rows = maintenance.sql(
        """
        SELECT split_part(token, '.', 1), count(*) FROM (
            SELECT access_token AS token FROM providers.tokens
            UNION ALL SELECT refresh_token FROM providers.tokens) t GROUP BY 1"""
    )
    return {key: int(count) for key, count in rows}


def test_no_request_fails_while_keys_are_rotated_and_all_tokens_end_under_the_new_one(
    maintenance: MaintenanceRunner, people: list[Person]
) -> None:
    one, two, three = "one " * 16, "two " * 16, "three " * 16
    stop, asked = threading.Event(), [0]

    def load(seed: int) -> list[str]:
        """An environment: uses tokens, and every now and then has to refresh them."""
        chance, errors = random.Random(seed), []
        database = Database(DatabaseSettings.from_environment())
        with psycopg.connect(maintenance.harness.database_url, autocommit=True) as owner:
            while not stop.is_set():
                person, provider = chance.choice(people), chance.choice(["spotify", "youtube"])
                if chance.random() < 0.3:
                    owner.execute(
                        "UPDATE providers.tokens SET expires_at = now() WHERE user_id = %s", [person.id]
                    )
                try:
                    client_for(database, person.id, provider).profile()
                    asked[0] += 1
                except Exception as error:  # noqa: BLE001 - whatever it is, the test is to tell
                    errors.append(repr(error))
        database.close()
        return errors

    def rotated(key: str, **keys: str) -> None:
        """Put keys in, have tokens sealed again, and wait until nobody has an older copy of the keys."""
        put_keys(maintenance, key, **keys)
        _reencrypt(maintenance)
        time.sleep(SETTLED_SECONDS)
        _reencrypt(maintenance)
        assert set(sealed_under(maintenance)) == {key}

    with ThreadPoolExecutor(6) as pool:
        running = [pool.submit(load, seed) for seed in range(6)]
        try:
            # In one step: some environments have the old keys only, and meet what the new one sealed.
            rotated("k2", k1=one, k2=two)
            put_keys(maintenance, "k2", k2=two)
            # In two steps, as operations.md says.
            put_keys(maintenance, "k2", k2=two, k3=three)
            time.sleep(SETTLED_SECONDS)
            rotated("k3", k2=two, k3=three)
            put_keys(maintenance, "k3", k3=three)
            time.sleep(CACHE_TTL_S)
            wait_until(lambda: asked[0] > 50, seconds=60, what="tokens to be used while keys change")
        finally:
            stop.set()
        errors = [error for result in running for error in result.result()]

    assert errors == []
    assert sealed_under(maintenance) == {"k3": 16}


def test_an_older_copy_of_the_keys_meets_what_the_new_key_sealed(
    maintenance: MaintenanceRunner, people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks for the secret again instead of failing, and takes nothing back to the old key."""
    monkeypatch.setattr(platform_secrets, "CACHE_TTL_S", 300.0)
    database = Database(DatabaseSettings.from_environment())
    assert client_for(database, people[0].id, "youtube").profile()  # now there is a copy
    keys = {"k1": "one " * 16, "k2": "two " * 16}
    put_keys(maintenance, "k1", **keys)
    with ThreadPoolExecutor(1) as another:  # which knows both, and the older one as the current
        another.submit(encryption.KeyRing.from_environment).result()
        put_keys(maintenance, "k2", **keys)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_reencrypt, maintenance).result()
        assert sealed_under(maintenance) == {"k2": 16}

        assert client_for(database, people[0].id, "youtube").profile()
        elsewhere = client_for(database, people[1].id, "youtube")
        assert another.submit(elsewhere.profile).result()
    database.close()
    assert sealed_under(maintenance) == {"k2": 16}


def test_threads_of_one_environment_meet_a_new_key_together(
    maintenance: MaintenanceRunner, people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search asks both providers at once: neither may fail because the other is looking for the key."""
    monkeypatch.setattr(platform_secrets, "CACHE_TTL_S", 300.0)
    monkeypatch.setattr(platform_secrets, "_cache", {})
    monkeypatch.setattr(encryption, "RELOAD_INTERVAL_S", 10.0)
    old = encryption.KeyRing.from_environment()
    put_keys(maintenance, "k2", k1="one " * 16, k2="two " * 16)
    sealed = encryption.KeyRing.from_environment(fresh=True).encrypt("text", owner="account:1")
    rings = [encryption.KeyRing("k1", {"k1": "one " * 16}, old._arn) for _ in range(8)]
    barrier = threading.Barrier(8)

    def open_one(ring: encryption.KeyRing) -> str:
        barrier.wait()
        return ring.decrypt(sealed, owner="account:1")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_one, rings)) == ["text"] * 8


def _reencrypt(maintenance: MaintenanceRunner) -> None:
    url = url_for(maintenance.harness.database_url, role="mc_maintenance")
    database = Database(DatabaseSettings(url, "", 0, "", "", ""))
    done = key_rotation.reencrypt(TaskContext(database, clock.now(), Deadline.after(60_000)))
    database.close()
    assert done.failed == 0


def test_tokens_to_be_revoked_are_sealed_again_too(
    maintenance: MaintenanceRunner, people: list[Person]
) -> None:
    maintenance.youtube.fault("POST /revoke", status=503, times=1)
    people[0].call("DELETE", "/v1/providers/youtube")
    put_keys(maintenance, "k2", k1="one " * 16, k2="two " * 16)
    maintenance.run("key_rotation")
    ((token,),) = maintenance.sql("SELECT token FROM providers.revocations")
    assert token.startswith("k2.")
    put_keys(maintenance, "k2", k2="two " * 16)
    maintenance.sql("UPDATE providers.revocations SET due_at = now()")
    assert maintenance.run("revocations")["done"] == {"revocations": 1}


def test_what_no_key_opens_is_left_alone_and_keeps_nobody_else_from_being_sealed(
    maintenance: MaintenanceRunner, people: list[Person]
) -> None:
    """A key that was dropped too early can be put back."""
    put_keys(maintenance, "k2", k2="two " * 16)
    maintenance.run("key_rotation")
    assert sealed_under(maintenance) == {"k1": 16}
    put_keys(maintenance, "k2", k1="one " * 16, k2="two " * 16)
    maintenance.run("key_rotation")
    assert sealed_under(maintenance) == {"k2": 16}
    for person in people:
        link_status = person.call("GET", "/v1/providers/youtube").json
        assert link_status["status"] == "active"


def test_new_client_credentials_are_found_when_the_old_ones_are_refused(
    maintenance: MaintenanceRunner, people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our copy of them may be five minutes old."""
    monkeypatch.setattr(platform_secrets, "CACHE_TTL_S", 300.0)
    arn = maintenance.harness.environment["YOUTUBE_SECRET_ARN"]
    good = platform_secrets.get(arn, fresh=True)
    platform_secrets._cache[arn] = (time.monotonic(), {**good, "client_secret": "of yesterday"})
    maintenance.sql("UPDATE providers.tokens SET expires_at = now()")
    database = Database(DatabaseSettings.from_environment())
    assert client_for(database, people[0].id, "youtube").profile().provider_user_id
    database.close()


def test_credentials_that_are_refused_for_a_while_cost_nobody_their_consent(
    maintenance: MaintenanceRunner, people: list[Person]
) -> None:
    """Between changing them at the provider and here, whatever needs a token waits."""
    maintenance.youtube.fault("POST /token", status=401, body={"error": "invalid_client"}, times=2)
    maintenance.sql("UPDATE providers.tokens SET expires_at = now()")
    record = {
        "messageId": "m",
        "body": json.dumps({"user_id": people[0].id, "account_id": _account(maintenance, people[0])}),
    }
    maintenance.sql("UPDATE providers.snapshot_syncs SET due_at = now(), lease_until = NULL")
    maintenance.harness.invoke("providers_sync_worker", {"Records": [record]})
    ((status, message),) = maintenance.sql(
        "SELECT s.status, status_message FROM providers.snapshot_syncs s WHERE account_id = %s",
        _account(maintenance, people[0]),
    )
    assert (status, "The next try is at" in message) == ("running", True)
    assert people[0].call("GET", "/v1/providers/youtube").json["status"] == "active"
    assert sealed_under(maintenance) == {"k1": 16}


def _account(maintenance: MaintenanceRunner, person: Person) -> int:
    ((account,),) = maintenance.sql(
        "SELECT id FROM providers.accounts WHERE user_id = %s AND provider = 'youtube'", person.id
    )
    return int(account)


@pytest.mark.parametrize("ahead", ["the secret", "the database"])
def test_a_password_is_changed_without_an_outage(
    maintenance: MaintenanceRunner, ahead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of the two is changed first, a new connection finds its way in at every moment between."""
    secrets, url = (
        boto3.client("secretsmanager"),
        psycopg.conninfo.conninfo_to_dict(maintenance.harness.database_url),
    )

    def text(password: str) -> str:
        return json.dumps({"username": "mc_dispatch", "password": password})

    arn = secrets.create_secret(Name=f"password-{time.monotonic_ns()}", SecretString=text(ROLE_PASSWORD))[
        "ARN"
    ]
    settings = DatabaseSettings(None, str(url["host"]), int(url["port"]), str(url["dbname"]), "disable", arn)

    def connects() -> bool:
        database = Database(settings)
        try:
            with database.transaction() as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        finally:
            database.close()

    def change_secret() -> None:
        secrets.put_secret_value(SecretId=arn, SecretString=text("another one"))

    def change_database() -> None:
        maintenance.sql("ALTER ROLE mc_dispatch PASSWORD 'another one'")

    try:
        assert connects()
        for change in (
            (change_secret, change_database) if ahead == "the secret" else (change_database, change_secret)
        ):
            change()
            if ahead == "the secret" or change is change_secret:
                assert connects()  # with a copy of before
                platform_secrets._cache.clear()
                assert connects()  # without any
    finally:
        maintenance.sql(f"ALTER ROLE mc_dispatch PASSWORD '{ROLE_PASSWORD}'")

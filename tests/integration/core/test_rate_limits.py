"""How often somebody may try to sign in or up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from musicconnect.core import rate_limit_store as store
from musicconnect.core import rate_limits
from musicconnect.platform import clock
from tests.support.clock import ShiftedClock
from tests.support.functions import Answer, FunctionRunner
from tests.support.postgres import sql, url_for

MINUTE = 60
DAY = 24 * 60 * MINUTE


@pytest.fixture(autouse=True)
def _full_buckets(database_url: str) -> None:
    sql(database_url, "DELETE FROM core.sign_in_limits")


def attempt(harness: FunctionRunner, email: str, password: str, source_ip: str) -> Answer:
    body = {"email": email, "password": password}
    return harness.call("POST", "/v1/auth/login", body, source_ip=source_ip)


def drain(harness: FunctionRunner, limit: rate_limits.Limit, *who: str) -> None:
    """Empty a bucket as of now, as so many attempts would."""
    expiry = clock.now() + timedelta(seconds=limit.capacity * limit.seconds_per_token)
    sql(
        harness.database_url,
        "INSERT INTO core.sign_in_limits VALUES (%s, 0, %s, %s) "
        "ON CONFLICT (key) DO UPDATE SET tokens = 0, updated_at = excluded.updated_at",
        limit.key(*who),
        clock.now(),
        expiry,
    )


def test_one_account_from_one_place_runs_dry_and_refills(
    core_harness: FunctionRunner, shifted_clock: ShiftedClock
) -> None:
    person = core_harness.sign_up()

    statuses = [attempt(core_harness, person.email, "a guess", "192.0.2.1").status for _ in range(10)]
    refused = attempt(core_harness, person.email, person.password, "192.0.2.1")

    assert statuses == [401] * 10
    assert refused.status == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json["type"] == "urn:musicconnect:problem:too-many-attempts"
    assert 29 * MINUTE <= int(refused.headers["retry-after"]) <= 30 * MINUTE
    assert attempt(core_harness, person.email, person.password, "192.0.2.2").status == 200

    shifted_clock.set_offset(float(refused.headers["retry-after"]))
    assert attempt(core_harness, person.email, person.password, "192.0.2.1").status == 200


def test_an_address_without_an_account_is_limited_alike(core_harness: FunctionRunner) -> None:
    answers = [attempt(core_harness, "nobody@example.org", "a guess", "192.0.2.3") for _ in range(11)]

    assert [answer.status for answer in answers] == [401] * 10 + [429]


def test_being_refused_costs_nothing(core_harness: FunctionRunner, shifted_clock: ShiftedClock) -> None:
    for _ in range(30):
        attempt(core_harness, "nobody@example.org", "a guess", "192.0.2.4")

    shifted_clock.set_offset(30 * MINUTE)

    assert attempt(core_harness, "nobody@example.org", "a guess", "192.0.2.4").status == 401


def test_a_right_password_gives_the_attempts_back(core_harness: FunctionRunner) -> None:
    person = core_harness.sign_up()

    for _ in range(3):
        wrong = [attempt(core_harness, person.email, "a guess", "192.0.2.5").status for _ in range(9)]
        assert wrong == [401] * 9
        assert attempt(core_harness, person.email, person.password, "192.0.2.5").status == 200


def test_one_place_runs_dry_whatever_the_addresses(core_harness: FunctionRunner) -> None:
    person = core_harness.sign_up()
    statuses = [
        attempt(core_harness, f"{number}@example.org", "a guess", "192.0.2.6").status
        for number in range(rate_limits.SOURCE.capacity)
    ]

    assert set(statuses) == {401}
    assert attempt(core_harness, "one.more@example.org", "a guess", "192.0.2.6").status == 429
    assert attempt(core_harness, person.email, person.password, "192.0.2.7").status == 200


def test_one_ipv6_network_is_one_place(core_harness: FunctionRunner) -> None:
    drain(core_harness, rate_limits.SOURCE, "2001:db8:1:2::/64")

    assert attempt(core_harness, "a@example.org", "a guess", "2001:db8:1:2:ffff::9").status == 429
    assert attempt(core_harness, "a@example.org", "a guess", "2001:db8:1:3::9").status == 401


def test_many_places_against_one_account_run_dry_but_never_lock_its_owner_out(
    core_harness: FunctionRunner, shifted_clock: ShiftedClock
) -> None:
    owner = core_harness.sign_up()
    home, hotel = "198.51.100.1", "198.51.100.2"
    assert attempt(core_harness, owner.email, owner.password, home).status == 200

    botnet = [
        attempt(core_harness, owner.email, "a guess", f"192.0.2.{100 + number}").status
        for number in range(rate_limits.EMAIL.capacity + 5)
    ]

    assert botnet == [401] * rate_limits.EMAIL.capacity + [429] * 5
    assert attempt(core_harness, owner.email, owner.password, hotel).status == 429
    for _ in range(3):  # for as long as the attack goes on
        assert attempt(core_harness, owner.email, owner.password, home).status == 200
    assert owner.call("GET", "/v1/me").status == 200

    shifted_clock.set_offset(rate_limits.EMAIL.seconds_per_token)
    assert attempt(core_harness, owner.email, owner.password, hotel).status == 200
    drain(core_harness, rate_limits.EMAIL, owner.email)
    assert attempt(core_harness, owner.email, owner.password, hotel).status == 200  # known from now on


def test_the_place_of_signing_up_is_known(core_harness: FunctionRunner) -> None:
    person = core_harness.sign_up()
    drain(core_harness, rate_limits.EMAIL, person.email)

    assert attempt(core_harness, person.email, person.password, "203.0.113.7").status == 200


def test_a_place_unused_for_long_is_unknown_again(
    core_harness: FunctionRunner, shifted_clock: ShiftedClock
) -> None:
    person = core_harness.sign_up()
    shifted_clock.set_offset(181 * DAY)
    assert attempt(core_harness, person.email, person.password, "198.51.100.3").status == 200

    drain(core_harness, rate_limits.EMAIL, person.email)

    assert attempt(core_harness, person.email, person.password, "203.0.113.7").status == 429


def test_finding_out_who_is_here_by_signing_up_is_slow(
    core_harness: FunctionRunner, shifted_clock: ShiftedClock
) -> None:
    person = core_harness.sign_up()
    probe = {"email": person.email, "password": "correct horse battery"}

    statuses = [
        core_harness.call("POST", "/v1/auth/signup", probe, source_ip="192.0.2.8").status for _ in range(6)
    ]

    assert statuses == [409] * 5 + [429]
    shifted_clock.set_offset(30)
    answer = core_harness.call("POST", "/v1/auth/signup", probe, source_ip="192.0.2.8")
    assert answer.status == 409
    assert core_harness.call("POST", "/v1/auth/signup", probe, source_ip="192.0.2.9").status == 409


def test_of_attempts_at_the_same_moment_no_more_pass_than_there_are_tokens(
    core_harness: FunctionRunner,
) -> None:
    url = url_for(core_harness.database_url, role="mc_core")
    at = datetime(2026, 1, 1, tzinfo=UTC)

    def take() -> bool:
        with psycopg.connect(url, autocommit=True) as connection:
            left = store.consume_token(connection, "test:race", capacity=5, seconds_per_token=60, at=at)
            return left is not None

    with ThreadPoolExecutor(8) as pool:
        taken = [future.result() for future in [pool.submit(take) for _ in range(24)]]

    assert taken.count(True) == 5


def test_a_guess_now_and_then_keeps_nobody_out_of_new_places(
    core_harness: FunctionRunner, shifted_clock: ShiftedClock
) -> None:
    person = core_harness.sign_up()
    refused = 0
    for number in range(60):  # one every five minutes, for five hours
        shifted_clock.set_offset(number * 5 * MINUTE)
        refused += attempt(core_harness, person.email, "a guess", "192.0.2.66").status == 429
    assert refused > 30, "the guesser has used up its share"
    assert attempt(core_harness, person.email, person.password, "198.51.100.1").status == 200


def test_what_is_left_is_told_alike_for_addresses_that_exist_and_others(core_harness: FunctionRunner) -> None:
    person = core_harness.sign_up()  # from where they are known now
    told = []
    for number, email in enumerate((person.email, "nobody@example.org")):
        answer = core_harness.call(
            "POST",
            "/v1/auth/login",
            {"email": email, "password": "a guess"},
            source_ip=f"192.0.2.{50 + number}",
        )
        assert answer.status == 401
        told.append((answer.headers["ratelimit"], answer.headers["ratelimit-policy"]))
    assert told[0] == told[1]
    assert told[0][0] == '"source";r=49;t=30, "pair";r=9;t=60'
    known = core_harness.call("POST", "/v1/auth/login", {"email": person.email, "password": "a guess"})
    assert known.headers["ratelimit-policy"] == told[0][1]


def test_a_clock_that_goes_backwards_gives_and_takes_nothing(core_harness: FunctionRunner) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    bucket = {"capacity": 2, "seconds_per_token": 60}

    with psycopg.connect(url_for(core_harness.database_url, role="mc_core"), autocommit=True) as connection:
        assert store.consume_token(connection, "test:clock", **bucket, at=at) == 1
        assert store.tokens_left(connection, "test:clock", **bucket, at=at - timedelta(days=1)) == 1
        assert store.consume_token(connection, "test:clock", **bucket, at=at - timedelta(days=1)) == 0
        assert store.consume_token(connection, "test:clock", **bucket, at=at) is None
        assert store.consume_token(connection, "test:clock", **bucket, at=at + timedelta(seconds=60)) == 0
        assert store.tokens_left(connection, "test:clock", **bucket, at=at + timedelta(days=1)) == 2


def test_rows_of_full_buckets_go_and_others_stay(
    core_harness: FunctionRunner, shifted_clock: ShiftedClock
) -> None:
    person = core_harness.sign_up()
    attempt(core_harness, "nobody@example.org", "a guess", "192.0.2.10")
    shifted_clock.set_offset(DAY)
    attempt(core_harness, "somebody@example.org", "a guess", "192.0.2.11")

    attempt(core_harness, person.email, person.password, "192.0.2.12")

    left = {str(key) for (key,) in sql(core_harness.database_url, "SELECT key FROM core.sign_in_limits")}
    assert rate_limits.PAIR.key("somebody@example.org", "192.0.2.11") in left
    assert rate_limits.PAIR.key("nobody@example.org", "192.0.2.10") not in left
    assert rate_limits.SOURCE.key("192.0.2.10") not in left


def test_the_limits_name_nobody(core_harness: FunctionRunner) -> None:
    attempt(core_harness, "visible@example.org", "a guess", "192.0.2.13")

    kept = str(sql(core_harness.database_url, "SELECT * FROM core.sign_in_limits"))

    assert "visible" not in kept
    assert "192.0.2.13" not in kept

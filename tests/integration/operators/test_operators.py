"""Given an operator, when an account is suspended, all of it rests, and goes on when it is restored."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from psycopg.errors import InsufficientPrivilege
from pydantic import ValidationError

from musicconnect.platform.work.message import Message
from tests.integration.schema.rows import fill_everything
from tests.support.functions import API_FUNCTIONS, FunctionRunner, Person, new_person
from tests.support.mailbox import Mailbox
from tests.support.postgres import sql, url_for


@pytest.fixture
def person(core_harness: FunctionRunner) -> Person:
    return core_harness.sign_up(display_name="Ada")


@pytest.fixture
def act(core_harness: FunctionRunner) -> Callable[..., Any]:
    def call(action: str, **order: Any) -> Any:
        return core_harness.invoke("operators", {"action": action, "operator": "grace@example.net", **order})

    return call


def suspend(act: Callable[..., Any], person: Person) -> None:
    assert act("suspend", user_id=person.id, reason="It sends spam.")["outcome"] == "done"


def sign_in(person: Person, source: str = "203.0.113.7") -> int:
    body = {"email": person.email, "password": person.password}
    return person.harness.call("POST", "/v1/auth/login", body, source_ip=source).status


def test_an_account_is_found_by_its_address_and_its_id(act: Callable[..., Any], person: Person) -> None:
    by_address = act("find", address=f" {person.email.upper()} ")
    by_id = act("find", user_id=person.id)

    assert by_address == by_id
    assert by_id["account"]["address"] == person.email
    assert act("find", address="nobody@example.org") == {"outcome": "not-found"}
    assert act("suspend", user_id=2**62, reason="x") == {"outcome": "not-found"}


def test_whoever_is_suspended_is_out_and_comes_back(
    act: Callable[..., Any], person: Person, core_harness: FunctionRunner
) -> None:
    mailbox = Mailbox.of(core_harness)
    sql(
        core_harness.database_url,
        "UPDATE core.users SET email_confirmed_at = now() WHERE id = %s RETURNING id",
        person.id,
    )
    token = person.call("POST", "/v1/auth/tokens", {"name": "scrobbler"}).json["token"]

    done = act("suspend", user_id=person.id, reason="It sends spam.")
    again = act("suspend", user_id=person.id, reason="It sends spam.")

    assert (done["outcome"], done["sessions_ended"], done["account"]["is_active"]) == ("done", 1, False)
    assert again["outcome"] == "suspended-already"
    assert person.call("GET", "/v1/me").status == 401
    assert sign_in(person) == 401
    listen = {"listen_type": "single", "payload": []}
    headers = {"authorization": f"Token {token}"}
    assert core_harness.call("POST", "/1/submit-listens", listen, headers=headers).status == 401
    assert core_harness.call("GET", "/1/validate-token", headers=headers).json["valid"] is False
    (mail,) = mailbox.to(person.email)
    assert mail.subject == "Your account was suspended"
    assert "It sends spam." in mail.text

    assert act("restore", user_id=person.id)["account"]["is_active"] is True
    assert act("restore", user_id=person.id)["outcome"] == "not-suspended"
    assert sign_in(person) == 200
    assert core_harness.call("GET", "/1/validate-token", headers=headers).json["valid"] is True
    core_harness.invoke("notices_dispatcher", {})
    assert [one.subject for one in mailbox.to(person.email)] == [
        "Your account was suspended", "Your account was restored",
    ]  # fmt: skip
    del core_harness.environment["MAIL_FROM"]


def test_sessions_are_ended_and_the_account_stays(act: Callable[..., Any], person: Person) -> None:
    assert act("end-sessions", user_id=person.id)["sessions_ended"] == 1
    assert person.call("GET", "/v1/me").status == 401
    assert sign_in(person) == 200


def test_every_act_is_recorded_with_who_did_it(
    act: Callable[..., Any], person: Person, core_harness: FunctionRunner
) -> None:
    suspend(act, person)
    act("restore", user_id=person.id)
    shown = act("show", user_id=person.id)

    assert [one["action"] for one in shown["acts"]] == ["restore", "suspend"]
    assert {one["operator"] for one in shown["acts"]} == {"grace@example.net"}
    assert shown["holds"]["sessions"] == 0
    rows = sql(
        core_harness.database_url,
        "SELECT action, operator, reason, outcome, request_id <> '' FROM operators.acts WHERE user_id = %s "
        "ORDER BY id",
        person.id,
    )
    assert rows == [
        ("suspend", "grace@example.net", "It sends spam.", "done", True),
        ("restore", "grace@example.net", "", "done", True),
        ("show", "grace@example.net", "", "done", True),
    ]


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"action": "delete", "operator": "x", "user_id": 1},
        {"action": "find", "user_id": 1},
        {"action": "find", "operator": " ", "user_id": 1},
        {"action": "find", "operator": "x"},
        {"action": "find", "operator": "x", "user_id": 1, "address": "a@example.org"},
        {"action": "suspend", "operator": "x", "user_id": 1},
        {"action": "find", "operator": "x", "user_id": "1"},
        {"action": "requeue", "operator": "x", "user_id": 1},
    ],
)
def test_what_is_no_order_is_refused(core_harness: FunctionRunner, order: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        core_harness.invoke("operators", order)


def test_the_operators_role_reads_nobodys_rows(core_harness: FunctionRunner, person: Person) -> None:
    import psycopg  # noqa: PLC0415

    with psycopg.connect(url_for(core_harness.database_url, role="mc_operator")) as connection:
        for statement in ("SELECT email FROM core.users", "SELECT * FROM trends.plays"):
            with pytest.raises(InsufficientPrivilege), connection.transaction():
                connection.execute(statement)  # type: ignore[call-overload]


def test_no_route_serves_whoever_is_suspended(act: Callable[..., Any], core_harness: FunctionRunner) -> None:
    """Every route that is not public: nobody is served before it is known who asks."""
    import importlib  # noqa: PLC0415

    person = new_person(core_harness)
    suspend(act, person)
    asked = 0
    for capability in API_FUNCTIONS:
        with core_harness.environment_of(capability):
            routes = importlib.import_module(f"{capability}.app").api.routes
        for route in routes:
            if not route.public:
                path = route.path.replace("{provider}", "spotify")
                event = _event(route.method, route.path, path, person)
                verdict = core_harness.invoke("core_authorizer", {**event, "type": "REQUEST"})
                event["requestContext"]["authorizer"] = {"lambda": verdict["context"]}
                answer = core_harness.invoke(capability, event)
                assert answer["statusCode"] == 401, f"{route.method} {route.path}: {answer}"
                asked += 1
    assert asked > 80


def _lastfm(harness: FunctionRunner, method: str, **fields: str) -> Any:
    fields |= {"method": method, "format": "json", "api_key": "0" * 32}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return harness.call("POST", "/2.0/", raw=urlencode(fields), headers=headers).json


def test_no_door_of_scrobblers_takes_a_listen_of_whoever_is_suspended(
    act: Callable[..., Any], person: Person, core_harness: FunctionRunner
) -> None:
    """Clients learn that the token does not count, and keep the listen; restored, it counts again."""
    made = person.call("POST", "/v1/auth/tokens", {"name": "scrobbler"}).json
    token = {"Authorization": f"Token {made['token']}"}
    login = {"username": made["user_name"], "password": made["token"]}
    session = _lastfm(core_harness, "auth.getMobileSession", **login)["session"]["key"]
    listens = {
        "listen_type": "single",
        "payload": [{
            "listened_at": 1_790_000_000, "track_metadata": {"artist_name": "A", "track_name": "B"},
        }],
    }  # fmt: skip
    scrobble = {"sk": session, "artist[0]": "A", "track[0]": "C", "timestamp[0]": "1790000100"}

    def answers() -> list[Any]:
        submitted = core_harness.call("POST", "/1/submit-listens", listens, headers=token)
        valid = core_harness.call("GET", "/1/validate-token", headers=token)
        scrobbled = _lastfm(core_harness, "track.scrobble", **scrobble)
        again = _lastfm(core_harness, "auth.getMobileSession", **login)
        return [submitted.status, valid.json["valid"], scrobbled.get("error"), again.get("error")]

    suspend(act, person)

    assert answers() == [401, False, 9, 4]
    count = "SELECT count(*) FROM trends.plays WHERE user_id = %s"
    assert sql(core_harness.database_url, count, person.id) == [(0,)]
    assert act("restore", user_id=person.id)["outcome"] == "done"
    assert answers() == [200, True, None, None]
    assert sql(core_harness.database_url, count, person.id) == [(2,)]


def _event(method: str, route: str, path: str, person: Person) -> dict[str, Any]:
    return {
        "version": "2.0", "routeKey": f"{method} {route}", "rawPath": path, "rawQueryString": "",
        "headers": {"authorization": f"Bearer {person.token}", "content-type": "application/json"},
        "requestContext": {
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7",
                "userAgent": "x",
            },
            "domainName": "x", "requestId": "r", "routeKey": f"{method} {route}", "stage": "$default",
            "timeEpoch": 0,
        },
        "isBase64Encoded": False, "body": "{}", "pathParameters": {},
    }  # fmt: skip


DISPATCHED = {
    "migrations.playlists": ("mc_dispatch", "migrations.claim_due_playlists"),
    "migrations.imports": ("mc_migrations", "migrations.claim_due_imports"),
    "exports.jobs": ("mc_exports", "exports.claim_due_jobs"),
    "trends.imports": ("mc_user_trends", "trends.claim_due_imports"),
    "trends.polls": ("mc_play_poll", "trends.claim_due_polls"),
    "providers.snapshot_syncs": ("mc_providers", "providers.claim_due_syncs"),
    "sync.pairs": ("mc_migrations", "sync.claim_due_pairs"),
    "sync.repairs": ("mc_migrations", "sync.claim_due_repairs"),
    "notices.deliveries": ("mc_notices", "notices.claim_due_deliveries"),
}


@pytest.mark.parametrize("table", DISPATCHED)
def test_no_dispatcher_sends_work_of_whoever_is_suspended(
    act: Callable[..., Any], core_harness: FunctionRunner, table: str
) -> None:
    person = new_person(core_harness)
    fill_everything(core_harness.database_url, person.id)
    role, function = DISPATCHED[table]
    sql(
        core_harness.database_url,
        f"UPDATE {table} SET due_at = now() - interval '1 day', enqueued_at = NULL WHERE user_id = %s "
        "RETURNING 1",
        person.id,
    )

    def claimed() -> list[Any]:
        url = url_for(core_harness.database_url, role=role)
        rows = sql(url, f"SELECT * FROM {function}(now() + interval '1 hour', 1000)")
        return [row for row in rows if person.id in row]

    suspend(act, person)
    assert claimed() == []
    act("restore", user_id=person.id)
    assert len(claimed()) == 1


def test_no_worker_does_work_of_whoever_is_suspended(
    act: Callable[..., Any], core_harness: FunctionRunner, person: Person
) -> None:
    """A message that was sent before does nothing; the work is as it was, and goes on."""
    exports = person.call("POST", "/v1/exports", {"type": "pins_csv"}).json
    suspend(act, person)
    core_harness.drain("EXPORTS_QUEUE_URL", "exports_worker")
    query = "SELECT status, attempts FROM exports.jobs WHERE id = %s"
    assert sql(core_harness.database_url, query, exports["id"]) == [("pending", 0)]

    act("restore", user_id=person.id)
    sql(
        core_harness.database_url,
        "UPDATE exports.jobs SET enqueued_at = now() - interval '2 minutes' WHERE id = %s RETURNING 1",
        exports["id"],
    )
    core_harness.invoke("exports_worker", {})
    core_harness.drain("EXPORTS_QUEUE_URL", "exports_worker")
    assert sql(core_harness.database_url, query, exports["id"])[0][0] == "completed"


WORKERS = (
    "providers_sync_worker", "migrations_worker", "migrations_import_worker", "exports_worker",
    "trends_import_worker", "trends_poll_worker", "notices_webhook_worker",
)  # fmt: skip


@pytest.mark.parametrize("capability", WORKERS)
def test_every_workers_message_says_whose_work_it_is(core_harness: FunctionRunner, capability: str) -> None:
    """By which the worker kit leaves it, whoever the worker is."""
    import importlib  # noqa: PLC0415

    with core_harness.environment_of(capability):
        handler = importlib.import_module(f"{capability}.app").handler

    assert issubclass(handler._message, Message)

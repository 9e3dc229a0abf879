"""Given webhooks, when something happens, it arrives signed and at least once."""

import json
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from musicconnect.notices.webhooks import worker
from musicconnect.notices.webhooks.service import MAX_TESTS, MAX_WEBHOOKS
from tests.integration.notices.conftest import Timers
from tests.integration.notices.endpoint import Endpoint, Received
from tests.support.functions import Answer, FunctionRunner, Person
from tests.support.postgres import sql

DAY = 86_400
READY = {"export_id": 4, "type": "pins_csv", "expires_at": "2026-12-07T08:00:00+00:00"}


def make(person: Person, endpoint: Endpoint, **options: Any) -> Any:
    answer = person.call("POST", "/v1/webhooks", {"name": "Home", "url": endpoint.url}, **options)
    assert answer.status == 201, answer.text
    return answer.json


def deliveries(person: Person, webhook: Any) -> list[Any]:
    answer = person.call("GET", f"/v1/webhooks/{webhook['id']}/deliveries")
    assert answer.status == 200, answer.text
    items: list[Any] = answer.json["items"]
    return items


def is_verified(received: Received, secret: str) -> bool:
    try:
        Webhook(secret).verify(received.body, received.headers)
    except WebhookVerificationError:
        return False
    return True


def test_what_happens_arrives_signed(person: Person, endpoint: Endpoint, timers: Timers) -> None:
    webhook = make(person, endpoint)
    timers.record(person, "export-ready", "export-ready:4", **READY)

    timers.tick()

    (received,) = endpoint.received
    assert is_verified(received, webhook["secret"])
    message = json.loads(received.body)
    assert message["type"] == "export-ready"
    assert message["data"]["params"] == READY
    assert message["data"]["message"].startswith("The export of your pins is ready.")
    (delivery,) = deliveries(person, webhook)
    assert delivery["message_id"] == received.headers["webhook-id"]
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 1)
    assert delivery["log"][0] | {"at": "", "duration_ms": 0} == {
        "at": "", "outcome": "delivered", "status": 200, "answer": "thanks", "duration_ms": 0,
    }  # fmt: skip
    timers.tick(120)
    assert len(endpoint.received) == 1


def test_each_of_several_gets_the_message_under_its_own_secret(
    person: Person, other: Person, endpoint: Endpoint, timers: Timers
) -> None:
    first, second = make(person, endpoint), make(person, endpoint)
    make(other, endpoint)
    timers.record(person, "export-ready", "export-ready:4", **READY)

    timers.tick()

    assert len(endpoint.received) == 2
    assert len({one.headers["webhook-id"] for one in endpoint.received}) == 1
    for secret in (first["secret"], second["secret"]):
        assert sum(is_verified(one, secret) for one in endpoint.received) == 1


def test_what_fails_is_tried_for_a_day_under_one_id(
    person: Person, endpoint: Endpoint, timers: Timers
) -> None:
    webhook = make(person, endpoint)
    endpoint.answers(500, b"broken")
    timers.record(person, "export-ready", "export-ready:4", **READY)
    timers.tick()
    for _ in range(40):
        timers.tick(3_600)

    (delivery,) = deliveries(person, webhook)
    assert (delivery["status"], delivery["due_at"]) == ("failed", None)
    assert delivery["status_message"].startswith("The endpoint answered with status 500. Given up after")
    assert 6 <= len(endpoint.received) <= 26
    assert {one.headers["webhook-id"] for one in endpoint.received} == {delivery["message_id"]}
    assert len({one.headers["webhook-timestamp"] for one in endpoint.received}) == len(endpoint.received)
    assert len(delivery["log"]) == min(20, len(endpoint.received))


def test_what_comes_back_is_delivered(person: Person, endpoint: Endpoint, timers: Timers) -> None:
    webhook = make(person, endpoint)
    endpoint.answers(503)
    timers.record(person, "export-ready", "export-ready:4", **READY)
    timers.tick()
    assert person.call("GET", f"/v1/webhooks/{webhook['id']}").json["failing_since"] is not None

    endpoint.answers(200)
    timers.tick(3_600)

    assert deliveries(person, webhook)[0]["status"] == "delivered"
    assert person.call("GET", f"/v1/webhooks/{webhook['id']}").json["failing_since"] is None


def test_gone_switches_off_at_once_and_is_told(person: Person, endpoint: Endpoint, timers: Timers) -> None:
    webhook = make(person, endpoint)
    endpoint.answers(410)
    timers.record(person, "export-ready", "export-ready:4", **READY)
    timers.record(person, "export-ready", "export-ready:5", **READY)
    timers.tick()
    timers.tick(60)

    state = person.call("GET", f"/v1/webhooks/{webhook['id']}").json
    assert (state["is_enabled"], state["disabled_reason"]) == (False, "gone")
    notices = person.call("GET", "/v1/notices").json["items"]
    assert [one["code"] for one in notices].count("webhook-switched-off") == 1
    assert "said that it is gone" in notices[0]["message"]
    assert endpoint.url not in json.dumps(notices), "its path may be a secret"
    assert len(endpoint.received) == 1
    assert {one["status"] for one in deliveries(person, webhook)} == {"failed"}

    endpoint.answers(200)
    assert person.call("PATCH", f"/v1/webhooks/{webhook['id']}", {"is_enabled": True}).status == 200
    timers.record(person, "export-ready", "export-ready:6", **READY)
    timers.tick(60)
    assert deliveries(person, webhook)[0]["status"] == "delivered"


def test_days_of_failure_switch_off_with_one_notice(
    person: Person, endpoint: Endpoint, timers: Timers
) -> None:
    webhook = make(person, endpoint)
    endpoint.answers(500)
    for day in range(7):
        timers.record(person, "export-ready", f"export-ready:{day}", **READY)
        for _ in range(4):
            timers.tick(DAY / 4)

    state = person.call("GET", f"/v1/webhooks/{webhook['id']}").json
    assert (state["is_enabled"], state["disabled_reason"]) == (False, "failing")
    codes = [one["code"] for one in person.call("GET", "/v1/notices").json["items"]]
    assert codes.count("webhook-switched-off") == 1


def test_a_secret_is_rotated_with_an_overlap(person: Person, endpoint: Endpoint, timers: Timers) -> None:
    old = make(person, endpoint)
    new = person.call("POST", f"/v1/webhooks/{old['id']}/secret", {"overlap_hours": 2})
    assert new.status == 200
    for number, hours in enumerate((0, 3)):
        timers.record(person, "export-ready", f"export-ready:{number}", **READY)
        timers.tick(hours * 3_600)

    during, after = endpoint.received
    verified = [
        # The package's clock is the machine's: a message from hours ahead is not one to it.
        secret
        for secret in (old["secret"], new.json["secret"])
        if is_verified(during, secret)
    ]
    assert verified == [old["secret"], new.json["secret"]]
    assert len(after.headers["webhook-signature"].split()) == 1
    assert "secret" not in person.call("GET", f"/v1/webhooks/{old['id']}").json


def test_a_message_is_sent_again_under_its_id(person: Person, endpoint: Endpoint, timers: Timers) -> None:
    webhook = make(person, endpoint)
    timers.record(person, "export-ready", "export-ready:4", **READY)
    timers.tick()
    (delivery,) = deliveries(person, webhook)
    path = f"/v1/webhooks/{webhook['id']}/deliveries/{delivery['id']}"

    answer = person.call("POST", f"{path}/replay")
    again = person.call("POST", f"{path}/replay")
    timers.tick()

    assert (answer.status, again.status) == (202, 409)
    assert len({one.headers["webhook-id"] for one in endpoint.received}) == 1
    assert len(endpoint.received) == 2
    assert person.call("GET", path).json["status"] == "delivered"
    assert len(person.call("GET", path).json["log"]) == 2


def test_a_test_is_sent_at_once_and_shows_what_was_answered(
    person: Person, endpoint: Endpoint, timers: Timers
) -> None:
    webhook = make(person, endpoint)
    person.call("PATCH", f"/v1/webhooks/{webhook['id']}", {"is_enabled": False})
    endpoint.answers(418, b"I am a teapot")

    answer = person.call("POST", f"/v1/webhooks/{webhook['id']}/test", headers={"Idempotency-Key": "a"})
    again = person.call("POST", f"/v1/webhooks/{webhook['id']}/test", headers={"Idempotency-Key": "a"})
    timers.harness.drain("NOTICES_WEBHOOK_QUEUE_URL", "notices_webhook_worker")

    assert (answer.status, again.json["id"]) == (202, answer.json["id"])
    (received,) = endpoint.received
    assert is_verified(received, webhook["secret"])
    shown = person.call("GET", answer.headers["location"]).json
    assert (shown["status"], shown["log"][0]["answer"]) == ("failed", "I am a teapot")
    assert shown["status_message"] == "The endpoint answered with status 418. Given up after 1 attempt."


def test_tests_are_limited(person: Person, endpoint: Endpoint) -> None:
    webhook = make(person, endpoint)
    answers = [person.call("POST", f"/v1/webhooks/{webhook['id']}/test") for _ in range(MAX_TESTS + 1)]

    assert [one.status for one in answers] == [202] * MAX_TESTS + [429]


def test_a_worker_that_dies_after_sending_sends_again(
    person: Person, endpoint: Endpoint, timers: Timers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once: what was received but not written down is received again, under the same id."""
    webhook = make(person, endpoint)
    timers.record(person, "export-ready", "export-ready:4", **READY)

    class Killed(BaseException):
        """The process is gone."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(worker, "_finish", die)
        with pytest.raises(Killed):
            timers.tick()
    timers.tick(30)
    assert len(endpoint.received) == 1, "its lease holds"
    timers.tick(120)

    assert len(endpoint.received) == 2
    assert len({one.headers["webhook-id"] for one in endpoint.received}) == 1
    assert deliveries(person, webhook)[0]["status"] == "delivered"


def test_doubled_messages_and_timers_send_once(
    person: Person, endpoint: Endpoint, timers: Timers, core_harness: FunctionRunner
) -> None:
    make(person, endpoint)
    timers.record(person, "export-ready", "export-ready:4", **READY)
    timers.record(person, "export-ready", "export-ready:4", **READY)
    core_harness.invoke("notices_dispatcher", {})
    records = core_harness.messages("NOTICES_WEBHOOK_QUEUE_URL")
    core_harness.invoke("notices_dispatcher", {})

    for _ in range(2):
        core_harness.invoke("notices_webhook_worker", {"Records": records})
    timers.tick(120)

    assert len(endpoint.received) == 1


def test_whoever_is_deleted_or_suspended_is_sent_nothing(
    person: Person, other: Person, endpoint: Endpoint, timers: Timers, database_url: str
) -> None:
    for one in (person, other):
        make(one, endpoint)
        timers.record(one, "export-ready", "export-ready:4", **READY)
    timers.harness.invoke("notices_dispatcher", {})
    timers.record(other, "export-ready", "export-ready:5", **READY)
    assert person.call("DELETE", "/v1/me").status == 204
    sql(database_url, "UPDATE core.users SET is_active = false WHERE id = %s RETURNING id", other.id)

    timers.tick(300)
    assert endpoint.received == []

    sql(database_url, "UPDATE core.users SET is_active = true WHERE id = %s RETURNING id", other.id)
    timers.tick(300)
    assert len(endpoint.received) == 2


def refused(answer: Answer) -> bool:
    return answer.status == 422 and answer.json["errors"][0]["path"] == "body.url"


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "https://10.0.0.1/", "https://0xa9fea9fe/", "https://localhost/", "ftp://example.org/",
     "https://user@example.org/", "https://example.org:25/", "https://[::1]/"],
)  # fmt: skip
def test_addresses_of_neighbours_are_refused_at_once(person: Person, url: str) -> None:
    assert refused(person.call("POST", "/v1/webhooks", {"name": "x", "url": url}))


def test_others_webhooks_are_not_there(person: Person, other: Person, endpoint: Endpoint) -> None:
    webhook = make(person, endpoint)
    delivery = person.call("POST", f"/v1/webhooks/{webhook['id']}/test").json
    path = f"/v1/webhooks/{webhook['id']}"

    answers = [
        other.call("GET", path),
        other.call("PATCH", path, {"name": "mine"}),
        other.call("DELETE", path),
        other.call("POST", f"{path}/secret", {}),
        other.call("POST", f"{path}/test"),
        other.call("GET", f"{path}/deliveries"),
        other.call("GET", f"{path}/deliveries/{delivery['id']}"),
        other.call("POST", f"{path}/deliveries/{delivery['id']}/replay"),
    ]

    assert {one.status for one in answers} == {404}
    assert other.call("GET", "/v1/webhooks").json["items"] == []


def test_there_are_so_many_and_no_more(person: Person, endpoint: Endpoint) -> None:
    first = make(person, endpoint, headers={"Idempotency-Key": "one"})
    assert make(person, endpoint, headers={"Idempotency-Key": "one"}) == first
    for _ in range(MAX_WEBHOOKS - 1):
        make(person, endpoint)

    answer = person.call("POST", "/v1/webhooks", {"name": "x", "url": endpoint.url})

    assert (answer.status, answer.json["type"]) == (409, "urn:musicconnect:problem:too-many-webhooks")
    page = person.call("GET", "/v1/webhooks?limit=7").json
    rest = person.call("GET", f"/v1/webhooks?limit=7&cursor={page['next_cursor']}").json
    assert len({one["id"] for one in page["items"] + rest["items"]}) == MAX_WEBHOOKS


def test_secrets_are_encrypted_and_rotated_with_the_keys(
    person: Person, endpoint: Endpoint, database_url: str
) -> None:
    webhook = make(person, endpoint)
    ((stored,),) = sql(database_url, "SELECT secret FROM notices.webhooks WHERE id = %s", webhook["id"])

    assert webhook["secret"] not in str(stored)
    assert str(stored).startswith("k1.")

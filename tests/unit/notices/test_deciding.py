"""What comes of an answer: another attempt, the end, or a webhook that is switched off."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from musicconnect.notices import codes, status_text
from musicconnect.notices.webhooks import signature
from musicconnect.notices.webhooks import status_text as delivery_text
from musicconnect.notices.webhooks.model import ClaimedDelivery, decide, log_entry
from musicconnect.notices.webhooks.sender import Answer
from musicconnect.platform import clock
from musicconnect.platform.status import Reader, Status

AT = datetime(2026, 11, 30, 8, tzinfo=UTC)
DELIVERY = ClaimedDelivery(
    id=1, user_id=2, webhook_id=3, message_id="msg_1", body="{}", is_test=False, attempts=1,
    first_attempt_at=AT, url="https://example.org/", secret="s", previous_secret=None,
    previous_secret_until=None,
)  # fmt: skip


def test_what_arrived_is_done() -> None:
    decision = decide(DELIVERY, Answer("delivered", 204), AT - timedelta(days=9), AT)

    assert (decision.status, decision.disable, decision.due_at) == ("delivered", None, None)


def test_attempts_go_on_for_a_day_ever_further_apart() -> None:
    now, delivery, waits = AT, DELIVERY, []
    while (decision := decide(delivery, Answer("timed-out"), AT, now)).due_at is not None:
        waits.append((decision.due_at - now).total_seconds())
        now, delivery = decision.due_at, replace(delivery, attempts=delivery.attempts + 1)

    assert decision.status == "failed"
    assert decision.disable is None
    assert now == AT + timedelta(days=1)
    assert 5 <= waits[0] <= 10
    assert max(waits) <= 4 * 3600
    assert all(later > earlier / 2 for earlier, later in itertools.pairwise(waits[:-1]))
    assert 12 <= len(waits) <= 30


def test_a_longer_wait_is_granted_but_not_beyond_reason() -> None:
    asked = decide(DELIVERY, Answer("refused", 429, retry_after_s=600), None, AT)
    far = decide(DELIVERY, Answer("refused", 503, retry_after_s=900_000), None, AT)

    assert asked.due_at == AT + timedelta(seconds=600)
    assert far.due_at == AT + timedelta(hours=4)


def test_gone_switches_off_at_once_and_failing_after_days() -> None:
    assert decide(DELIVERY, Answer("gone", 410), None, AT).disable == "gone"
    assert decide(DELIVERY, Answer("refused", 500), AT - timedelta(days=4.9), AT).disable is None
    assert decide(DELIVERY, Answer("refused", 500), AT - timedelta(days=5), AT).disable == "failing"


@pytest.mark.parametrize("answer", [Answer("gone", 410), Answer("refused", 500), Answer("timed-out")])
def test_a_test_is_tried_once_and_switches_nothing_off(answer: Answer) -> None:
    decision = decide(replace(DELIVERY, is_test=True), answer, AT - timedelta(days=9), AT)

    assert (decision.status, decision.disable) == ("failed", None)


def test_what_is_logged_of_an_answer_is_bounded() -> None:
    assert len(log_entry(Answer("refused", 500, "x" * 5_000), AT, 12)["answer"]) == 1_000


def test_a_signature_is_one_that_the_package_verifies() -> None:
    now = clock.now()
    old, new, other = (signature.new_secret() for _ in range(3))
    body = '{"type":"test","text":"ä"}'.encode()
    headers = signature.headers("msg_1", int(now.timestamp()), body, [new, old])

    assert Webhook(new).verify(body, headers) == Webhook(old).verify(body, headers)
    for changed in (body + b" ", body.replace(b"test", b"tost")):
        with pytest.raises(WebhookVerificationError):
            Webhook(new).verify(changed, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(body, headers)


OUTCOMES = (
    "refused", "redirected", "gone", "timed-out", "unreachable", "certificate-not-trusted", "not-http",
    "host-not-found", "address-refused", "delivered",
)  # fmt: skip


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_words(outcome: str) -> None:
    answer = Answer(outcome, 302 if outcome == "redirected" else 500)  # type: ignore[arg-type]
    decision = decide(DELIVERY, answer, None, AT)

    text = delivery_text.text_of(Status(decision.code, decision.params), Reader(AT))

    assert text.endswith(".")
    assert "{" not in text


def test_every_kind_has_words_and_a_title() -> None:
    assert codes.KINDS.keys() == status_text.TEXTS.keys() == status_text.TITLES.keys()

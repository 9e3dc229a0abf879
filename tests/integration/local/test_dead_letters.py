"""Dead letters are shown without secrets, and sent on their way again."""

import json
import uuid
from typing import Any

import boto3
import pytest

from local.operations import dead_letters
from local.stack.control_client import StackError

pytestmark = pytest.mark.usefixtures("aws")
SECRET = "ya29.a-token-of-somebody"


@pytest.fixture
def queues() -> dict[str, str]:
    """A queue, what takes its failures, and what takes failed invocations; by logical id."""
    client, mark = boto3.client("sqs"), uuid.uuid4().hex
    urls = {
        name: client.create_queue(QueueName=f"{name}-{mark}")["QueueUrl"]
        for name in ("WorkFailures", "FailedInvocations")
    }
    arn = client.get_queue_attributes(QueueUrl=urls["WorkFailures"], AttributeNames=["QueueArn"])
    policy = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": 5}
    urls["Work"] = client.create_queue(
        QueueName=f"Work-{mark}", Attributes={"RedrivePolicy": json.dumps(policy)}
    )["QueueUrl"]
    return urls


def found(urls: dict[str, str]) -> dict[str, dead_letters.DeadLetterQueue]:
    return {queue.id: queue for queue in dead_letters.dead_letter_queues(boto3.client("sqs"), urls)}


def send(url: str, body: Any, **more: Any) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody=text, **more)


def test_the_queues_are_found_with_where_their_messages_came_from(queues: dict[str, str]) -> None:
    assert found(queues)["WorkFailures"].source_url == queues["Work"]
    assert found(queues)["FailedInvocations"].source_url is None
    assert set(found(queues)) == {"WorkFailures", "FailedInvocations"}


def test_looking_shows_ids_and_nothing_secret_and_changes_nothing(queues: dict[str, str]) -> None:
    body = {"playlist_migration_id": 7, "user_id": 12, "correlation_id": "c-1", "note": SECRET}
    send(queues["WorkFailures"], body)
    send(queues["WorkFailures"], f"not JSON, but with {SECRET}")
    for look in (1, 2):
        letters = list(dead_letters.dead_letters(boto3.client("sqs"), found(queues)["WorkFailures"], 50))
        told = sorted(letter.body for letter in letters)
        assert told == [
            "<text, 43 characters>",
            '{"playlist_migration_id": 7, "user_id": 12, "correlation_id": "c-1", '
            '"note": "<text, 24 characters>"}',
        ]
        assert {letter.received for letter in letters} == {look}


def test_a_failed_invocation_tells_its_function_and_the_kind_of_error(queues: dict[str, str]) -> None:
    record = {
        "version": "1.0",
        "requestContext": {
            "functionArn": "arn:aws:lambda:x:1:function:Sync",
            "condition": "RetriesExhausted",
        },
        "requestPayload": {"headers": {"authorization": f"Bearer {SECRET}"}},
        "responsePayload": {"errorType": "KeyError", "errorMessage": SECRET, "stackTrace": [SECRET]},
    }
    send(queues["FailedInvocations"], record)
    send(
        queues["FailedInvocations"], "{}",
        MessageAttributes={"ERROR_CODE": {"DataType": "String", "StringValue": "SDK_CLIENT_ERROR"}},
    )  # fmt: skip
    letters = list(dead_letters.dead_letters(boto3.client("sqs"), found(queues)["FailedInvocations"], 50))
    whole = " ".join(letter.body for letter in letters)
    assert SECRET not in whole
    assert "function:Sync" in whole
    assert "KeyError" in whole
    assert {letter.reason for letter in letters} == {"", "SDK_CLIENT_ERROR"}


def test_redriving_sends_every_message_back_with_its_group(queues: dict[str, str]) -> None:
    for number in range(25):
        send(queues["WorkFailures"], {"import_id": number}, MessageGroupId=f"user-{number % 3}")
    client = boto3.client("sqs")

    assert dead_letters.redrive(client, found(queues)["WorkFailures"]) == 25

    assert list(dead_letters.dead_letters(client, found(queues)["WorkFailures"], 50)) == []
    arrived = {}
    while messages := client.receive_message(
        QueueUrl=queues["Work"], MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    ).get("Messages"):
        for message in messages:
            number = json.loads(message["Body"])["import_id"]
            arrived[number] = message["Attributes"].get("MessageGroupId")
    assert arrived == {number: f"user-{number % 3}" for number in range(25)}


def test_invocations_have_no_queue_to_go_back_to(queues: dict[str, str]) -> None:
    send(queues["FailedInvocations"], {})
    with pytest.raises(StackError, match="next one of the timer"):
        dead_letters.redrive(boto3.client("sqs"), found(queues)["FailedInvocations"])

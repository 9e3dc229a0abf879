"""Messages as Lambda gets them, and what an answer says about a batch."""

from typing import Any

import pytest

from local.events.sqs import failed_messages, record
from local.template.model import Queue

QUEUE = Queue(
    id="Q", name="q", url="http://127.0.0.1:1/42/q", arn="arn:aws:sqs:us-east-1:42:q", attributes={}
)


def test_a_message_becomes_a_record() -> None:
    got = record(
        {
            "MessageId": "m",
            "ReceiptHandle": "r",
            "Body": "{}",
            "MD5OfBody": "99914b932bd37a50b983c5e7c90ae93b",
            "Attributes": {"ApproximateReceiveCount": "1"},
            "MessageAttributes": {
                "text": {"DataType": "String", "StringValue": "x"},
                "bytes": {"DataType": "Binary", "BinaryValue": "AA=="},
            },
        },
        QUEUE,
        "us-east-1",
    )
    assert got == {
        "messageId": "m",
        "receiptHandle": "r",
        "body": "{}",
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {
            "text": {
                "stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String",
            },
            "bytes": {
                "binaryValue": "AA==", "stringListValues": [], "binaryListValues": [], "dataType": "Binary",
            },
        },
        "md5OfBody": "99914b932bd37a50b983c5e7c90ae93b",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:42:q",
        "awsRegion": "us-east-1",
    }  # fmt: skip


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": None}, {"batchItemFailures": []}])
def test_no_failures_mean_success(answer: Any) -> None:
    assert failed_messages(answer, ["a", "b"]) == set()


def test_named_messages_failed() -> None:
    assert failed_messages({"batchItemFailures": [{"itemIdentifier": "b"}]}, ["a", "b"]) == {"b"}


@pytest.mark.parametrize(
    "answer",
    [
        "fine",
        {"failures": []},
        {"batchItemFailures": "b"},
        {"batchItemFailures": ["b"]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"id": "b"}]},
        {"batchItemFailures": [{"itemIdentifier": "stranger"}, {"itemIdentifier": "b"}]},
    ],
)
def test_an_answer_without_sense_fails_the_whole_batch(answer: Any) -> None:
    assert failed_messages(answer, ["a", "b"]) == {"a", "b"}

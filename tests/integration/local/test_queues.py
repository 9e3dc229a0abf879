"""Queues as event sources: batches, partial failures, redrive."""

import json
import uuid
from typing import Any

from local.stack.stack import Stack
from local.stack.wait import wait_until

LIMIT = 20.0


def notes(stack: Stack, name: str) -> dict[int, dict[str, Any]]:
    """What the worker noted about a message, by receive count."""
    s3, bucket = stack.aws.s3(), stack.template.buckets["SampleBucket"].name
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{name}/").get("Contents", [])
    keys = [item["Key"] for item in found]
    return {
        int(key.rpartition("/")[2]): json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        for key in keys
    }


def seen(stack: Stack, name: str, times: int = 1) -> dict[int, dict[str, Any]]:
    return wait_until(
        lambda: got if len(got := notes(stack, name)) >= times else None,
        seconds=LIMIT,
        what=f"{name} to be worked on",
    )


def make_visible(stack: Stack, note: dict[str, Any]) -> None:
    """Let a failed message's visibility time-out be over now."""
    stack.aws.sqs.change_message_visibility(
        QueueUrl=stack.queue_url("WorkQueue"),
        ReceiptHandle=note["record"]["receiptHandle"],
        VisibilityTimeout=0,
    )


def ends_as_dead_letter(stack: Stack, name: str) -> None:
    """Follow a message that fails every time: maxReceiveCount is 2."""
    for times in (1, 2):
        make_visible(stack, seen(stack, name, times)[times])
    wait_until(lambda: name in dead_letters(stack), seconds=LIMIT, what="the dead letter")
    assert sorted(notes(stack, name)) == [1, 2]


def settled(stack: Stack) -> None:
    wait_until(lambda: stack.queue_depth("WorkQueue").total == 0, seconds=LIMIT, what="an empty queue")


def dead_letters(stack: Stack) -> list[str]:
    answer = stack.aws.sqs.receive_message(
        QueueUrl=stack.queue_url("WorkDeadLetterQueue"), MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return [json.loads(message["Body"])["name"] for message in answer.get("Messages", [])]


def fresh(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:8]}"


def test_a_message_reaches_the_function_as_on_aws_and_is_removed(stack: Stack) -> None:
    name = fresh("plain")
    sent = stack.aws.sqs.send_message(
        QueueUrl=stack.queue_url("WorkQueue"),
        MessageBody=json.dumps({"name": name}),
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "test"}},
        MessageGroupId="user-12",
    )
    record = seen(stack, name)[1]["record"]
    assert record["messageId"] == sent["MessageId"]
    assert record["md5OfBody"] == sent["MD5OfMessageBody"]
    assert json.loads(record["body"]) == {"name": name}
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == stack.template.queues["WorkQueue"].arn
    assert record["awsRegion"] == "us-east-1"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["attributes"]["MessageGroupId"] == "user-12"
    assert int(record["attributes"]["SentTimestamp"]) > 0
    assert record["messageAttributes"]["kind"]["stringValue"] == "test"
    settled(stack)
    assert list(notes(stack, name)) == [1]


def test_only_the_failed_messages_of_a_batch_come_back_and_end_in_the_dead_letter_queue(stack: Stack) -> None:
    good, bad = [fresh("good") for _ in range(3)], fresh("bad")
    entries = [
        {"Id": str(index), "MessageBody": json.dumps({"name": name, "fail": name == bad})}
        for index, name in enumerate([*good, bad])
    ]
    stack.aws.sqs.send_message_batch(QueueUrl=stack.queue_url("WorkQueue"), Entries=entries)  # type: ignore[arg-type]
    ends_as_dead_letter(stack, bad)
    settled(stack)
    for name in good:
        assert list(notes(stack, name)) == [1]


def test_a_function_that_raises_fails_its_whole_batch(stack: Stack) -> None:
    name = fresh("raise")
    stack.send("WorkQueue", {"name": name, "raise": True})
    ends_as_dead_letter(stack, name)


def test_a_delayed_message_arrives_later(stack: Stack) -> None:
    settled(stack)
    name = fresh("later")
    stack.send("WorkQueue", {"name": name}, delay=2)
    assert stack.queue_depth("WorkQueue").delayed == 1
    note = seen(stack, name)[1]
    times = note["record"]["attributes"]
    assert int(times["ApproximateFirstReceiveTimestamp"]) - int(times["SentTimestamp"]) >= 1900


def test_no_more_batches_run_at_once_than_the_source_allows(stack: Stack) -> None:
    names = [fresh("slow") for _ in range(4)]
    for name in names:  # one by one: each is a batch of its own while there is room
        stack.send("WorkQueue", {"name": name, "seconds": 0.3})
    for name in names:
        seen(stack, name)
    workers = stack.control.instances()["WorkerFunction"]
    assert len(workers["instances"]) <= 2, "MaximumConcurrency is 2"


def test_a_queue_can_be_emptied(stack: Stack) -> None:
    stack.send("WorkDeadLetterQueue", {"name": "left over"})
    assert stack.queue_depth("WorkDeadLetterQueue").visible >= 1
    stack.purge("WorkDeadLetterQueue")
    assert stack.queue_depth("WorkDeadLetterQueue").total == 0

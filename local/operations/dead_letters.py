"""Show what is in the dead-letter queues, without secrets, and send it again.

    python -m local dead-letters                       of the running local stack
    python -m local dead-letters --stack musicconnect  of a deployment (the environment's credentials)
    python -m local dead-letters --redrive MigrationsFailures

A message says which row to work on, so ids are shown and are all that is of use. Whatever else is text is
shown by its length: nobody has to wonder what might be in it.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3

from local.stack.aws import Aws
from local.stack.control_client import STATE_FILE, Control, StackError
from local.template.loader import load_local
from local.template.model import Deployment

FAILED_INVOCATIONS = "FailedInvocations"
"""Takes what timers and deployments invoked in vain. It belongs to no queue."""
HIDDEN_SECONDS = 30
"""A message that is being shown is hidden from others for as long, and given back at the end."""
VISIBLE_TEXTS = {
    "correlation_id", "condition", "functionArn", "functionError", "errorType", "requestId", "detail-type",
    "source", "timestamp", "time", "tasks",
}  # fmt: skip
"""Texts of these names are our own words, or AWS's."""


@dataclass(frozen=True, slots=True)
class DeadLetterQueue:
    """A dead-letter queue."""

    id: str
    """Logical id."""
    url: str
    source_url: str | None
    """Of the queue whose messages it takes; None: of none."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message, as it may be shown."""

    sent_at: datetime
    received: int
    """How often, this look included."""
    body: str
    reason: str


def run(arguments: argparse.Namespace) -> int:
    """``python -m local dead-letters``."""
    client, queues = _deployed(arguments.stack) if arguments.stack else _local(arguments)
    if arguments.redrive is None:
        for queue in queues:
            _show(queue, list(dead_letters(client, queue, arguments.most)))
        return 0
    chosen = [queue for queue in queues if queue.id == arguments.redrive]
    if not chosen:
        raise StackError(f"no such queue; there are: {', '.join(queue.id for queue in queues)}")
    print(f"{redrive(client, chosen[0])} messages sent again from {chosen[0].id}")
    return 0


def dead_letters(client: Any, queue: DeadLetterQueue, limit: int) -> Iterator[DeadLetter]:
    """Read messages, at most so many, and release them."""
    held: list[str] = []
    try:
        for message in _received(client, queue.url, limit):
            held.append(message["ReceiptHandle"])
            attributes = message["Attributes"]
            code = message.get("MessageAttributes", {}).get("ERROR_CODE", {}).get("StringValue", "")
            yield DeadLetter(
                sent_at=datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC),
                received=int(attributes["ApproximateReceiveCount"]),
                body=redacted(message["Body"]),
                reason=code,
            )
    finally:
        for handle in held:
            client.change_message_visibility(QueueUrl=queue.url, ReceiptHandle=handle, VisibilityTimeout=0)


def redrive(client: Any, queue: DeadLetterQueue) -> int:
    """Send every message to the queue it came from; gives how many.

    Each is deleted once it has been sent: cut off in between, it is there twice, which does no harm.
    """
    if queue.source_url is None:
        raise StackError(
            f"{queue.id} holds invocations, not messages: the next one of the timer does what they did not"
        )
    count = 0
    for message in _received(client, queue.url, None):
        group = message["Attributes"].get("MessageGroupId")
        more = {"MessageGroupId": group} if group else {}
        client.send_message(QueueUrl=queue.source_url, MessageBody=message["Body"], **more)
        client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
        count += 1
    return count


def redacted(body: str) -> str:
    """Give a message's body with what may be shown of it."""
    try:
        value = json.loads(body)
    except ValueError:
        return _hidden(body)
    return json.dumps(_shown(value, ""), separators=(", ", ": "), ensure_ascii=False)


def _shown(value: Any, name: str) -> Any:
    match value:
        case dict():
            # Names are the shape of our own messages; those of an HTTP event's headers would not be.
            return {key: _shown(part, key) for key, part in value.items()}
        case list():
            return [_shown(part, name) for part in value[:10]]
        case str() if name not in VISIBLE_TEXTS:
            return _hidden(value)
        case _:
            return value


def _hidden(text: str) -> str:
    return f"<text, {len(text)} characters>"


def _received(client: Any, url: str, limit: int | None) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    while limit is None or len(seen) < limit:
        answer = client.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10 if limit is None else min(10, limit - len(seen)),
            VisibilityTimeout=HIDDEN_SECONDS,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        fresh = [message for message in answer.get("Messages", []) if message["MessageId"] not in seen]
        if not fresh:
            return
        for message in fresh:
            seen.add(message["MessageId"])
            yield message


def _show(queue: DeadLetterQueue, found: list[DeadLetter]) -> None:
    print(f"{queue.id}: {len(found) or 'nothing'}")
    for message in found:
        reason = f"  {message.reason}" if message.reason else ""
        print(f"  {message.sent_at:%Y-%m-%d %H:%M:%S}  seen {message.received} times{reason}  {message.body}")


def _local(arguments: argparse.Namespace) -> tuple[Any, list[DeadLetterQueue]]:
    if Control.of_running(arguments.state) is None:
        raise StackError("no stack is running: start one with make up, or name a deployed one with --stack")
    url = json.loads((arguments.state / STATE_FILE).read_text())["aws_url"]
    queues = load_local(arguments.template, url).queues
    client = Aws(url, Deployment().region).sqs
    return client, dead_letter_queues(client, {queue.id: queue.url for queue in queues.values()})


def _deployed(stack: str) -> tuple[Any, list[DeadLetterQueue]]:
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    urls = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::SQS::Queue"
    }
    client = boto3.client("sqs")
    return client, dead_letter_queues(client, urls)


def dead_letter_queues(client: Any, urls: Mapping[str, str]) -> list[DeadLetterQueue]:
    """Choose, of queues by logical id, those that take what others, or timers, failed at."""
    ids, sources = {}, {}
    for name, url in urls.items():
        wanted = ["QueueArn", "RedrivePolicy"]
        attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
        ids[attributes["QueueArn"]] = name
        if policy := attributes.get("RedrivePolicy"):
            sources[json.loads(policy)["deadLetterTargetArn"]] = url
    return [
        DeadLetterQueue(name, urls[name], sources.get(arn))
        for arn, name in sorted(ids.items(), key=lambda one: one[1])
        if arn in sources or name == FAILED_INVOCATIONS
    ]

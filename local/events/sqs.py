"""SQS for the event sources: a client on asyncio, and messages as Lambda gets them.

The stand-in for AWS is asked in the JSON protocol over plain connections; boto3 would need a thread for every
queue that is polled.
"""

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from local.template.model import Queue

LONG_POLL = 20
"""Seconds that a call waits for a message: the most that SQS allows."""


class SqsError(Exception):
    """SQS refused a call or is away."""


class Sqs:
    """The calls that an event source makes."""

    def __init__(self, url: str, region: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._host, self._port = parts.hostname, parts.port
        # The stand-in reads region and service from here and checks no signature.
        self._authorization = (
            f"AWS4-HMAC-SHA256 Credential=local/20250101/{region}/sqs/aws4_request, "
            "SignedHeaders=host, Signature=local"
        )

    async def receive(self, queue: Queue, *, most: int, wait: int) -> list[dict[str, Any]]:
        """Up to ``most`` (10 at the most) messages, waiting up to ``wait`` seconds for the first."""
        answer = await self._call(
            "ReceiveMessage",
            {
                "QueueUrl": queue.url,
                "MaxNumberOfMessages": most,
                "WaitTimeSeconds": wait,
                "AttributeNames": ["All"],
                "MessageAttributeNames": ["All"],
            },
            seconds=wait + 10.0,
        )
        messages: list[dict[str, Any]] = answer.get("Messages") or []
        return messages

    async def delete(self, queue: Queue, messages: Sequence[dict[str, Any]]) -> None:
        """Remove messages that have been dealt with."""
        for start in range(0, len(messages), 10):
            entries = [
                {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                for index, message in enumerate(messages[start : start + 10])
            ]
            await self._call("DeleteMessageBatch", {"QueueUrl": queue.url, "Entries": entries}, seconds=10.0)

    async def _call(self, action: str, body: dict[str, Any], *, seconds: float) -> dict[str, Any]:
        content = json.dumps(body).encode()
        head = (
            f"POST / HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nConnection: close\r\n"
            f"Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.{action}\r\n"
            f"Authorization: {self._authorization}\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        try:
            async with asyncio.timeout(seconds):
                status, answer = await self._exchange(head.encode() + content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            raise SqsError(f"{action}: {error!r}") from error
        if status != 200:
            raise SqsError(f"{action}: {status} {answer[:300]!r}")
        parsed: dict[str, Any] = json.loads(answer) if answer else {}
        return parsed

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            )
            return int(head.split(b" ", 2)[1]), await reader.readexactly(length)
        except StopIteration as error:
            raise ValueError("an answer without a length") from error
        finally:
            writer.close()


def record(message: dict[str, Any], queue: Queue, region: str) -> dict[str, Any]:
    """A message as it stands in the event that Lambda gets."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": dict(message.get("Attributes") or {}),
        "messageAttributes": {
            name: {
                **({"stringValue": value["StringValue"]} if "StringValue" in value else {}),
                **({"binaryValue": value["BinaryValue"]} if "BinaryValue" in value else {}),
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value["DataType"],
            }
            for name, value in (message.get("MessageAttributes") or {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.arn,
        "awsRegion": region,
    }


def failed_messages(answer: Any, message_ids: Iterable[str]) -> set[str]:
    """Which messages of a batch a function reports as failed (``ReportBatchItemFailures``).

    As on Lambda, no answer and an empty list mean success; an answer that makes no sense (an unknown or empty
    identifier, another key) means that the whole batch failed.
    """
    everything = set(message_ids)
    if answer is None or answer == {}:
        return set()
    if not isinstance(answer, dict) or "batchItemFailures" not in answer:
        return everything
    failures = answer["batchItemFailures"]
    if failures is None:
        return set()
    if not isinstance(failures, list):
        return everything
    failed = {str(item.get("itemIdentifier")) if isinstance(item, dict) else "" for item in failures}
    return failed if failed.issubset(everything) else everything

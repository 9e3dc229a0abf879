"""Mail in tests: what moto's SES has accepted, and what SES would say of it."""

import json
from dataclasses import dataclass
from typing import Any

import boto3

from local.stack.mailbox import SentMail, sent
from tests.support.functions import FunctionRunner

DOMAIN = "music.example.net"
MAIL_FROM = f"no-reply@{DOMAIN}"

FEEDBACK_QUEUE = "mail-feedback"


@dataclass
class Mailbox:
    """The mail of one set of functions."""

    harness: FunctionRunner

    @classmethod
    def of(cls, harness: FunctionRunner) -> "Mailbox":
        """Switch mail on for these functions."""
        boto3.client("sesv2").create_email_identity(EmailIdentity=DOMAIN)
        harness.environment |= {"MAIL_FROM": MAIL_FROM, "MAIL_FEEDBACK_QUEUE_NAME": FEEDBACK_QUEUE}
        return cls(harness)

    def deliver(self) -> None:
        """Let the mail worker work through its queue."""
        self.harness.drain("MAIL_QUEUE_URL", "mail_worker")

    def to(self, address: str) -> list[SentMail]:
        """Everything that was sent to an address, oldest first, after what waits has been sent."""
        self.deliver()
        return [one for one in sent() if one.to == address]

    def report(self, kind: str, mail_id: int | None, **details: Any) -> Any:
        """Say of a message what SES would: ``Send``, ``Bounce``, ``Complaint``."""
        return self.harness.invoke("mail_worker", self.event(kind, mail_id, **details))

    def event(self, kind: str, mail_id: int | None, **details: Any) -> dict[str, Any]:
        """Make the batch in which a report comes."""
        tags = {} if mail_id is None else {"mail": [str(mail_id)]}
        body = {"eventType": kind, "mail": {"messageId": "0100-ses", "tags": tags}, **details}
        record = {
            "messageId": "1", "receiptHandle": "h", "body": json.dumps(body), "attributes": {},
            "messageAttributes": {}, "md5OfBody": "0", "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:us-east-1:0:{FEEDBACK_QUEUE}", "awsRegion": "us-east-1",
        }  # fmt: skip
        return {"Records": [record]}

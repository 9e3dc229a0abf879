"""Secrets and queues, against their simulated services."""

import json
import uuid

import boto3
import pytest
from botocore.exceptions import ClientError

from musicconnect.platform import secrets
from musicconnect.platform.encryption import KeyRing
from musicconnect.platform.logging import start_trace
from musicconnect.platform.work import queue


@pytest.fixture
def arn(aws: str) -> str:
    secrets._cache.clear()
    client = boto3.client("secretsmanager")
    return client.create_secret(Name=str(uuid.uuid4()), SecretString='{"current": "k1", "k1": "x"}')["ARN"]


def change(arn: str, value: dict[str, str]) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=json.dumps(value))


class TestSecrets:
    def test_are_kept_for_a_while(self, arn: str, monkeypatch: pytest.MonkeyPatch) -> None:
        before = secrets.get(arn)
        change(arn, {"current": "k2", "k2": "y"})

        assert secrets.get(arn) == before
        monkeypatch.setattr(secrets, "CACHE_TTL_S", 0.0)
        assert secrets.get(arn) == {"current": "k2", "k2": "y"}

    def test_are_asked_for_again_on_demand(self, arn: str) -> None:
        secrets.get(arn)
        change(arn, {"new": "value"})

        assert secrets.get(arn, fresh=True) == {"new": "value"}
        assert secrets.get(arn) == {"new": "value"}

    def test_that_do_not_exist_are_an_error(self, aws: str) -> None:
        with pytest.raises(ClientError, match="ResourceNotFound"):
            secrets.get("no-such-secret")

    def test_hold_the_ring_of_token_keys(self, arn: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TOKEN_KEYS_SECRET_ARN", arn)
        ring = KeyRing.from_environment()

        assert ring.decrypt(ring.encrypt("token", owner="account:1"), owner="account:1") == "token"
        assert ring.current == "k1"


class TestQueues:
    @pytest.fixture
    def queue_url(self, aws: str) -> str:
        queue._client.cache_clear()
        return boto3.client("sqs").create_queue(QueueName=str(uuid.uuid4()))["QueueUrl"]

    def test_carry_json_and_whose_work_it_is(self, queue_url: str) -> None:
        body = {"playlist_migration_id": 1, "name": "Ω"}
        start_trace("request-7")
        queue.enqueue(queue_url, body, group="user-7")

        [message] = boto3.client("sqs").receive_message(
            QueueUrl=queue_url, MessageSystemAttributeNames=["MessageGroupId"]
        )["Messages"]
        assert json.loads(message["Body"]) == {**body, "correlation_id": "request-7"}
        assert message["Attributes"]["MessageGroupId"] == "user-7"

    @pytest.mark.parametrize("delay", [1, 900, 86_400])
    def test_hold_delayed_messages_back(self, queue_url: str, delay: float) -> None:
        queue.enqueue(queue_url, {}, group="g", delay=delay)

        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
        found = boto3.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)  # type: ignore[arg-type]
        assert found["Attributes"] == {
            "ApproximateNumberOfMessages": "0",
            "ApproximateNumberOfMessagesDelayed": "1",
        }

    def test_a_delay_in_the_past_is_none(self, queue_url: str) -> None:
        queue.enqueue(queue_url, {}, group="g", delay=-5)

        assert len(boto3.client("sqs").receive_message(QueueUrl=queue_url)["Messages"]) == 1

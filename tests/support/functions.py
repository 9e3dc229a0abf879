"""Runs functions in this process, with their template environment, against real Postgres, SQS and simulators.

Quicker than the whole stack and visible to a debugger; what the processes in between do (gateway, runtime,
queues) is the matter of ``tests/e2e``.
"""

import importlib
import json
import os
import re
import secrets
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import boto3

from musicconnect.platform import tokens
from tests.support import description
from tests.support.lambda_context import Context
from tests.support.postgres import sql, url_for

SERVICE_ROLES = {
    "core_authorizer": "mc_authorizer",
    "core_api": "mc_core",
    "providers_api": "mc_providers",
    "providers_playlists_api": "mc_providers",
    "providers_public_api": "mc_public",
    "providers_sync_worker": "mc_providers",
    "search_api": "mc_search",
    "migrations_api": "mc_migrations",
    "migrations_worker": "mc_migrations",
    "migrations_dispatcher": "mc_dispatch",
    "migrations_import_worker": "mc_migrations",
    "sync_api": "mc_migrations",
    "sync_worker": "mc_migrations",
    "trends_plays_api": "mc_user_trends",
    "trends_scrobbling_api": "mc_user_trends",
    "trends_import_worker": "mc_user_trends",
    "trends_poll_worker": "mc_play_poll",
    "trends_api": "mc_trends",
    "trends_rollup": "mc_rollup",
    "maintenance": "mc_maintenance",
    "exports_api": "mc_exports",
    "exports_worker": "mc_exports",
    "notices_api": "mc_notices",
    "operators": "mc_operator",
    "notices_dispatcher": "mc_notices",
    "notices_webhook_worker": "mc_notices",
    "mail_worker": "mc_core",
}
API_FUNCTIONS = (
    "core_api", "providers_api", "providers_playlists_api", "search_api", "migrations_api", "sync_api",
    "trends_plays_api", "trends_scrobbling_api", "trends_api", "exports_api", "notices_api",
)  # fmt: skip
SOURCE_IP = "203.0.113.7"  # TEST-NET-3


@dataclass
class Answer:
    """What the API answered."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.text)

    @property
    def problem(self) -> Any:
        """The parsed problem, without what is of this one request."""
        return {name: value for name, value in self.json.items() if name != "request_id"}


@dataclass
class Person:
    """A signed-up person and how to act as them."""

    harness: "FunctionRunner"
    id: int
    email: str
    password: str
    token: str

    def call(self, method: str, target: str, body: Any = None, **options: Any) -> Answer:
        """Call the API as this person."""
        return self.harness.call(method, target, body, token=self.token, **options)


@dataclass
class FunctionRunner:
    """The functions, wired to one database, one pair of simulators and one set of queues."""

    database_url: str
    """The owner's."""
    environment: dict[str, str]
    queues: dict[str, str] = field(default_factory=dict)
    """Queue URL by the name of the environment variable that holds it."""
    public_url: str = "http://127.0.0.1:9"

    @contextmanager
    def environment_of(self, capability: str) -> Iterator[None]:
        """The process environment as the function sees it."""
        values = {
            **self.environment,
            **self.queues,
            "DATABASE_URL": url_for(self.database_url, role=SERVICE_ROLES[capability]),
            "PUBLIC_URL": self.public_url,
            "POWERTOOLS_SERVICE_NAME": capability,
        }
        before = {name: os.environ.get(name) for name in values}
        os.environ.update(values)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    def invoke(self, capability: str, event: Any, *, remaining_ms: int = 30_000) -> Any:
        """Run one function on one event."""
        with self.environment_of(capability):
            module = importlib.import_module(f"{capability}.app")
            return module.handler(event, Context(remaining_ms))

    def call(
        self,
        method: str,
        target: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        raw: str | None = None,
        is_base64: bool = False,
        source_ip: str = SOURCE_IP,
        cookies: Sequence[str] = (),
    ) -> Answer:
        """One HTTP request through authorizer and function.

        Args:
            method: HTTP method.
            target: Path and query string.
            body: JSON-serialisable body.
            token: Bearer token.
            headers: Further headers.
            raw: The body as it is, instead of ``body``.
            is_base64: Whether ``raw`` is what the gateway makes of a body that is no text.
            source_ip: Where it comes from.
            cookies: ``name=value`` each.
        """
        path, query = urlsplit(target).path, urlsplit(target).query
        capability, route_key, public, parameters = self._route(method, path)
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": route_key,
            "rawPath": path,
            "rawQueryString": query,
            "headers": {"content-type": "application/json", "user-agent": "tests", **sent},
            "requestContext": {
                "http": {
                    "method": method, "path": path, "protocol": "HTTP/1.1",
                    "sourceIp": source_ip, "userAgent": "tests",
                },
                "domainName": "127.0.0.1", "requestId": str(uuid.uuid4()), "routeKey": route_key,
                "stage": "$default", "timeEpoch": 0,
            },
            "isBase64Encoded": is_base64,
        }  # fmt: skip
        if cookies:
            event["cookies"] = list(cookies)
        if query:
            event["queryStringParameters"] = dict(parse_qsl(query, keep_blank_values=True))
        if parameters:
            event["pathParameters"] = parameters
        if raw is not None or body is not None:
            event["body"] = raw if raw is not None else json.dumps(body)
        if not public:
            verdict = self.invoke(
                "core_authorizer", {**event, "type": "REQUEST", "identitySource": [route_key]}
            )
            if not verdict["isAuthorized"]:
                return Answer(403, {}, '{"message":"Forbidden"}')
            event["requestContext"]["authorizer"] = {"lambda": verdict["context"]}
        answer = self.invoke(capability, event)
        answer_headers = {name.lower(): value for name, value in answer.get("headers", {}).items()}
        if route_key != "$default":
            description.check(route_key, path, answer["statusCode"], answer_headers, answer.get("body", ""))
        return Answer(answer["statusCode"], answer_headers, answer.get("body", ""))

    def _route(self, method: str, path: str) -> tuple[str, str, bool, dict[str, str]]:
        candidates = []
        for capability in API_FUNCTIONS:
            with self.environment_of(capability):
                api = importlib.import_module(f"{capability}.app").api
            for route in api.routes:
                pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path)
                match = re.fullmatch(pattern, path)
                if match and route.method == method:
                    parameters = {name: unquote(value) for name, value in match.groupdict().items()}
                    candidates.append((capability, f"{method} {route.path}", route.public, parameters))
        if not candidates:
            return "trends_scrobbling_api", "$default", True, {}
        return min(candidates, key=lambda candidate: len(candidate[3]))

    def sign_up(self, **fields: Any) -> Person:
        """A new person with a session."""
        email = fields.pop("email", f"{secrets.token_hex(6)}@example.org")
        password = fields.pop("password", "correct horse battery staple")
        answer = self.call("POST", "/v1/auth/signup", {"email": email, "password": password, **fields})
        assert answer.status == 201, answer.text
        return Person(self, answer.json["user"]["id"], email, password, answer.json["token"])

    def messages(self, variable: str, most: int = 10) -> list[dict[str, Any]]:
        """Receive messages as an SQS event source would: records of a Lambda event."""
        queue_url = self.queues[variable]
        answer = _sqs().receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=most, MessageSystemAttributeNames=["All"]
        )
        return [
            {
                "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"], "attributes": message.get("Attributes", {}), "messageAttributes": {},
                "md5OfBody": message["MD5OfBody"], "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{queue_url.rsplit('/', 1)[1]}",
                "awsRegion": "us-east-1",
            }
            for message in answer.get("Messages", [])
        ]  # fmt: skip

    def drain(self, variable: str, capability: str, *, most: int = 1000) -> int:
        """Work through a queue until nothing is visible; gives the number of messages handled.

        Delayed messages are not waited for: the dispatcher finds what is due.
        """
        client, handled = _sqs(), 0
        while handled < most and (records := self.messages(variable)):
            answer = self.invoke(capability, {"Records": records}) or {}
            failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
            for record in records:
                if record["messageId"] not in failed:
                    client.delete_message(
                        QueueUrl=self.queues[variable], ReceiptHandle=record["receiptHandle"]
                    )
            handled += len(records)
        return handled


def new_person(harness: FunctionRunner) -> Person:
    """Somebody who is signed in for ten years, without the half second that hashing a password takes."""
    token, email = tokens.new_token(), f"{tokens.new_token()}@example.org"
    ((user_id,),) = sql(
        harness.database_url,
        """
        WITH made AS (
            INSERT INTO core.users (email, password_hash, display_name) VALUES (%s, 'none', 'Ada')
            RETURNING id)
        INSERT INTO core.user_sessions (user_id, session_token, expires_at)
        SELECT id, %s, now() + interval '10 years' FROM made RETURNING user_id""",
        email,
        tokens.token_hash(token),
    )
    assert isinstance(user_id, int)
    return Person(harness, user_id, email, "none", token)


@cache
def _sqs() -> Any:
    # Making a client takes longer than most of what is asked of it.
    return boto3.client("sqs")

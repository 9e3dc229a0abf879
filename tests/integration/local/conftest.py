"""One running stack of the sample template for most tests."""

import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.stack.stack import Options, Stack
from tests.support import SAMPLE


@dataclass(frozen=True)
class Answer:
    """What the gateway answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name), None)


type Call = Callable[..., Answer]


@pytest.fixture(scope="session")
def sample() -> Path:
    return SAMPLE


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template without functions or database: quick to start."""
    template = tmp_path_factory.mktemp("small") / "template.yaml"
    secret = "{Type: AWS::SecretsManager::Secret, Properties: {GenerateSecretString: {}}}"
    template.write_text(f"Resources: {{SampleSecret: {secret}}}")
    return template


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with Stack(Options(template=SAMPLE, quiet=True, parameters={"Greeting": "moin"})) as running:
        yield running


@pytest.fixture
def call(stack: Stack) -> Call:
    """Send a request through the gateway, over a connection of its own."""

    def send(
        method: str, target: str, body: bytes | str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        parts = urlsplit(stack.api_url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            connection.request(method, target, body, dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    return send

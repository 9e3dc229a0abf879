"""A stand-in for the AWS services that the functions call."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto.server import ThreadedMotoServer

from musicconnect.core.mail import ses
from musicconnect.platform import secrets
from musicconnect.platform.work import queue


@contextmanager
def simulated_aws() -> Iterator[str]:
    """Run SQS, S3, SES, Secrets Manager and CloudFormation, and point boto3 at them; yields their address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        _forget_clients()
        yield environment["AWS_ENDPOINT_URL"]
    _forget_clients()
    server.stop()


def _forget_clients() -> None:
    """Those of another address, which a function keeps for good."""
    secrets._client.cache_clear()
    queue._client.cache_clear()
    ses._client.cache_clear()

"""Read secrets from AWS Secrets Manager; copies last a few minutes per execution environment."""

import json
import time
from typing import Any

CACHE_TTL_S = 300.0
"""A rotated secret is seen after at most this long."""

_cache: dict[str, tuple[float, dict[str, str]]] = {}


def get(arn: str, *, fresh: bool = False) -> dict[str, str]:
    """Get the JSON object stored under ``arn``.

    Args:
        arn: ARN or name of the secret.
        fresh: Ask again even if a copy is at hand, after the copy has been refused.
    """
    cached = _cache.get(arn)
    if cached and not fresh and time.monotonic() - cached[0] < CACHE_TTL_S:
        return cached[1]
    value: dict[str, str] = json.loads(_client().get_secret_value(SecretId=arn)["SecretString"])
    _cache[arn] = (time.monotonic(), value)
    return value


def previous(arn: str) -> dict[str, str] | None:
    """Get what the secret was before it was last changed; None if it never was.

    While a password is being changed, the secret may be ahead of the database.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415 - boto3 has imported it already

    try:
        answer = _client().get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    value: dict[str, str] = json.loads(answer["SecretString"])
    return value


def _client() -> Any:
    import boto3  # noqa: PLC0415 - a third of a second; only the first request of an environment pays it

    return boto3.client("secretsmanager")

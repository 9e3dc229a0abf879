"""Read secrets from AWS Secrets Manager; copies last a few minutes per execution environment.

While Secrets Manager is away a copy is used for as long as that lasts. Whoever is refused with it asks for a
fresh one, and is then told that there is none to be had.
"""

import json
import time
from functools import cache
from typing import Any

from musicconnect.platform import metrics, problems
from musicconnect.platform.logging import logger

CACHE_TTL_S = 300.0
"""A rotated secret is seen after at most this long."""
RETRY_S = 30.0
"""For which a copy is used without asking, after Secrets Manager did not answer."""
CONNECT_TIMEOUT_S = 1
READ_TIMEOUT_S = 2
ATTEMPTS = 2
"""Six seconds and a backoff at most: the HTTP API gives its authorizer ten."""

_cache: dict[str, tuple[float, dict[str, str]]] = {}
_retry_at: dict[str, float] = {}


class SecretsUnavailableError(problems.ReportableError):
    """Secrets Manager does not answer, and there is no copy, or one that was refused."""

    def problem(self) -> problems.Problem:
        """Make a 503."""
        return problems.Problem(
            503,
            "secrets-unavailable",
            "Temporarily unavailable",
            "Credentials that this needs cannot be read at the moment. Try again shortly.",
            retry_after=RETRY_S,
        )


def get(arn: str, *, fresh: bool = False) -> dict[str, str]:
    """Get the JSON object stored under ``arn``.

    Args:
        arn: ARN or name of the secret.
        fresh: Ask again even if a copy is at hand, after the copy has been refused.

    Raises:
        SecretsUnavailableError: Secrets Manager does not answer, and no copy will do.
        ClientError: botocore's; there is no such secret, or it may not be read.
    """
    now, cached = time.monotonic(), _cache.get(arn)
    if cached and not fresh and (now - cached[0] < CACHE_TTL_S or now < _retry_at.get(arn, 0.0)):
        return cached[1]
    try:
        value = _read(SecretId=arn)
    except SecretsUnavailableError as error:
        metrics.emit(metrics.SECRET_READ_FAILURES)
        if cached is None or fresh:
            raise
        logger.warning("secret not read; its copy is used", reason=str(error), age_s=round(now - cached[0]))
        _retry_at[arn] = time.monotonic() + RETRY_S
        return cached[1]
    _cache[arn] = (time.monotonic(), value)
    return value


def previous(arn: str) -> dict[str, str] | None:
    """Get what the secret was before it was last changed; None if it never was.

    While a password is being changed, the secret may be ahead of the database.

    Raises:
        SecretsUnavailableError: Secrets Manager does not answer.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415 - boto3 has imported it already

    try:
        return _read(SecretId=arn, VersionStage="AWSPREVIOUS")
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise


def _read(**wanted: str) -> dict[str, str]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - `_client` imports it anyway

    try:
        answer = _client().get_secret_value(**wanted)
    except BotoCoreError as error:
        raise SecretsUnavailableError(type(error).__name__) from error
    except ClientError as error:
        code = error.response["Error"]["Code"]
        # Throttled, or failed on its side; all else is an answer.
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500 or code == "ThrottlingException":
            raise SecretsUnavailableError(code) from error
        raise
    value: dict[str, str] = json.loads(answer["SecretString"])
    return value


@cache
def _client() -> Any:
    import boto3  # noqa: PLC0415 - a third of a second; only the first request of an environment pays it
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client(
        "secretsmanager",
        config=Config(
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=READ_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        ),
    )

"""Send mail by Amazon SES (v2), and tell apart what was not sent from what may have been.

SES has no idempotency token: a call that was cut off may have been carried out. Errors:
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
"""

from functools import cache
from typing import Any, Final

from musicconnect.platform.config import MailSettings

MAIL_TAG: Final = "mail"
"""By which SES' events name the message."""
_LATER: Final = frozenset(
    {"TooManyRequestsException", "LimitExceededException", "SendingPausedException", "Throttling",
     "ThrottlingException"}
)  # fmt: skip
_OURS: Final = frozenset(
    {
        "AccountSuspendedException",
        "MailFromDomainNotVerifiedException",
        "NotFoundException",
        "AccessDeniedException",
    }
)
"""The deployment has to be mended; until then nothing goes out, and nothing is lost."""


class SendError(Exception):
    """A message was not sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RefusedError(SendError):
    """It will never be: the message or its address is refused."""


class PostponedError(SendError):
    """It may be later: too many at once, or SES is away."""


class UnknownOutcomeError(SendError):
    """It may have been sent: the call was cut off."""


def send(settings: MailSettings, *, recipient: str, raw: bytes, mail_id: int) -> str:
    """Send one message; give SES' id of it.

    Raises:
        RefusedError, PostponedError, UnknownOutcomeError: as they say.
    """
    from botocore import exceptions  # noqa: PLC0415 - needed only to send

    call: dict[str, Any] = {
        "FromEmailAddress": settings.sender,
        "Destination": {"ToAddresses": [recipient]},
        "Content": {"Raw": {"Data": raw}},
        "EmailTags": [{"Name": MAIL_TAG, "Value": str(mail_id)}],
    }
    if settings.configuration_set:
        call["ConfigurationSetName"] = settings.configuration_set
    try:
        sent_id: str = _client().send_email(**call)["MessageId"]
    except exceptions.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _LATER or code in _OURS or status in {403, 429}:
            raise PostponedError(code) from error
        if status >= 500:
            raise UnknownOutcomeError(code) from error
        raise RefusedError(code) from error
    except (
        exceptions.EndpointConnectionError,
        exceptions.ConnectTimeoutError,
        exceptions.NoCredentialsError,
        exceptions.ProxyConnectionError,
    ) as error:
        raise PostponedError(type(error).__name__) from error
    except exceptions.BotoCoreError as error:
        raise UnknownOutcomeError(type(error).__name__) from error
    return sent_id


@cache
def _client() -> Any:
    import boto3  # noqa: PLC0415 - only the worker sends
    from botocore.config import Config  # noqa: PLC0415

    # Not tried again by itself: what was cut off may have been sent.
    return boto3.client(
        "sesv2", config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
    )

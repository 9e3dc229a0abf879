"""Share one logger, and the id by which the lines of one cause are found."""

from typing import TextIO, cast
from uuid import uuid4

from aws_lambda_powertools import Logger

from musicconnect.platform.config import service_name

logger = Logger(service=service_name(), log_uncaught_exceptions=False, utc=True)


def start_trace(correlation_id: str | None = None) -> str:
    """Begin a piece of work: from here on lines and messages carry its id.

    An environment serves one cause after another, so whatever is invoked calls this first: without it the
    lines of a timer would carry the id of whatever was served before.

    Args:
        correlation_id: Of the request or message that caused it; None or empty for one that is its own cause.

    Returns:
        The id.
    """
    begun = correlation_id or str(uuid4())
    logger.set_correlation_id(begun)
    return begun


def correlation_id() -> str:
    """Get the id of the work at hand; a new one where nothing has begun."""
    return logger.get_correlation_id() or start_trace()


def log_stream() -> TextIO:
    """Get the stream of the lines: standard output, which Lambda takes to CloudWatch."""
    return cast("TextIO", logger.registered_handler.stream)  # type: ignore[attr-defined]

"""Measure in CloudWatch's Embedded Metric Format: a log line that CloudWatch counts as it reads it.

Nothing is called and nothing can fail; a line costs what a line costs. docs/operations.md lists the same
metrics with what reads them, and a test compares. A dimension costs a metric of its own per value, so none of
them names a person or a row. Powertools' metrics would add the service to the dimensions of every metric, so
that what several functions count could be watched for each of them only.

Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from musicconnect.platform.config import service_name
from musicconnect.platform.logging import log_stream, logger

NAMESPACE: Final = "MusicConnect"

type Unit = Literal["Count", "Seconds", "Percent"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. Its dimensions are ``stage`` and those named here."""

    name: str
    unit: Unit
    dimensions: tuple[str, ...] = ()


UNEXPECTED_ERRORS: Final = Metric("UnexpectedErrors", "Count", ("service", "version"))
"""An answer with a 500: an exception that nobody foresaw. By version: a new one is judged by its own."""
DATABASE_CONNECTION_FAILURES: Final = Metric("DatabaseConnectionFailures", "Count")
"""A connection that could not be opened: the server is away, is full, or refuses."""
SECRET_READ_FAILURES: Final = Metric("SecretReadFailures", "Count")
"""Secrets Manager did not answer, whether or not a copy did instead."""
TOKEN_REFRESHES: Final = Metric("TokenRefreshes", "Count", ("provider",))
"""A provider gave a new access token."""
CONSENTS_ENDED: Final = Metric("ConsentsEnded", "Count", ("provider",))
"""A provider refused to (``invalid_grant``): the person has to link the account again."""
WORK_OVERDUE: Final = Metric("WorkOverdue", "Seconds", ("work",))
"""How long ago the oldest piece of work that nobody has in hand was due. Every run of a dispatcher, 0 too."""
QUOTA_USED: Final = Metric("QuotaUsed", "Percent", ("provider", "bucket"))
"""Of an allowance: what the ledger says is spent; 100 while the provider says that nothing is left."""

MAINTENANCE_DONE: Final = Metric("MaintenanceDone", "Count", ("task",))
"""Rows, accounts or files that a task of maintenance dealt with; nothing where that is none."""
MAINTENANCE_FAILURES: Final = Metric("MaintenanceFailures", "Count")
"""Tasks that failed. Every run, 0 too."""
RETENTION_VIOLATIONS: Final = Metric("RetentionViolations", "Count")
"""What is here for longer than the providers let it be. Every run, 0 too."""
CONSENTS_END_SOON: Final = Metric("ConsentsEndSoon", "Count", ("provider",))
"""Consents that were found to end by themselves within a month; each once."""

MAIL_REFUSED: Final = Metric("MailRefused", "Count")
"""A message that SES will never take: its address, or the deployment's identity, is not to its liking."""
MAIL_POSTPONED: Final = Metric("MailPostponed", "Count")
"""A message that SES does not take now: too many at once, sending is paused, or it is away."""

METRICS: Final = (
    UNEXPECTED_ERRORS,
    DATABASE_CONNECTION_FAILURES,
    SECRET_READ_FAILURES,
    TOKEN_REFRESHES,
    CONSENTS_ENDED,
    WORK_OVERDUE,
    QUOTA_USED,
    MAINTENANCE_DONE,
    MAINTENANCE_FAILURES,
    RETENTION_VIOLATIONS,
    CONSENTS_END_SOON,
    MAIL_REFUSED,
    MAIL_POSTPONED,
)
"""All of them."""


def emit(metric: Metric, value: float = 1, **dimensions: str) -> None:
    """Write one value down.

    Args:
        metric: Which.
        value: In the metric's unit.
        dimensions: Their values. ``stage``, ``service`` and ``version`` are known and not given.

    Raises:
        ValueError: other dimensions than the metric has.
    """
    known = {"service": service_name(), "version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")}
    values = {**{name: known[name] for name in metric.dimensions if name in known}, **dimensions}
    if set(values) != set(metric.dimensions):
        raise ValueError(f"{metric.name} has the dimensions {metric.dimensions}, not {tuple(values)}")
    line = {
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [["stage", *metric.dimensions]],
                    "Metrics": [{"Name": metric.name, "Unit": metric.unit}],
                }
            ],
        },
        # What is no dimension costs nothing and leads from the metric to the other lines.
        "service": service_name(),
        "correlation_id": logger.get_correlation_id() or "",
        "stage": os.environ.get("STAGE") or "local",
        **values,
        metric.name: value,
    }
    print(json.dumps(line, separators=(",", ":")), file=log_stream(), flush=True)


def overdue(due: Iterable[datetime], now: datetime) -> float:
    """Count the seconds since the oldest of these times; 0 where there is none."""
    return max(((now - at).total_seconds() for at in due), default=0.0)

"""Check whether anything is here for longer than it may be."""

from datetime import timedelta
from typing import Final

from musicconnect.maintenance import store
from musicconnect.maintenance.task import TaskContext, TaskResult
from musicconnect.platform import metrics
from musicconnect.platform.logging import logger
from musicconnect.providers import registry

GRACE: Final = timedelta(days=1)
"""Between our own limits and the providers': 29 days and 30."""


def check(context: TaskContext) -> TaskResult:
    """Count what should have gone. It goes into a metric, which an alarm watches, and deletes nothing."""
    total = 0
    for entry in registry.PROVIDERS.values():
        fresh_before = None
        if entry.fresh_days is not None:
            fresh_before = context.at - timedelta(days=entry.fresh_days) - GRACE
        left_before = context.at - timedelta(days=entry.delete_days)
        with context.database.transaction() as connection:
            found = store.retention_violations(
                connection, context.at, entry.name, fresh_before=fresh_before, left_before=left_before
            )
        if found:
            logger.error("retention violated", provider=entry.name, found=found)
        total += sum(found.values())
    metrics.emit(metrics.RETENTION_VIOLATIONS, total)
    return TaskResult()

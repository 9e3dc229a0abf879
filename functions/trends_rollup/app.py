"""Runs every minute: brings the daily aggregates up to date. Once a day: looks after the partitions of plays.

Events beside the schedule's: ``{"maintain": true}`` and ``{"rebuild": {"from": "2026-01-01", "to":
"2026-01-31"}}``. When the time was up before everything was marked, the answer has the event that goes on
from there, as ``left``.
"""

from typing import Any

from musicconnect.platform import clock
from musicconnect.platform import database as platform_database
from musicconnect.platform.logging import logger, start_trace
from musicconnect.trends.rollup import runner
from musicconnect.trends.rollup.config import RollupConfig

RESERVE = 5.0
"""Seconds kept back of the function's time, so that the last batch is not in vain."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work off what is marked; answers what was done."""
    start_trace()
    database, rules, at = platform_database.shared(), RollupConfig.from_environment(), clock.now()

    def seconds_left() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000 - RESERVE

    if event.get("maintain"):
        made, dropped = runner.maintain(database, rules, at.date())
        answer: dict[str, Any] = {"partitions_made": made, "partitions_dropped": dropped}
    else:
        left = None
        if wanted := event.get("rebuild"):
            left = runner.mark(database, runner.Rebuild.parse(wanted), seconds_left=seconds_left)
        report = runner.run(database, rules, at, seconds_left=seconds_left)
        answer = report.as_answer() | ({"left": {"rebuild": left.as_event()}} if left else {})
    logger.info("roll-up", **answer)
    return answer

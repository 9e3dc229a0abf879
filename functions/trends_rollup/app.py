"""Updates the daily aggregates every minute, and the partitions of plays once a day.

Other events: ``{"maintain": true}`` and ``{"rebuild": {"from": "2026-01-01", "to": "2026-01-31"}}``. If the
time is up before all is marked, the answer's ``left`` is the event that continues.
"""

from typing import Any

from musicconnect.platform import clock
from musicconnect.platform import database as platform_database
from musicconnect.platform.logging import logger, start_trace
from musicconnect.trends.rollup import runner
from musicconnect.trends.rollup.config import RollupConfig

SHUTDOWN_MARGIN_S = 5.0
"""Of the function's time, for the last batch to end in."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Recompute what is marked; gives what was done."""
    start_trace()
    database, config, at = platform_database.shared(), RollupConfig.from_environment(), clock.now()

    def seconds_left() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000 - SHUTDOWN_MARGIN_S

    if event.get("maintain"):
        made, dropped = runner.maintain(database, config, at.date())
        answer: dict[str, Any] = {"partitions_made": made, "partitions_dropped": dropped}
    else:
        left = None
        if rebuild := event.get("rebuild"):
            left = runner.mark(database, runner.Rebuild.parse(rebuild), seconds_left=seconds_left)
        result = runner.run(database, config, at, seconds_left=seconds_left)
        answer = result.as_answer() | ({"left": {"rebuild": left.as_event()}} if left else {})
    logger.info("roll-up", **answer)
    return answer

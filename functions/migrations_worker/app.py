"""Works on the migration queue: each message asks for one bounded step of one playlist."""

from typing import Any

from musicconnect.migrations.engine import worker
from musicconnect.platform import config, database


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Advance the playlists that the messages name; answers which messages to deliver again."""
    return worker.work(
        database.shared(),
        event["Records"],
        queue_url=config.require("MIGRATIONS_QUEUE_URL"),
        remaining_seconds=lambda: context.get_remaining_time_in_millis() / 1000,
    )

"""Runs every minute: sends what is due and what was committed but never sent; measures the allowances."""

from typing import Any

from musicconnect import db, settings
from musicconnect.migrations import dispatching
from musicconnect.observability import begin
from musicconnect.providers import quota


def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Ask for a step of every playlist that is due; answers how many there were."""
    begin()
    sent = dispatching.dispatch(db.shared(), queue_url=settings.require("MIGRATION_QUEUE_URL"))
    quota.measure(db.shared())
    return {"sent": sent}

"""Runs every minute: sends what is due and what was committed but never sent; measures the allowances."""

from typing import Any

from musicconnect.migrations.engine import dispatcher
from musicconnect.platform import database
from musicconnect.platform.logging import start_trace
from musicconnect.providers.quota import ledger


def handler(_event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Ask for a step of every playlist that is due; answers how many there were."""
    start_trace()
    sent = dispatcher.dispatch(database.shared())
    ledger.emit_usage(database.shared())
    return {"sent": sent}

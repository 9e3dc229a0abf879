"""Take one step of one playlist for each message of the migrations queue."""

from musicconnect.migrations.engine import step
from musicconnect.migrations.engine.context import StepBudget
from musicconnect.migrations.engine.messages import StepMessage, send
from musicconnect.platform.config import ProviderSettings
from musicconnect.platform.database import Database
from musicconnect.platform.work.deadline import Deadline

SHUTDOWN_MARGIN_S = 5.0
"""Seconds reserved at the end of an invocation for the last commit and the next message."""


def advance(database: Database, message: StepMessage, deadline: Deadline) -> None:
    """Take a step, and ask for the next one where that is due before long."""
    budget = StepBudget.of(budget_s(deadline.remaining_s))
    delay = step.step(database, message.playlist_migration_id, message.user_id, budget)
    if delay is not None:
        send(message, delay=delay)


def budget_s(remaining_s: float) -> float:
    """Give the seconds in which a step may begin calls: a call may take all of its time-out.

    However short the invocation is, half of it is used, so that there is always some progress.
    """
    longest_call = sum(ProviderSettings.from_environment().timeout)
    return max(remaining_s / 2, remaining_s - longest_call - SHUTDOWN_MARGIN_S)

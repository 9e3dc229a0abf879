"""Take one step of one playlist for each message of the migrations queue."""

from musicconnect.migrations.engine import step
from musicconnect.migrations.engine.messages import StepMessage, send
from musicconnect.platform.database import Database
from musicconnect.platform.work.budget import StepBudget, budget_s
from musicconnect.platform.work.deadline import Deadline


def advance(database: Database, message: StepMessage, deadline: Deadline) -> None:
    """Take a step, and ask for the next one where that is due before long."""
    budget = StepBudget.of(budget_s(deadline.remaining_s))
    delay = step.step(database, message.playlist_migration_id, message.user_id, budget)
    if delay is not None:
        send(message, delay=delay)

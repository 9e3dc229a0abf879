"""Reads uploaded histories into plays: a message per import; the timer sends what is due."""

from musicconnect.platform.work.deadline import MAX_HOLD_S
from musicconnect.platform.work.worker import Worker
from musicconnect.trends.imports import worker

handler = Worker(
    worker.ImportMessage,
    worker.advance,
    lambda database, _event, _deadline: {"sent": worker.dispatch(database)},
    max_hold_s=MAX_HOLD_S,
)

"""Makes migrations of uploaded files: a message per import; the timer sends what is due."""

from musicconnect.migrations.imports import worker
from musicconnect.migrations.imports.messages import ImportMessage
from musicconnect.platform.work.worker import Worker

handler = Worker(
    ImportMessage, worker.read, lambda database, _event, _deadline: {"sent": worker.dispatch(database)}
)

"""Builds exports: a message per export; the timer sends what is due and deletes what has expired."""

from musicconnect.exports import worker
from musicconnect.exports.messages import ExportMessage
from musicconnect.platform.work.worker import Worker

handler = Worker(ExportMessage, worker.advance, worker.on_timer)

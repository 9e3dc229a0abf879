"""Keeps pairs of playlists in step, and repairs playlists; the timer sends what is due."""

from musicconnect.platform.work.worker import Worker
from musicconnect.sync import worker
from musicconnect.sync.messages import PairsMessage

handler = Worker(
    PairsMessage, worker.advance, lambda database, _event, _deadline: {"sent": worker.dispatch(database)}
)

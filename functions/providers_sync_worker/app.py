"""Reads playlists into snapshots: a message per account; the timer sends what is due."""

from musicconnect.platform.work.worker import Worker
from musicconnect.providers.playlists import sync_worker

handler = Worker(
    sync_worker.SyncMessage,
    sync_worker.advance,
    lambda database, _event, _deadline: {"sent": sync_worker.dispatch(database)},
)

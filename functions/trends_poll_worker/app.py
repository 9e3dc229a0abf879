"""Polls Spotify for what users played: a message per account; the timer sends what is due."""

from musicconnect.platform.work.message import Message
from musicconnect.platform.work.worker import Worker
from musicconnect.trends.polling import worker

handler = Worker(
    Message,
    lambda database, message, _deadline: worker.poll(database, message.user_id),
    lambda database, _event, _deadline: {"sent": worker.dispatch(database)},
)

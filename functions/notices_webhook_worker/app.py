"""Delivers messages to people's webhooks: a message per delivery."""

from musicconnect.notices.webhooks import worker
from musicconnect.notices.webhooks.messages import DeliveryMessage
from musicconnect.platform.work.worker import Worker

handler = Worker(DeliveryMessage, worker.deliver)

"""Works on the migrations queue: each message asks for one bounded step of one playlist."""

from musicconnect.migrations.engine import worker
from musicconnect.migrations.engine.messages import StepMessage
from musicconnect.platform.work.worker import Worker

handler = Worker(StepMessage, worker.advance)

"""Runs every hour, and again right away when it was not done: expiry, retention, what the terms ask for.

Events beside the schedule's: ``{"tasks": ["key_rotation"]}``, and the same as messages of its own queue.
"""

from musicconnect.maintenance import runner
from musicconnect.platform.work.worker import Worker

RESERVE_MS = 20_000
"""For the step that has just begun. Being cut off does no harm."""

handler = Worker(runner.MaintenanceMessage, runner.on_message, runner.on_timer, reserve_ms=RESERVE_MS)

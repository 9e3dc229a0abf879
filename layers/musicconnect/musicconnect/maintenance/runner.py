"""A run of maintenance: every task in its turn, whatever became of the others."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from musicconnect.maintenance.task import MaintenanceTask, TaskContext, TaskResult
from musicconnect.platform import clock, metrics
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.work import queue


@dataclass(slots=True)
class Report:
    """What a run did."""

    done: dict[str, int] = field(default_factory=dict)
    """By task: what it dealt with."""
    left: list[str] = field(default_factory=list)
    """Tasks that ran out of their bounds."""
    failed: list[str] = field(default_factory=list)

    def as_answer(self) -> dict[str, Any]:
        """As the function answers it: only what was anything."""
        return {
            "done": {name: count for name, count in self.done.items() if count},
            "left": self.left,
            "failed": self.failed,
        }


def select_tasks(names: Collection[str] | None) -> list[MaintenanceTask]:
    """Tasks by name, in their order; all of them for None.

    Raises:
        ValueError: there is no such task.
    """
    from musicconnect.maintenance.tasks import TASKS  # noqa: PLC0415

    if names is None:
        return list(TASKS)
    if unknown := set(names) - {task.name for task in TASKS}:
        raise ValueError(f"No such task: {', '.join(sorted(unknown))}.")
    return [task for task in TASKS if task.name in names]


def run(database: Database, tasks: Sequence[MaintenanceTask], *, seconds_left: Callable[[], float]) -> Report:
    """Run tasks one after the other; each has its share of the time, and what the ones before it left over.

    One that fails is logged and counted, and the others run.
    """
    report = Report()
    for index, task in enumerate(tasks):
        share = seconds_left() / (len(tasks) - index)
        if share <= 0:
            report.left.append(task.name)
            continue
        done = _one(database, task, share)
        if done is None or done.failed:
            report.failed.append(task.name)
        if done is None:
            continue
        report.done[task.name] = done.count
        if done.left:
            report.left.append(task.name)
    metrics.emit(metrics.MAINTENANCE_FAILURES, len(report.failed))
    return report


def reschedule(queue_url: str, report: Report) -> None:
    """Have what was left run again right away."""
    if report.left:
        queue.enqueue(queue_url, {"tasks": report.left}, group="maintenance")


def _one(database: Database, task: MaintenanceTask, share: float) -> TaskResult | None:
    began = time.monotonic()
    try:
        done = task.run(TaskContext(database, clock.now(), lambda: began + share - time.monotonic()))
    except Exception:  # noqa: BLE001 - one task's trouble must not keep the others from what the law asks for
        logger.exception("task failed", task=task.name)
        return None
    logger.info(
        "task done",
        task=task.name,
        count=done.count,
        left=done.left,
        failed=done.failed,
        seconds=round(time.monotonic() - began, 3),
    )
    if done.count:
        metrics.emit(metrics.MAINTENANCE_DONE, done.count, task=task.name)
    return done

"""A run of maintenance: every task in its turn, whatever became of the others."""

import time
from collections.abc import Mapping
from typing import Any, TypedDict

from musicconnect.maintenance.task import MaintenanceTask, TaskContext, TaskResult
from musicconnect.platform import clock, config, metrics
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.work import queue
from musicconnect.platform.work.deadline import Deadline
from musicconnect.platform.work.message import BaseMessage


class MaintenanceMessage(BaseMessage):
    """Names the tasks to run."""

    tasks: list[str]


class Report(TypedDict):
    """What a run did."""

    done: dict[str, int]
    """By task that dealt with anything: with how much."""
    left: list[str]
    """Tasks that ran out of their bounds."""
    failed: list[str]


def on_timer(database: Database, event: Mapping[str, Any], deadline: Deadline) -> dict[str, Any]:
    """Run the tasks that the event names, or all; what is left is run again right away.

    Raises:
        ValueError: there is no such task.
    """
    from musicconnect.maintenance.tasks import TASKS  # noqa: PLC0415

    names = event.get("tasks", list(TASKS))
    if unknown := set(names) - set(TASKS):
        raise ValueError(f"No such task: {', '.join(sorted(unknown))}.")
    report = run(database, {name: task for name, task in TASKS.items() if name in names}, deadline)
    if report["left"]:
        url = config.require("MAINTENANCE_QUEUE_URL")
        queue.enqueue(url, {"tasks": report["left"]}, group="maintenance")
    return {**report}


def on_message(database: Database, message: MaintenanceMessage, deadline: Deadline) -> None:
    """Run the tasks of a message, as `on_timer`."""
    logger.info("maintenance done", **on_timer(database, {"tasks": message.tasks}, deadline))


def run(database: Database, tasks: Mapping[str, MaintenanceTask], deadline: Deadline) -> Report:
    """Run tasks one after the other; each has its share of the time, and what the ones before it left over.

    One that fails is logged and counted, and the others run.
    """
    report = Report(done={}, left=[], failed=[])
    for index, (name, task) in enumerate(tasks.items()):
        share = deadline.share(len(tasks) - index)
        if share.remaining_ms <= 0:
            report["left"].append(name)
            continue
        result = _run_one(database, name, task, share)
        if result.failed:
            report["failed"].append(name)
        if result.count:
            report["done"][name] = result.count
        if result.left:
            report["left"].append(name)
    metrics.emit(metrics.MAINTENANCE_FAILURES, len(report["failed"]))
    return report


def _run_one(database: Database, name: str, task: MaintenanceTask, share: Deadline) -> TaskResult:
    began = time.monotonic()
    try:
        result = task(TaskContext(database, clock.now(), share))
    except Exception:  # noqa: BLE001 - one task's trouble must not keep the others from what the law asks for
        logger.exception("task failed", task=name)
        return TaskResult(failed=1)
    logger.info(
        "task done",
        task=name,
        count=result.count,
        left=result.left,
        failed=result.failed,
        seconds=round(time.monotonic() - began, 3),
    )
    if result.count:
        metrics.emit(metrics.MAINTENANCE_DONE, result.count, task=name)
    return result

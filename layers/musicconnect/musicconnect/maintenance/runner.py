"""A run of maintenance: every duty in its turn, whatever became of the others."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from musicconnect.maintenance.task import Done, Duty, Work
from musicconnect.maintenance.tasks import DUTIES
from musicconnect.platform import clock, metrics
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger
from musicconnect.platform.work import queue


@dataclass(slots=True)
class Report:
    """What a run did."""

    done: dict[str, int] = field(default_factory=dict)
    """By duty: what it dealt with."""
    left: list[str] = field(default_factory=list)
    """Duties that ran out of their bounds."""
    failed: list[str] = field(default_factory=list)

    def as_answer(self) -> dict[str, Any]:
        """As the function answers it: only what was anything."""
        return {
            "done": {name: count for name, count in self.done.items() if count},
            "left": self.left,
            "failed": self.failed,
        }


def named(names: Collection[str] | None) -> list[Duty]:
    """Duties by name, in their order; all of them for None.

    Raises:
        ValueError: there is no such duty.
    """
    if names is None:
        return list(DUTIES)
    if unknown := set(names) - {duty.name for duty in DUTIES}:
        raise ValueError(f"No such duty: {', '.join(sorted(unknown))}.")
    return [duty for duty in DUTIES if duty.name in names]


def run(database: Database, duties: Sequence[Duty], *, seconds_left: Callable[[], float]) -> Report:
    """Run duties one after the other; each has its share of the time, and what the ones before it left over.

    One that fails is logged and counted, and the others run.
    """
    report = Report()
    for index, duty in enumerate(duties):
        share = seconds_left() / (len(duties) - index)
        if share <= 0:
            report.left.append(duty.name)
            continue
        done = _one(database, duty, share)
        if done is None or done.failed:
            report.failed.append(duty.name)
        if done is None:
            continue
        report.done[duty.name] = done.count
        if done.left:
            report.left.append(duty.name)
    metrics.emit(metrics.MAINTENANCE_FAILURES, len(report.failed))
    return report


def again(queue_url: str, report: Report) -> None:
    """Have what was left run again right away."""
    if report.left:
        queue.enqueue(queue_url, {"duties": report.left}, group="maintenance")


def _one(database: Database, duty: Duty, share: float) -> Done | None:
    began = time.monotonic()
    try:
        done = duty.work(Work(database, clock.now(), lambda: began + share - time.monotonic()))
    except Exception:  # noqa: BLE001 - one duty's trouble must not keep the others from what the law asks for
        logger.exception("duty failed", duty=duty.name)
        return None
    logger.info(
        "duty done",
        duty=duty.name,
        count=done.count,
        left=done.left,
        failed=done.failed,
        seconds=round(time.monotonic() - began, 3),
    )
    if done.count:
        metrics.emit(metrics.MAINTENANCE_DONE, done.count, duty=duty.name)
    return done

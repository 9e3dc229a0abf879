"""Let a worker die at one point of its work after the other, and compare what comes of it."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from subprocess import PIPE, Popen
from typing import Any

import boto3

from benchmarks.environment import ROOT
from tests.integration.migrations.scenario import MigrationScenario

MAX_POINTS = 2_000
MAX_FEWER = 8
"""Points by which attempts differ: now and then one has to refresh a token."""
MAX_EARLY_ENDS = 20


class Worker:
    """A process whose children are killed: the worker of ``migrations`` or of ``sync``."""

    def __init__(self, process: Popen[str]) -> None:
        self._process = process
        self.passed = 0
        """Points that the last attempt passed."""

    def attempt(self, at: int) -> bool:
        """Let a worker work until it dies at a point; gives whether it came so far. 0: it does not."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{at}\n")
        stdin.flush()
        while not (line := stdout.readline()).startswith('{"points"'):
            pass
        found = json.loads(line)
        self.passed = int(found["points"])
        return bool(found["killed"])


@contextmanager
def workers(scenario: MigrationScenario, variables: dict[str, str], worker: str) -> Iterator[Worker]:
    """Start a process that forks workers."""
    with scenario.harness.environment_of(f"{worker}_worker"):
        environment = {**os.environ, **variables, "PYTHONPATH": "layers/musicconnect:functions:."}
        process = Popen(
            [sys.executable, "-m", "benchmarks.workers.crash_recovery", worker],
            stdin=PIPE, stdout=PIPE, env=environment, cwd=ROOT, text=True,
        )  # fmt: skip
    try:
        yield Worker(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=10)


@dataclass
class Tried:
    """What came of killing a worker at every point of one kind of work."""

    undisturbed: Any
    points: int = 0
    """At which a worker was killed."""
    different: dict[int, Any] = field(default_factory=dict)
    """By point: what came out where it was not what an undisturbed worker made."""
    seconds: float = 0.0


def kill_at_every_point(
    name: str,
    every: int,
    worker: Worker,
    one: Callable[[int], tuple[Any, bool]],
    started: float | None = None,
) -> Tried:
    """Kill a worker at every n-th point, until one is through before its point comes.

    Args:
        name: What is tried, for people.
        every: n.
        worker: The one that is killed.
        one: Does the work once, the worker killed at a point (0: nowhere); gives what came of it, and whether
            the worker died.
        started: When the preparations began, where they count.
    """
    started = time.perf_counter() if started is None else started
    undisturbed, _ = one(0)
    tried, total = Tried(undisturbed), worker.passed
    for at in range(1, MAX_POINTS, every):
        outcome, is_killed = one(at)
        for _ in range(MAX_EARLY_ENDS):
            if is_killed or worker.passed >= total - MAX_FEWER or outcome != undisturbed:
                break
            outcome, is_killed = one(at)  # On a busy machine a step ends before its work does.
        total = max(total, worker.passed)
        is_through = not is_killed and worker.passed >= total - MAX_FEWER
        tried.points += is_killed
        if outcome != undisturbed:
            tried.different[at] = outcome
        print(f"\r{name}: point {at}, {len(tried.different)} different", end="", file=sys.stderr, flush=True)
        if is_through:
            break
        if not is_killed and outcome == undisturbed:
            raise RuntimeError(f"{name}: the worker never comes to point {at} of {total}")
    print(file=sys.stderr)
    tried.seconds = round(time.perf_counter() - started, 1)
    return tried


def deliver_twice(scenario: MigrationScenario, queue: str, function: str) -> None:
    """Hand every message of a queue to a worker, and once more, until none is visible."""
    url = scenario.harness.queues[queue]
    while records := scenario.harness.messages(queue):
        scenario.harness.invoke(function, {"Records": records * 2})
        for record in records:
            boto3.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=record["receiptHandle"])


def clear(scenario: MigrationScenario, queue: str) -> None:
    """Delete what waits in a queue: a message of an earlier run would be the one that the worker takes."""
    url = scenario.harness.queues[queue]
    while records := scenario.harness.messages(queue):
        for record in records:
            boto3.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=record["receiptHandle"])

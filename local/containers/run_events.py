"""Run every function on every event by ``sam local invoke``: ``make sam-local``.

What ``sam build`` made runs in containers, against the same PostgreSQL, stand-in for AWS and simulators that
``python -m local up`` uses. Steps that come before an event (see events/README.md) are carried out by the
local stack, whose queues are not polled and whose timers do not fire meanwhile.
"""

import argparse
import concurrent.futures
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from local.containers import sam
from local.events import replay
from local.stack.replay_environment import StackEnvironment, still_template
from local.stack.stack import Options, Stack

AT_A_TIME = 2
"""Containers; more of them only wait for each other on two cores."""
OUTPUT = 6000
"""Characters of a failed function's log that are shown, its end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case went."""

    case: replay.Case
    problems: list[str]
    seconds: float
    output: str
    """What `sam local invoke` wrote beside the answer: the function's log."""


def run(case: replay.Case, environment: replay.Environment, engine: sam.Containers) -> Outcome:
    """Prepare a case, run it and compare."""
    started = time.monotonic()
    output = ""
    try:
        known = replay.prepare(case, environment)
        answer, output = engine.invoke(case.function, replay.fill(case.event, known))
        problems = replay.differences(case.expected, _comparable(answer), known)
    except (replay.ReplayError, subprocess.TimeoutExpired, requests.RequestException) as error:
        problems = [str(error)]
    return Outcome(case, problems, time.monotonic() - started, output)


def _comparable(answer: Any) -> Any:
    """A function that ended with an exception answers with its name."""
    if isinstance(answer, Mapping) and "errorType" in answer:
        return {**answer, "error": answer["errorType"]}
    return answer


def run_all(
    cases: list[replay.Case],
    timed: frozenset[str],
    environment: replay.Environment,
    engine: sam.Containers,
    console: Console,
) -> list[Outcome]:
    """Run the cases, a few at a time, and say how each went as soon as it is known.

    Functions of ``timed`` do what is due for everybody, also for the person of a case that runs beside
    theirs: cases in which one of them runs come last, one after the other.
    """
    outcomes: list[Outcome] = []

    def report(outcome: Outcome) -> None:
        outcomes.append(outcome)
        mark = "[red]FAIL[/red]" if outcome.problems else "[green]ok[/green]"
        console.print(f"{mark:4} {outcome.case} [dim]{outcome.seconds:.1f} s[/dim]")

    together = [case for case in cases if not case.functions & timed]
    # The first one alone: it builds the image with the layer, which the others then find.
    first, rest = together[:1], together[1:]
    for case in first:
        report(run(case, environment, engine))
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        futures = [pool.submit(run, case, environment, engine) for case in rest]
        for future in concurrent.futures.as_completed(futures):
            report(future.result())
    for case in cases:
        if case not in together:
            report(run(case, environment, engine))
    return sorted(outcomes, key=lambda outcome: cases.index(outcome.case))


def show(outcomes: list[Outcome], functions: int, console: Console) -> None:
    """A table of all cases, what went wrong, and a line with the counts."""
    table = Table("function", "event", "result", "seconds", title="sam local invoke")
    for outcome in outcomes:
        result = "[red]failed[/red]" if outcome.problems else "[green]as expected[/green]"
        table.add_row(outcome.case.function, outcome.case.name, result, f"{outcome.seconds:.1f}")
    console.print(table)
    for outcome in outcomes:
        if outcome.problems:
            console.print(f"\n[bold]{outcome.case}[/bold]")
            for text in (*outcome.problems, outcome.output[-OUTPUT:]):
                console.print(text, markup=False, highlight=False, soft_wrap=True)
    failed = sum(bool(outcome.problems) for outcome in outcomes)
    print(f"{functions} functions, {len(outcomes)} events, {len(outcomes) - failed} passed, {failed} failed")


def main() -> int:
    """Build, start, run, compare; 0 if every answer is as expected."""
    parser = argparse.ArgumentParser(description="Run every function on its events by `sam local invoke`.")
    parser.add_argument("only", nargs="*", help="functions, or function/case; all of them when left out")
    arguments = parser.parse_args()
    console = Console()
    if not sam.has_engine():
        print(sam.NO_ENGINE, file=sys.stderr)
        return 2
    cases = [
        case
        for case in replay.read_cases()
        if not arguments.only or {case.function, str(case)} & set(arguments.only)
    ]
    if not cases:
        print("There is no such event.", file=sys.stderr)
        return 2
    with console.status("sam build ..."):
        built = sam.build()
    if built.returncode:
        print(built.stderr, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="musicconnect-sam-") as name:
        folder = Path(name)
        template = folder / "still.json"
        template.write_text(json.dumps(still_template()))
        with (
            Stack(Options(template=template)) as stack,
            sam.Way.to(stack) as way,
            sam.images_removed(),
        ):
            without = set(stack.template.functions) - {case.function for case in cases}
            timed = frozenset(schedule.function for schedule in stack.template.schedules)
            engine = sam.Containers(stack, way, folder)
            outcomes = run_all(cases, timed, StackEnvironment.of_stack(stack), engine, console)
    show(outcomes, len({case.function for case in cases}), console)
    if without and not arguments.only:
        print(f"without any event: {', '.join(sorted(without))}")
        return 1
    return 1 if any(outcome.problems for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())

"""Schedules, fired on request and by the clock."""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from local.events.sources import Scheduler
from local.lambda_.invocation import Outcome
from local.lambda_.pool import Runtime
from local.stack.control_client import StackError
from local.stack.stack import Stack
from local.template.loader import load
from local.template.model import Template


def test_a_schedule_with_an_input_sends_it(stack: Stack) -> None:
    assert stack.fire_schedule("TickFunctionOften") == {"task": "tick"}


def test_a_rule_sends_a_scheduled_event(stack: Stack) -> None:
    event = stack.fire_schedule("TickFunctionDaily")
    assert event["source"] == "aws.events"
    assert event["resources"] == ["arn:aws:events:us-east-1:123456789012:rule/TickFunctionDaily"]


def test_a_function_with_two_schedules_needs_the_name_of_one(stack: Stack) -> None:
    with pytest.raises(StackError, match="2 schedules go by TickFunction"):
        stack.fire_schedule("TickFunction")


def test_an_unknown_schedule_is_an_error(stack: Stack) -> None:
    with pytest.raises(StackError, match="there are: TickFunctionOften, TickFunctionDaily"):
        stack.fire_schedule("Nobody")


class _Recorder:
    """Stands in for the functions: counts what the clock sets off."""

    def __init__(self, enough: int) -> None:
        self.functions: list[str] = []
        self.reached = asyncio.Event()
        self._enough = enough

    async def invoke(self, function: str, event: bytes) -> Outcome:
        self.functions.append(function)
        if len(self.functions) == self._enough:
            self.reached.set()
        return Outcome(b"null")


def test_the_clock_fires_a_schedule_again_and_again(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.events.schedule_expressions._UNITS", {"minute": 0.02})

    async def run(template: Template) -> list[str]:
        recorder = _Recorder(enough=3)
        scheduler = Scheduler(template, cast("Runtime", recorder))
        task = asyncio.create_task(scheduler.run(template.schedules[0]))
        async with asyncio.timeout(10):
            await recorder.reached.wait()
        task.cancel()
        return recorder.functions

    assert asyncio.run(run(load(sample, {})))[:3] == ["TickFunction"] * 3

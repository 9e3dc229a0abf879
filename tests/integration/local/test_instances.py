"""Instances of a function: how many, for how long, and what becomes of those who wait."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from local.lambda_.environment import function_environment
from local.lambda_.invocation import Invocation, Outcome
from local.lambda_.logs import LogWriter
from local.lambda_.pool import Limits, Pool
from local.template.loader import load
from local.template.model import Deployment

type InPool = Callable[[str, Limits, Callable[[Pool], Awaitable[None]]], None]


@pytest.fixture
def in_pool(sample: Path, tmp_path: Path) -> InPool:
    """Run something with a pool of one of the sample's functions."""

    def run(function: str, limits: Limits, work: Callable[[Pool], Awaitable[None]]) -> None:
        async def inside() -> None:
            declared = load(sample, {}).functions[function]
            log_writer = LogWriter(tmp_path)
            pool = Pool(declared, function_environment(declared, Deployment(), {}, {}), log_writer, limits)
            try:
                await work(pool)
            finally:
                await pool.close()
                log_writer.close()

        asyncio.run(inside())

    return run


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the state of processes
            await asyncio.sleep(0.01)


def test_what_is_idle_for_too_long_ends(in_pool: InPool) -> None:
    async def work(pool: Pool) -> None:
        assert (await pool.invoke(Invocation(b'{"a": 1}'))).json() == {"a": 1}
        await until(lambda: [one["state"] for one in pool.describe()] == ["idle"])
        pool.end_idle()
        await until(lambda: pool.describe() == [])
        assert (await pool.invoke(Invocation(b'{"a": 2}'))).json() == {"a": 2}
        assert [one["number"] for one in pool.history] == [1]

    in_pool("TickFunction", Limits(idle_seconds=0.0), work)


def test_who_waits_too_long_for_an_instance_is_turned_away(in_pool: InPool) -> None:
    async def work(pool: Pool) -> None:
        first = asyncio.create_task(pool.invoke(Invocation(b'{"seconds": 50}')))
        await until(lambda: [one["state"] for one in pool.describe()] == ["busy"])
        second = await pool.invoke(Invocation(b'{"seconds": 0}'))
        assert second.throttled
        assert second.json()["errorType"] == "TooManyRequestsException"
        assert not first.done()
        pool.end_instances()
        assert (await first).failed

    in_pool("PatientFunction", Limits(instances=1, queue_seconds=0.2), work)


def test_closing_answers_everybody(in_pool: InPool) -> None:
    outcomes: list[Outcome] = []

    async def work(pool: Pool) -> None:
        running = asyncio.create_task(pool.invoke(Invocation(b'{"seconds": 50}')))
        await until(lambda: [one["state"] for one in pool.describe()] == ["busy"])
        waiting = asyncio.create_task(pool.invoke(Invocation(b"{}")))
        await asyncio.sleep(0)
        await pool.close()
        outcomes.extend([await running, await waiting, await pool.invoke(Invocation(b"{}"))])
        assert pool.describe() == []

    in_pool("PatientFunction", Limits(instances=1), work)
    assert [outcome.throttled for outcome in outcomes] == [False, True, True]
    assert "signal: 15" in outcomes[0].json()["errorMessage"]


def test_a_function_whose_folder_is_missing_fails_with_the_reason(in_pool: InPool) -> None:
    async def work(pool: Pool) -> None:
        object.__setattr__(pool.function, "code", Path("/nonexistent"))
        outcome = await pool.invoke(Invocation(b"{}"))
        assert outcome.json()["errorType"] == "Runtime.InvalidEntrypoint"

    in_pool("TickFunction", Limits(), work)


def test_an_instance_that_is_ended_has_written_its_coverage_first(sample: Path, tmp_path: Path) -> None:
    settings = tmp_path / "coveragerc"
    settings.write_text(
        f"[run]\nparallel = true\nsigterm = true\ndata_file = {tmp_path}/.coverage\n"
        f"source = {sample.parent / 'functions'}\n"
    )
    shell = {"COVERAGE_PROCESS_START": str(settings)}
    declared = load(sample, {}).functions["TickFunction"]

    async def run() -> None:
        log_writer = LogWriter(tmp_path)
        pool = Pool(declared, function_environment(declared, Deployment(), shell, {}), log_writer, Limits())
        await pool.invoke(Invocation(b"{}"))
        await pool.close()
        log_writer.close()

    asyncio.run(run())
    assert len(list(tmp_path.glob(".coverage.*"))) == 1

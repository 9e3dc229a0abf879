"""Whatever ends the local stack, none of its processes stays."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.stack.control_client import STATE_FILE, Control
from local.stack.stack import Options, Stack, StackError
from local.stack.wait import wait_until
from local.supervisor import Supervisor, SupervisorError
from tests.support import ROOT
from tests.support.processes import is_running

LIMIT = 30.0


def all_gone(pids: list[int]) -> bool:
    return not any(is_running(pid) for pid in pids)


@pytest.fixture
def state() -> Iterator[Path]:
    """A state folder outside of pytest's own.

    Each pytest that starts closes that to others, and where root runs the tests, Postgres is another user.
    """
    with tempfile.TemporaryDirectory(prefix="musicconnect-") as folder:
        yield Path(folder)


class Running:
    """A stack started from the command line."""

    def __init__(self, process: subprocess.Popen[bytes], state: Path) -> None:
        self.process = process
        self.state = state
        self.details: dict[str, Any] = wait_until(
            self._details, seconds=60, what="the stack to write its state"
        )
        control = Control(self.details["control_url"])
        # A function in the middle of something, one that waits, and their processes.
        control.invoke("TickFunction", {})
        threading.Thread(target=self._be_busy, args=(control,), daemon=True).start()
        wait_until(lambda: self._instances(control, "busy"), seconds=LIMIT, what="a busy function")
        self.pids: list[int] = [*self.details["pids"].values()]
        self.pids += [*self._instances(control, "busy"), *self._instances(control, "idle")]
        self.pids += [
            child.pid for child in psutil.Process(self.details["pids"]["postgres"]).children(recursive=True)
        ]

    @staticmethod
    def _be_busy(control: Control) -> None:
        try:
            control.invoke("WorkerFunction", {"Records": []})
            control.invoke("PatientFunction", {"seconds": 50})
        except Exception:  # noqa: BLE001 - the stack ends under it
            return

    @staticmethod
    def _instances(control: Control, state: str) -> list[int]:
        found = control.instances().values()
        return [one["pid"] for function in found for one in function["instances"] if one["state"] == state]

    def _details(self) -> dict[str, Any] | None:
        if self.process.poll() is not None:
            output = b"".join(self.process.communicate()).decode(errors="replace")
            raise AssertionError(f"the stack ended with {self.process.returncode}: {output}")
        path = self.state / STATE_FILE
        try:
            found: dict[str, Any] = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return found


@contextmanager
def started(state: Path, sample: Path) -> Iterator[Running]:
    arguments = ["up", "--port", "0", "--state", state, "--template", sample]
    process = subprocess.Popen(
        [sys.executable, "-m", "local", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield Running(process, state)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("end", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)],
    ids=["Ctrl-C", "SIGTERM", "SIGKILL"],
)
def test_no_process_outlives_the_stack(state: Path, sample: Path, end: signal.Signals, code: int) -> None:
    with started(state, sample) as running:
        assert len(running.pids) >= 8
        assert all(is_running(pid) for pid in running.pids)
        running.process.send_signal(end)
        assert running.process.wait(LIMIT) == code
        wait_until(lambda: all_gone(running.pids), seconds=LIMIT, what="every process to end")
        assert (running.state / STATE_FILE).exists() == (end == signal.SIGKILL)


def test_no_process_outlives_an_exception(sample: Path) -> None:
    pids: dict[str, int] = {}

    def fail() -> None:
        with Stack(Options(template=sample, quiet=True)) as stack:
            pids.update(stack.pids)
            raise LookupError("on purpose")

    with pytest.raises(LookupError):
        fail()
    del pids["stack"]
    assert set(pids) >= {"supervisor", "postgres", "moto", "server"}
    assert all_gone(list(pids.values()))


def test_a_stack_that_does_not_start_leaves_nothing(state: Path) -> None:
    template = state / "template.yaml"
    template.write_text("Resources: {Table: {Type: AWS::DynamoDB::Table}}")
    stack = Stack(Options(template=template, quiet=True))
    with pytest.raises(StackError, match="AWS::DynamoDB::Table"):
        stack.start()
    assert all_gone([pid for name, pid in stack.pids.items() if name != "stack"])


def test_two_stacks_do_not_share_a_state_folder(state: Path, small: Path) -> None:
    with (
        Stack(Options(template=small, state=state, quiet=True, port=0)),
        pytest.raises(StackError, match=r"is running in .* already"),
    ):
        Stack(Options(template=small, state=state, quiet=True)).start()


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as running:
        yield running


def sleeper(supervisor: Supervisor, state: Path, program: str = "import time; time.sleep(60)") -> int:
    return supervisor.start(
        "sleeper",
        [sys.executable, "-S", "-c", program],
        environment=dict(os.environ),
        cwd=state,
        output=state / "sleeper.log",
    )


def test_what_is_supervised_ends_with_a_killed_supervisor(supervisor: Supervisor, state: Path) -> None:
    pid = sleeper(supervisor, state)
    os.kill(supervisor.pids["supervisor"], signal.SIGKILL)
    wait_until(lambda: all_gone([pid]), seconds=LIMIT, what="the process to end")
    with pytest.raises(SupervisorError, match="is gone"):
        supervisor.exit_code("sleeper")


def test_a_killed_owner_leaves_no_scratch_folder(state: Path) -> None:
    scratch = state / "scratch"
    scratch.mkdir()
    program = "import pathlib, sys, time; from local.supervisor import Supervisor; "
    program += "one = Supervisor(pathlib.Path(sys.argv[1])); print('ready', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", program, scratch], cwd=ROOT, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"ready\n"
        owner.kill()
        wait_until(lambda: not scratch.exists(), seconds=LIMIT, what="the folder to go")


def test_a_process_that_ignores_its_stop_signal_is_killed(supervisor: Supervisor, state: Path) -> None:
    program = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    pid = sleeper(supervisor, state, program)
    log = state / "sleeper.log"
    wait_until(lambda: "deaf" in log.read_text(), seconds=LIMIT, what="the process to start")
    supervisor.stop("sleeper", grace=0.1)
    assert supervisor.exit_code("sleeper") == -signal.SIGKILL
    assert all_gone([pid])


@pytest.mark.parametrize(
    ("act", "complaint"),
    [
        (lambda one, path: one.exit_code("nobody"), "no process named nobody"),
        (lambda one, path: (sleeper(one, path), sleeper(one, path)), "running already"),
        (
            lambda one, path: one.start(
                "x", ["/nonexistent/program"], environment={}, cwd=path, output=path / "x.log"
            ),
            "cannot start x",
        ),
    ],
    ids=["unknown", "twice", "no such program"],
)
def test_the_supervisor_says_what_it_cannot_do(
    supervisor: Supervisor, state: Path, act: Callable[[Supervisor, Path], object], complaint: str
) -> None:
    with pytest.raises(SupervisorError, match=complaint):
        act(supervisor, state)

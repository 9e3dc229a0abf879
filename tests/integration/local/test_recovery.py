"""What is killed in a running stack is started again, where it was, and that is said."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from local.stack.control_client import STATE_FILE
from local.stack.stack import Options, Stack, StackError
from local.stack.wait import wait_until
from tests.support import ROOT, SAMPLE
from tests.support.processes import is_running

LIMIT = 30.0


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack of this module's own: its processes are killed."""
    with Stack(Options(template=SAMPLE, quiet=True)) as running:
        yield running


def kill(stack: Stack, name: str) -> str:
    """Kill a process and have it looked after; gives what was said."""
    pid = stack.pids[name]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_running(pid), seconds=LIMIT, what=f"{name} to end")
    said = wait_until(stack.look_after, seconds=LIMIT, what=f"{name} to be started again")
    assert is_running(stack.pids[name])
    return "\n".join(said)


def test_as_long_as_everything_runs_nothing_is_said(stack: Stack) -> None:
    assert stack.look_after() == []


def test_a_killed_database_is_back_with_what_was_committed(stack: Stack) -> None:
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS value")

    said = kill(stack, "postgres")

    assert "PostgreSQL ended (SIGKILL)" in said
    with psycopg.connect(stack.database_url) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (42,)


def test_a_database_that_was_stopped_on_purpose_is_left_alone(stack: Stack) -> None:
    assert stack.postgres is not None
    stack.postgres.stop()
    assert stack.look_after() == []
    stack.postgres.start()


def test_a_killed_stand_in_for_aws_is_back_with_its_queues_and_secrets(stack: Stack) -> None:
    queue = stack.template.queue_sources[0].queue
    arns = dict(stack.template.deployment.secret_arns)
    before = {arn: stack.aws.secrets.get_secret_value(SecretId=arn)["SecretString"] for arn in arns.values()}

    said = kill(stack, "moto")

    assert "stand-in for AWS ended (SIGKILL)" in said
    assert "lost" in said
    for arn, text in before.items():  # by the ARNs that functions have in their environment
        assert stack.aws.secrets.get_secret_value(SecretId=arn)["SecretString"] == text
    stack.send(queue, {"name": "after"})
    wait_until(lambda: stack.queue_depth(queue).total == 0, seconds=LIMIT, what="the message to be worked on")


def test_what_ends_again_and_again_is_told_and_left(stack: Stack) -> None:
    def end() -> None:
        for _ in range(5):
            kill(stack, "moto")

    with pytest.raises(StackError, match=r"stand-in for AWS ended \d times within a minute"):
        end()


class Usage(NamedTuple):
    """As `shutil.disk_usage` gives it."""

    total: int
    used: int
    free: int


def test_a_full_disk_is_told_at_once(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 3 * 1024**2))
    with pytest.raises(StackError, match="has 3 MB left"), Stack(Options(template=small, quiet=True)):
        pass


def test_a_stack_that_was_left_running_looks_after_itself() -> None:
    """The command line does what the tests above do by hand."""
    with tempfile.TemporaryDirectory(prefix="musicconnect-") as folder:
        state = Path(folder)
        command = [sys.executable, "-m", "local", "up", "--template", SAMPLE, "--state", state, "--port", "0"]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        try:
            path = state / STATE_FILE
            wait_until(lambda: path.exists() and path.read_text(), seconds=60, what="the stack to start")
            os.kill(json.loads(path.read_text())["pids"]["postgres"], signal.SIGKILL)
            assert process.stderr is not None
            heard = next(line for line in process.stderr if "ended" in line)
            assert "PostgreSQL ended (SIGKILL) and was started again" in heard
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=LIMIT)

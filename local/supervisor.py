"""Run the processes of the local stack, and leave none behind.

This file, run as a script, starts them, and stops them on request or when the pipe from its owner closes: on
a normal end, an exception and SIGKILL alike. Should it be killed itself, the kernel ends its children
(``PR_SET_PDEATHSIG``, Linux only). In a session of its own, it leaves Ctrl-C to the owner. It imports only
the standard library, to start in some 20 ms.
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

PR_SET_PDEATHSIG = 1
"""From ``linux/prctl.h``."""

_STOP_LIMIT = 20.0
"""Seconds that stopping everything may take before the supervisor itself is killed."""


class SupervisorError(Exception):
    """A process could not be started or stopped."""


def die_with_parent(signal_number: int = signal.SIGKILL) -> Callable[[], None]:
    """Make a ``preexec_fn`` by which the kernel signals the process when its parent's thread ends (Linux)."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    # Looked up now, so that the forked child only makes two system calls.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def in_child() -> None:
        prctl(PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:  # the parent died in between: no signal will come
            os._exit(1)

    return in_child


class Supervisor:
    """Starts and stops processes through the supervising process. Thread-safe. A context manager.

    ``scratch`` is a folder that is removed once everything has stopped, even if this process was killed.
    """

    def __init__(self, scratch: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, *([] if scratch is None else [str(scratch)])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.pids: dict[str, int] = {"supervisor": self._process.pid}
        """Every process started so far, by name, those that have ended included."""
        self._stopped: set[str] = {"supervisor"}
        """Those that were asked to end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def start(
        self,
        name: str,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: Path,
        output: Path,
        user: str | None = None,
        stop_signal: int = signal.SIGTERM,
        death_signal: int = signal.SIGKILL,
    ) -> int:
        """Start a process, with this environment and no other, and return its id.

        Its output is appended to a file. ``death_signal`` is what the kernel sends it should the supervisor
        be killed; only root may give a ``user``. ``SupervisorError``: it could not be started.
        """
        answer = self._ask(
            {
                "do": "start",
                "name": name,
                "argv": list(argv),
                "environment": dict(environment),
                "cwd": str(cwd),
                "output": str(output),
                "user": user,
                "stop_signal": int(stop_signal),
                "death_signal": int(death_signal),
            }
        )
        self.pids[name] = answer["pid"]
        self._stopped.discard(name)
        return int(answer["pid"])

    def stop(self, name: str, *, signal_number: int | None = None, grace: float = 5.0) -> None:
        """End a process: its stop signal (or ``signal_number``), then SIGKILL after ``grace`` seconds."""
        self._stopped.add(name)
        self._ask({"do": "stop", "name": name, "signal": signal_number, "grace": grace})

    def exit_code(self, name: str) -> int | None:
        """How a process ended (negative: by that signal); None while it runs."""
        code = self._ask({"do": "poll", "name": name})["code"]
        return None if code is None else int(code)

    def died(self) -> dict[str, int]:
        """How those processes ended that nobody asked to, by name; they may be started again."""
        codes = {name: self.exit_code(name) for name in sorted(self.pids.keys() - self._stopped)}
        return {name: code for name, code in codes.items() if code is not None}

    def close(self) -> None:
        """Stop everything, the last started first, and wait for it."""
        with self._lock:
            if self._process.stdin is not None and not self._process.stdin.closed:
                with contextlib.suppress(BrokenPipeError):
                    self._process.stdin.close()
            try:
                self._process.wait(_STOP_LIMIT)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            pipe_in, pipe_out = self._process.stdin, self._process.stdout
            if pipe_in is None or pipe_out is None or pipe_in.closed:
                raise SupervisorError("the supervisor is closed")
            try:
                pipe_in.write(json.dumps(command) + "\n")
                pipe_in.flush()
                line = pipe_out.readline()
            except BrokenPipeError:
                line = ""
        if not line:
            raise SupervisorError("the supervising process is gone")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise SupervisorError(answer["error"])
        return answer


class _Child:
    def __init__(self, command: dict[str, Any]) -> None:
        self.stop_signal: int = command["stop_signal"]
        owner: dict[str, Any] = {}
        if command["user"] is not None:
            owner = {"user": command["user"], "group": command["user"], "extra_groups": []}
        with Path(command["output"]).open("ab") as output:
            self.process = subprocess.Popen(
                command["argv"],
                env=command["environment"],
                cwd=command["cwd"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Runs after the change of user, which would clear the setting. There are no threads here.
                preexec_fn=die_with_parent(command["death_signal"]),  # noqa: PLW1509
                **owner,
            )

    def signal(self, number: int) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)

    def wait(self, seconds: float) -> None:
        """Wait for its end; kill what is left of its process group."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, seconds))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _answer(command: dict[str, Any], children: dict[str, _Child]) -> dict[str, Any]:
    name = command["name"]
    if command["do"] == "start":
        if name in children and children[name].process.poll() is None:
            return {"error": f"{name} is running already"}
        if name in children:
            children[name].wait(0)  # what a process that was killed has left of its own
        try:
            children[name] = _Child(command)
        except (OSError, subprocess.SubprocessError) as error:
            return {"error": f"cannot start {name}: {error}"}
        return {"pid": children[name].process.pid}
    if name not in children:
        return {"error": f"there is no process named {name}"}
    child = children[name]
    if command["do"] == "stop":
        child.signal(command["signal"] or child.stop_signal)
        child.wait(command["grace"])
    return {"code": child.process.poll()}


def _stop_all(children: dict[str, _Child]) -> None:
    """The last one started goes first and alone (it uses the others), then all others together."""
    order = list(reversed(children.values()))
    for group in (order[:1], order[1:]):
        deadline = time.monotonic() + 6.0
        for child in group:
            child.signal(child.stop_signal)
        for child in group:
            child.wait(deadline - time.monotonic())


def main() -> None:
    """Answer commands from standard input, one JSON object a line, until it closes; then stop everything."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    children: dict[str, _Child] = {}
    try:
        for line in sys.stdin:
            print(json.dumps(_answer(json.loads(line), children)), flush=True)
    except BrokenPipeError:  # the owner died while it waited for an answer
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        _stop_all(children)
        for scratch in sys.argv[1:]:
            shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()

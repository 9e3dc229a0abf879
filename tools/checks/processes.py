"""Run a command and see that no process is left of it: ``python -m tools.checks.processes COMMAND ...``.

Not by name and not by environment, both of which a process can change: on Linux this process makes itself
the one that orphans are handed to (``PR_SET_CHILD_SUBREAPER``), so that whatever the command started,
directly or through others, and did not end becomes its child. Elsewhere only the command runs.
"""

import contextlib
import ctypes
import os
import subprocess
import sys
import time

import psutil

PR_SET_CHILD_SUBREAPER = 36
"""From ``linux/prctl.h``."""
GRACE = 10.0
"""Seconds for processes that are about to end."""


def run(command: list[str], grace: float = GRACE) -> tuple[int, list[str]]:
    """Run a command to its end; gives its exit code and the command lines of the processes that it left.

    Those are killed after ``grace`` seconds.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1)
    before = {process.pid for process in psutil.Process().children()}
    code = _waited(subprocess.Popen(command))
    left = _ended(before, grace)
    described = []
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            described.append(f"{process.pid}: {' '.join(process.cmdline()) or process.name()}")
            process.kill()
    return code, described


def _waited(child: subprocess.Popen[bytes]) -> int:
    """The child's exit code. Orphans that die before it are buried, as init would do at once."""
    while True:
        try:
            pid, status = os.waitpid(-1, 0)
        except KeyboardInterrupt:  # the terminal has told the child as well; it ends in its own way
            continue
        if pid == child.pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return child.returncode


def _ended(before: set[int], grace: float) -> list[psutil.Process]:
    """Collect the dead; the processes that still live after the time of grace."""
    deadline = time.monotonic() + grace
    while True:
        living = []
        for process in psutil.Process().children(recursive=True):
            if process.pid in before:
                continue
            with contextlib.suppress(psutil.NoSuchProcess, ChildProcessError):
                if process.status() == psutil.STATUS_ZOMBIE:
                    os.waitpid(process.pid, os.WNOHANG)
                else:
                    living.append(process)
        if not living or time.monotonic() >= deadline:
            return living
        time.sleep(0.1)


def main() -> int:
    """The command's exit code; 1 if it succeeded but left something running."""
    code, left = run(sys.argv[1:])
    for description in left:
        print(f"left running, now ended: {description}", file=sys.stderr)
    return code or (1 if left else 0)


if __name__ == "__main__":
    sys.exit(main())

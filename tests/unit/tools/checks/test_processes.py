"""The check that a command leaves no process behind."""

import subprocess
import sys

import psutil
import pytest

from tests.support import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="orphans are handed over on Linux only")

# The time of grace is for `make test`; here nothing that is left would end by itself.
RUN = """
import sys
from tools.checks import processes
code, left = processes.run(sys.argv[1:], grace=0.2)
print(len(left))
sys.exit(code)
"""


def check(script: str) -> tuple[int, int]:
    """Run a shell script under the check: its exit code, and how many processes were left."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, "sh", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, int(done.stdout.splitlines()[-1])


def test_a_command_that_ends_cleanly_leaves_nothing() -> None:
    assert check("sleep 0.01 & wait; exit 3") == (3, 0)


def test_a_detached_process_of_another_session_is_found_and_ended() -> None:
    code, left = check("setsid sleep 1234567 > /dev/null 2>&1 & exit 0")
    assert (code, left) == (0, 1)
    running = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert "sleep 1234567" not in running


def test_an_orphan_that_dies_first_is_gone_at_once_as_anywhere_else() -> None:
    orphan = "sh -c 'sleep 0.2 > /dev/null & echo $!'"
    # Until no process has its id, a zombie included; 10 s at the most.
    until_gone = "n=0; while [ -e /proc/$pid ]; do sleep 0.05; n=$((n+1)); [ $n -lt 200 ] || exit 9; done"
    assert check(f"pid=$({orphan}); {until_gone}") == (0, 0)

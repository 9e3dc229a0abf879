"""How long each function takes from the start of its process to its first poll for work.

Every process runs AWS's runtime client against a stand-in of the Lambda Runtime API, from a copy of the code
with ``.pyc`` files as the build makes them. The floor, in the same run, is a handler that imports only what
everything here stands on: psycopg, pydantic, Powertools' Logger and HTTP resolver.

    python -m benchmarks.cold_start [--rounds 15] [--json]
"""

import argparse
import compileall
import os
import py_compile
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.report import Figure, emit
from local.template.loader import load

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = {"DatabaseHost": "127.0.0.1", "DatabaseAdminSecretArn": "arn:aws:secretsmanager:::secret:none"}
"""Parameters of the template without a default; nothing is connected to here."""
AIM = 1.25
LIMIT = 30.0
"""Seconds a function may take to start before the benchmark gives up."""

FLOOR = """
import psycopg
from pydantic import BaseModel  # `import pydantic` alone loads next to nothing
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

logger = Logger(service="floor")
app = APIGatewayHttpResolver()


def handler(event, context):
    return app.resolve(event, context)
"""


class FirstPoll(BaseHTTPRequestHandler):
    """Notes the time of the first poll and never answers it; an error at import is noted too."""

    server: "RuntimeApi"

    def do_GET(self) -> None:
        """``GET /2018-06-01/runtime/invocation/next``."""
        self.server.polled(time.perf_counter())
        self.server.released.wait()

    def do_POST(self) -> None:
        """``POST /2018-06-01/runtime/init/error``."""
        self.server.failure = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.first_poll.set()

    def log_message(self, *_: object) -> None:
        """Keep standard error for the benchmark."""


class RuntimeApi(ThreadingHTTPServer):
    """The part of the Lambda Runtime API that a starting function talks to."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), FirstPoll)
        self.first_poll, self.released = threading.Event(), threading.Event()
        self.polled_at = 0.0
        self.failure: str | None = None

    def polled(self, at: float) -> None:
        """Called by the first poll."""
        self.polled_at = at
        self.first_poll.set()

    def reset(self) -> None:
        """Forget the last start."""
        self.released.set()
        self.first_poll, self.released = threading.Event(), threading.Event()
        self.failure = None


def start_once(handler: str, code: Path, api: RuntimeApi) -> float:
    """Seconds from the start of a fresh process to its first poll."""
    api.reset()
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": "cold-start",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_REGION": "us-east-1",
        "PYTHONPATH": os.pathsep.join([str(code / "functions"), str(code / "layer")]),
    }
    command = [sys.executable, "-m", "awslambdaric", handler]
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=code / "functions", env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            if not api.first_poll.wait(LIMIT) or api.failure:
                raise SystemExit(f"{handler} did not start: {api.failure or 'no poll'}")
            return api.polled_at - started
        finally:
            process.kill()


def copy_with_bytecode(to: Path) -> None:
    """The code as the build lays it out."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "functions", to / "functions", ignore=ignore)
    shutil.copytree(ROOT / "layers/musicconnect/musicconnect", to / "layer/musicconnect", ignore=ignore)
    (to / "functions" / "floor.py").write_text(FLOOR, encoding="utf-8")
    compileall.compile_dir(to, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)


def measure(rounds: int) -> dict[str, list[float]]:
    """Start everything ``rounds`` times in turn, so that a noisy moment hits all alike."""
    handlers = {"floor": "floor.handler"} | {
        name: function.handler
        for name, function in sorted(load(ROOT / "template.yaml", REQUIRED).functions.items())
    }
    seconds: dict[str, list[float]] = {name: [] for name in handlers}
    api = RuntimeApi()
    threading.Thread(target=api.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder)
        copy_with_bytecode(code)
        for handler in handlers.values():  # the file cache is warm for everybody
            start_once(handler, code, api)
        for number in range(rounds):
            print(f"\rround {number + 1} of {rounds}", end="", file=sys.stderr, flush=True)
            for name, handler in handlers.items():
                seconds[name].append(start_once(handler, code, api))
    print(file=sys.stderr)
    api.shutdown()
    return seconds


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    seconds = measure(options.rounds)
    floor = statistics.median(seconds.pop("floor"))
    figures = {"floor.start": Figure(round(floor * 1e3, 1), "ms", None, "lower")}
    for name, times in seconds.items():
        median = statistics.median(times)
        figures[f"{name}.start"] = Figure(round(median * 1e3, 1), "ms", round(floor * AIM * 1e3, 1), "lower")
        figures[f"{name}.ratio"] = Figure(round(median / floor, 3), "x floor", AIM, "lower")
    context = {"rounds": options.rounds, "floor": "psycopg, pydantic, Powertools Logger and HTTP resolver"}
    emit("cold_start", figures, context, as_json=options.json)


if __name__ == "__main__":
    main()

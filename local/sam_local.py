"""Run every function on every event by ``sam local invoke``: ``make sam-local``.

What ``sam build`` made runs in containers, against the same PostgreSQL, stand-in for AWS and simulators that
``python -m local up`` uses. Steps that come before an event (see events/README.md) are carried out by the
local stack, whose queues are not polled and whose timers do not fire meanwhile.
"""

import argparse
import concurrent.futures
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker  # type: ignore[import-untyped] # comes with aws-sam-cli, which speaks to the engine by it
import psycopg
import requests
from rich.console import Console
from rich.table import Table

from local import replay
from local.cloudformation import Node, read_yaml
from local.control import FunctionError
from local.stack import Options, Stack

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / ".aws-sam/build"
LAYER = "MusicConnectLayer"
BUCKET = "ExportsBucket"
SAM = Path(sys.executable).with_name("sam")
AT_A_TIME = 2
"""Containers; more of them only wait for each other on two cores."""
LIMIT = 180.0
"""Seconds for one invocation, the start of its container included."""
QUEUE_EVENT, TIMER_EVENT = "SQS", "ScheduleV2"

NO_ENGINE = """\
There is no container engine here. `sam local invoke` runs functions in containers, and finds the engine at
the address in DOCKER_HOST, or else at /var/run/docker.sock.

  Docker or Docker Desktop   start it; nothing else is needed
  Podman                     podman system service --time=0 unix:///tmp/podman.sock &
                             export DOCKER_HOST=unix:///tmp/podman.sock

Where ../shared is at hand: eval "$(../shared/sam-local/up)"
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case went."""

    case: replay.Case
    problems: list[str]
    seconds: float
    output: str
    """What `sam local invoke` wrote beside the answer: the function's log."""


class StackWorld:
    """Steps are carried out by the local stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.addresses = {
            "spotify_url": stack.spotify_url or "",
            "youtube_url": stack.youtube_url or "",
            "response_url": stack.aws.s3().generate_presigned_url(
                "put_object", {"Bucket": stack.template.buckets[BUCKET].name, "Key": "answer"}
            ),
        }

    def call(self, method: str, path: str, body: Any, token: str | None) -> tuple[int, Any]:
        """One request to the gateway."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if path == "/v1/auth/signup":
            # Every case signs somebody up, and together they are more than one source may be.
            with psycopg.connect(self._stack.database_url) as connection:
                connection.execute("DELETE FROM core.sign_in_limits")
        answer = requests.request(
            method, self._stack.api_url + path, json=body, headers=headers, timeout=replay.TIMEOUT
        )
        return answer.status_code, answer.json() if answer.content else None

    def invoke(self, function: str, event: Any) -> Any:
        """Run a function in the stack."""
        try:
            return self._stack.invoke(function, event)
        except FunctionError as error:
            raise replay.ReplayError(str(error)) from error


class Containers:
    """Invokes functions by ``sam local invoke``.

    Args:
        stack: what the functions talk to.
        folder: for the files that go to sam.
    """

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._folder = folder
        self._layers = folder / "layers"
        self._template = folder / "template.json"
        self._template.write_text(json.dumps(_built_template(stack.aws_url, _layer_arn(self._layers))))
        self._variables = folder / "variables.json"
        self._variables.write_text(
            json.dumps({name: dict(one.environment) for name, one in stack.template.functions.items()})
        )

    def invoke(self, function: str, event: Any) -> tuple[Any, str]:
        """Run a function on an event in a container; its answer, and what was written beside it."""
        with tempfile.NamedTemporaryFile("w", dir=self._folder, suffix=".json", delete=False) as file:
            json.dump(event, file)
        done = subprocess.run(
            [
                str(SAM), "local", "invoke", function, "--event", file.name,
                "--template", str(self._template), "--env-vars", str(self._variables),
                "--docker-network", "host", "--skip-pull-image", "--region", "us-east-1",
                "--layer-cache-basedir", str(self._layers),
                "--parameter-overrides", *_PLACEHOLDER_PARAMETERS,
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT,
            cwd=self._folder,  # where no samconfig.toml gives other answers
            env=_environment(),
        )  # fmt: skip
        lines = done.stdout.strip().splitlines()
        try:
            answer = json.loads(lines[-1]) if lines else None
        except ValueError:
            answer = done.stdout
        if done.returncode and answer is None:
            answer = {"errorType": f"sam local invoke ended with {done.returncode}"}
        return answer, done.stderr


_PLACEHOLDER_PARAMETERS = (
    # Parameters without a default; what depends on them comes by --env-vars.
    "ParameterKey=DatabaseHost,ParameterValue=127.0.0.1",
    "ParameterKey=DatabaseAdminSecretArn,ParameterValue=arn:aws:secretsmanager:us-east-1:000000000000:secret:x",
)


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{SAM.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "SAM_CLI_TELEMETRY": "0",
        # Accepted by the stand-in for AWS; sam hands them on to the function.
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }


def _layer_arn(cache: Path) -> str:
    """Put the built layer where sam keeps the layers that it has downloaded. Returns the ARN it goes by.

    For a layer that stands in the template sam builds the image anew at every invocation, which takes several
    times as long as the rest of it. One that it knows by ARN comes into the image once.
    """
    built = BUILT / LAYER
    digest = hashlib.sha256()
    for path in sorted(path for path in built.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(built)).encode() + path.read_bytes())
    name = f"{LAYER}-{digest.hexdigest()[:16]}"
    arn = f"arn:aws:lambda:us-east-1:000000000000:layer:{name}:1"
    # As LayerVersion names it: samcli/lib/providers/provider.py
    kept = cache / f"{name}-1-{hashlib.sha256(arn.encode()).hexdigest()[:10]}"
    shutil.copytree(built, kept)
    return arn


def _built_template(aws_url: str, layer: str) -> dict[str, Node]:
    """The template that ``sam build`` wrote, with the address of the stand-in for AWS.

    ``--env-vars`` only sets variables that the template has, and this one belongs to no deployment.
    """
    template = read_yaml(BUILT / "template.yaml")
    code = template["Globals"]["Function"]
    code["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = aws_url
    code["Layers"] = [layer]
    del template["Resources"][LAYER]
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if "CodeUri" in properties:
            properties["CodeUri"] = str(BUILT / properties["CodeUri"])
    return template


def still_template() -> dict[str, Node]:
    """The project's template without anything that acts on its own: no queue is polled, no timer fires."""
    template = read_yaml(ROOT / "template.yaml")
    code = template["Globals"]["Function"]
    code["CodeUri"] = str(ROOT / code["CodeUri"])
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if "ContentUri" in properties:
            properties["ContentUri"] = str(ROOT / properties["ContentUri"])
        for event in properties.get("Events", {}).values():
            if event["Type"] == QUEUE_EVENT:
                event["Properties"]["Enabled"] = False
            elif event["Type"] == TIMER_EVENT:
                event["Properties"]["State"] = "DISABLED"
    return template


def run(case: replay.Case, world: replay.World, containers: Containers) -> Outcome:
    """Prepare a case, run it and compare."""
    started = time.monotonic()
    output = ""
    try:
        known = replay.prepare(case, world)
        answer, output = containers.invoke(case.function, replay.filled(case.event, known))
        problems = replay.differences(case.expected, _comparable(answer), known)
    except (replay.ReplayError, subprocess.TimeoutExpired, requests.RequestException) as error:
        problems = [str(error)]
    return Outcome(case, problems, time.monotonic() - started, output)


def _comparable(answer: Any) -> Any:
    """A function that ended with an exception answers with its name."""
    if isinstance(answer, Mapping) and "errorType" in answer:
        return {**answer, "error": answer["errorType"]}
    return answer


def run_all(cases: list[replay.Case], stack: Stack, folder: Path, console: Console) -> list[Outcome]:
    """Run the cases, a few at a time, and say how each went as soon as it is known."""
    world, containers = StackWorld(stack), Containers(stack, folder)
    outcomes: list[Outcome] = []

    def report(outcome: Outcome) -> None:
        outcomes.append(outcome)
        mark = "[red]FAIL[/red]" if outcome.problems else "[green]ok[/green]"
        console.print(f"{mark:4} {outcome.case} [dim]{outcome.seconds:.1f} s[/dim]")

    # The first one alone: it builds the image with the layer, which the others then find.
    report(run(cases[0], world, containers))
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        futures = [pool.submit(run, case, world, containers) for case in cases[1:]]
        for future in concurrent.futures.as_completed(futures):
            report(future.result())
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
            for problem in outcome.problems:
                console.print(f"  {problem}", markup=False)
            console.print(outcome.output[-3000:], markup=False)
    failed = sum(bool(outcome.problems) for outcome in outcomes)
    print(f"{functions} functions, {len(outcomes)} events, {len(outcomes) - failed} passed, {failed} failed")


def has_engine() -> bool:
    """Whether there is an engine where sam looks for one."""
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    return not address.startswith("unix://") or Path(address.removeprefix("unix://")).is_socket()


@contextlib.contextmanager
def images_removed() -> Iterator[None]:
    """Remove the images with layers that sam makes in the meantime; it keeps them for ever."""
    engine = docker.from_env()
    before = set(_layer_images(engine))
    try:
        yield
    finally:
        for tag in set(_layer_images(engine)) - before:
            engine.images.remove(tag, force=True)
        engine.close()


def _layer_images(engine: docker.DockerClient) -> list[str]:
    return [tag for image in engine.images.list(name="samcli/lambda-python") for tag in image.tags]


def main() -> int:
    """Build, start, run, compare; 0 if every answer is as expected."""
    parser = argparse.ArgumentParser(description="Run every function on its events by `sam local invoke`.")
    parser.add_argument("only", nargs="*", help="functions, or function/case; all of them when left out")
    arguments = parser.parse_args()
    console = Console()
    if not has_engine():
        print(NO_ENGINE, file=sys.stderr)
        return 2
    cases = [
        case
        for case in replay.cases()
        if not arguments.only or {case.function, str(case)} & set(arguments.only)
    ]
    if not cases:
        print("There is no such event.", file=sys.stderr)
        return 2
    with console.status("sam build ..."):
        built = subprocess.run(
            [str(SAM), "build"], cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False
        )
    if built.returncode:
        print(built.stderr, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="musicconnect-sam-") as name:
        folder = Path(name)
        template = folder / "still.json"
        template.write_text(json.dumps(still_template()))
        with Stack(Options(template=template)) as stack, images_removed():
            without = set(stack.template.functions) - {case.function for case in cases}
            outcomes = run_all(cases, stack, folder, console)
    show(outcomes, len({case.function for case in cases}), console)
    if without and not arguments.only:
        print(f"without any event: {', '.join(sorted(without))}")
        return 1
    return 1 if any(outcome.problems for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())

"""Deploy: build, expand the schema, let new code in, contract the schema.

    python -m tools.deploy --dry-run      prints the steps, without a network

CloudFormation runs SchemaUpgrade, which expands, before every function that has a database; CodeDeploy
shifts requests to the new versions, and back if they fail, which fails the deployment. After a success the
API has to answer, and what only the old code needed is removed.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CONFIG = "samconfig.toml"
CERTIFICATES = "layers/musicconnect/certificates"
BUNDLED = "/opt/certificates/"
HEALTH_TIMEOUT = 30.0
"""Seconds."""


class DeployError(Exception):
    """Nothing, or nothing further, is done; the text says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command, and what it is for."""

    title: str
    command: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.title}\n    {shlex.join(self.command)}"


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``samconfig.toml`` says about a deployment."""

    environment: str
    stack_name: str
    parameters: Mapping[str, str]
    capabilities: tuple[str, ...] = ()

    @property
    def is_first(self) -> bool:
        """Whether nobody has given parameters yet; then SAM asks for them and writes them down."""
        return not self.parameters


def read_settings(root: Path, environment: str) -> Settings:
    """Read ``samconfig.toml``."""
    document = tomllib.loads((root / CONFIG).read_text())
    if environment not in document:
        known = ", ".join(name for name, one in document.items() if isinstance(one, dict))
        raise DeployError(f"{CONFIG} has no environment {environment}; there is {known}.")
    common = document[environment].get("global", {}).get("parameters", {})
    given = {**common, **document[environment].get("deploy", {}).get("parameters", {})}
    if "stack_name" not in given:
        raise DeployError(f"{CONFIG} names no stack for {environment}.")

    def listed(name: str) -> tuple[str, ...]:
        value = given.get(name, "")
        return tuple(shlex.split(value) if isinstance(value, str) else value)

    parameters = dict(part.split("=", 1) for part in listed("parameter_overrides"))
    return Settings(environment, given["stack_name"], parameters, listed("capabilities"))


def plan(settings: Settings, python: str = sys.executable) -> list[Step]:
    """The commands of a deployment, in order."""
    sam = str(Path(python).parent / "sam")
    environment = ("--config-env", settings.environment)
    after = (python, "-m", "tools.deploy", "--stack-name", settings.stack_name)
    asking = ("--guided",) if settings.is_first else ()
    return [
        Step("Check the templates.", (sam, "validate", "--lint", "--region", "us-east-1")),
        Step("Check the project's own rules.", (python, "-m", "tools.checks")),
        Step("Build the functions and the layer.", (sam, "build", *environment)),
        Step(
            "Deploy: expand the schema, replace the functions, shift the requests, and back if they fail.",
            (sam, "deploy", *environment, *asking),
        ),
        Step("See that the API answers.", (*after, "--only", "health")),
        Step("Take away what only the old code needed of the schema.", (*after, "--only", "contract")),
    ]


def objections(root: Path, settings: Settings, changed: Sequence[str]) -> list[str]:
    """List why this is not to be deployed; ``changed`` are the files that differ from what is committed."""
    from local.template.loader import parameter_names  # noqa: PLC0415 - the steps after need no template

    found = [f"{path} is not committed." for path in changed if path != CONFIG]
    unknown = sorted(set(settings.parameters) - parameter_names(root / "template.yaml"))
    found += [f"{CONFIG} sets {name}, which is no parameter of the template." for name in unknown]
    if "CAPABILITY_IAM" not in settings.capabilities:
        found.append(f"{CONFIG} does not allow SAM to make roles: capabilities lack CAPABILITY_IAM.")
    bundle = settings.parameters.get("DatabaseCaBundle", "system")
    if bundle.startswith(BUNDLED) and not (root / CERTIFICATES / bundle.removeprefix(BUNDLED)).is_file():
        found.append(f"{bundle} is not in {CERTIFICATES}; docs/operations.md says where to get it.")
    makes = settings.parameters.get("CreateDatabase", "false") == "true"
    checks = settings.parameters.get("DatabaseSslMode", "verify-full").startswith("verify")
    if makes and checks and bundle == "system":
        found.append("CreateDatabase makes an Aurora cluster, whose certificate needs a DatabaseCaBundle.")
    return found


def uncommitted(root: Path) -> list[str]:
    """Files that differ from what is committed, and files that git does not know."""
    command = ["git", "status", "--porcelain"]
    output = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return [line[3:] for line in output.splitlines()]


def run(steps: Sequence[Step], execute: Callable[[Step], int], say: Callable[[str], None] = print) -> None:
    """Do one step after the other, until one fails."""
    for number, step in enumerate(steps, 1):
        say(f"== {number}/{len(steps)} {step.title}")
        code = execute(step)
        if code != 0:
            left = " ".join(later.title for later in steps[number:])
            raise DeployError(f"step {number} failed with {code}." + (f" Not done: {left}" if left else ""))


def check_health(outputs: Mapping[str, str]) -> None:
    """Check that the API answers, and reaches its database."""
    url = f"{outputs['ApiUrl'].rstrip('/')}/v1/health"
    try:
        with urllib.request.urlopen(url, timeout=HEALTH_TIMEOUT) as answer:  # noqa: S310 - of our own stack
            print(f"{url}: {answer.status} {answer.read().decode()}")
    except (urllib.error.URLError, TimeoutError) as error:
        raise DeployError(f"{url}: {error}") from error


def contract(outputs: Mapping[str, str], invoke: Callable[..., Any]) -> None:
    """Remove from the schema what only the old code needed; ``invoke`` is that of a client of Lambda."""
    payload = json.dumps({"action": "contract"}).encode()
    answer = invoke(FunctionName=outputs["SchemaMigrateFunctionName"], Payload=payload)
    text = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise DeployError(f"the schema was not contracted: {text}")
    print(text)


def outputs_of(stack_name: str) -> dict[str, str]:
    """Read the outputs of a stack."""
    import boto3  # noqa: PLC0415 - a dry run needs no AWS

    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}


def _only(what: str, outputs: Mapping[str, str]) -> None:
    if what == "health":
        check_health(outputs)
    else:
        import boto3  # noqa: PLC0415 - as above
        from botocore.config import Config  # noqa: PLC0415 - as above

        # The upgrade may take as long as a function may, and must not be asked for twice meanwhile.
        patient = Config(read_timeout=905, retries={"total_max_attempts": 1})
        contract(outputs, boto3.client("lambda", config=patient).invoke)


def _execute(step: Step) -> int:
    # The functions' makefiles look for the project's Python on the path.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0"}
    return subprocess.run(step.command, cwd=ROOT, env=environment, check=False).returncode


def deploy(root: Path, environment: str, *, dry_run: bool, execute: Callable[[Step], int] = _execute) -> None:
    """Deploy what is committed, or print what that would be."""
    settings = read_settings(root, environment)
    found = objections(root, settings, uncommitted(root))
    steps = plan(settings)
    if dry_run:
        for number, step in enumerate(steps, 1):
            print(f"{number}. {step}")
    if found:
        raise DeployError("\n".join(["this is not deployed:", *(f"* {one}" for one in found)]))
    if not dry_run:
        run(steps, execute)


def main(
    arguments: Sequence[str] | None = None, outputs: Callable[[str], Mapping[str, str]] = outputs_of
) -> int:
    """The command line; 1 if nothing, or not everything, was done."""
    parser = argparse.ArgumentParser(prog="python -m tools.deploy", description=__doc__.partition("\n")[0])
    parser.add_argument("--dry-run", action="store_true", help="print the steps and what speaks against them")
    parser.add_argument("--config-env", default="default", help=f"of {CONFIG}")
    parser.add_argument("--only", choices=["health", "contract"], help="one of the last two steps")
    parser.add_argument("--stack-name", help="for --only")
    given = parser.parse_args(arguments)
    try:
        if given.only:
            if not given.stack_name:
                parser.error("--only needs --stack-name")
            _only(given.only, outputs(given.stack_name))
        else:
            deploy(ROOT, given.config_env, dry_run=given.dry_run)
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Deploy: build, expand the schema, let new code in, contract the schema.

    python -m tools.deploy --dry-run      prints the steps, without a network

CloudFormation runs SchemaUpgrade, which expands, before every function that has a database; CodeDeploy
shifts requests to the new versions, and back if they fail, which fails the deployment. After a success the
API has to answer, and what only the old code needed is removed.
"""

import argparse
import json
import os
import re
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

from local.template.cloudformation import TemplateError, parameter_values, read_yaml
from local.template.rules import broken_rules
from tools.account import Findings, check
from tools.first_deployment import needs

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
    region: str | None = None
    """Empty where the environment names it."""

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
    region = given.get("region")
    return Settings(environment, given["stack_name"], parameters, listed("capabilities"), region)


def plan(settings: Settings, python: str = sys.executable, *, asks: bool = False) -> list[Step]:
    """The commands of a deployment, in order.

    ``asks``: SAM asks for the parameters although some are known. Its answers are kept but for secrets, so a
    stack that was never made whole has none of those.
    """
    sam = str(Path(python).parent / "sam")
    environment = ("--config-env", settings.environment)
    place = ("--region", settings.region) if settings.region else ()
    after = (python, "-m", "tools.deploy", "--stack-name", settings.stack_name, *place)
    asking = ("--guided",) if settings.is_first or asks else ()
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
        Step("Protect the database against deletion, if it was made here.", (*after, "--only", "protect")),
    ]


def objections(root: Path, settings: Settings, changed: Sequence[str]) -> list[str]:
    """List why this is not to be deployed; ``changed`` are the files that differ from what is committed."""
    found = [f"{path} is not committed." for path in changed if path != CONFIG]
    if "CAPABILITY_IAM" not in settings.capabilities:
        found.append(f"{CONFIG} does not allow SAM to make roles: capabilities lack CAPABILITY_IAM.")
    bundle = settings.parameters.get("DatabaseCaBundle", "system")
    if bundle.startswith(BUNDLED) and not (root / CERTIFICATES / bundle.removeprefix(BUNDLED)).is_file():
        found.append(f"{bundle} is not in {CERTIFICATES}; docs/operations.md says where to get it.")
    return [*found, *contradictions(root, settings)]


def contradictions(root: Path, settings: Settings) -> list[str]:
    """List which parameters CloudFormation, or the nested template, would refuse; none where none is set."""
    if settings.is_first:  # SAM asks, and CloudFormation evaluates the rules on the answers
        return []
    document = read_yaml(root / "template.yaml")
    declared = document["Parameters"]
    unknown = sorted(set(settings.parameters) - set(declared))
    if unknown:
        return [f"{CONFIG} sets {name}, which is no parameter of the template." for name in unknown]
    # Secrets are in no file: SAM asks for them the first time, and CloudFormation keeps them. Those that may
    # be left empty may have been, so a rule is broken only if it is broken either way.
    kept = {name: "kept" for name, one in declared.items() if one.get("NoEcho")}
    left_out = {name: value for name, value in kept.items() if "Default" not in declared[name]}
    try:
        either_way = broken_rules(document, {**left_out, **settings.parameters})
        found = [
            rule for rule in broken_rules(document, {**kept, **settings.parameters}) if rule in either_way
        ]
        values = parameter_values(declared, {**kept, **settings.parameters})
    except TemplateError as error:
        return [f"{CONFIG}: {error}."]
    if values["CreateDatabase"] == "true":
        name = str(values["DatabaseName"])
        if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name):
            found.append(
                f"DatabaseName {name} is none that Aurora makes: a letter, then letters, digits and _."
            )
        if float(str(values["DatabaseMinCapacity"])) > float(str(values["DatabaseMaxCapacity"])):
            found.append("DatabaseMinCapacity is more than DatabaseMaxCapacity.")
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


def protect(outputs: Mapping[str, str], rds: Any) -> None:
    """Switch on the protection of the cluster that was made, if one was; ``rds`` is a client of RDS.

    The template leaves it out: a first deployment that fails could not delete a protected cluster again.
    """
    if cluster := outputs.get("DatabaseClusterId"):
        rds.modify_db_cluster(DBClusterIdentifier=cluster, DeletionProtection=True, ApplyImmediately=True)
        print(f"{cluster} is protected")


def outputs_of(stack_name: str) -> dict[str, str]:
    """Read the outputs of a stack."""
    import boto3  # noqa: PLC0415 - a dry run needs no AWS

    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}


def _only(what: str, outputs: Mapping[str, str]) -> None:
    import boto3  # noqa: PLC0415 - as above
    from botocore.config import Config  # noqa: PLC0415 - as above

    if what == "health":
        check_health(outputs)
    elif what == "protect":
        protect(outputs, boto3.client("rds"))
    else:
        # The upgrade may take as long as a function may, and must not be asked for twice meanwhile.
        patient = Config(read_timeout=905, retries={"total_max_attempts": 1})
        contract(outputs, boto3.client("lambda", config=patient).invoke)


def _execute(step: Step) -> int:
    # The functions' makefiles look for the project's Python on the path.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0"}
    return subprocess.run(step.command, cwd=ROOT, env=environment, check=False).returncode


def look(root: Path, settings: Settings) -> Findings:
    """Look at the account that the environment's credentials open."""
    import boto3  # noqa: PLC0415 - as above

    session = boto3.session.Session(region_name=settings.region)
    return check(session, settings.stack_name, settings.parameters, read_yaml(root / "template.yaml"))


def deploy(
    root: Path,
    environment: str,
    *,
    dry_run: bool,
    accepts_throttles: bool = False,
    execute: Callable[[Step], int] = _execute,
    look: Callable[[Path, Settings], Findings] = look,
) -> None:
    """Deploy what is committed, or print what that would be.

    Raises:
        DeployError: something speaks against it, or a step failed.
    """
    settings = read_settings(root, environment)
    found = objections(root, settings, uncommitted(root))
    if dry_run:
        for number, step in enumerate(plan(settings), 1):
            print(f"{number}. {step}")
        if settings.is_first:
            print(f"\n{needs(read_yaml(root / 'template.yaml'))}")
    asks = False
    if not dry_run and not found:
        seen = look(root, settings)
        asks = seen.is_first
        found += seen.refusals
        if accepts_throttles:
            print("\n".join(seen.throttles))
        elif seen.throttles:
            found += [*seen.throttles, "ACCEPT_THROTTLES=1 deploys all the same."]
        for one in seen.unchecked:
            print(f"not checked: {one}")
    if found:
        raise DeployError("\n".join(["this is not deployed:", *(f"* {one}" for one in found)]))
    if not dry_run:
        run(plan(settings, asks=asks), execute)


def main(
    arguments: Sequence[str] | None = None, outputs: Callable[[str], Mapping[str, str]] = outputs_of
) -> int:
    """The command line; 1 if nothing, or not everything, was done."""
    parser = argparse.ArgumentParser(prog="python -m tools.deploy", description=__doc__.partition("\n")[0])
    parser.add_argument("--dry-run", action="store_true", help="print the steps and what speaks against them")
    parser.add_argument("--config-env", default="default", help=f"of {CONFIG}")
    parser.add_argument("--only", choices=["health", "contract", "protect"], help="one of the last steps")
    parser.add_argument("--stack-name", help="for --only")
    parser.add_argument("--region", help="for --only, where the environment names none")
    parser.add_argument("--accept-throttles", action="store_true", help="go on with too little concurrency")
    given = parser.parse_args(arguments)
    try:
        if given.only:
            if not given.stack_name:
                parser.error("--only needs --stack-name")
            if given.region:
                os.environ["AWS_DEFAULT_REGION"] = given.region
            _only(given.only, outputs(given.stack_name))
        else:
            accepts = given.accept_throttles
            deploy(ROOT, given.config_env, dry_run=given.dry_run, accepts_throttles=accepts)
    except DeployError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

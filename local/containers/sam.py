"""Functions in containers, by ``sam local invoke``: what they need to speak to the local stack."""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import docker  # type: ignore[import-untyped] # comes with aws-sam-cli, which speaks to the engine by it

from local.containers import port_forwarding
from local.stack.stack import Stack
from local.template.cloudformation import Node, read_yaml

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".aws-sam/build"
LAYER = "MusicConnectLayer"
SAM = Path(sys.executable).with_name("sam")
LIMIT = 180.0
"""Seconds for one invocation, the start of its container included."""

NO_ENGINE = """\
There is no container engine here. `sam local invoke` runs functions in containers, and finds the engine at
the address in DOCKER_HOST, or else at /var/run/docker.sock.

  Docker or Docker Desktop   start it; nothing else is needed
  Podman                     podman system service --time=0 unix:///run/podman.sock &
                             export DOCKER_HOST=unix:///run/podman.sock

Where ../shared is at hand: eval "$(../shared/sam-local/up)"
"""

_PLACEHOLDER_PARAMETERS = (
    # Parameters without a default; what depends on them comes by --env-vars.
    "ParameterKey=DatabaseHost,ParameterValue=127.0.0.1",
    "ParameterKey=DatabaseAdminSecretArn,ParameterValue=arn:aws:secretsmanager:us-east-1:000000000000:secret:x",
)


def has_engine() -> bool:
    """Whether there is an engine where sam looks for one."""
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    return not address.startswith("unix://") or Path(address.removeprefix("unix://")).is_socket()


@dataclass(frozen=True, slots=True)
class Way:
    """How a container reaches what listens on this machine's loopback address.

    ``--docker-network host`` does nothing of the kind: sam leaves such a container on the default network.
    """

    address: str
    ports: Mapping[int, int]
    """The port there, by the port here."""

    @classmethod
    @contextlib.contextmanager
    def to(cls, stack: Stack) -> Iterator["Way"]:
        """Open the way to everything of the stack that a function speaks to."""
        urls = filter(None, (stack.aws_url, stack.spotify_url, stack.youtube_url))
        ports = [port for url in urls if (port := urlsplit(url).port)]
        if stack.postgres is not None:
            ports.append(stack.postgres.port)
        if sys.platform != "linux":
            # The engines of other systems run in a virtual machine, and lead there by themselves.
            yield cls("host.docker.internal", {port: port for port in ports})
            return
        engine = docker.from_env()
        gateway = engine.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
        engine.close()
        with port_forwarding.forwarding(gateway, ports) as forwarded:
            yield cls(gateway, forwarded)

    def within(self, text: str) -> str:
        """A text with the addresses as they are for a container."""
        for here, there in self.ports.items():
            text = text.replace(f"{port_forwarding.LOOPBACK}:{here}", f"{self.address}:{there}")
        return text

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """A function's variables with the addresses as they are for a container."""
        inside = {name: self.within(value) for name, value in variables.items()}
        if inside.get("DATABASE_HOST") == port_forwarding.LOOPBACK:
            inside["DATABASE_HOST"] = self.address
            inside["DATABASE_PORT"] = str(self.ports[int(inside["DATABASE_PORT"])])
        return inside


class Containers:
    """Invokes functions by ``sam local invoke``; the files for sam go to ``folder``."""

    def __init__(self, stack: Stack, way: Way, folder: Path) -> None:
        self._folder = folder
        self._way = way
        # Sam asks STS for the number of the account, and a real one would be asked over the network.
        self._environment = {**_environment(), "AWS_ENDPOINT_URL_STS": stack.aws_url}
        self._layers = folder / "layers"
        self._template = folder / "template.json"
        layer = _layer_arn(self._layers)
        self._template.write_text(json.dumps(_built_template(way.within(stack.aws_url), layer)))
        self._variables = folder / "variables.json"
        functions = stack.template.functions.items()
        variables = {name: way.environment(function.environment) for name, function in functions}
        self._variables.write_text(json.dumps(variables))

    def invoke(self, function: str, event: Any) -> tuple[Any, str]:
        """Run a function on an event in a container; its answer, and what was written beside it."""
        with tempfile.NamedTemporaryFile("w", dir=self._folder, suffix=".json", delete=False) as file:
            file.write(self._way.within(json.dumps(event)))
        done = subprocess.run(
            [
                str(SAM), "local", "invoke", function, "--event", file.name,
                "--template", str(self._template), "--env-vars", str(self._variables),
                "--skip-pull-image", "--region", "us-east-1",
                "--layer-cache-basedir", str(self._layers),
                "--parameter-overrides", *_PLACEHOLDER_PARAMETERS,
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT,
            cwd=self._folder,  # where no samconfig.toml gives other answers
            env=self._environment,
        )  # fmt: skip
        lines = done.stdout.strip().splitlines()
        try:
            answer = json.loads(lines[-1]) if lines else None
        except ValueError:
            answer = done.stdout
        if done.returncode and answer is None:
            answer = {"errorType": f"sam local invoke ended with {done.returncode}"}
        return answer, done.stderr


def build() -> subprocess.CompletedProcess[str]:
    """Build the functions and the layer as they are deployed."""
    return subprocess.run(
        [str(SAM), "build"], cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False
    )


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{SAM.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "SAM_CLI_TELEMETRY": "0",
        # Accepted by the stand-in for AWS; sam hands them on to the function.
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _layer_arn(cache: Path) -> str:
    """Put the built layer where sam has the layers that it has downloaded. Returns the ARN it goes by.

    For a layer of the template sam builds the image anew at every invocation, for one with an ARN once.
    """
    built = BUILT / LAYER
    digest = hashlib.sha256()
    for path in sorted(path for path in built.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(built)).encode() + path.read_bytes())
    name = f"{LAYER}-{digest.hexdigest()[:16]}"
    arn = f"arn:aws:lambda:us-east-1:000000000000:layer:{name}:1"
    # As LayerVersion names it: samcli/lib/providers/provider.py
    cached = cache / f"{name}-1-{hashlib.sha256(arn.encode()).hexdigest()[:10]}"
    shutil.copytree(built, cached)
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
        if resource["Type"] == "AWS::CloudFormation::Stack":  # the template is read from elsewhere
            properties = resource["Properties"]
            properties["TemplateURL"] = str(BUILT / properties["TemplateURL"])
        properties = resource.get("Properties", {})
        if "CodeUri" in properties:
            properties["CodeUri"] = str(BUILT / properties["CodeUri"])
    return template


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

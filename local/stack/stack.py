"""The whole system on one machine: starts everything that template.yaml needs, and stops it again.

    with Stack(Options()) as stack:
        requests.get(f"{stack.api_url}/v1/health")

Nothing it starts outlives the process that started it, however that ends (see ``local.supervisor``).
"""

import contextlib
import fcntl
import json
import os
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from local.lambda_.logs import log_file
from local.simulators.clock import base_offset
from local.stack.control_client import STATE_FILE, Control, FunctionError, StackError
from local.stack.postgres import ADMIN, DATABASE, ExternalPostgres, Postgres, PostgresError
from local.stack.progress import Progress
from local.stack.provider_apps import APPLICATIONS, Application
from local.stack.recovery import Recovery
from local.stack.server import ServerConfig
from local.stack.wait import DeadlineExceededError, announced, wait_until
from local.supervisor import Supervisor, SupervisorError
from local.template.cloudformation import TemplateError
from local.template.loader import load, parameter_names
from local.template.model import Deployment, Template

if TYPE_CHECKING:
    from local.stack.aws import Aws

__all__ = ["FunctionError", "Options", "QueueDepth", "Stack", "StackError"]

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".local"
"""Where ``python -m local up`` keeps its database and its logs."""

MAIL_DOMAIN = "musicconnect.example"
"""That mail comes from; nothing of it leaves the machine."""
ADMIN_SECRET = "musicconnect-local/database-admin"
_START_LIMIT = 60.0
_LEAST_FREE_BYTES = 200 * 1024**2
"""A new cluster takes 50 MB, and a server without room to write waits instead of failing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a stack is run. As they are: a throwaway stack on free ports, for a test or a demonstration."""

    template: Path = ROOT / "template.yaml"
    state: Path | None = None
    """Keeps database, generated secrets and logs; None for a temporary folder and a fast, unsafe database."""
    port: int = 0
    """Of the gateway; 0 for any free one. A busy one is replaced by a free one."""
    fresh: bool = False
    """Delete what the state folder holds."""
    quiet: bool = False
    mail: bool = False
    """Whether it sends mail, into its mailbox: then addresses are confirmed before there is an account."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Of the template; they win over what the stack works out itself."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Further variables for every function."""
    instances: int = 10
    """At most so many processes per function."""
    idle_seconds: float = 300.0
    """After which an idle instance ends."""


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """Approximate, as SQS says; exact with the stand-in."""

    visible: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        """All messages of the queue."""
        return self.visible + self.in_flight + self.delayed


class Stack:
    """A running system. A context manager; ``start`` and ``close`` do the same."""

    api_url: str
    """Of the gateway."""
    aws_url: str
    """Of the stand-in for AWS."""
    control: Control
    """Of the server, for what is not an HTTP API: instances, crashes."""
    aws: "Aws"
    template: Template

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.postgres: Postgres | None = None
        """The embedded server; None with ``DATABASE_URL``."""
        self.spotify_url: str | None = None
        """Of the simulator; None when the real service is used."""
        self.youtube_url: str | None = None
        self.tidal_url: str | None = None
        self.simulators: dict[str, str] = {}
        """Addresses of all simulators that run, by provider."""
        self._database_url: str | None = None
        self._admin: dict[str, str] = {}
        self._cleanup = contextlib.ExitStack()
        self._progress = Progress(quiet=self.options.quiet)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def start(self) -> None:
        """Start everything; ``StackError`` says what does not start, and nothing is left running."""
        try:
            self._start()
        except (DeadlineExceededError, OSError, PostgresError, SupervisorError, TemplateError) as error:
            self.close()
            raise StackError(str(error)) from error
        except BaseException:
            self.close()
            raise

    def look_after(self) -> list[str]:
        """Start again what ended by itself; give what was said about it. To be called now and then.

        ``StackError``: it cannot be started again, so that the stack is of no use any more.
        """
        try:
            return self._recovery.look()
        except (DeadlineExceededError, OSError, PostgresError, SupervisorError) as error:
            raise StackError(str(error)) from error

    def close(self) -> None:
        """Stop everything. Safe to call twice, and from ``finally``."""
        self._cleanup.close()

    def _start(self) -> None:
        began = time.monotonic()
        options = self.options
        declared = parameter_names(options.template)
        self._state = self._prepare_state()
        if (free := shutil.disk_usage(self._state).free) < _LEAST_FREE_BYTES:
            raise StackError(
                f"{self._state} has {free // 1024**2} MB left, and a stack takes "
                f"{_LEAST_FREE_BYTES // 1024**2} MB"
            )
        self._supervisor = self._cleanup.enter_context(
            Supervisor(self._state if options.state is None else None)
        )
        self._recovery = Recovery(self._supervisor, self._progress.warn)
        self._spawn("moto", "local.stack.moto_server")
        providers = [one for one in APPLICATIONS if one.is_used_by(declared, options.parameters)]
        simulated = [one for one in providers if not one.is_real(os.environ)]
        for provider in simulated:
            self._spawn(provider.name, f"local.simulators.{provider.name}", "--port", "0")
        # Whoever tries webhooks out receives them on this machine.
        parameters: dict[str, str] = {"WebhookLoopback": "true"}
        if "DatabaseHost" in declared:
            parameters |= self._start_postgres()
        self.aws_url = self._announced("moto", "the stand-in for AWS")["url"]
        from local.stack.aws import Aws  # noqa: PLC0415 - boto3 takes a while to import: PostgreSQL was first

        deployment = Deployment(aws_url=self.aws_url)
        self.aws = Aws(self.aws_url, deployment.region)
        self._progress.done("Queues, storage and secrets are ready (moto)")
        if "DatabaseAdminSecretArn" in declared:
            parameters["DatabaseAdminSecretArn"] = self._create_admin_secret()
        for provider in providers:
            parameters |= self._provider_parameters(provider, is_simulated=provider in simulated)
        if options.mail:
            parameters["MailDomain"] = MAIL_DOMAIN
        parameters = {key: value for key, value in parameters.items() if key in declared}
        parameters |= options.parameters
        deployment = self._create_resources(parameters, deployment)
        self._start_server(parameters, deployment, public="PublicUrl" in declared - set(parameters))
        if "SchemaMigrateFunction" in self.template.functions:
            self._migrate_schema()
        self.control.open()
        self._write_state()
        self._progress.done(f"Ready at {self.api_url} after {time.monotonic() - began:.1f} s")

    def _prepare_state(self) -> Path:
        if self.options.state is None:
            temporary = tempfile.TemporaryDirectory(prefix="musicconnect-", ignore_cleanup_errors=True)
            return Path(self._cleanup.enter_context(temporary)).resolve()
        state = self.options.state.resolve()
        state.mkdir(parents=True, exist_ok=True)
        lock = self._cleanup.enter_context((state / "lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"a stack is running in {state} already: stop that one first") from None
        saved = () if self.options.fresh else ("postgres", "postgres-password", "secrets.json")
        for path in state.iterdir():
            if path.name not in {*saved, "lock"}:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return state

    def _spawn_again(self, name: str, title: str, url: str, module: str, *arguments: str) -> None:
        """Start a process where it was, so that whoever knows its address finds it."""
        self._output(name).replace(self._output(f"{name}.before"))
        self._spawn(name, module, *arguments, str(urlsplit(url).port))
        self._announced(name, title)

    def _restart_aws(self) -> None:
        self._spawn_again("moto", "the stand-in for AWS", self.aws_url, "local.stack.moto_server")
        if self._admin:
            self._create_admin_secret()
        self._fill_aws(self.template)

    def _create_admin_secret(self) -> str:
        return self.aws.create_secret(ADMIN_SECRET, json.dumps(self._admin))

    def _fill_aws(self, template: Template) -> dict[str, str]:
        """Create queues, buckets and secrets; gives the secrets' ARNs."""
        from local.stack.aws import SavedSecrets  # noqa: PLC0415 - boto3 takes a while to import

        self.aws.create_queues_and_buckets(template)
        return self.aws.create_secrets(template, SavedSecrets(self._state / "secrets.json"))

    def _spawn(self, name: str, module: str, *arguments: str) -> None:
        shell = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE_")}
        (self._state / "logs").mkdir(exist_ok=True)
        self._supervisor.start(
            name,
            [sys.executable, "-m", module, *arguments],
            environment={**shell, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            output=self._output(name),
        )

    def _output(self, name: str) -> Path:
        return self._state / "logs" / f"{name}.log"

    def _announced(self, name: str, title: str) -> dict[str, Any]:
        def probe() -> dict[str, Any] | None:
            message = announced(self._output(name))
            if message is None and self._supervisor.exit_code(name) is not None:
                output = self._output(name).read_text(errors="replace").strip().splitlines()[-15:]
                raise StackError(f"{title} does not start. It said:\n" + "\n".join(output))
            return message

        return wait_until(probe, seconds=_START_LIMIT, what=f"{title} to start")

    def _start_postgres(self) -> dict[str, str]:
        given = os.environ.get("DATABASE_URL")
        if given:
            external = ExternalPostgres(given)
            self._admin = {"username": external.user, "password": external.password}
            self._database_url = given
            host, port, name = external.host, external.port, external.database
            ssl_mode = external.ssl_mode
            self._progress.done(f"Using the PostgreSQL at {host}:{port} (DATABASE_URL)")
        else:
            server = Postgres(
                self._state / "postgres",
                self._supervisor,
                log=self._output("postgres"),
                throwaway=self.options.state is None,
            )
            server.start()
            self.postgres = server
            lost = "Nothing that was committed is lost."
            self._recovery.register("postgres", "PostgreSQL", server.start, lost=lost)
            self._admin = {"username": ADMIN, "password": server.password}
            self._database_url = server.url()
            host, port, name, ssl_mode = server.host, server.port, DATABASE, "disable"
            self._progress.done(f"PostgreSQL is ready on port {port}")
        self._admin |= {"host": host, "port": str(port), "dbname": name}
        at = {"DatabaseHost": host, "DatabasePort": str(port), "DatabaseName": name}
        return {**at, "DatabaseSslMode": ssl_mode}

    def _provider_parameters(self, provider: Application, *, is_simulated: bool) -> dict[str, str]:
        if not is_simulated:
            self._progress.done(f"Using the real {provider.title} ({provider.variables}_CLIENT_ID is set)")
            return provider.real_parameters(os.environ)
        url: str = self._announced(provider.name, f"the {provider.title} simulator")["url"]
        self.simulators[provider.name] = url
        setattr(self, f"{provider.name}_url", url)
        self._recovery.register(
            provider.name,
            f"The {provider.title} simulator",
            lambda: self._spawn_again(
                provider.name, provider.title, url, f"local.simulators.{provider.name}", "--port"
            ),
            lost="Its accounts and playlists are those of the beginning; accounts have to be linked again.",
        )
        self._progress.done(f"The {provider.title} simulator is ready at {url}")
        return provider.simulated_parameters(url)

    def _create_resources(self, parameters: dict[str, str], deployment: Deployment) -> Deployment:
        """Create what the template declares; gives the deployment with the ARNs of its secrets."""
        arns = self._fill_aws(load(self.options.template, parameters, deployment))
        lost = "Messages and files that it held are lost; what is due is sent again within minutes."
        self._recovery.register("moto", "The stand-in for AWS", self._restart_aws, lost=lost)
        return Deployment(**{**asdict(deployment), "secret_arns": arns})

    def _start_server(self, parameters: dict[str, str], deployment: Deployment, *, public: bool) -> None:
        options = self.options
        self.template = load(options.template, parameters, deployment)
        self._clock_file = self._state / "clock-offset"
        self._clock_file.write_text(str(base_offset().total_seconds()))
        config = self._state / "server.json"
        ServerConfig(
            template=str(options.template.resolve()),
            parameters=parameters,
            public_url_parameter=public,
            deployment=asdict(deployment),
            port=options.port,
            logs=str(self._state / "logs" / "functions"),
            environment={"MUSICCONNECT_CLOCK_FILE": str(self._clock_file), **options.environment},
            shell=dict(os.environ),
            instances=options.instances,
            idle_seconds=options.idle_seconds,
        ).save(config)
        self._spawn("server", "local.stack.server", str(config))
        addresses = self._announced("server", "the server that runs the functions")
        self.api_url = addresses["api_url"]
        self.control = Control(addresses["url"])
        if options.port and not self.api_url.endswith(f":{options.port}"):
            self._progress.warn(
                f"Port {options.port} is in use; this stack answers at {self.api_url} instead"
            )

    def _migrate_schema(self) -> None:
        try:
            self.invoke("SchemaMigrateFunction", {"action": "upgrade"})
        except FunctionError as error:
            output = "\n".join(self.logs("SchemaMigrateFunction").splitlines()[-20:])
            raise StackError(
                f"the database schema cannot be brought up to date: {error}\n{output}"
            ) from error
        self._progress.done("The database schema is up to date")

    def _write_state(self) -> None:
        path = self._state / STATE_FILE
        self._cleanup.callback(path.unlink, missing_ok=True)
        path.touch(mode=0o600)
        state = {**self.addresses(), "control_url": self.control.url, "pids": self.pids}
        path.write_text(json.dumps(state, indent=1))

    def addresses(self) -> dict[str, Any]:
        """The stack's addresses by name; None of a simulator that does not run."""
        return {
            "api_url": self.api_url,
            "aws_url": self.aws_url,
            "database_url": self._database_url,
            "spotify_url": self.spotify_url,
            "youtube_url": self.youtube_url,
            "tidal_url": self.tidal_url,
        }

    @property
    def database_url(self) -> str:
        """The administrator's (embedded: the superuser's, which row-level security does not bind)."""
        if self._database_url is None:
            raise StackError("this template has no database")
        return self._database_url

    @property
    def pids(self) -> dict[str, int]:
        """The processes of the stack by name, without the functions' instances."""
        return {"stack": os.getpid(), **self._supervisor.pids}

    def invoke(self, function: str, event: object, *, seconds: float = 900.0) -> Any:
        """Run a function (logical id or name) on an event and return its answer, as ``Control.invoke``."""
        return self.control.invoke(function, event, seconds=seconds)

    def fire_schedule(self, name: str) -> Any:
        """Let a schedule fire now and return the function's answer, as ``Control.fire_schedule``."""
        return self.control.fire_schedule(name)

    def logs(self, function: str | None = None) -> str:
        """What a function (all of them: None) has written."""
        path = log_file(self._state / "logs" / "functions", function)
        return path.read_text(errors="replace") if path.exists() else ""

    def set_clock_offset(self, seconds: float) -> None:
        """Move the clock of the functions and of the simulators so many seconds from where it began."""
        temporary = self._clock_file.with_suffix(".new")
        temporary.write_text(str(base_offset().total_seconds() + seconds))
        temporary.replace(self._clock_file)  # at once: a function may be reading it
        for url in self.simulators.values():
            request = urllib.request.Request(  # noqa: S310 - an http address of our own
                f"{url}/_control/clock",
                json.dumps({"offset_seconds": seconds}).encode(),
                {"Content-Type": "application/json"},
                method="PUT",
            )
            urllib.request.urlopen(request, timeout=10).close()  # noqa: S310

    def queue_url(self, queue: str) -> str:
        """The URL of a queue by its logical id."""
        if queue not in self.template.queues:
            raise StackError(f"no queue {queue}; there are: {', '.join(sorted(self.template.queues))}")
        return self.template.queues[queue].url

    def send(self, queue: str, body: object, *, delay: int = 0) -> str:
        """Send a message (JSON, unless it is text already) to a queue. Returns its id."""
        text = body if isinstance(body, str) else json.dumps(body)
        sent = self.aws.sqs.send_message(QueueUrl=self.queue_url(queue), MessageBody=text, DelaySeconds=delay)
        return sent["MessageId"]

    def queue_depth(self, queue: str) -> QueueDepth:
        """How many messages a queue holds, by its logical id."""
        numbers = self.aws.sqs.get_queue_attributes(QueueUrl=self.queue_url(queue), AttributeNames=["All"])[
            "Attributes"
        ]
        return QueueDepth(
            visible=int(numbers["ApproximateNumberOfMessages"]),
            in_flight=int(numbers["ApproximateNumberOfMessagesNotVisible"]),
            delayed=int(numbers["ApproximateNumberOfMessagesDelayed"]),
        )

    def purge(self, queue: str) -> None:
        """Remove every message of a queue."""
        self.aws.sqs.purge_queue(QueueUrl=self.queue_url(queue))

"""What the local stack runs, as plain values read from template.yaml by ``local.template.loader``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.template.cloudformation import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Where the template is deployed to: what ``Ref`` and ``Fn::GetAtt`` of its resources give."""

    stack_name: str = "musicconnect-local"
    region: str = "us-east-1"
    account: str = "123456789012"
    aws_url: str = "http://127.0.0.1:0"
    """Address of the stand-in for AWS; queue URLs begin with it."""
    secret_arns: Mapping[str, str] = field(default_factory=dict)
    """Logical id to ARN, for the secrets that have been created."""

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something in this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A Lambda function."""

    id: str
    """Logical id."""
    name: str
    arn: str
    handler: str
    code: Path
    layers: tuple[Path, ...]
    timeout: float
    """Seconds."""
    memory: int
    """MB. Told to the function, not enforced."""
    environment: Mapping[str, str]
    max_instances: int | None
    """Reserved concurrency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method and path of the HTTP API."""

    method: str
    """In capitals; ``ANY`` for every one."""
    path: str
    function: str
    authorizer: str | None

    @property
    def key(self) -> str:
        """As API Gateway names it: ``GET /v1/me``."""
        return "$default" if self.path == "$default" else f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorizer:
    """A Lambda authorizer of the HTTP API."""

    name: str
    function: str
    identity_sources: tuple[str, ...]
    """``$request.header.Authorization`` and the like; all have to be present."""
    ttl: float
    """Seconds that an answer is kept; 0 for not at all."""
    simple: bool
    """Whether it answers ``{"isAuthorized": ...}`` rather than an IAM policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cors:
    """What the HTTP API answers browsers of other origins."""

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    expose: tuple[str, ...] = ()
    max_age: int | None = None
    credentials: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSource:
    """A queue whose messages a function gets."""

    name: str
    function: str
    queue: str
    batch_size: int
    window: float
    """Seconds to collect a batch for."""
    partial_failures: bool
    """``ReportBatchItemFailures``."""
    max_concurrency: int | None
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A timed invocation of a function."""

    id: str
    """Logical id of the function followed by the name of the event, as SAM names it."""
    function: str
    expression: str
    """``rate(...)`` or ``cron(...)``, the latter in UTC."""
    input: str | None
    """JSON that the function gets instead of the usual event."""
    scheduler: bool
    """EventBridge Scheduler (ScheduleV2) rather than an EventBridge rule."""
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """An SQS queue."""

    id: str
    name: str
    url: str
    arn: str
    attributes: Mapping[str, str]
    """As ``CreateQueue`` takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """An S3 bucket."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret: either its text is given or it is generated."""

    id: str
    name: str
    text: str | None
    generate: Mapping[str, Node] | None
    """``GenerateSecretString`` of CloudFormation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Everything of a template that runs on one machine. Mappings go by logical id."""

    deployment: Deployment
    functions: Mapping[str, Function]
    queues: Mapping[str, Queue]
    buckets: Mapping[str, Bucket]
    secrets: Mapping[str, Secret]
    mail_identities: tuple[str, ...]
    """Domains that mail may come from."""
    routes: tuple[Route, ...]
    authorizers: Mapping[str, Authorizer]
    cors: Cors | None
    queue_sources: tuple[QueueSource, ...]
    schedules: tuple[Schedule, ...]

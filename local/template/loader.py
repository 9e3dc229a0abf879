"""Read template.yaml: functions, routes, queues, schedules, buckets, secrets.

Resources without an effect on one machine (alarms, log groups, roles, domains) are passed over; a type that
is in neither list is an error, so that nothing is left out by oversight.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local.template.cloudformation import Evaluator, Node, TemplateError, as_text, read_yaml
from local.template.model import (
    Authorizer,
    Bucket,
    Cors,
    Deployment,
    Function,
    Queue,
    QueueSource,
    Route,
    Schedule,
    Secret,
    Template,
)

NO_AUTHORIZER = "NONE"

_RUN_HERE = {
    "AWS::Serverless::Function",
    "AWS::Serverless::HttpApi",
    "AWS::Serverless::LayerVersion",
    "AWS::SQS::Queue",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::SES::EmailIdentity",
}
_NO_EFFECT_HERE = (
    "AWS::ApiGatewayV2::ApiMapping", "AWS::ApiGatewayV2::DomainName", "AWS::Budgets::",
    "AWS::CloudFormation::", "AWS::CloudWatch::", "AWS::EC2::", "AWS::IAM::", "AWS::KMS::",
    "AWS::Lambda::Permission", "AWS::Logs::", "AWS::Route53::", "AWS::S3::BucketPolicy",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::SecretsManager::RotationSchedule", "AWS::SES::ConfigurationSet", "AWS::SNS::",
    "AWS::SQS::QueuePolicy", "AWS::SSM::", "Custom::",
)  # fmt: skip
_NOT_FOR_CREATE_QUEUE = {
    "KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "QueueName", "RedriveAllowPolicy", "RedrivePolicy",
    "SqsManagedSseEnabled", "Tags",
}  # fmt: skip


def load(path: Path, parameters: Mapping[str, str], deployment: Deployment | None = None) -> Template:
    """Read a template, with values for the parameters that differ from their defaults.

    ``TemplateError``: it says something that the local stack cannot carry out.
    """
    return _Reader(path, parameters, deployment or Deployment()).template()


def load_local(path: Path, aws_url: str) -> Template:
    """Read a template as a local stack has it, without the addresses of its database."""
    needed = {"DatabaseHost": "-", "DatabaseAdminSecretArn": "arn:aws:secretsmanager:-"}
    return load(path, needed, Deployment(aws_url=aws_url))


def parameter_names(path: Path) -> set[str]:
    """The parameters that a template declares."""
    return set(read_yaml(path).get("Parameters") or {})


class _Reader:
    def __init__(self, path: Path, parameters: Mapping[str, str], deployment: Deployment) -> None:
        self._folder = path.resolve().parent
        self._deployment = deployment
        self._document = read_yaml(path)
        self._globals: Mapping[str, Node] = self._document.get("Globals") or {}
        self._resources: Mapping[str, Any] = self._document["Resources"]
        self._evaluator = Evaluator(
            self._document,
            parameters=parameters,
            pseudo={
                "AWS::Region": deployment.region,
                "AWS::AccountId": deployment.account,
                "AWS::Partition": "aws",
                "AWS::StackName": deployment.stack_name,
                "AWS::StackId": deployment.arn("cloudformation", f"stack/{deployment.stack_name}/local"),
                "AWS::URLSuffix": "amazonaws.com",
            },
            attribute=self._attribute,
        )

    def template(self) -> Template:
        for name, resource in self._resources.items():
            kind = str(resource.get("Type"))
            if kind not in _RUN_HERE and not kind.startswith(_NO_EFFECT_HERE):
                raise TemplateError(f"{name}: the local stack does not know resources of type {kind}")
        functions = {name: self._function(name, got) for name, got in self._of("AWS::Serverless::Function")}
        authorizers, cors, default = self._api()
        routes: list[Route] = []
        sources: list[QueueSource] = []
        schedules: list[Schedule] = []
        for function, properties in self._of("AWS::Serverless::Function"):
            for event, declared in (properties.get("Events") or {}).items():
                kind, details = declared.get("Type"), declared.get("Properties") or {}
                where = f"{function}{event}"
                if kind == "HttpApi":
                    routes.append(self._route(where, function, details, default))
                elif kind == "SQS":
                    sources.append(self._queue_source(where, function, details))
                elif kind in {"Schedule", "ScheduleV2"}:
                    schedules.append(self._schedule(where, function, details, kind))
                else:
                    raise TemplateError(f"{where}: the local stack does not know events of type {kind}")
        for route in routes:
            if route.authorizer is not None and route.authorizer not in authorizers:
                raise TemplateError(f"{route.key}: the API has no authorizer named {route.authorizer}")
        return Template(
            deployment=self._deployment,
            functions=functions,
            queues={name: self._queue(name, got) for name, got in self._of("AWS::SQS::Queue")},
            buckets={
                name: Bucket(id=name, name=self._physical_name(name, "BucketName").lower())
                for name, _ in self._of("AWS::S3::Bucket")
            },
            secrets={name: self._secret(name, got) for name, got in self._of("AWS::SecretsManager::Secret")},
            mail_identities=tuple(
                str(got["EmailIdentity"]) for _, got in self._of("AWS::SES::EmailIdentity")
            ),
            routes=tuple(routes),
            authorizers=authorizers,
            cors=cors,
            queue_sources=tuple(sources),
            schedules=tuple(schedules),
        )

    def _of(self, kind: str) -> Iterator[tuple[str, dict[str, Node]]]:
        """The resources of a type whose condition holds, evaluated."""
        section = self._globals.get(kind.rsplit("::", 1)[1]) if kind.startswith("AWS::Serverless") else None
        for name, resource in self._resources.items():
            if resource.get("Type") != kind:
                continue
            if "Condition" in resource and not self._evaluator.condition(resource["Condition"]):
                continue
            merged = _merged(section or {}, resource.get("Properties") or {})
            try:
                yield name, self._evaluator.value(merged)
            except TemplateError as error:
                raise TemplateError(f"{name}: {error}") from error

    def _kind(self, name: str) -> str:
        return str(self._resources[name].get("Type"))

    def _physical_name(self, name: str, key: str) -> str:
        given = (self._resources[name].get("Properties") or {}).get(key)
        value = self._evaluator.value(given) if given is not None else None
        return str(value) if isinstance(value, str) else f"{self._deployment.stack_name}-{name}"

    def _attribute(self, name: str, attribute: str | None) -> Node:
        """``Ref`` (attribute None) or ``Fn::GetAtt`` of a resource."""
        at, kind = self._deployment, self._kind(name)
        if kind == "AWS::Serverless::Function":
            function = self._physical_name(name, "FunctionName")
            arn = at.arn("lambda", f"function:{function}")
            known: dict[str | None, str] = {None: function, "Arn": arn}
            # There is one version here, so an alias is another name for the function itself.
            if "AutoPublishAlias" in self._resources[name]["Properties"]:
                known |= dict.fromkeys(("Alias", "Version"), arn)
        elif kind == "AWS::SQS::Queue":
            queue = self._physical_name(name, "QueueName")
            url = f"{at.aws_url}/{at.account}/{queue}"
            known = {None: url, "QueueUrl": url, "QueueName": queue, "Arn": at.arn("sqs", queue)}
        elif kind == "AWS::S3::Bucket":
            bucket = self._physical_name(name, "BucketName").lower()
            known = {None: bucket, "Arn": f"arn:aws:s3:::{bucket}"}
            known |= dict.fromkeys(("DomainName", "RegionalDomainName"), f"{bucket}.s3.amazonaws.com")
        elif kind == "AWS::SecretsManager::Secret":
            pending = at.arn("secretsmanager", f"secret:{self._physical_name(name, 'Name')}")
            secret = at.secret_arns.get(name, pending)
            known = {None: secret, "Id": secret}
        elif kind == "AWS::Serverless::LayerVersion":
            layer = at.arn("lambda", f"layer:{name}:1")
            known = {None: layer, "LayerVersionArn": layer}
        else:  # of no effect here: a stand-in that nothing can call
            return at.arn("local", f"{name}/{attribute or 'Ref'}")
        if attribute not in known:
            raise TemplateError(f"the local stack does not know the attribute {attribute} of {name} ({kind})")
        return known[attribute]

    def _by_reference(self, value: Node, kind: str, where: str) -> str:
        """The logical id of the resource of a type whose ``Ref`` or ARN a value is."""
        for name in self._resources:
            references = (None, "Arn") if kind != "AWS::Serverless::LayerVersion" else (None,)
            if self._kind(name) == kind and value in {self._attribute(name, key) for key in references}:
                return name
        raise TemplateError(f"{where}: {value!r} is no {kind} of this template")

    def _function(self, name: str, properties: Mapping[str, Node]) -> Function:
        if properties.get("PackageType", "Zip") != "Zip" or "InlineCode" in properties:
            raise TemplateError(f"{name}: the local stack runs functions from a folder only")
        for key in ("CodeUri", "Handler"):
            if not isinstance(properties.get(key), str):
                raise TemplateError(f"{name}: {key} has to be given, as text")
        # Layers of others (an extension, say) have no folder here and are left out.
        own = self._deployment.arn("lambda", "layer:")
        layers = [arn for arn in properties.get("Layers") or [] if arn.startswith(own)]
        variables = (properties.get("Environment") or {}).get("Variables") or {}
        reserved = properties.get("ReservedConcurrentExecutions")
        return Function(
            id=name,
            name=self._attribute(name, None),
            arn=self._attribute(name, "Arn"),
            handler=properties["Handler"],
            code=self._folder / properties["CodeUri"],
            layers=tuple(self._layer_folder(arn, name) for arn in layers),
            timeout=float(properties.get("Timeout", 3)),
            memory=int(properties.get("MemorySize", 128)),
            environment={key: as_text(value) for key, value in variables.items()},
            max_instances=None if reserved is None else int(reserved),
        )

    def _layer_folder(self, arn: str, function: str) -> Path:
        name = self._by_reference(arn, "AWS::Serverless::LayerVersion", function)
        content = (self._resources[name].get("Properties") or {}).get("ContentUri")
        return self._folder / as_text(self._evaluator.value(content))

    def _queue(self, name: str, properties: Mapping[str, Node]) -> Queue:
        attributes = {
            key: as_text(value) for key, value in properties.items() if key not in _NOT_FOR_CREATE_QUEUE
        }
        redrive = properties.get("RedrivePolicy")
        if redrive:
            target = self._by_reference(redrive["deadLetterTargetArn"], "AWS::SQS::Queue", name)
            arn, count = self._attribute(target, "Arn"), int(redrive["maxReceiveCount"])
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": count})
        return Queue(
            id=name,
            name=self._attribute(name, "QueueName"),
            url=self._attribute(name, None),
            arn=self._attribute(name, "Arn"),
            attributes=attributes,
        )

    def _secret(self, name: str, properties: Mapping[str, Node]) -> Secret:
        return Secret(
            id=name,
            name=self._physical_name(name, "Name"),
            text=properties.get("SecretString"),
            generate=properties.get("GenerateSecretString"),
        )

    def _route(self, where: str, function: str, details: Mapping[str, Node], default: str | None) -> Route:
        if str(details.get("PayloadFormatVersion", "2.0")) != "2.0":
            raise TemplateError(f"{where}: the local stack speaks payload format 2.0 only")
        named = (details.get("Auth") or {}).get("Authorizer", default)
        method = str(details.get("Method", "ANY")).upper()
        return Route(
            method="ANY" if method in {"ANY", "X-AMAZON-APIGATEWAY-ANY-METHOD"} else method,
            path=str(details.get("Path", "$default")),
            function=function,
            authorizer=None if named in {None, NO_AUTHORIZER} else str(named),
        )

    def _queue_source(self, where: str, function: str, details: Mapping[str, Node]) -> QueueSource:
        if "FilterCriteria" in details:
            raise TemplateError(f"{where}: the local stack does not filter messages")
        limit = (details.get("ScalingConfig") or {}).get("MaximumConcurrency")
        return QueueSource(
            name=where,
            function=function,
            queue=self._by_reference(details.get("Queue"), "AWS::SQS::Queue", where),
            batch_size=int(details.get("BatchSize", 10)),
            window=float(details.get("MaximumBatchingWindowInSeconds", 0)),
            partial_failures="ReportBatchItemFailures" in (details.get("FunctionResponseTypes") or []),
            max_concurrency=None if limit is None else int(limit),
            enabled=_is_true(details.get("Enabled", True)),
        )

    def _schedule(self, where: str, function: str, details: Mapping[str, Node], kind: str) -> Schedule:
        scheduler = kind == "ScheduleV2"
        if details.get("ScheduleExpressionTimezone", "UTC") != "UTC":
            raise TemplateError(f"{where}: the local stack runs schedules in UTC only")
        expression = details.get("ScheduleExpression" if scheduler else "Schedule")
        if not isinstance(expression, str):
            raise TemplateError(f"{where}: a {kind} needs an expression")
        return Schedule(
            id=where,
            function=function,
            expression=expression,
            input=details.get("Input"),
            scheduler=scheduler,
            enabled=_is_true(details.get("Enabled", True)) and details.get("State", "ENABLED") == "ENABLED",
        )

    def _api(self) -> tuple[dict[str, Authorizer], Cors | None, str | None]:
        """Authorizers by name, CORS, and the name of the authorizer that routes have by default."""
        apis = dict(self._of("AWS::Serverless::HttpApi"))
        if len(apis) > 1:
            raise TemplateError(f"the local stack serves one HTTP API, not {', '.join(apis)}")
        for name, properties in apis.items():
            if properties.get("StageName", "$default") != "$default":
                raise TemplateError(f"{name}: the local stack knows the stage $default only")
            auth = properties.get("Auth") or {}
            authorizers = {
                key: self._authorizer(key, details)
                for key, details in (auth.get("Authorizers") or {}).items()
            }
            return authorizers, _cors(properties.get("CorsConfiguration")), auth.get("DefaultAuthorizer")
        return {}, None, None

    def _authorizer(self, name: str, details: Mapping[str, Node]) -> Authorizer:
        if "FunctionArn" not in details:
            raise TemplateError(f"authorizer {name}: the local stack knows Lambda authorizers only")
        identity = details.get("Identity") or {}
        sources = [f"$request.header.{key}" for key in identity.get("Headers") or []]
        sources += [f"$request.querystring.{key}" for key in identity.get("QueryStrings") or []]
        sources += [f"$context.{key}" for key in identity.get("Context") or []]
        # 300 s is what API Gateway takes when an authorizer with identity sources says nothing.
        given = details.get("AuthorizerResultTtlInSeconds", 300)
        ttl: Node = identity.get("ReauthorizeEvery", given)
        return Authorizer(
            name=name,
            function=self._by_reference(details["FunctionArn"], "AWS::Serverless::Function", name),
            identity_sources=tuple(sources),
            ttl=float(ttl) if sources else 0.0,
            simple=_is_true(details.get("EnableSimpleResponses", False)),
        )


def _merged(base: Node, own: Node) -> Node:
    """SAM's merge of Globals: mappings are merged, lists joined, the resource's own value wins otherwise."""
    if isinstance(base, dict) and isinstance(own, dict):
        if any(key.startswith("Fn::") or key == "Ref" for key in (*base, *own)):
            return own
        return {**base, **{key: _merged(base[key], own[key]) if key in base else own[key] for key in own}}
    if isinstance(base, list) and isinstance(own, list):
        return [*base, *own]
    return own


def _cors(declared: Node) -> Cors | None:
    if not declared:
        return None
    if declared is True:
        return Cors(origins=("*",), methods=("*",), headers=("*",))
    if isinstance(declared, str):
        return Cors(origins=(declared,))
    # Inside a condition the names are those of the API's OpenAPI document, which begin in lower case.
    given = {name[0].upper() + name[1:]: value for name, value in declared.items()}
    return Cors(
        origins=tuple(given.get("AllowOrigins") or ()),
        methods=tuple(given.get("AllowMethods") or ()),
        headers=tuple(given.get("AllowHeaders") or ()),
        expose=tuple(given.get("ExposeHeaders") or ()),
        max_age=None if given.get("MaxAge") is None else int(given["MaxAge"]),
        credentials=_is_true(given.get("AllowCredentials", False)),
    )


def _is_true(value: Node) -> bool:
    return str(value).lower() == "true"

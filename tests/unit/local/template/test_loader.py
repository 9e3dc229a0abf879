"""What is read from template.yaml."""

import json
from pathlib import Path

import pytest

from local.template.cloudformation import TemplateError
from local.template.loader import load
from local.template.model import Cors, Deployment, Template
from tests.support import ROOT, SAMPLE

DEPLOYMENT = Deployment(
    aws_url="http://127.0.0.1:5000", secret_arns={"SampleSecret": "arn:aws:secretsmanager:x:y:secret:z-abc"}
)


@pytest.fixture(scope="module")
def sample() -> Template:
    return load(SAMPLE, {"Greeting": "moin"}, DEPLOYMENT)


def test_functions_carry_the_globals_and_their_own(sample: Template) -> None:
    echo, slow, worker = (
        sample.functions[name] for name in ("EchoFunction", "SlowFunction", "WorkerFunction")
    )
    assert (echo.handler, echo.timeout, echo.memory) == ("echo.handler", 10.0, 128)
    assert echo.code == SAMPLE.parent / "functions"
    assert echo.layers == (SAMPLE.parent / "layer",)
    assert slow.timeout == 1.0
    assert echo.environment == {"GREETING": "moin"}
    assert worker.environment == {
        "GREETING": "moin",
        "QUEUE_URL": "http://127.0.0.1:5000/123456789012/musicconnect-local-WorkQueue",
        "SECRET_ARN": "arn:aws:secretsmanager:x:y:secret:z-abc",
        "BUCKET": "musicconnect-local-samplebucket",
    }


def test_routes_take_the_default_authorizer_unless_they_say_none(sample: Template) -> None:
    authorizers = {route.key: route.authorizer for route in sample.routes}
    assert authorizers["GET /public"] is None
    assert authorizers["GET /private"] == "Bearer"
    assert authorizers["ANY /items/{item_id}"] == "Bearer"
    bearer = sample.authorizers["Bearer"]
    assert bearer.function == "CoreAuthorizerFunction"
    assert bearer.identity_sources == ("$request.header.Authorization",)
    assert (bearer.ttl, bearer.simple) == (300.0, True)


def test_cors_is_read(sample: Template) -> None:
    assert sample.cors == Cors(
        origins=("https://example.org",), methods=("GET", "POST"), headers=("authorization",), max_age=600
    )


def test_queues_redrive_to_their_dead_letter_queue(sample: Template) -> None:
    attributes = dict(sample.queues["WorkQueue"].attributes)
    assert json.loads(attributes.pop("RedrivePolicy")) == {
        "deadLetterTargetArn": sample.queues["WorkDeadLetterQueue"].arn,
        "maxReceiveCount": 2,
    }
    assert attributes == {"VisibilityTimeout": "60"}


def test_event_sources_are_read(sample: Template) -> None:
    (source,) = sample.queue_sources
    assert (source.function, source.queue, source.batch_size) == ("WorkerFunction", "WorkQueue", 10)
    assert source.partial_failures
    assert source.max_concurrency == 2
    often, daily = sample.schedules
    assert (often.id, often.expression, often.scheduler) == ("TickFunctionOften", "rate(1 minute)", True)
    assert often.input == '{"task": "tick"}'
    assert (daily.id, daily.expression, daily.scheduler) == ("TickFunctionDaily", "cron(0 3 * * ? *)", False)


def test_secrets_and_buckets_are_read(sample: Template) -> None:
    assert sample.buckets["SampleBucket"].name == "musicconnect-local-samplebucket"
    secret = sample.secrets["SampleSecret"]
    assert secret.text is None
    assert secret.generate is not None
    assert secret.generate["GenerateStringKey"] == "k1"


FUNCTION = """
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x/
      Handler: a.b
      {more}
"""


def load_text(tmp_path: Path, text: str) -> Template:
    path = tmp_path / "template.yaml"
    path.write_text(text)
    return load(path, {})


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ("Events: {E: {Type: S3, Properties: {}}}", "FE: .* events of type S3"),
        ("Events: {E: {Type: Schedule, Properties: {}}}", "needs an expression"),
        ("Events: {E: {Type: SQS, Properties: {Queue: 'arn:aws:sqs:x:y:z'}}}", "is no AWS::SQS::Queue"),
        ("Events: {E: {Type: SQS, Properties: {Queue: q, FilterCriteria: {}}}}", "does not filter"),
        (
            "Events: {E: {Type: HttpApi, Properties: {Path: /a, Method: GET, Auth: {Authorizer: X}}}}",
            "named X",
        ),
        ("PackageType: Image", "from a folder only"),
        ("Timeout: !Cidr [a]", "F: .*Fn::Cidr"),
    ],
)
def test_what_cannot_be_run_here_is_named(tmp_path: Path, more: str, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        load_text(tmp_path, FUNCTION.format(more=more))


def test_an_unknown_type_of_resource_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"Table: .* AWS::DynamoDB::Table"):
        load_text(tmp_path, "Resources: {Table: {Type: AWS::DynamoDB::Table}}")


def test_a_resource_whose_condition_does_not_hold_is_left_out(tmp_path: Path) -> None:
    text = "Conditions: {Never: !Equals [a, b]}\nResources: {Q: {Type: AWS::SQS::Queue, Condition: Never}}"
    assert load_text(tmp_path, text).queues == {}


ALIASED = """
Resources:
  Answer:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: a.b, AutoPublishAlias: live, SnapStart: {ApplyOn: PublishedVersions}}
  Plain:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: a.b, Environment: {Variables: {OTHER: !Ref %s}}}
  Nested:
    Type: AWS::CloudFormation::Stack
    Condition: Never
    Properties: {TemplateURL: nowhere.yaml}
Conditions: {Never: !Equals [a, b]}
"""


@pytest.mark.parametrize("reference", ["Answer.Alias", "Answer.Version"])
def test_an_alias_is_another_name_for_the_function(tmp_path: Path, reference: str) -> None:
    found = load_text(tmp_path, ALIASED % reference)
    assert found.functions["Plain"].environment["OTHER"] == found.functions["Answer"].arn


def test_a_function_without_an_alias_has_none(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="does not know the attribute Alias of Plain"):
        load_text(tmp_path, ALIASED % "Plain.Alias")


def test_what_a_nested_template_gives_is_used_only_where_it_is_wanted(tmp_path: Path) -> None:
    text = ALIASED % "AWS::Region"
    chosen = "!If [Never, !GetAtt Nested.Outputs.Host, here]"
    found = load_text(tmp_path, text.replace("!Ref AWS::Region", chosen))
    assert found.functions["Plain"].environment["OTHER"] == "here"


def test_the_projects_own_template_can_be_run() -> None:
    path = ROOT / "template.yaml"
    secret = "arn:aws:secretsmanager:x:y:secret:a"
    found = load(path, {"DatabaseHost": "127.0.0.1", "DatabaseAdminSecretArn": secret}, DEPLOYMENT)
    assert {"CoreAuthorizerFunction", "MigrationsWorkerFunction"} <= set(found.functions)
    for function in found.functions.values():
        module = function.handler.rpartition(".")[0].replace(".", "/")
        assert (function.code / f"{module}.py").exists(), function.id

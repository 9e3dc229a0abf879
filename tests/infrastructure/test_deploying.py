"""The expanded template goes into a CloudFormation, as far as moto's knows what is in it."""

import ast
import json
import re
import uuid
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.support.aws import simulated_aws
from tests.support.expanded import expanded, package

REGION = "eu-central-1"  # nobody else's tests have anything there
NOT_SUPPORTED = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "AWS::SecretsManager::Secret",
}
"""What moto passes over, and says so."""
LEFT_OUT = {
    # Of an alias or an API that was passed over, which moto's does not expect.
    "AWS::Lambda::Permission",
    # Invokes the function, for which moto needs Docker.
    "Custom::SchemaUpgrade",
}
"""What moto fails on."""
NOT_WANTED = {
    "ApiDomain", "ApiDomainMapping", "Database", "NetworkPolicy", "MailIdentity", "MailEvents",
    "MailEventsToTopic", "MailTopic", "MailTopicPolicy", "MailTopicToQueue", "MailSending",
}  # fmt: skip
"""What the parameters' defaults do not ask for."""


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return expanded()


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with simulated_aws() as url:
        yield url


@pytest.fixture(scope="module")
def deployed(template: dict[str, Any], aws: str) -> dict[str, Any]:
    """The stack, as moto has it: resources by logical id, and the types that it passed over."""
    name = f"music-{uuid.uuid4().hex[:8]}"
    document = json.loads(json.dumps(template))
    document["Resources"] = {
        key: one for key, one in document["Resources"].items() if one["Type"] not in LEFT_OUT
    }
    for one in document["Resources"].values():
        waits_for = one.get("DependsOn", [])
        if "SchemaUpgrade" in ([waits_for] if isinstance(waits_for, str) else waits_for):
            del one["DependsOn"]
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket="packages", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key, content in (
        ("code", package()),
        ("layer", package()),
        ("template", json.dumps(document).encode()),
    ):
        s3.put_object(Bucket="packages", Key=key, Body=content)
    cloudformation = boto3.client("cloudformation", region_name=REGION)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        cloudformation.create_stack(
            StackName=name,
            TemplateURL="https://packages.s3.amazonaws.com/template",
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": "DatabaseHost", "ParameterValue": "db.example.org"},
                # Without it the outputs ask for the address of the API, which moto passes over.
                {"ParameterKey": "PublicUrl", "ParameterValue": "https://music.example.org"},
                {
                    "ParameterKey": "DatabaseAdminSecretArn",
                    "ParameterValue": f"arn:aws:secretsmanager:{REGION}:1:secret:admin",
                },
            ],
        )
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        made = cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]
    return {
        "name": name,
        "status": stack["StackStatus"],
        "made": {one["LogicalResourceId"]: one for one in made if one["LogicalResourceId"]},
        "passed_over": {
            match[1]
            for warning in warned
            if (match := re.search(r"Tried to parse (\S+) but it's not supported", str(warning.message)))
        },
    }


def test_moto_makes_everything_but_what_it_is_known_not_to(
    template: dict[str, Any], deployed: dict[str, Any]
) -> None:
    assert deployed["status"] == "CREATE_COMPLETE"
    assert deployed["passed_over"] == NOT_SUPPORTED
    expected = Counter(
        one["Type"]
        for name, one in template["Resources"].items()
        if one["Type"] not in NOT_SUPPORTED | LEFT_OUT and name not in NOT_WANTED
    )
    assert Counter(one["ResourceType"] for one in deployed["made"].values()) == expected
    assert expected["AWS::Lambda::Function"] >= 16


def test_functions_are_told_where_their_queues_are(deployed: dict[str, Any]) -> None:
    made, client = deployed["made"], boto3.client("lambda", region_name=REGION)
    name = made["MigrationsWorkerFunction"]["PhysicalResourceId"]
    configuration = client.get_function_configuration(FunctionName=name)
    assert configuration["Timeout"] == 60
    assert configuration["Runtime"] == "python3.13"
    variables = configuration["Environment"]["Variables"]
    assert variables["DATABASE_HOST"] == "db.example.org"
    assert variables["MIGRATIONS_QUEUE_URL"] == made["MigrationsQueue"]["PhysicalResourceId"]


def test_queues_lead_to_their_functions_and_to_their_dead_letters(deployed: dict[str, Any]) -> None:
    made, sqs = deployed["made"], boto3.client("sqs", region_name=REGION)
    mappings = boto3.client("lambda", region_name=REGION).list_event_source_mappings()["EventSourceMappings"]
    polled = [one for one in made.values() if one["ResourceType"] == "AWS::Lambda::EventSourceMapping"]
    assert len(mappings) == len(polled) >= 4
    for queue, failures in (
        ("MigrationsQueue", "MigrationsFailures"),
        ("TrendsImportQueue", "TrendsImportFailures"),
    ):
        attributes = sqs.get_queue_attributes(
            QueueUrl=made[queue]["PhysicalResourceId"], AttributeNames=["RedrivePolicy"]
        )["Attributes"]
        dead = made[failures]["PhysicalResourceId"].rsplit("/", 1)[1]
        assert json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"].endswith(f":{dead}")


def test_roles_name_what_was_made(deployed: dict[str, Any]) -> None:
    made, iam = deployed["made"], boto3.client("iam", region_name=REGION)
    policy = iam.get_role_policy(
        RoleName=made["MigrationsWorkerRole"]["PhysicalResourceId"], PolicyName="own"
    )
    (consuming,) = [
        statement
        for statement in ast.literal_eval(policy["PolicyDocument"])["Statement"]  # as moto writes it down
        if "sqs:ReceiveMessage" in statement["Action"]
    ]
    queue = made["MigrationsQueue"]["PhysicalResourceId"].rsplit("/", 1)[1]
    assert consuming["Resource"].endswith(f":{queue}")


def test_the_dashboard_speaks_of_what_was_made(deployed: dict[str, Any]) -> None:
    body = boto3.client("cloudwatch", region_name=REGION).get_dashboard(DashboardName=deployed["name"])
    widgets = json.loads(body["DashboardBody"])["widgets"]
    assert len(widgets) > 10
    assert deployed["made"]["CoreApiFunction"]["PhysicalResourceId"] in body["DashboardBody"]

"""The account is looked at before a deployment: what would fail, or throttle, is told before it is made."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from local.template.cloudformation import read_yaml
from tests.support import ROOT
from tests.support.aws import simulated_aws
from tools import account
from tools.account import Findings, check, needed_concurrency
from tools.deploy import protect

REGION = "eu-west-3"  # nobody else's tests have anything there


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return read_yaml(ROOT / "template.yaml")


LIMIT = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}
"""What the account says of itself."""


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """An account that says how many functions it runs at a time, which moto does not know."""

    def answer(request: Any, **_: Any) -> AWSResponse:
        content = json.dumps({"AccountLimit": LIMIT}).encode()
        return AWSResponse(request.url, 200, {"Content-Type": "application/json"}, _Raw(content))

    with simulated_aws():
        made = boto3.session.Session(region_name=REGION)
        with told(made, "before-send.lambda.GetAccountSettings", answer):
            yield made


@contextmanager
def told(session: Any, event: str, handler: Callable[..., Any]) -> Iterator[None]:
    session.events.register_first(event, handler)
    yield
    session.events.unregister(event, handler)


class _Raw(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


@pytest.fixture
def look(session: Any, document: dict[str, Any]) -> Any:
    """Looks with these parameters set."""

    def call(stack: str = "never-made", **parameters: str) -> Findings:
        return check(session, stack, parameters, document)

    return call


@pytest.fixture(scope="module")
def network(session: Any) -> dict[str, str]:
    """Two subnets of a VPC in two zones, one more beside them, and one of another VPC, with groups."""
    ec2 = session.client("ec2")
    made: dict[str, str] = {}
    for vpc in ("vpc", "other"):
        made[vpc] = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        made[f"{vpc}-group"] = ec2.create_security_group(GroupName=vpc, Description=vpc, VpcId=made[vpc])[
            "GroupId"
        ]
    for name, vpc, zone, block in (
        ("a1", "vpc", "a", "10.0.1.0/24"),
        ("a2", "vpc", "a", "10.0.2.0/24"),
        ("b", "vpc", "b", "10.0.3.0/24"),
        ("elsewhere", "other", "b", "10.0.3.0/24"),
    ):
        made[name] = ec2.create_subnet(VpcId=made[vpc], CidrBlock=block, AvailabilityZone=f"{REGION}{zone}")[
            "Subnet"
        ]["SubnetId"]
    return made


def secret(session: Any, text: str) -> str:
    client = session.client("secretsmanager")
    return str(client.create_secret(Name=f"s{abs(hash(text))}", SecretString=text)["ARN"])


def test_an_account_that_is_as_new_as_can_be_is_told_that_it_runs_too_few_functions(
    session: Any, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten is what new accounts have."""
    queues = [
        event["Properties"]["ScalingConfig"]["MaximumConcurrency"]
        for one in document["Resources"].values()
        if one["Type"] == "AWS::Serverless::Function"
        for event in one["Properties"].get("Events", {}).values()
        if event["Type"] == "SQS"
    ]
    needed = needed_concurrency(document)
    assert needed > sum(queues) + account.PEOPLE > 10

    assert check(session, "never-made", {}, document).throttles == []
    monkeypatch.setitem(LIMIT, "ConcurrentExecutions", 10)
    monkeypatch.setitem(LIMIT, "UnreservedConcurrentExecutions", 10)
    (said,) = check(session, "never-made", {}, document).throttles
    assert "runs 10 functions at a time" in said
    assert f"this needs {needed}" in said


def test_what_is_reserved_has_to_leave_enough_for_others(look: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda refuses it, when half of the stack is made."""
    assert look(AuthorizerConcurrency="100", SearchConcurrency="800").refusals == []
    (refusal,) = look(AuthorizerConcurrency="101", SearchConcurrency="800").refusals
    assert "reserve 901 of the 1000" in refusal


def test_a_stack_that_was_never_made_is_asked_for_everything_and_one_that_stands_is_not(
    look: Any, session: Any
) -> None:
    assert look().is_first
    body = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    session.client("cloudformation").create_stack(StackName="standing", TemplateBody=body)
    assert not look("standing").is_first


def test_what_failed_the_first_time_has_to_be_deleted_first(look: Any, session: Any) -> None:
    """CloudFormation updates no stack that was never made whole."""
    body = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    session.client("cloudformation").create_stack(StackName="failed", TemplateBody=body)

    def failed(parsed: Any, **_: Any) -> None:
        parsed["Stacks"][0]["StackStatus"] = "ROLLBACK_COMPLETE"

    with told(session, "after-call.cloudformation.DescribeStacks", failed):
        (refusal,) = look("failed").refusals
    assert "delete-stack --stack-name failed" in refusal


@pytest.mark.parametrize(
    "parameters",
    [
        {"DatabaseAdminSecretArn": "arn:aws:secretsmanager:us-east-2:1:secret:x"},
        {"DomainCertificateArn": "arn:aws:acm:us-east-2:1:certificate/x"},
        {"AlarmTopicArn": "arn:aws:sns:us-east-2:1:topic"},
        {"CreateDatabase": "true", "DatabaseCaBundle": "/opt/certificates/us-east-2-bundle.pem"},
    ],
)
def test_what_lies_in_another_region_is_told(look: Any, parameters: dict[str, str]) -> None:
    (refusal,) = [one for one in look(**parameters).refusals if f"would be in {REGION}" in one]
    assert "us-east-2" in refusal
    assert next(iter(parameters.keys() - {"CreateDatabase"})) in refusal


def test_authorities_of_the_region_or_of_all_are_right(look: Any) -> None:
    for bundle in (f"{REGION}-bundle.pem", "global-bundle.pem"):
        assert look(CreateDatabase="true", DatabaseCaBundle=f"/opt/certificates/{bundle}").refusals == []


def test_subnets_of_one_zone_carry_no_cluster(look: Any, network: dict[str, str]) -> None:
    given = {"VpcId": network["vpc"], "VpcSecurityGroupIds": network["vpc-group"]}
    one_zone, two_zones = (f"{network['a1']},{network[other]}" for other in ("a2", "b"))

    (refusal,) = look(CreateDatabase="true", VpcSubnetIds=one_zone, **given).refusals
    assert "two zones" in refusal
    assert look(VpcSubnetIds=one_zone, **given).refusals == [], "functions can do with one zone"
    assert look(CreateDatabase="true", VpcSubnetIds=two_zones, **given).refusals == []


def test_a_network_of_several_vpcs_is_told(look: Any, network: dict[str, str]) -> None:
    (refusal,) = look(VpcSubnetIds=network["elsewhere"], VpcSecurityGroupIds=network["vpc-group"]).refusals
    assert "several VPCs" in refusal
    (refusal,) = look(VpcSubnetIds="subnet-00000000", VpcSecurityGroupIds=network["vpc-group"]).refusals
    assert "subnet-00000000" in refusal


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("DatabaseAdminSecretArn", {"username": "u", "password": "p"}, {"username": "u"}),
        ("TokenKeysSecretArn", {"current": "k1", "k1": "x"}, {"k1": "x"}),
        ("ExportStorageSecretArn", {"access_key_id": "a", "secret_access_key": "s"}, {"access_key_id": ""}),
    ],
)
def test_secrets_hold_what_they_are_read_for(
    look: Any, session: Any, name: str, right: dict[str, str], wrong: dict[str, str]
) -> None:
    assert look(**{name: secret(session, json.dumps(right))}).refusals == []
    (refusal,) = look(**{name: secret(session, json.dumps(wrong))}).refusals
    assert name in refusal
    (refusal,) = look(**{name: secret(session, f"{name} in plain text")}).refusals
    assert name in refusal
    (refusal,) = look(**{name: f"arn:aws:secretsmanager:{REGION}:1:secret:gone"}).refusals
    assert name in refusal


def test_a_certificate_has_to_be_issued(look: Any, session: Any) -> None:
    acm = session.client("acm")
    pending = acm.request_certificate(DomainName="music.example.org", ValidationMethod="DNS")[
        "CertificateArn"
    ]
    (refusal,) = look(DomainCertificateArn=pending).refusals
    assert "PENDING_VALIDATION" in refusal


def test_without_a_region_nothing_is_asked(document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    (refusal,) = check(boto3.session.Session(), "music", {}, document).refusals
    assert "AWS_REGION" in refusal


def test_what_may_not_be_looked_at_stops_nothing() -> None:
    found = Findings()
    with account._looking("The account's concurrency", found):
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetAccountSettings")
    assert (found.refusals, found.unchecked) == ([], ["The account's concurrency: AccessDeniedException"])


def test_a_database_that_was_made_is_protected_when_all_is_well(
    session: Any, network: dict[str, str]
) -> None:
    """The template cannot: a first deployment that fails could not delete a protected cluster again."""
    rds = session.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="made",
        Engine="aurora-postgresql",
        MasterUsername="admin1",
        MasterUserPassword="p" * 12,
    )
    protect({"DatabaseClusterId": "made"}, rds)
    (cluster,) = rds.describe_db_clusters(DBClusterIdentifier="made")["DBClusters"]
    assert cluster["DeletionProtection"] is True
    protect({}, rds)  # where the database is somebody else's

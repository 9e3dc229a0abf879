"""Check the AWS account that a deployment goes to, before anything is made in it.

Everything here only reads. What the credentials may not read is told as not checked, and stops nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from local.template.cloudformation import Node

PEOPLE: Final = 20
"""Environments for ten requests at once: each takes the authorizer's and its own function's."""
MIN_UNRESERVED: Final = 100
RESERVING: Final = ("AuthorizerConcurrency", "SearchConcurrency")
NEVER_MADE: Final = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}
"""States of a stack that CloudFormation updates no more."""
ARNS: Final = (
    "DatabaseAdminSecretArn",
    "TokenKeysSecretArn",
    "ExportStorageSecretArn",
    "DomainCertificateArn",
    "AlarmTopicArn",
)
SECRETS: Final = {
    "DatabaseAdminSecretArn": ("username", "password"),
    "TokenKeysSecretArn": ("current",),
    "ExportStorageSecretArn": ("access_key_id", "secret_access_key"),
}
"""What has to be in them."""


@dataclass(slots=True)
class Findings:
    """What came of looking at an account."""

    is_first: bool = False
    """Whether the stack was never made, so that nothing is known of earlier answers."""
    refusals: list[str] = field(default_factory=list)
    throttles: list[str] = field(default_factory=list)
    """A refusal that a deployer may accept: work will wait for want of concurrency."""
    unchecked: list[str] = field(default_factory=list)


def needed_concurrency(document: Mapping[str, Node]) -> int:
    """Count the environments that run at the same time when every queue is full and people call, too."""
    total = PEOPLE
    for resource in document["Resources"].values():
        events = resource.get("Properties", {}).get("Events", {})
        for event in events.values() if isinstance(events, dict) else ():
            if event["Type"] == "SQS":
                total += int(event["Properties"]["ScalingConfig"]["MaximumConcurrency"])
            elif event["Type"].startswith("Schedule"):
                total += 1
    return total


def check(
    session: Any, stack_name: str, parameters: Mapping[str, str], document: Mapping[str, Node]
) -> Findings:
    """Look at the account and region of a boto3 session.

    Args:
        session: Credentials and region.
        stack_name: Which is about to be made or updated.
        parameters: Those that are set, by name; what SAM will ask for is not looked at.
        document: The template, in long form.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - a dry run needs no AWS

    found = Findings()
    region = session.region_name
    if not region:
        found.refusals.append("No region is set: export AWS_REGION, or set region in samconfig.toml.")
        return found
    try:
        account = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        found.refusals.append(f"The credentials in the environment do not open an account: {error}")
        return found
    given = {name: value for name, value in parameters.items() if value}
    found.refusals += _of_another_region(given, region)
    _stack(session, stack_name, found)
    reserved = sum(int(given.get(name, "0")) for name in RESERVING)
    _concurrency(session, needed_concurrency(document), reserved, found)
    if found.is_first:
        _network(session, given, found)
        for name in SECRETS:
            if arn := given.get(name):
                _secret(session, name, arn, found)
        if arn := given.get("DomainCertificateArn"):
            _certificate(session, arn, found)
    found.refusals = [f"{one} (account {account}, {region})" for one in found.refusals]
    return found


def _of_another_region(given: Mapping[str, str], region: str) -> Iterator[str]:
    for name in ARNS:
        if name in given and (where := given[name].split(":")[3]) != region:
            yield f"{name} is in {where}, and the stack would be in {region}."
    named = re.match(r"/opt/certificates/([a-z]{2}(?:-[a-z]+)+-\d)-", given.get("DatabaseCaBundle", ""))
    if named and given.get("CreateDatabase") == "true" and named[1] != region:
        yield f"DatabaseCaBundle has the authorities of {named[1]}, and the database would be in {region}."


@contextmanager
def _looking(what: str, found: Findings) -> Iterator[None]:
    """Tell what AWS does not know as a refusal, and what may not be looked at as not checked."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - as above

    try:
        yield
    except ClientError as error:
        code, text = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        if "AccessDenied" in code or "Unauthorized" in code:
            found.unchecked.append(f"{what}: {code}")
        else:
            found.refusals.append(f"{what}: {text or code}")


def _stack(session: Any, name: str, found: Findings) -> None:
    from botocore.exceptions import ClientError  # noqa: PLC0415 - as above

    try:
        (stack,) = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            found.unchecked.append(f"The stack {name}: {error.response['Error']['Code']}")
            return
        found.is_first = True
        return
    status = stack["StackStatus"]
    found.is_first = status == "REVIEW_IN_PROGRESS"
    if status in NEVER_MADE:
        found.refusals.append(
            f"The stack {name} is in {status}: it was never made whole, and can only be deleted, by "
            f"`aws cloudformation delete-stack --stack-name {name}`. What it made goes with it."
        )


def _concurrency(session: Any, needed: int, reserved: int, found: Findings) -> None:
    with _looking("The account's concurrency", found):
        limit = session.client("lambda").get_account_settings()["AccountLimit"]
        free = limit["UnreservedConcurrentExecutions"]
        if found.is_first and reserved and free - reserved < MIN_UNRESERVED:
            found.refusals.append(
                f"{' and '.join(RESERVING)} reserve {reserved} of the {free} functions that the account runs "
                f"at a time; Lambda refuses to leave fewer than {MIN_UNRESERVED} for all others."
            )
        if free < needed:
            found.throttles.append(
                f"The account runs {limit['ConcurrentExecutions']} functions at a time, {free} of them "
                f"unreserved, and this needs {needed}: with fewer, requests are refused while queues are "
                'worked on. New accounts have 10; ask Service Quotas for more "Concurrent executions" of AWS '
                "Lambda (L-B99A9384), which costs nothing."
            )


def _network(session: Any, given: Mapping[str, str], found: Findings) -> None:
    subnets = [one.strip() for one in given.get("VpcSubnetIds", "").split(",") if one.strip()]
    groups = [one.strip() for one in given.get("VpcSecurityGroupIds", "").split(",") if one.strip()]
    if not subnets or not groups:
        return
    ec2 = session.client("ec2")
    with _looking("VpcSubnetIds and VpcSecurityGroupIds", found):
        known = ec2.describe_subnets(SubnetIds=subnets)["Subnets"]
        let_in = ec2.describe_security_groups(GroupIds=groups)["SecurityGroups"]
        places = {one["VpcId"] for one in (*known, *let_in)} | (
            {given["VpcId"]} if "VpcId" in given else set()
        )
        if len(places) > 1:
            several = ", ".join(sorted(places))
            found.refusals.append(
                f"VpcId, VpcSubnetIds and VpcSecurityGroupIds are of several VPCs: {several}."
            )
        zones = {one["AvailabilityZone"] for one in known}
        if given.get("CreateDatabase") == "true" and len(zones) < 2:
            found.refusals.append(
                f"VpcSubnetIds are all in {', '.join(zones)}; a cluster takes subnets in two zones at least."
            )


def _secret(session: Any, name: str, arn: str, found: Findings) -> None:
    with _looking(name, found):
        text = session.client("secretsmanager").get_secret_value(SecretId=arn).get("SecretString", "")
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        missing = [key for key in SECRETS[name] if not isinstance(value, dict) or not value.get(key)]
        if missing:
            found.refusals.append(f"{name} names a secret without {' and '.join(missing)}.")


def _certificate(session: Any, arn: str, found: Findings) -> None:
    with _looking("DomainCertificateArn", found):
        status = session.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]["Status"]
        if status != "ISSUED":
            found.refusals.append(f"DomainCertificateArn names a certificate in state {status}, not ISSUED.")

"""The rules of the template, asked of every function one by one.

1. A role of its own, that no other function has.
2. A log group of its own, that forgets after a number of days, and to which it may write.
3. Where it is invoked asynchronously, or works on a queue: a place for what failed, with an alarm at one. A
   message of a queue waits to be sent again, and rings as long; an invocation does not, and rings once.
4. An alarm on its errors.
5. The template itself passes ``sam validate --lint``, which ``make lint`` runs.
"""

from typing import Any

import pytest

from local.template.cloudformation import read_yaml
from tests.infrastructure.conftest import ROOT

FUNCTIONS = sorted(
    name
    for name, resource in read_yaml(ROOT / "template.yaml")["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
)
INVOKED_BY_CLOUDFORMATION = {"SchemaMigrateFunction"}


@pytest.fixture(params=FUNCTIONS)
def name(request: pytest.FixtureRequest) -> str:
    """Logical id of a function."""
    return str(request.param)


def alarms_on(resources: dict[str, Any], namespace: str, metric: str) -> list[dict[str, Any]]:
    return [
        one["Properties"]
        for one in resources.values()
        if one["Type"] == "AWS::CloudWatch::Alarm"
        and one["Properties"].get("Namespace") == namespace
        and one["Properties"].get("MetricName") == metric
    ]


def test_it_has_a_role_of_its_own(name: str, functions: dict[str, Any], resources: dict[str, Any]) -> None:
    role = functions[name]["Role"]
    assert resources[role["Fn::GetAtt"][0]]["Type"] == "AWS::IAM::Role"
    assert [other for other, one in functions.items() if one["Role"] == role] == [name]
    assert "Policies" not in functions[name], "SAM's policies would make a second one"


def test_it_has_a_log_group_that_forgets(
    name: str, functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    group = functions[name]["LoggingConfig"]["LogGroup"]["Ref"]
    assert resources[group]["Type"] == "AWS::Logs::LogGroup"
    assert resources[group]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert [
        other for other, one in functions.items() if one["LoggingConfig"]["LogGroup"]["Ref"] == group
    ] == [name]
    role = resources[functions[name]["Role"]["Fn::GetAtt"][0]]["Properties"]
    statements = [one for policy in role["Policies"] for one in policy["PolicyDocument"]["Statement"]]
    assert {"Fn::GetAtt": [group, "Arn"]} in [one["Resource"] for one in statements]


def test_what_fails_is_kept_and_told_of(
    name: str, functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    function, kept = functions[name], []
    events = function.get("Events", {}).values()
    if name in INVOKED_BY_CLOUDFORMATION:
        kept.append(function["DeadLetterQueue"]["TargetArn"])
    if any(event["Type"].startswith("Schedule") for event in events):
        kept.append(function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"])
        kept += [
            event["Properties"]["DeadLetterConfig"]["Arn"]
            for event in events
            if event["Type"].startswith("Schedule")
        ]
    for event in events:
        if event["Type"] == "SQS":
            queue = resources[event["Properties"]["Queue"]["Fn::GetAtt"][0]]["Properties"]
            kept.append(queue["RedrivePolicy"]["deadLetterTargetArn"])
        else:
            assert event["Type"] in ("HttpApi", "ScheduleV2"), "is this kind of event asynchronous?"
    told_of = [
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for metric in ("ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent")
        for alarm in alarms_on(resources, "AWS/SQS", metric)
        if alarm["Threshold"] == 1
    ]
    assert {target["Fn::GetAtt"][0] for target in kept} <= set(told_of)
    assert kept or all(event["Type"] == "HttpApi" for event in events)


def test_it_has_an_alarm_on_its_errors(name: str, resources: dict[str, Any]) -> None:
    alarms = alarms_on(resources, "AWS/Lambda", "Errors")
    (alarm,) = [
        one for one in alarms if one["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": name}}]
    ]
    assert alarm["Threshold"] == 1
    assert alarm["AlarmActions"]["Fn::If"][:2] == ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}]]


def test_an_invocation_that_failed_does_not_ring_for_as_long_as_it_is_kept(resources: dict[str, Any]) -> None:
    """The next run does what it did not: nothing is sent again, so nothing would ever make it quiet."""
    watching = [
        (one["Properties"]["MetricName"], one["Properties"]["Statistic"])
        for one in resources.values()
        if one["Type"] == "AWS::CloudWatch::Alarm"
        and {"Fn::GetAtt": ["FailedInvocations", "QueueName"]}
        in [entry["Value"] for entry in one["Properties"].get("Dimensions", [])]
    ]
    assert watching == [("NumberOfMessagesSent", "Sum")]
    # What a redrive policy moves is not counted as sent, so of queues the metric says nothing.
    for name, one in resources.items():
        if one["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in one["Properties"]:
            dead = one["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
            assert {"Fn::GetAtt": [dead, "QueueName"]} in [
                alarm["Dimensions"][0]["Value"]
                for alarm in alarms_on(resources, "AWS/SQS", "ApproximateNumberOfMessagesVisible")
            ], name

"""Queues, their dead letters and their alarms."""

from typing import Any

import pytest


def queues(resources: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Properties of all queues."""
    return {
        name: resource["Properties"]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::SQS::Queue"
    }


def sources(functions: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Function and properties of every queue that is polled."""
    return [
        (name, event["Properties"])
        for name, function in functions.items()
        for event in function.get("Events", {}).values()
        if event["Type"] == "SQS"
    ]


@pytest.fixture(scope="module")
def dead_letter_queues(resources: dict[str, Any]) -> set[str]:
    """Queues for what failed."""
    polled = [queue["RedrivePolicy"] for queue in queues(resources).values() if "RedrivePolicy" in queue]
    return {policy["deadLetterTargetArn"]["Fn::GetAtt"][0] for policy in polled} | {"FailedInvocations"}


def test_a_message_stays_hidden_for_six_times_the_functions_time(
    functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    polled = sources(functions)
    assert len(polled) >= 2
    for name, source in polled:
        queue = queues(resources)[source["Queue"]["Fn::GetAtt"][0]]
        window = source.get("MaximumBatchingWindowInSeconds", 0)
        assert queue["VisibilityTimeout"] >= 6 * functions[name]["Timeout"] + window


def test_a_polled_queue_redrives_and_one_failed_message_fails_alone(
    functions: dict[str, Any], resources: dict[str, Any], dead_letter_queues: set[str]
) -> None:
    for _, source in sources(functions):
        queue = queues(resources)[source["Queue"]["Fn::GetAtt"][0]]
        assert queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] in dead_letter_queues
        assert queue["RedrivePolicy"]["maxReceiveCount"] >= 3
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert 2 <= source["ScalingConfig"]["MaximumConcurrency"] <= 1000
        assert source["BatchSize"] >= 1


def test_a_function_may_go_on_through_its_own_queue_for_long(functions: dict[str, Any]) -> None:
    """Lambda stops a chain of invocations after some sixteen, unless the function says that it is meant."""
    chained = {
        name
        for name, source in sources(functions)
        if source["Queue"]["Fn::GetAtt"][0]
        in {
            value.get("Ref")
            for variable, value in functions[name]["Environment"]["Variables"].items()
            if variable.endswith("_QUEUE_URL")
        }
    }
    assert {"MigrationsWorkerFunction", "MaintenanceFunction"} <= chained
    assert {name for name in functions if functions[name].get("RecursiveLoop") == "Allow"} == chained


def test_every_queue_is_encrypted_and_reached_by_tls_only(resources: dict[str, Any]) -> None:
    assert all(queue["SqsManagedSseEnabled"] for queue in queues(resources).values())
    policies = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::SQS::QueuePolicy"]
    # A queue has one policy: a second one would take the place of the first.
    covered = [queue["Ref"] for policy in policies for queue in policy["Queues"]]
    assert sorted(covered) == sorted(queues(resources))
    for policy in policies:
        statement, *others = policy["PolicyDocument"]["Statement"]
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert others == [] or policy["Queues"] == [{"Ref": "MailFeedbackQueue"}]


def test_what_ses_says_of_mail_comes_by_its_own_topic_only(resources: dict[str, Any]) -> None:
    _, allowed = resources["MailFeedbackPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    condition, statement, _ = allowed["Fn::If"]
    assert condition == "HasMail"
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": "MailTopic"}}}
    subscription = resources["MailTopicToQueue"]["Properties"]
    assert subscription["Endpoint"] == {"Fn::GetAtt": ["MailFeedbackQueue", "Arn"]}
    assert subscription["RawMessageDelivery"] is True


def test_dead_letters_raise_an_alarm_at_the_first_one(
    resources: dict[str, Any], dead_letter_queues: set[str]
) -> None:
    alarms = watched(resources, "ApproximateNumberOfMessagesVisible")
    alarms |= watched(resources, "NumberOfMessagesSent")  # of those that nothing is to be done about
    assert set(alarms) == dead_letter_queues
    assert {alarm["Threshold"] for alarm in alarms.values()} == {1}


def test_dead_letters_are_kept_as_long_as_can_be(
    resources: dict[str, Any], dead_letter_queues: set[str]
) -> None:
    assert {queues(resources)[name]["MessageRetentionPeriod"] for name in dead_letter_queues} == {1209600}


def test_work_that_waits_too_long_raises_an_alarm(
    resources: dict[str, Any], dead_letter_queues: set[str]
) -> None:
    working = set(queues(resources)) - dead_letter_queues
    assert set(watched(resources, "ApproximateAgeOfOldestMessage")) == working


def test_every_alarm_goes_to_the_topic_where_one_is_given(resources: dict[str, Any]) -> None:
    alarms = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    assert alarms
    for alarm in alarms:
        condition, actions, _ = alarm["AlarmActions"]["Fn::If"]
        assert (condition, actions) == ("HasAlarmTopic", [{"Ref": "AlarmTopicArn"}])
        assert alarm["TreatMissingData"] == "notBreaching"


def watched(resources: dict[str, Any], metric: str) -> dict[str, dict[str, Any]]:
    """Alarms on a metric of SQS, by queue."""
    return {
        resource["Properties"]["Dimensions"][0]["Value"]["Fn::GetAtt"][0]: resource["Properties"]
        for resource in resources.values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
        and resource["Properties"].get("Namespace") == "AWS/SQS"
        and resource["Properties"]["MetricName"] == metric
    }

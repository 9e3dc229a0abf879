"""Alarms on everything that runs, each on a metric that somebody writes; and the dashboard."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from local.template.cloudformation import Evaluator, read_yaml
from musicconnect.platform.metrics import METRICS, NAMESPACE
from musicconnect.providers.registry import PROVIDERS
from tests.infrastructure.conftest import ROOT
from tools import alarms as tools_alarms

OURS = {metric.name: metric for metric in METRICS}
# What AWS itself measures, of what is watched here.
AWS_METRICS = {
    ("AWS/Lambda", "Errors"),
    ("AWS/Lambda", "Throttles"),
    ("AWS/Lambda", "Duration"),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
    ("AWS/SQS", "NumberOfMessagesSent"),
    ("AWS/ApiGateway", "5xx"),
    ("AWS/RDS", "DatabaseConnections"),
    ("AWS/RDS", "ACUUtilization"),
}
TO_LOOK_AT = {"MaintenanceDone", "ConsentsEndSoon"}
"""Metrics of which no value is alarming."""
AWS_CHARTED = {("AWS/ApiGateway", name) for name in ("Count", "4xx", "Latency")} | {
    ("AWS/RDS", "ServerlessDatabaseCapacity")
}

type Watched = tuple[str, str, dict[str, Any]]
"""Namespace, name and dimensions of a metric."""


def alarms(resources: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: one["Properties"] for name, one in resources.items() if one["Type"] == "AWS::CloudWatch::Alarm"
    }


def watched(alarm: dict[str, Any]) -> Iterator[Watched]:
    """Metrics of an alarm, be there one or an expression of several."""
    plain = [entry["MetricStat"]["Metric"] for entry in alarm.get("Metrics", []) if "MetricStat" in entry]
    for metric in plain or [alarm]:
        dimensions = {entry["Name"]: entry["Value"] for entry in metric["Dimensions"]}
        yield metric["Namespace"], metric["MetricName"], dimensions


@pytest.fixture(scope="module")
def nested() -> dict[str, Any]:
    """Resources of the database's template."""
    return read_yaml(ROOT / "templates/aurora.yaml")["Resources"]


@pytest.fixture(scope="module")
def by_metric(resources: dict[str, Any]) -> dict[str, list[str]]:
    """Functions by the Lambda metric on which an alarm watches them, as often as one does."""
    found: dict[str, list[str]] = {}
    for name, alarm in alarms(resources).items():
        if name.endswith("Canary"):
            continue
        for namespace, metric, dimensions in watched(alarm):
            if namespace == "AWS/Lambda":
                found.setdefault(metric, []).append(dimensions["FunctionName"]["Ref"])
    return found


@pytest.mark.parametrize("metric", ["Errors", "Throttles", "Duration"])
def test_every_function_is_watched(
    metric: str, functions: dict[str, Any], by_metric: dict[str, list[str]]
) -> None:
    assert Counter(by_metric[metric]) == Counter(list(functions))


def test_a_run_that_takes_nine_tenths_of_its_time_is_told_of(
    functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    for alarm in alarms(resources).values():
        if alarm.get("MetricName") == "Duration":
            name = alarm["Dimensions"][0]["Value"]["Ref"]
            milliseconds = functions[name]["Timeout"] * 1000
            share = alarm["Threshold"] / milliseconds
            if kept := tools_alarms.USES_ITS_TIME.get(name):
                assert milliseconds - kept * 1000 < alarm["Threshold"] < milliseconds
            else:
                assert share == pytest.approx(0.9, abs=0.001)
            assert f" {functions[name]['Timeout']} s" in alarm["AlarmDescription"]
            assert alarm["Statistic"] == "Maximum"


def test_every_alarm_is_on_a_metric_that_somebody_writes(
    resources: dict[str, Any], nested: dict[str, Any]
) -> None:
    for name, alarm in (alarms(resources) | alarms(nested)).items():
        for namespace, metric, dimensions in watched(alarm):
            if namespace == NAMESPACE:
                assert list(dimensions) == ["stage", *OURS[metric].dimensions], name
                assert dimensions["stage"] == {"Ref": "AWS::StackName"}
            else:
                assert (namespace, metric) in AWS_METRICS, name


def test_every_metric_of_ours_is_watched(resources: dict[str, Any]) -> None:
    names = {metric for alarm in alarms(resources).values() for _, metric, _ in watched(alarm)}
    assert set(OURS) - names == TO_LOOK_AT


def test_providers_and_buckets_are_called_what_the_ledger_calls_them(resources: dict[str, Any]) -> None:
    # A bucket of tokens fills again while it is used: nothing of it is ever spent.
    known = {
        (entry.name, bucket.name)
        for entry in PROVIDERS.values()
        for bucket in entry.buckets
        if bucket.rate is None
    }
    quota, tokens = set(), []
    for alarm in alarms(resources).values():
        for _, metric, dimensions in watched(alarm):
            if metric == "QuotaUsed":
                quota.add((dimensions["provider"], dimensions["bucket"]))
            elif metric in ("ConsentsEnded", "TokenRefreshes"):
                tokens.append((dimensions["provider"], metric))
    assert quota == known
    assert sorted(tokens) == sorted(
        (entry.name, metric)
        for entry in PROVIDERS.values()
        if entry.linked_by == "consent"
        for metric in ("ConsentsEnded", "TokenRefreshes")
    )


def test_expressions_use_what_they_are_given(resources: dict[str, Any]) -> None:
    for name, alarm in alarms(resources).items():
        entries = alarm.get("Metrics", [])
        (formula,) = [entry for entry in entries if "Expression" in entry] or [None]
        if formula is None:
            continue
        ids = {entry["Id"] for entry in entries} - {formula["Id"]}
        assert len(ids) <= 10, f"{name}: CloudWatch takes ten metrics in an alarm"
        assert all(re.fullmatch("[a-z][A-Za-z0-9_]*", one) for one in ids)
        assert all(entry["ReturnData"] is False for entry in entries if entry is not formula)
        used = set(re.findall(r"\b[a-z]\w+\b", formula["Expression"]))
        assert used == ids or formula["Expression"] == "SUM(METRICS())", name


def test_the_section_is_up_to_date(document: dict[str, Any]) -> None:
    text = (ROOT / "template.yaml").read_text()
    assert tools_alarms.written(text, document) == text, "python -m tools.alarms writes it anew"


def test_more_functions_than_an_alarm_takes_are_refused(document: dict[str, Any]) -> None:
    known = tools_alarms.functions(document)
    with pytest.raises(ValueError, match="would watch 11 functions; an alarm takes 10"):
        tools_alarms.throttles("TooMany", "Functions", known[:11])


# -- The dashboard


@pytest.fixture(scope="module", params=["true", "false"])
def widgets(request: pytest.FixtureRequest, document: dict[str, Any]) -> list[dict[str, Any]]:
    """The dashboard as CloudWatch gets it: with a database of its own, and without."""
    names = {"AWS::Region": "eu-central-1", "AWS::StackName": "music", "AWS::NoValue": ""}
    required = {"CreateDatabase": request.param}
    evaluator = Evaluator(
        document,
        parameters=required,
        pseudo=names,
        attribute=lambda name, at: f"<{name}{f'.{at}' if at else ''}>",
    )
    body = evaluator.value(document["Resources"]["Dashboard"]["Properties"]["DashboardBody"])
    found: list[dict[str, Any]] = json.loads(body)["widgets"]
    assert len(found) == (18 if request.param == "true" else 16)
    return found


def charted(widgets: list[dict[str, Any]]) -> Iterator[tuple[str, str, dict[str, str]]]:
    for widget in widgets:
        for row in widget["properties"]["metrics"]:
            if isinstance(row[0], str):
                names = [part for part in row if isinstance(part, str)]
                yield names[0], names[1], dict(zip(names[2::2], names[3::2], strict=True))


def test_the_dashboard_shows_every_function_and_queue(
    widgets: list[dict[str, Any]], functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    shown = list(charted(widgets))
    for metric in ("Errors", "Throttles", "Duration"):
        names = [dimensions["FunctionName"] for _, one, dimensions in shown if one == metric]
        assert Counter(names) == Counter(f"<{name}>" for name in functions)
    queues = {name for name, one in resources.items() if one["Type"] == "AWS::SQS::Queue"}
    assert {dimensions["QueueName"] for space, _, dimensions in shown if space == "AWS/SQS"} == {
        f"<{name}.QueueName>" for name in queues
    }


def test_the_dashboard_shows_what_is_written(widgets: list[dict[str, Any]]) -> None:
    seen = set()
    for namespace, metric, dimensions in charted(widgets):
        if namespace == NAMESPACE:
            assert list(dimensions) == ["stage", *OURS[metric].dimensions]
            assert dimensions["stage"] == "music"
            seen.add(metric)
        else:
            assert (namespace, metric) in AWS_METRICS | AWS_CHARTED
    searches = [
        row[0]["expression"]
        for widget in widgets
        for row in widget["properties"]["metrics"]
        if isinstance(row[0], dict)
    ]
    for search in searches:
        (dimensions, metric) = re.findall(
            r"^SEARCH\('{MusicConnect,([\w,]+)} MetricName=\"(\w+)\" stage=\"music\"', 'Sum', 300\)$", search
        )[0]
        assert dimensions.split(",") == ["stage", *OURS[metric].dimensions]
        seen.add(metric)
    assert seen == set(OURS)


def test_no_widget_lies_on_another(widgets: list[dict[str, Any]]) -> None:
    cells = [
        (x, y)
        for widget in widgets
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert all(widget["properties"]["region"] == "eu-central-1" for widget in widgets)

"""docs/operations.md says of metrics and alarms what is so."""

import fnmatch
import re
from functools import cache
from typing import Any

import pytest

from local.template.cloudformation import read_yaml
from musicconnect.platform import metrics
from musicconnect.platform.metrics import METRICS, NAMESPACE, Metric
from tests.support import ROOT

TEXT = (ROOT / "docs/operations.md").read_text()


@cache
def alarms() -> dict[str, dict[str, Any]]:
    return {
        name: one["Properties"]
        for path in ("template.yaml", "templates/aurora.yaml")
        for name, one in read_yaml(ROOT / path)["Resources"].items()
        if one["Type"] == "AWS::CloudWatch::Alarm"
    }


def names(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def table(heading: str) -> list[list[str]]:
    """Rows of the first table after a heading."""
    section = TEXT[TEXT.index(f"\n## {heading}\n") :].split("\n## ")[1]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


MEASURED = {names(row[0])[0]: row for row in table("Metrics")}


def test_every_metric_is_in_the_table_and_nothing_else() -> None:
    assert set(MEASURED) == {metric.name for metric in METRICS}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_its_row_tells_the_truth(metric: Metric) -> None:
    _, unit, dimensions, who, where, watched_by = MEASURED[metric.name]
    assert unit == metric.unit
    assert tuple(names(dimensions)) == metric.dimensions
    assert who
    (constant,) = [name for name, value in vars(metrics).items() if value is metric]
    for path in names(where):
        assert f"metrics.{constant}" in (ROOT / "layers/musicconnect" / path).read_text(), path
    assert names(where)
    watching = {
        name
        for name, alarm in alarms().items()
        for one in [
            alarm,
            *(entry.get("MetricStat", {}).get("Metric", {}) for entry in alarm.get("Metrics", [])),
        ]
        if (one.get("Namespace"), one.get("MetricName")) == (NAMESPACE, metric.name)
    }
    named = {name for pattern in names(watched_by) for name in fnmatch.filter(alarms(), pattern)}
    assert named == watching


def test_whoever_is_woken_by_an_alarm_finds_it_explained() -> None:
    patterns = [pattern for row in table("What the alarms mean") for pattern in names(row[0])]
    explained = {name for pattern in patterns for name in fnmatch.filter(alarms(), pattern)}
    assert explained == set(alarms())
    assert [pattern for pattern in patterns if not fnmatch.filter(alarms(), pattern)] == []


def test_documents_lead_to_files_that_are_there() -> None:
    for document in [*ROOT.glob("docs/*.md"), ROOT / "README.md"]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"

"""docs/operations.md says of metrics and alarms what is so."""

import ast
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
    for document in [*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_decisions_are_dated_told_once_and_listed() -> None:
    folder = ROOT / "docs/decisions"
    topics = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    titles = [
        title
        for path in topics
        for title in re.findall(
            r"^- \*\*\d{4}-\d\d-\d\d · (.+?)\*\*", path.read_text(), re.MULTILINE | re.DOTALL
        )
    ]
    assert len(titles) == sum(path.read_text().count("\n- **") for path in topics)
    assert len({" ".join(title.split()) for title in titles}) == len(titles)
    index = (folder / "README.md").read_text()
    assert sorted(re.findall(r"\]\((\w+\.md)\)", index)) == [path.name for path in topics]


def paths_named(text: str) -> set[str]:
    """Files and folders of the project that a text names in backticks."""
    named = re.findall(r"`([\w.-]+(?:/[\w.-]+)+/?|[\w-]+/)`", text)
    return {name for name in named if not name.startswith("v1/")}


@pytest.mark.parametrize("document", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_what_the_map_names_is_there(document: str) -> None:
    layer = ROOT / "layers/musicconnect/musicconnect"
    for name in paths_named((ROOT / document).read_text()):
        inside = name.removeprefix(".../")
        assert (
            (layer / inside).exists()
            or (ROOT / inside).exists()
            or (layer / "platform" / inside).exists()
            or (layer / "providers" / inside).exists()
        ), name


def test_the_readme_shows_every_function() -> None:
    resources = read_yaml(ROOT / "template.yaml")["Resources"]
    functions = {name for name, one in resources.items() if one["Type"] == "AWS::Serverless::Function"}
    shown = set(re.findall(r"\b[A-Z]\w+Function\b", (ROOT / "README.md").read_text()))
    assert functions - shown == set()
    assert shown - functions == set()


def test_the_functions_that_the_map_leads_to_are_there() -> None:
    answers = re.findall(r"`([\w/]+\.py)::(\w+)`", (ROOT / "docs/architecture.md").read_text())
    assert len(answers) >= 6
    for path, name in answers:
        tree = ast.parse((ROOT / "layers/musicconnect/musicconnect" / path).read_text())
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        names |= {node.target.id for node in tree.body
                  if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)}  # fmt: skip
        assert name in names, f"{path}::{name}"

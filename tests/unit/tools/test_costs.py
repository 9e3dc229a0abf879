"""docs/costs.md shows what tools/costs.py works out, from counts that are about those of the template."""

import re

import pytest

from local.template.cloudformation import read_yaml
from tests.support import ROOT
from tools.costs import HOURS, MINUTES, SECONDS, Line, Usage, by_choice, by_standing, by_use, document

NAMES = {"h": 1, "s": 1, "GB": 1, "B": 1}


def test_the_document_shows_the_tables_as_they_are_worked_out() -> None:
    text = (ROOT / "docs/costs.md").read_text()
    assert text.endswith(document() + "\n"), "python -m tools.costs prints the tables anew"


@pytest.mark.parametrize(
    "line", [*by_use(Usage()), *by_standing(Usage()), *by_choice(Usage())], ids=lambda line: line.what
)
def test_the_arithmetic_shown_gives_the_sum_shown(line: Line) -> None:
    shown = line.formula.replace(",", "").replace("×", "*")
    if "=" in shown:  # an intermediate result
        shown = shown.partition("=")[2]
    plain = re.sub(r"\b(?:h|s|GB|B)\b", "", shown)
    assert re.fullmatch(r"[\d.e+\-*() ]+", plain), plain
    assert eval(plain) == pytest.approx(line.dollars, rel=0.02, abs=0.005)


def test_what_is_counted_is_about_what_the_template_has() -> None:
    resources = read_yaml(ROOT / "template.yaml")["Resources"].values()
    alarms = [one["Properties"] for one in resources if one["Type"] == "AWS::CloudWatch::Alarm"]
    alarm_metrics = sum(
        max(1, sum("MetricStat" in entry for entry in alarm.get("Metrics", []))) for alarm in alarms
    )
    secrets = sum(one["Type"] == "AWS::SecretsManager::Secret" for one in resources)
    polled = sum("RedrivePolicy" in one.get("Properties", {}) for one in resources)
    usage = Usage()
    assert usage.alarm_metrics == pytest.approx(alarm_metrics, rel=0.3)
    assert usage.secrets == pytest.approx(secrets, rel=0.3)
    assert abs(usage.queues - polled) <= 2


def test_what_snapstart_keeps_is_what_the_template_has() -> None:
    document = read_yaml(ROOT / "template.yaml")
    common = document["Globals"]["Function"]["MemorySize"]
    kept = [
        one["Properties"].get("MemorySize", common) / 1024
        for one in document["Resources"].values()
        if one["Type"] == "AWS::Serverless::Function" and "SnapStart" in one["Properties"]
    ]
    assert (Usage().snapstart_functions, Usage().snapstart_gb) == (len(kept), sum(kept))


def test_more_people_cost_more_and_stand_on_the_same_ground() -> None:
    few, many = Usage(users=100), Usage(users=10_000)
    assert sum(line.dollars for line in by_use(many)) > 10 * sum(line.dollars for line in by_use(few))
    assert list(by_standing(many)) == list(by_standing(few))
    assert (HOURS, MINUTES, SECONDS) == (730, 43_800, 2_628_000)

"""The rings of the tests, and what runs them, are what CONTRIBUTING.md says."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import KNOWS_TIME
from tests.support import ROOT

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
WORKFLOW: dict[Any, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
SERVICES = ("moto", "uvicorn", "socket", "tests.integration", "tests.support.aws",
            "tests.support.functions", "tests.support.postgres", "tests.support.simulator")  # fmt: skip
"""What a test reaches anything outside its process by."""


def imported(path: Path) -> set[str]:
    """Modules that a module imports."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def test_unit_tests_reach_nothing_outside_their_process() -> None:
    for path in (ROOT / "tests/unit").rglob("*.py"):
        reached = [
            name for name in imported(path) if f"{name}.".startswith(tuple(f"{one}." for one in SERVICES))
        ]
        assert reached == [], path


@pytest.mark.parametrize("path", KNOWS_TIME)
def test_what_knows_time_is_there(path: str) -> None:
    assert (ROOT / "tests" / path).exists()


def test_the_public_workflow_runs_make_targets_and_nothing_else() -> None:
    steps = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    commands = {step["run"] for step in steps if "run" in step}
    assert {
        "make lint",
        "make checkov",
        "make unit",
        "make test",
        "make clock",
        "make fuzz",
        "make contract",
        "make audit",
        "make sbom",
    } == commands
    assert {command.removeprefix("make ") for command in commands} <= TARGETS
    for step in steps:
        assert "run" in step or re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])


def test_what_runs_before_a_change_is_taken_runs_the_same() -> None:
    steps = set(re.findall(r"step make ([\w-]+)", (ROOT / ".ci/run").read_text()))
    assert steps <= TARGETS
    assert steps >= {"lint", "checkov", "test", "clock"}

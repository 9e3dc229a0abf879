"""The template as CloudFormation reads it, after SAM has expanded nothing."""

from typing import Any

import pytest

from local.template.cloudformation import read_yaml
from tests.support import ROOT


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The whole template, in long form."""
    return read_yaml(ROOT / "template.yaml")


@pytest.fixture(scope="session")
def resources(document: dict[str, Any]) -> dict[str, Any]:
    """Resources by logical id."""
    return document["Resources"]


@pytest.fixture(scope="session")
def functions(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Properties of the functions by logical id, with what stands in Globals."""
    common = document["Globals"]["Function"]
    found = {}
    for name, resource in document["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            own = resource["Properties"]
            variables = {
                **common["Environment"]["Variables"],
                **own.get("Environment", {}).get("Variables", {}),
            }
            found[name] = {**common, **own, "Environment": {"Variables": variables}}
    return found

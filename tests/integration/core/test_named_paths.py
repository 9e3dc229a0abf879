"""A path with a name of its own is no id of the paths beside it, whatever the method."""

import json
import re
from typing import Any

import pytest

from tests.support import ROOT
from tests.support.functions import FunctionRunner

PATHS: dict[str, dict[str, Any]] = json.loads((ROOT / "docs/openapi.json").read_bytes())["paths"]


def beside() -> list[tuple[str, str]]:
    """Methods and named paths which only a path with an id in the name's place has."""
    found = []
    for path, operations in PATHS.items():
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
        for named, own in PATHS.items():
            if "{" in named or named == path or not pattern.fullmatch(named):
                continue
            found += [(method.upper(), named) for method in operations if method not in own]
    return found


@pytest.mark.parametrize(("method", "path"), beside())
def test_another_method_of_a_named_path_is_405(harness: FunctionRunner, method: str, path: str) -> None:
    answer = harness.sign_up().call(method, path, {} if method != "GET" else None)
    assert answer.status == 405
    assert set(answer.headers["allow"].split(", ")) == {name.upper() for name in PATHS[path]}
    assert answer.json["type"] == "urn:musicconnect:problem:method-not-allowed"

"""One function on one of the project's events, from the command line."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.stack.stack import Options, Stack
from tests.support import ROOT

pytestmark = pytest.mark.e2e


def invoke(function: str, event: str, state: Path) -> Any:
    path = f"events/{function}/{event}.json"
    done = subprocess.run(
        [sys.executable, "-m", "local", "invoke", function, "-e", path, "--state", str(state)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_event_gets_its_user_and_its_steps_in_a_running_stack(tmp_path: Path) -> None:
    with Stack(Options(state=tmp_path, quiet=True)):
        profile = invoke("CoreApiFunction", "get_profile", tmp_path)
        playlists = invoke("ProvidersPlaylistsApiFunction", "list_playlists", tmp_path)
    assert profile["statusCode"] == playlists["statusCode"] == 200
    assert json.loads(profile["body"])["email"].startswith("get-profile-")
    assert json.loads(playlists["body"])["items"]


def test_an_event_gets_a_stack_of_its_own_when_none_runs(tmp_path: Path) -> None:
    answer = invoke("CoreApiFunction", "list_sessions", tmp_path)
    assert answer["statusCode"] == 200
    assert len(json.loads(answer["body"])["items"]) > 1

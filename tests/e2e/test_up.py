"""Given ``python -m local up``, when somebody signs up, then mail confirms it, unless that is not wanted."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from local.stack.control_client import STATE_FILE
from local.stack.wait import wait_until
from tests.support import ROOT

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(("options", "status"), [([], 202), (["--no-mail"], 201)], ids=["mail", "no mail"])
def test_signing_up_opens_a_session_at_once_only_without_mail(
    tmp_path: Path, options: list[str], status: int
) -> None:
    command = [sys.executable, "-m", "local", "up", "--port", "0", "--state", str(tmp_path), *options]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        path = tmp_path / STATE_FILE
        wait_until(lambda: path.exists() and path.read_text(), seconds=120, what="the stack to start")
        answer = requests.post(
            f"{json.loads(path.read_text())['api_url']}/v1/auth/signup",
            json={"email": "script@example.org", "password": "correct horse battery staple"},
            timeout=60,
        )
        assert (answer.status_code, "token" in answer.json()) == (status, status == 201)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

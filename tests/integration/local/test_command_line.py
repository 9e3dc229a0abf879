"""``python -m local`` with a running stack, and the stack's own options."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack.postgres import Postgres, postgres
from local.stack.stack import Options, Stack
from tests.support import ROOT


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, sample: Path) -> Iterator[tuple[Stack, Path]]:
    state = tmp_path_factory.mktemp("state")
    with Stack(Options(template=sample, state=state, quiet=True)) as stack:
        yield stack, state


def run(*arguments: str | Path, event: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        cwd=ROOT,
        input=event,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_invoke_uses_the_running_stack(kept: tuple[Stack, Path], tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text('{"some": "event"}')
    done = run("invoke", "TickFunction", "-e", path, "--state", kept[1])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"some": "event"}


def test_invoke_shows_an_error_and_says_so_in_its_exit_code(kept: tuple[Stack, Path]) -> None:
    done = run("invoke", "AnswerFunction", "-e", "-", "--state", kept[1], event='{"raise": "no"}')
    assert (done.returncode, done.stdout) == (1, "")
    assert json.loads(done.stderr)["errorType"] == "ValueError"


@pytest.mark.parametrize(
    ("arguments", "event", "complaint"),
    [
        (("invoke", "TickFunction", "-e", "-"), "{nonsense", "is not JSON"),
        (("invoke", "TickFunction", "-e", "-"), '{"id": "${thing}"}', "the event still holds ${thing}"),
        (("invoke", "Nobody", "-e", "-"), "{}", "no function Nobody"),
        (("logs", "Nobody"), None, "no log yet"),
    ],
)
def test_mistakes_are_explained(
    kept: tuple[Stack, Path], arguments: tuple[str, ...], event: str | None, complaint: str
) -> None:
    done = run(*arguments, "--state", kept[1], event=event)
    assert done.returncode == 1
    assert complaint in done.stderr


def test_logs_shows_one_function_or_all(kept: tuple[Stack, Path]) -> None:
    stack, state = kept
    stack.invoke("EchoFunction", {})
    stack.invoke("TickFunction", {})
    one = run("logs", "EchoFunction", "--state", state).stdout
    assert "EchoFunction] echo was here" in one
    assert "TickFunction]" not in one
    everything = run("logs", "--state", state).stdout
    assert "EchoFunction] echo was here" in everything
    assert "TickFunction] REPORT" in everything


def test_generated_secrets_survive_a_restart_unless_it_is_fresh(tmp_path: Path, small: Path) -> None:
    def secret(*, fresh: bool = False) -> str:
        with Stack(Options(template=small, state=tmp_path, quiet=True, fresh=fresh)) as stack:
            arn = stack.template.deployment.secret_arns["SampleSecret"]
            return stack.aws.secrets.get_secret_value(SecretId=arn)["SecretString"]

    first = secret()
    assert secret() == first
    assert secret(fresh=True) != first


def test_a_busy_port_is_replaced_by_a_free_one_and_that_is_said(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with Stack(Options(template=small, port=port)) as stack:
            assert not stack.api_url.endswith(f":{port}")
            assert f"Port {port} is in use; this stack answers at {stack.api_url}" in capsys.readouterr().err


@pytest.fixture
def external() -> Iterator[Postgres]:
    with postgres(throwaway=True) as server:
        yield server


def test_database_url_names_another_server(
    external: Postgres, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", external.url())
    with Stack(Options(template=sample, quiet=True)) as stack:
        assert stack.postgres is None
        assert stack.database_url == external.url()
        secret = stack.aws.secrets.get_secret_value(SecretId="musicconnect-local/database-admin")
        assert json.loads(secret["SecretString"])["port"] == str(external.port)

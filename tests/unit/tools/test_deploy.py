"""What `make deploy` does, in which order, and what it refuses."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from tests.support import ROOT
from tools import deploy
from tools.account import Findings
from tools.deploy import (
    DeployError,
    Settings,
    Step,
    check_health,
    contract,
    objections,
    plan,
    read_settings,
    run,
)

SETTINGS = Settings(
    environment="default",
    stack_name="music",
    parameters={"DatabaseHost": "db.example.org", "DatabaseAdminSecretArn": "arn:aws:secretsmanager:e:1:s"},
    capabilities=("CAPABILITY_IAM",),
)


def with_parameters(**parameters: str) -> Settings:
    """Settings with these and what a named database needs."""
    return replace(SETTINGS, parameters={**SETTINGS.parameters, **parameters})


MADE = {
    "DatabaseHost": "",
    "DatabaseAdminSecretArn": "",
    "CreateDatabase": "true",
    "VpcId": "vpc-1",
    "VpcSubnetIds": "subnet-1,subnet-2",
    "VpcSecurityGroupIds": "sg-1",
    "DatabaseSslMode": "require",
}


# -- The plan


def test_the_schema_is_expanded_before_and_contracted_after_new_code_is_there() -> None:
    steps = [" ".join(step.command) for step in plan(SETTINGS, "/venv/bin/python")]
    assert steps == [
        "/venv/bin/sam validate --lint --region us-east-1",
        "/venv/bin/python -m tools.checks",
        "/venv/bin/sam build --config-env default",
        "/venv/bin/sam deploy --config-env default",
        "/venv/bin/python -m tools.deploy --stack-name music --only health",
        "/venv/bin/python -m tools.deploy --stack-name music --only contract",
        "/venv/bin/python -m tools.deploy --stack-name music --only protect",
    ]


def test_the_first_time_sam_asks_for_the_parameters() -> None:
    for steps in (plan(replace(SETTINGS, parameters={})), plan(SETTINGS, asks=True)):
        (deploying,) = [step for step in steps if "deploy" in step.command]
        assert deploying.command[-1] == "--guided"


def test_the_commands_understand_the_arguments_that_the_plan_gives_them() -> None:
    asked: list[str] = []

    def outputs(stack_name: str) -> dict[str, str]:
        asked.append(stack_name)
        raise DeployError("there is no stack here")

    for step in plan(SETTINGS):
        if step.command[1:3] == ("-m", "tools.deploy"):
            assert deploy.main(step.command[3:], outputs) == 1
    assert asked == ["music", "music", "music"]


def test_the_projects_own_settings_are_understood() -> None:
    settings = read_settings(ROOT, "default")
    assert settings.stack_name == "musicconnect"
    assert settings.capabilities == ("CAPABILITY_IAM",)
    assert settings.is_first
    with pytest.raises(DeployError, match="no environment staging; there is default"):
        read_settings(ROOT, "staging")


@pytest.mark.parametrize(
    "overrides", ['"DatabaseHost=\\"db\\" Stage=\\"prod\\""', '["DatabaseHost=db", "Stage=prod"]']
)
def test_parameters_are_read_as_sam_writes_them(tmp_path: Path, overrides: str) -> None:
    (tmp_path / "samconfig.toml").write_text(
        f'[staging.deploy.parameters]\nstack_name = "s"\nparameter_overrides = {overrides}\n'
    )
    assert read_settings(tmp_path, "staging").parameters == {"DatabaseHost": "db", "Stage": "prod"}


# -- What is refused


def test_nothing_speaks_against_what_is_committed() -> None:
    assert objections(ROOT, SETTINGS, []) == []


def test_what_is_not_committed_is_refused_but_for_the_deployers_own_settings() -> None:
    assert objections(ROOT, SETTINGS, ["samconfig.toml", "template.yaml"]) == [
        "template.yaml is not committed."
    ]


def test_parameters_of_another_template_are_refused() -> None:
    (objection,) = objections(ROOT, with_parameters(DatabasHost="db"), [])
    assert objection == "samconfig.toml sets DatabasHost, which is no parameter of the template."


def test_roles_need_to_be_allowed() -> None:
    (objection,) = objections(ROOT, replace(SETTINGS, capabilities=()), [])
    assert "CAPABILITY_IAM" in objection


def test_a_bundle_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text((ROOT / "template.yaml").read_text())
    settings = with_parameters(DatabaseCaBundle="/opt/certificates/eu-bundle.pem")
    (objection,) = objections(tmp_path, settings, [])
    assert "eu-bundle.pem is not in layers/musicconnect/certificates" in objection
    bundle = tmp_path / "layers/musicconnect/certificates/eu-bundle.pem"
    bundle.parent.mkdir(parents=True)
    bundle.write_text("-----BEGIN CERTIFICATE-----")
    assert objections(tmp_path, settings, []) == []


def test_a_cluster_without_a_bundle_could_not_be_connected_to() -> None:
    (objection,) = objections(ROOT, with_parameters(**MADE | {"DatabaseSslMode": "verify-full"}), [])
    assert "DatabaseCaBundle" in objection
    assert objections(ROOT, with_parameters(**MADE), []) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"DatabaseName": "my-music"}, "none that Aurora makes"),
        ({"DatabaseMinCapacity": "8"}, "DatabaseMinCapacity is more"),
        ({"DatabasePort": "5432", "LogLevel": "LOUD"}, "LogLevel has to be one of"),
        ({"VpcId": ""}, "needs VpcId"),
    ],
)
def test_what_cloudformation_would_refuse_is_refused_without_it(given: dict[str, str], said: str) -> None:
    (objection,) = objections(ROOT, with_parameters(**MADE | given), [])
    assert said in objection


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with the project's template, all committed."""
    for name in ("template.yaml", "samconfig.toml"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "all"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def test_a_dry_run_prints_the_steps_and_does_none(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done: list[Step] = []
    deploy.deploy(checkout, "default", dry_run=True, execute=lambda step: done.append(step) or 1)
    printed = capsys.readouterr().out
    assert [printed.index(f"{number}. {step}") for number, step in enumerate(plan(SETTINGS_OF_PROJECT), 1)]
    assert done == []


def test_a_dry_run_in_a_fresh_clone_says_what_the_first_time_needs(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def look(*_: object) -> Findings:
        raise AssertionError("a dry run asks nobody")

    deploy.deploy(checkout, "default", dry_run=True, look=look)
    told = capsys.readouterr().out
    # The rules of the template, so that none is forgotten here; and what no parameter says.
    for name in ("DatabaseAdminSecretArn", "VpcSubnetIds", "DatabaseCaBundle", "SpotifyClientSecret"):
        assert f"{name}" in told
    for fact in ("one client id", "a hundred people", "Service Quotas", "verified", "AWS_REGION"):
        assert fact in " ".join(told.split())

    config = checkout / "samconfig.toml"
    config.write_text(config.read_text() + 'parameter_overrides = ["DatabaseHost=db", "LogLevel=INFO"]\n')
    with pytest.raises(DeployError, match="DatabaseAdminSecretArn"):
        deploy.deploy(checkout, "default", dry_run=True, look=look)
    assert "A first deployment needs" not in capsys.readouterr().out


def commands_of(checkout: Path, seen: Findings, **options: bool) -> list[str]:
    done: list[str] = []
    deploy.deploy(
        checkout,
        "default",
        dry_run=False,
        execute=lambda step: done.append(" ".join(step.command)) or 0,
        look=lambda *_: seen,
        **options,
    )
    return done


def test_what_the_account_says_is_heard_before_anything_is_done(checkout: Path) -> None:
    for seen in (Findings(refusals=["no such subnet"]), Findings(throttles=["ten functions"])):
        with pytest.raises(DeployError, match=r"no such subnet|ten functions"):
            commands_of(checkout, seen)
    assert commands_of(checkout, Findings(throttles=["ten functions"]), accepts_throttles=True)


def test_a_second_attempt_at_a_first_deployment_asks_for_the_secrets_again(checkout: Path) -> None:
    """The answers of the first are in the file, but for the secrets, which would be empty."""
    config = checkout / "samconfig.toml"
    kept = " ".join(f"{name}={value}" for name, value in SETTINGS.parameters.items())
    config.write_text(config.read_text() + f'parameter_overrides = "{kept}"\n')
    (deploying,) = [one for one in commands_of(checkout, Findings(is_first=True)) if "sam deploy" in one]
    assert deploying.endswith("--guided")
    (deploying,) = [one for one in commands_of(checkout, Findings()) if "sam deploy" in one]
    assert not deploying.endswith("--guided")


SETTINGS_OF_PROJECT = read_settings(ROOT, "default")


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("change", ["template.yaml", "new.py"])
def test_dirty_input_is_refused(checkout: Path, change: str, dry_run: bool) -> None:
    with (checkout / change).open("a") as file:
        file.write("# changed\n")
    done: list[Step] = []
    with pytest.raises(DeployError, match=f"{change} is not committed"):
        deploy.deploy(checkout, "default", dry_run=dry_run, execute=lambda step: done.append(step) or 0)
    assert done == []


def test_the_command_line_works_without_network_and_credentials(checkout: Path) -> None:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "COVERAGE_"))
    }
    finished = subprocess.run(
        [sys.executable, "-m", "tools.deploy", "--config-env", "nowhere", "--dry-run"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == "samconfig.toml has no environment nowhere; there is default.\n"


# -- Doing it


def test_steps_are_done_in_order_until_one_fails() -> None:
    steps = [Step(name, (name,)) for name in ("build", "deploy", "contract")]
    done, said = [], []

    def execute(step: Step) -> int:
        done.append(step.title)
        return 3 if step.title == "deploy" else 0

    with pytest.raises(DeployError, match=r"step 2 failed with 3. Not done: contract"):
        run(steps, execute, said.append)
    assert done == ["build", "deploy"]
    assert said == ["== 1/3 build", "== 2/3 deploy"]


class _Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/v1/health" else 503)
        self.end_headers()
        self.wfile.write(b'{"status":"ok"}')

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Health)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_api_that_answers_is_taken_for_healthy(api: str, capsys: pytest.CaptureFixture[str]) -> None:
    check_health({"ApiUrl": api})
    assert '{"status":"ok"}' in capsys.readouterr().out
    with pytest.raises(DeployError, match="503"):
        check_health({"ApiUrl": f"{api}/elsewhere"})


@pytest.mark.parametrize("fails", [False, True])
def test_the_schema_is_contracted_by_its_function(fails: bool, capsys: pytest.CaptureFixture[str]) -> None:
    client = boto3.client(
        "lambda", region_name="eu-central-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    said = b'{"from": "2", "to": "3"}'
    answer = {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(said), len(said))}
    if fails:
        answer["FunctionError"] = "Unhandled"
    with Stubber(client) as stub:
        stub.add_response(
            "invoke",
            answer,
            {"FunctionName": "music-Schema", "Payload": json.dumps({"action": "contract"}).encode()},
        )
        if fails:
            with pytest.raises(DeployError, match="not contracted"):
                contract({"SchemaMigrateFunctionName": "music-Schema"}, client.invoke)
        else:
            contract({"SchemaMigrateFunctionName": "music-Schema"}, client.invoke)
            assert json.loads(capsys.readouterr().out) == {"from": "2", "to": "3"}
        stub.assert_no_pending_responses()


def test_the_stack_puts_out_what_the_steps_after_need(tmp_path: Path) -> None:
    text = (ROOT / "template.yaml").read_text()
    for name in ("ApiUrl", "SchemaMigrateFunctionName"):
        assert f"\n  {name}:\n" in text[text.index("\nOutputs:") :]

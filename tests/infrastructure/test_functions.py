"""What every function of the template has to have."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from local.events import replay
from tests.infrastructure.conftest import ROOT

CAPABILITIES = {path.name for path in (ROOT / "functions").iterdir() if (path / "app.py").exists()}


def get_att(node: Any) -> str:
    """The resource of a ``Fn::GetAtt``."""
    return node["Fn::GetAtt"][0]


def asynchronous(function: dict[str, Any]) -> bool:
    """Whether a timer invokes it. Queues keep what failed themselves."""
    return any(event["Type"].startswith("Schedule") for event in function.get("Events", {}).values())


def statements(resources: dict[str, Any], function: dict[str, Any]) -> list[dict[str, Any]]:
    """What a function's own role allows it, without the shared policies."""
    role = resources[get_att(function["Role"])]["Properties"]
    return [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]


def secret(arn: Any) -> str:
    """Which secret is meant. The administrator's is the deployer's, or that of the database made here."""
    if "Fn::If" in arn:
        condition, made, given = arn["Fn::If"]
        if given == {"Ref": "AWS::NoValue"}:  # one that a deployment may do without
            return str(made["Ref"])
        if condition == "MakesTokenKeys":  # or those that were brought along
            assert (made, given) == ({"Ref": "TokenKeysSecret"}, {"Ref": "TokenKeysSecretArn"})
            return "TokenKeysSecret"
        if condition == "OffersTidal":  # or that of a provider that is not offered everywhere
            assert given == ""
            return str(made["Ref"])
        assert (condition, made) == ("MakesDatabase", {"Fn::GetAtt": ["Database", "Outputs.AdminSecretArn"]})
        assert given in ({"Ref": "DatabaseAdminSecretArn"}, {"Fn::Sub": "${DatabaseAdminSecretArn}"})
        return "DatabaseAdminSecretArn"
    return str(arn["Ref"])


def listed(value: Any) -> list[Any]:
    """A list of one or more."""
    return value if isinstance(value, list) else [value]


def test_every_function_of_the_template_has_its_code_and_the_other_way_round(
    functions: dict[str, Any],
) -> None:
    handlers = {name: function["Handler"] for name, function in functions.items()}
    assert {handler.split(".")[0] for handler in handlers.values()} == CAPABILITIES
    for name, handler in handlers.items():
        words = re.findall("[A-Z][a-z]+", name.removesuffix("Function"))
        folder = "_".join(words).lower()
        # A folder called like a module of the standard library would stand in its way.
        assert handler == {"operator": "operators"}.get(folder, folder) + ".app.handler"


def test_every_function_runs_on_the_python_of_the_project(functions: dict[str, Any]) -> None:
    version = (ROOT / ".python-version").read_text().strip()
    minor = ".".join(version.split(".")[:2])
    assert {function["Runtime"] for function in functions.values()} == {f"python{minor}"}


def test_every_function_has_a_role_of_its_own(functions: dict[str, Any], resources: dict[str, Any]) -> None:
    roles = Counter(get_att(function["Role"]) for function in functions.values())
    assert set(roles.values()) == {1}
    assert all(resources[role]["Type"] == "AWS::IAM::Role" for role in roles)


def test_every_function_writes_to_a_log_group_of_its_own_that_forgets(
    functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    groups = Counter(function["LoggingConfig"]["LogGroup"]["Ref"] for function in functions.values())
    assert set(groups.values()) == {1}
    for name, function in functions.items():
        group = function["LoggingConfig"]["LogGroup"]["Ref"]
        assert resources[group]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
        written = [
            statement
            for statement in statements(resources, function)
            if "logs:PutLogEvents" in listed(statement["Action"])
        ]
        assert [get_att(statement["Resource"]) for statement in written] == [group], name


def test_every_log_group_forgets(resources: dict[str, Any]) -> None:
    groups = [one for one in resources.values() if one["Type"] == "AWS::Logs::LogGroup"]
    assert all("RetentionInDays" in group["Properties"] for group in groups)


def test_every_function_has_an_alarm_on_its_errors(
    functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    watched = {
        resource["Properties"]["Dimensions"][0]["Value"]["Ref"]
        for resource in resources.values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
        and resource["Properties"].get("Namespace") == "AWS/Lambda"
        and resource["Properties"]["MetricName"] == "Errors"
    }
    assert watched == set(functions)


def test_what_is_invoked_asynchronously_and_fails_is_kept(
    functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    checked = []
    for name, function in functions.items():
        if not asynchronous(function) and name != "SchemaMigrateFunction":
            continue
        target = (
            function["DeadLetterQueue"]["TargetArn"]
            if "DeadLetterQueue" in function
            else function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"]
        )
        queue = get_att(target)
        assert resources[queue]["Type"] == "AWS::SQS::Queue"
        sendable = [
            get_att(resource)
            for statement in statements(resources, function)
            if "sqs:SendMessage" in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        ]
        assert queue in sendable, name
        for event in function.get("Events", {}).values():
            if event["Type"].startswith("Schedule"):
                assert get_att(event["Properties"]["DeadLetterConfig"]["Arn"]) == queue
                assert "RetryPolicy" in event["Properties"]
        checked.append(name)
    assert set(checked) >= {
        "SchemaMigrateFunction",
        "MigrationsDispatcherFunction",
        "ProvidersSyncWorkerFunction",
    }


def test_no_function_is_allowed_more_than_it_names(
    functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    for function in functions.values():
        for statement in statements(resources, function):
            assert all(re.fullmatch(r"\w+:[A-Za-z]+", action) for action in listed(statement["Action"]))
            # Objects of a bucket have to be named by a pattern.
            named = re.sub(
                r'Bucket\.Arn}/((playlist-)?imports|exports)/\*"', "", json.dumps(statement["Resource"])
            )
            assert "*" not in named


def test_a_function_may_read_exactly_the_secrets_that_it_is_told_of(
    functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    for name, function in functions.items():
        readable = {
            secret(resource)
            for statement in statements(resources, function)
            if statement["Action"] == "secretsmanager:GetSecretValue"
            for resource in statement["Resource"]
        }
        told = {
            secret(value)
            for variable, value in function["Environment"]["Variables"].items()
            if "SECRET" in variable
        }
        assert readable == told, name


def test_a_function_may_send_exactly_to_the_queues_that_it_is_told_of(
    functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    for name, function in functions.items():
        sendable = {
            get_att(resource)
            for statement in statements(resources, function)
            if "sqs:SendMessage" in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        } - {"FailedInvocations"}
        told = {
            value["Ref"]
            for variable, value in function["Environment"]["Variables"].items()
            if variable.endswith("_QUEUE_URL")
        }
        assert sendable == told, name


def test_no_secret_stands_in_an_environment(document: dict[str, Any], functions: dict[str, Any]) -> None:
    hidden = {name for name, parameter in document["Parameters"].items() if parameter.get("NoEcho")}
    assert hidden
    for function in functions.values():
        text = json.dumps(function["Environment"])
        assert "resolve:secretsmanager" not in text
        assert not [name for name in hidden if f'"{name}"' in text or f"${{{name}}}" in text]


def test_the_pages_get_neither_database_nor_secrets(functions: dict[str, Any]) -> None:
    variables = functions["WebFunction"]["Environment"]["Variables"]
    assert set(variables) == {
        "STAGE",
        "LOG_LEVEL",
        "POWERTOOLS_SERVICE_NAME",
        "DATABASE_SSLROOTCERT",
        "OPTIONAL_PROVIDERS",
        "PROVIDER_OVERRIDES",
        "UPLOAD_BUCKET",  # the console may send files there
    }


def test_functions_with_a_database_wait_for_the_schema(
    functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    for name, function in functions.items():
        variables = function["Environment"]["Variables"]
        if "DATABASE_SECRET_ARN" in variables:
            assert resources[name]["DependsOn"] == "SchemaUpgrade"
            assert "VpcConfig" in function


def test_the_schema_upgrade_runs_whenever_the_package_changes(resources: dict[str, Any]) -> None:
    assert "AutoPublishAlias" in resources["SchemaMigrateFunction"]["Properties"]
    upgrade = resources["SchemaUpgrade"]["Properties"]
    assert {"Ref": "SchemaMigrateFunction.Version"} in upgrade.values()


@pytest.mark.parametrize("capability", sorted(CAPABILITIES))
def test_every_function_has_an_event(capability: str, functions: dict[str, Any]) -> None:
    (name,) = [
        name for name, function in functions.items() if function["Handler"].startswith(f"{capability}.")
    ]
    assert name in {case.function for case in replay.read_cases()}

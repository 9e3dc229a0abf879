"""How new code takes over: by alias, a little at first, and back again when it fails."""

from typing import Any

import pytest

from local.template.cloudformation import read_yaml
from tests.infrastructure.conftest import ROOT
from tests.support.expanded import expanded


@pytest.fixture(scope="module")
def template(document: dict[str, Any]) -> dict[str, Any]:
    """What CloudFormation gets, resources by logical id."""
    return expanded(document)["Resources"]


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in template.items() if one["Type"] == kind}


def behind_the_api(functions: dict[str, Any]) -> set[str]:
    """Functions that requests reach, the authorizer among them."""
    routed = {
        name
        for name, function in functions.items()
        if any(event["Type"] == "HttpApi" for event in function.get("Events", {}).values())
    }
    return {*routed, "CoreAuthorizerFunction"}


def test_everything_behind_the_api_is_deployed_by_alias(functions: dict[str, Any]) -> None:
    wanted = behind_the_api(functions)
    assert len(wanted) >= 9
    shifted = {name for name, function in functions.items() if "DeploymentPreference" in function}
    assert shifted == wanted
    for name in wanted:
        function = functions[name]
        assert function["AutoPublishAlias"] == "live"
        assert function["AutoPublishAliasAllProperties"] is True
        assert function["SnapStart"] == {"ApplyOn": {"Ref": "SnapStart"}}
        preference = function["DeploymentPreference"]
        assert preference["Type"] == {"Ref": "DeploymentType"}
        assert preference["Role"] == {"Fn::GetAtt": ["DeployRole", "Arn"]}
        assert preference["Alarms"] == [{"Ref": f"{name.removesuffix('Function')}Canary"}]


def test_the_alarm_that_brings_the_old_version_back_watches_the_new_one(
    functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    for name in behind_the_api(functions):
        alarm = resources[f"{name.removesuffix('Function')}Canary"]["Properties"]
        metrics = {
            entry["Id"]: entry["MetricStat"]["Metric"] for entry in alarm["Metrics"] if "MetricStat" in entry
        }
        version = {"Fn::GetAtt": [name, "Version.Version"]}
        raised, unexpected = (
            {entry["Name"]: entry["Value"] for entry in metrics[key]["Dimensions"]}
            for key in ("raised", "unexpected")
        )
        assert raised == {
            "FunctionName": {"Ref": name},
            "Resource": {"Fn::Sub": f"${{{name}}}:live"},
            "ExecutedVersion": version,
        }
        service = functions[name]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        assert unexpected == {"stage": {"Ref": "AWS::StackName"}, "service": service, "version": version}
        assert (alarm["Threshold"], alarm["TreatMissingData"]) == (1, "notBreaching")


def test_deployments_stop_and_go_back_on_alarms(functions: dict[str, Any], template: dict[str, Any]) -> None:
    groups = of_type(template, "AWS::CodeDeploy::DeploymentGroup")
    assert set(groups) == {f"{name}DeploymentGroup" for name in behind_the_api(functions)}
    for group in groups.values():
        properties = group["Properties"]
        assert properties["AlarmConfiguration"]["Enabled"] is True
        assert "DEPLOYMENT_STOP_ON_ALARM" in properties["AutoRollbackConfiguration"]["Events"]
        assert properties["ServiceRoleArn"] == {"Fn::GetAtt": ["DeployRole", "Arn"]}
    for name in behind_the_api(functions):
        policy = template[f"{name}Aliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        assert policy["DeploymentGroupName"] == {"Ref": f"{name}DeploymentGroup"}


def test_requests_reach_the_alias_and_nothing_else(template: dict[str, Any]) -> None:
    body = template["Api"]["Properties"]["Body"]
    addresses = [
        operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
        for path in body["paths"].values()
        for operation in path.values()
    ]
    assert len(addresses) > 60
    assert all("FunctionAliaslive}" in address for address in addresses)
    scheme = body["components"]["securitySchemes"]["SessionAuthorizer"]["x-amazon-apigateway-authorizer"]
    assert "CoreAuthorizerFunctionAliaslive" in str(scheme["authorizerUri"])
    for permission in of_type(template, "AWS::Lambda::Permission").values():
        if permission["Properties"]["Principal"] == "apigateway.amazonaws.com":
            assert permission["Properties"]["FunctionName"]["Ref"].endswith("FunctionAliaslive")


def test_a_new_layer_is_a_new_version_of_every_function_with_an_alias(
    document: dict[str, Any], functions: dict[str, Any], template: dict[str, Any]
) -> None:
    before, same, after = (
        set(of_type(made, "AWS::Lambda::Version"))
        for made in (
            template,
            expanded(document)["Resources"],
            expanded(document, layer="another")["Resources"],
        )
    )
    assert before == same
    assert len(before) == len(after) == len(behind_the_api(functions) | {"SchemaMigrateFunction"})
    assert not before & after


def test_whoever_shifts_traffic_may_shift_that_of_these_functions_only(
    functions: dict[str, Any], resources: dict[str, Any]
) -> None:
    role = resources["DeployRole"]["Properties"]
    shifting, looking = role["Policies"][0]["PolicyDocument"]["Statement"]
    named = [
        one["Fn::GetAtt"][0]
        if "Fn::GetAtt" in one
        else one["Fn::Sub"].removesuffix(".Arn}:live").removeprefix("${")
        for one in shifting["Resource"]
    ]
    assert sorted(named) == sorted([*behind_the_api(functions)] * 2)
    assert looking["Action"] == "cloudwatch:DescribeAlarms"
    assert "ManagedPolicyArns" not in role


# -- A database of its own


def test_every_function_finds_the_database_that_is_named_or_made(functions: dict[str, Any]) -> None:
    server = {
        "Fn::If": ["MakesDatabase", {"Fn::GetAtt": ["Database", "Outputs.Host"]}, {"Ref": "DatabaseHost"}]
    }
    for name, function in functions.items():
        host = function["Environment"]["Variables"].get("DATABASE_HOST")
        if name == "SchemaMigrateFunction":  # locks and settings of a session, which a pooler does not carry
            assert host == server
        elif host is not None:
            assert host == {"Fn::If": ["HasPooler", {"Ref": "DatabasePoolerHost"}, server]}, name


def test_the_nested_template_is_given_what_it_asks_for_and_gives_what_is_used(
    resources: dict[str, Any],
) -> None:
    nested = read_yaml(ROOT / resources["Database"]["Properties"]["TemplateURL"])
    given = set(resources["Database"]["Properties"]["Parameters"])
    asked = nested["Parameters"]
    assert given <= set(asked)
    assert {name for name, one in asked.items() if "Default" not in one} <= given
    assert set(nested["Outputs"]) == {"Host", "ClusterId", "AdminSecretArn"}
    assert resources["Database"]["Condition"] == "MakesDatabase"
    assert resources["Database"]["DeletionPolicy"] == "RetainExceptOnCreate"


def test_the_made_database_is_private_encrypted_kept_and_asks_for_tls() -> None:
    made = read_yaml(ROOT / "templates/aurora.yaml")["Resources"]
    cluster, instance = made["Cluster"], made["Instance"]["Properties"]
    assert cluster["DeletionPolicy"] == "Snapshot"
    properties = cluster["Properties"]
    assert properties["StorageEncrypted"] is True
    assert "DeletionProtection" not in properties, "a first deployment that fails could not be rolled back"
    assert properties["ManageMasterUserPassword"] is True
    assert instance["PubliclyAccessible"] is False
    assert made["Settings"]["Properties"]["Parameters"]["rds.force_ssl"] == "1"
    (way_in,) = made["SecurityGroup"]["Properties"]["SecurityGroupIngress"]
    assert way_in["SourceSecurityGroupId"] == {"Ref": "ClientSecurityGroupId"}

"""Which parameters go together: what could only fail halfway is refused before anything is made.

The template is asked as CloudFormation gets it, expanded.
"""

from typing import Any

import pytest

from local.template.cloudformation import TemplateError
from local.template.rules import broken_rules
from tests.support.expanded import expanded

SECRET = "arn:aws:secretsmanager:eu-central-1:1:secret:x"
APPLICATIONS = {
    "SpotifyClientId": "s", "SpotifyClientSecret": "s", "YouTubeClientId": "y", "YouTubeClientSecret": "y",
}  # fmt: skip
NAMED = {**APPLICATIONS, "DatabaseHost": "db.example.org", "DatabaseAdminSecretArn": SECRET}
MADE = {
    **APPLICATIONS,
    "CreateDatabase": "true",
    "VpcId": "vpc-1",
    "VpcSubnetIds": "subnet-1,subnet-2",
    "VpcSecurityGroupIds": "sg-1",
    "DatabaseCaBundle": "/opt/certificates/eu-central-1-bundle.pem",
}
NETWORK = {"VpcSubnetIds": "subnet-1", "VpcSecurityGroupIds": "sg-1"}
DOMAIN = {
    "DomainName": "music.example.org",
    "DomainCertificateArn": "arn:aws:acm:eu-central-1:1:certificate/x",
}
STORAGE = {
    "ExportStorageEndpoint": "https://minio.example.org",
    "ExportStorageBucket": "files",
    "ExportStorageSecretArn": SECRET,
}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return expanded()


@pytest.mark.parametrize(
    "given",
    [
        NAMED,
        NAMED | NETWORK,
        NAMED | DOMAIN,
        NAMED | STORAGE,
        NAMED | STORAGE | {"ExportStorageRegion": "eu-de"},
        NAMED | {"ExportStorageBucket": "of-this-account", "ExportStorageRegion": "eu-west-1"},
        NAMED | {"TokenKeysSecretArn": SECRET},
        MADE,
        MADE | DOMAIN | STORAGE,
        MADE | {"DatabaseSslMode": "require", "DatabaseCaBundle": "system"},
    ],
)
def test_what_goes_together_is_taken(template: dict[str, Any], given: dict[str, str]) -> None:
    assert broken_rules(template, given) == []


@pytest.mark.parametrize("whole", [NAMED, NAMED | NETWORK, NAMED | DOMAIN, NAMED | STORAGE, MADE])
def test_nothing_of_what_goes_together_may_be_forgotten(
    template: dict[str, Any], whole: dict[str, str]
) -> None:
    """Every parameter of a set is left out once; where that is a set of its own, it is so by name."""
    harmless = {"ExportStorageEndpoint"}
    for name in whole.keys() - harmless:
        rest = {key: value for key, value in whole.items() if key != name}
        broken = broken_rules(template, rest)
        assert broken, f"nobody misses {name}"
        assert any(name in said for said in broken), f"nobody says that {name} is missing: {broken}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Either DatabaseHost"),
        (MADE | {"DatabaseHost": "db.example.org"}, "Either DatabaseHost"),
        (MADE | {"DatabaseAdminSecretArn": SECRET}, "leave DatabaseAdminSecretArn empty"),
        (MADE | {"DatabaseCaBundle": "system", "DatabaseSslMode": "verify-ca"}, "needs a DatabaseCaBundle"),
        (NAMED | {"ExportStorageSecretArn": SECRET}, "which is not named"),
        (NAMED | {"ExportStorageRegion": "eu-de"}, "which is not named"),
    ],
)
def test_what_contradicts_itself_is_refused(
    template: dict[str, Any], given: dict[str, str], said: str
) -> None:
    assert any(said in one for one in broken_rules(template, given))


def test_the_answers_that_are_kept_of_a_first_attempt_are_not_enough_for_a_second(
    template: dict[str, Any],
) -> None:
    """SAM keeps what was answered to its questions, but for secrets; their defaults would have been empty."""
    kept = {name: value for name, value in NAMED.items() if not template["Parameters"][name].get("NoEcho")}
    assert kept.keys() == NAMED.keys() - APPLICATIONS.keys()
    assert [said.split()[0] for said in broken_rules(template, kept)] == [
        "SpotifyClientId",
        "YouTubeClientId",
    ]


def test_rules_use_what_cloudformation_knows_in_rules_only(template: dict[str, Any]) -> None:
    for wrong in (
        {"Fn::Join": ["", {"Ref": "VpcSubnetIds"}]},
        {"Fn::Equals": [{"Ref": "Api"}, ""]},
        {"Fn::Equals": [{"Ref": "VpcSubnetIds"}, ""]},
        {"Condition": "InVpc"},
    ):
        document = template | {"Rules": {"R": {"Assertions": [{"Assert": wrong, "AssertDescription": ""}]}}}
        with pytest.raises(TemplateError):
            broken_rules(document, NAMED)


# -- What is left when a first deployment fails


def test_a_first_deployment_that_fails_leaves_nothing_that_is_paid_for(template: dict[str, Any]) -> None:
    """What outlives the stack goes with a stack that never came to be."""
    kept = {
        name: one["DeletionPolicy"]
        for name, one in template["Resources"].items()
        if one.get("DeletionPolicy", "Delete") != "Delete"
        and one["Type"] != "AWS::Lambda::Version"  # which goes with its function
    }
    assert kept == dict.fromkeys(
        ["Database", "ExportsBucket", "TokenKeysSecret", "UploadsBucket"], "RetainExceptOnCreate"
    )
    for name in kept:
        assert template["Resources"][name]["UpdateReplacePolicy"] == "Retain"


def test_keys_that_are_brought_along_are_the_only_ones(template: dict[str, Any]) -> None:
    keys = {"Fn::If": ["MakesTokenKeys", {"Ref": "TokenKeysSecret"}, {"Ref": "TokenKeysSecretArn"}]}
    assert template["Resources"]["TokenKeysSecret"]["Condition"] == "MakesTokenKeys"
    told = allowed = 0
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Lambda::Function":
            variable = properties["Environment"]["Variables"].get("TOKEN_KEYS_SECRET_ARN", keys)
            assert variable == keys
            told += "TOKEN_KEYS_SECRET_ARN" in properties["Environment"]["Variables"]
        for policy in properties.get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []:
            for statement in policy["PolicyDocument"]["Statement"]:
                named = statement["Resource"] if isinstance(statement["Resource"], list) else []
                assert {"Ref": "TokenKeysSecret"} not in named
                allowed += keys in named
    assert told == allowed > 5


def test_two_stacks_share_neither_metrics_nor_alarms(template: dict[str, Any]) -> None:
    stages = [
        one["Properties"]["Environment"]["Variables"]["STAGE"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::Lambda::Function"
    ]
    assert stages
    assert all(stage == {"Ref": "AWS::StackName"} for stage in stages)

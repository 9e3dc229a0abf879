"""Wildcards in policies are found wherever they hide, and the lists of exceptions are kept honest."""

from typing import Any

import pytest

from tests.infrastructure.conftest import ROOT
from tools.checks import checkov, iam
from tools.checks.checkov import Failure, compare
from tools.checks.iam import Wildcard, wildcards


def role(*statements: dict[str, Any]) -> dict[str, Any]:
    return {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "Policies": [{"PolicyName": "own", "PolicyDocument": {"Statement": list(statements)}}]
            },
        }
    }


def allow(action: Any, resource: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


@pytest.mark.parametrize(
    "statement",
    [
        allow("s3:GetObject", "*"),
        allow("s3:*", {"Fn::GetAtt": ["Bucket", "Arn"]}),
        allow(["s3:Get*", "s3:PutObject"], [{"Fn::GetAtt": ["Bucket", "Arn"]}]),
        allow("s3:GetObject", [{"Fn::Sub": "${Bucket.Arn}/*"}]),
        allow("s3:GetObject", {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]}),
        allow("s3:GetObject", {"Fn::If": ["Some", "*", {"Fn::GetAtt": ["Bucket", "Arn"]}]}),
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": {"Ref": "Thing"}},
    ],
)
def test_a_wildcard_is_found(statement: dict[str, Any]) -> None:
    assert len(set(wildcards(role(statement)))) == 1


@pytest.mark.parametrize(
    "statement",
    [
        allow("s3:GetObject", {"Fn::GetAtt": ["Bucket", "Arn"]}),
        {"Effect": "Deny", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
)
def test_what_names_its_objects_or_refuses_is_none(statement: dict[str, Any]) -> None:
    assert list(wildcards(role(statement))) == []


def test_every_wildcard_of_the_templates_is_explained() -> None:
    assert iam.findings(ROOT) == []


def test_an_explanation_has_a_reason() -> None:
    entry = {"in": ["Role"], "actions": ["a:B"], "resource": "*"}
    with pytest.raises(ValueError, match="no reason"):
        list(iam.accepted([{**entry, "reason": "because"}]))
    assert list(iam.accepted([{**entry, "reason": "it knows no resources"}])) == [
        Wildcard("Role", frozenset({"a:B"}), "*")
    ]


LOGS = Failure("CKV_1", "AWS::Logs::LogGroup.WebLogs", "keys")
ENTRY = {"check": "CKV_1", "resources": ["AWS::Logs::LogGroup.*"], "reason": "a reason of many words"}


def test_a_failure_that_is_explained_is_none() -> None:
    assert compare([LOGS], [ENTRY]) == []


def test_other_failures_are_told_of() -> None:
    other = Failure("CKV_2", "AWS::Logs::LogGroup.WebLogs", "names")
    assert compare([LOGS, other], [ENTRY]) == ["CKV_2 AWS::Logs::LogGroup.WebLogs: names"]
    elsewhere = Failure("CKV_1", "AWS::S3::Bucket.Files", "keys")
    assert compare([LOGS, elsewhere], [ENTRY]) == ["CKV_1 AWS::S3::Bucket.Files: keys"]


def test_an_explanation_that_nothing_needs_is_told_of() -> None:
    assert compare([], [ENTRY]) == ["CKV_1 AWS::Logs::LogGroup.*: nothing fails it any more"]
    assert compare([LOGS], [{**ENTRY, "reason": "so"}]) == ["CKV_1: no reason is given"]


def test_a_checkov_that_does_not_work_is_an_error_and_no_success(tmp_path: Any) -> None:
    program = tmp_path / "checkov"
    program.write_text("#!/bin/sh\necho '[]'\n")
    program.chmod(0o700)
    with pytest.raises(RuntimeError, match="checkov failed"):
        checkov.failures(ROOT / "template.yaml", program)

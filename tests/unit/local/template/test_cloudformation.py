"""CloudFormation's language, as the local stack reads it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.template.cloudformation import Evaluator, TemplateError, read_yaml

TEMPLATE = """
Parameters:
  Name: {Type: String, Default: music}
  Empty: {Type: String, Default: ""}
  Count: {Type: Number, Default: 3}
  Subnets: {Type: CommaDelimitedList, Default: "a, b"}
  Nothing: {Type: CommaDelimitedList, Default: ""}
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
Mappings:
  Sizes:
    dev: {Memory: 256}
    prod: {Memory: 512}
Conditions:
  IsMusic: !Equals [!Ref Name, music]
  IsEmpty: !Equals [!Ref Empty, ""]
  Both: !And [!Condition IsMusic, !Condition IsEmpty]
  Neither: !Not [!Or [!Condition IsMusic, !Condition IsEmpty]]
Resources:
  Thing: {Type: AWS::SQS::Queue}
Probe:
  value: """

type Evaluate = Callable[..., Any]


@pytest.fixture
def evaluate(tmp_path: Path) -> Evaluate:
    """The value of an expression, given as YAML, within the template above."""

    def value_of(expression: str, **parameters: str) -> Any:
        path = tmp_path / "template.yaml"
        path.write_text(TEMPLATE + expression + "\n")
        document = read_yaml(path)
        evaluator = Evaluator(
            document,
            parameters=parameters,
            pseudo={"AWS::Region": "eu-west-1", "AWS::AccountId": "42"},
            attribute=lambda name, attribute: f"<{name}.{attribute}>" if attribute else f"<{name}>",
            imports={"shared-vpc": "vpc-1"},
        )
        return evaluator.value(document["Probe"]).get("value", "left out")

    return value_of


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref Name", "music"),
        ("{Ref: Name}", "music"),
        ("!Ref Count", "3"),
        ("!Ref Subnets", ["a", "b"]),
        ("!Ref Nothing", []),
        ("!Ref Thing", "<Thing>"),
        ("!Ref AWS::Region", "eu-west-1"),
        ("!GetAtt Thing.Arn", "<Thing.Arn>"),
        ("{Fn::GetAtt: [Thing, Arn]}", "<Thing.Arn>"),
        ("!Sub '${Name}-${Thing}-${Thing.Arn}-${AWS::AccountId}'", "music-<Thing>-<Thing.Arn>-42"),
        ("!Sub ['${Name}/${Other}', {Other: !Ref Stage}]", "music/dev"),
        ("!Sub '${!Literal} costs $5'", "${Literal} costs $5"),
        ("!If [IsMusic, yes, no]", True),
        ("!If [Both, both, not both]", "both"),
        ("!If [Neither, neither, some]", "some"),
        ("!If [IsEmpty, !Ref AWS::NoValue, something]", "left out"),
        ("[1, !If [IsEmpty, !Ref AWS::NoValue, 2], 3]", [1, 3]),
        ("!Join ['-', [a, !Ref Name, !Ref Count]]", "a-music-3"),
        ("!Join [',', !Ref Subnets]", "a,b"),
        ("!Select [1, !Ref Subnets]", "b"),
        ("!Select ['0', !Split ['/', x/y]]", "x"),
        ("!FindInMap [Sizes, !Ref Stage, Memory]", 256),
        ("!ImportValue shared-vpc", "vpc-1"),
        ("{Fn::Base64: hello}", "aGVsbG8="),
        ("{Condition: {StringEquals: {a: b}}}", {"Condition": {"StringEquals": {"a": "b"}}}),
        ("2012-10-17", "2012-10-17"),
    ],
)
def test_functions_give_what_cloudformation_gives(evaluate: Evaluate, expression: str, value: Any) -> None:
    assert evaluate(expression) == value


def test_parameters_override_defaults_and_conditions_follow(evaluate: Evaluate) -> None:
    assert evaluate("!If [IsMusic, 1, 2]", Name="other") == 2
    assert evaluate("!FindInMap [Sizes, !Ref Stage, Memory]", Stage="prod") == 512


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("!Cidr [a, b, c]", "Fn::Cidr"),
        ("!Ref Nobody", "Nobody is neither"),
        ("!GetAtt Nobody.Arn", "Nobody is neither"),
        ("!If [Unheard, 1, 2]", "no condition Unheard"),
        ("!If [IsMusic, 1]", "Fn::If takes"),
        ("!Equals [1]", "Fn::Equals takes two"),
        ("!Select [7, !Ref Subnets]", "no item 7"),
        ("!FindInMap [Sizes, test, Memory]", "finds nothing at Sizes / test / Memory"),
        ("!ImportValue other", "nothing is exported here as other"),
        ("'{{resolve:ssm:/a/b}}'", "dynamic references"),
    ],
)
def test_what_is_not_known_is_named(evaluate: Evaluate, expression: str, complaint: str) -> None:
    with pytest.raises(TemplateError, match=complaint):
        evaluate(expression)


def test_parameters_are_checked(evaluate: Evaluate) -> None:
    with pytest.raises(TemplateError, match="no parameter Nmae"):
        evaluate("1", Nmae="x")
    with pytest.raises(TemplateError, match="Stage has to be one of dev, prod"):
        evaluate("1", Stage="test")


@pytest.mark.parametrize("text", ["Resources: [", "[]", "Parameters: {}"])
def test_a_file_that_is_no_template_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(text)
    with pytest.raises(TemplateError):
        read_yaml(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="cannot read"):
        read_yaml(tmp_path / "absent.yaml")

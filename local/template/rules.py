"""Evaluate the Rules of a template: which combinations of parameters CloudFormation refuses.

A function that CloudFormation does not allow there is refused, so that a rule which passes here passes there.
Reference: AWS CloudFormation User Guide, "Rules section" and "Rule-specific intrinsic functions".
"""

from collections.abc import Callable, Mapping
from typing import Any

from local.template.cloudformation import Node, TemplateError, as_text, parameter_values


def broken_rules(document: Mapping[str, Node], parameters: Mapping[str, str]) -> list[str]:
    """Give the descriptions of the assertions that do not hold for these parameters.

    Args:
        document: The template, in long form.
        parameters: Values by name; the others have their defaults.

    Raises:
        TemplateError: a value is not allowed, or a rule says something that CloudFormation would not take.
    """
    rules = _Rules(parameter_values(document.get("Parameters") or {}, parameters))
    found = []
    for rule in (document.get("Rules") or {}).values():
        if "RuleCondition" in rule and not rules.is_true(rule["RuleCondition"]):
            continue
        found += [
            str(one["AssertDescription"]) for one in rule["Assertions"] if not rules.is_true(one["Assert"])
        ]
    return found


class _Rules:
    def __init__(self, values: Mapping[str, str | list[str]]) -> None:
        self._values = values
        self._functions: dict[str, Callable[[Any], bool]] = {
            "Fn::And": lambda parts: all(self.is_true(part) for part in parts),
            "Fn::Or": lambda parts: any(self.is_true(part) for part in parts),
            "Fn::Not": lambda parts: not self.is_true(parts[0]),
            "Fn::Equals": lambda parts: self._text(parts[0]) == self._text(parts[1]),
            "Fn::Contains": lambda parts: self._text(parts[1]) in self._list(parts[0]),
            "Fn::EachMemberEquals": lambda parts: all(
                one == self._text(parts[1]) for one in self._list(parts[0])
            ),
            "Fn::EachMemberIn": lambda parts: set(self._list(parts[0])) <= set(self._list(parts[1])),
        }

    def is_true(self, node: Node) -> bool:
        """Evaluate a condition or an assertion."""
        if not isinstance(node, dict) or len(node) != 1:
            raise TemplateError(f"a rule is made of functions, not {node!r}")
        ((name, argument),) = node.items()
        if name not in self._functions:
            raise TemplateError(f"CloudFormation has no function {name} in rules")
        return self._functions[name](argument)

    def _value(self, node: Node) -> Node:
        if isinstance(node, dict):
            if set(node) != {"Ref"} or node["Ref"] not in self._values:
                raise TemplateError(f"a rule refers to parameters only, not {node!r}")
            return self._values[node["Ref"]]
        return node

    def _text(self, node: Node) -> str:
        value = self._value(node)
        if isinstance(value, list):
            raise TemplateError(f"a rule compares {node!r}, which is a list, with a text")
        return as_text(value)

    def _list(self, node: Node) -> list[str]:
        value = self._value(node)
        if not isinstance(value, list):
            raise TemplateError(f"a rule takes {node!r} for a list")
        return [self._text(one) for one in value]

"""CloudFormation's language: YAML with its short tags, and the intrinsic functions.

What it does not know it refuses, naming the construct: a template that means something else here than on AWS
would be worse than one that does not start.
Reference: AWS CloudFormation User Guide, "Intrinsic function reference" and "Pseudo parameters reference".
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

try:  # five times as fast, and the template has thousands of lines
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

type Node = Any
"""What YAML gives: None, str, bool, int, float, lists and dictionaries of these."""


class TemplateError(Exception):
    """The template says something that the local stack cannot carry out."""


class _NoValue:
    """``AWS::NoValue``: the property or list item that holds it is left out."""


NO_VALUE: Final = _NoValue()


class _Loader(SafeLoader):
    """YAML with ``!Sub`` and its like, which become the long form ``{"Fn::Sub": ...}``."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> Node:
    value: Node
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix in {"Ref", "Condition"}:
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)
# A date in a template (Version: 2012-10-17) is text.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path) -> dict[str, Node]:
    """Read a template; ``TemplateError``: it is not there, not YAML, or not a mapping."""
    try:
        document = yaml.load(path.read_text(), _Loader)  # noqa: S506 - a SafeLoader with more tags
    except OSError as error:
        raise TemplateError(f"cannot read the template: {error}") from error
    except yaml.YAMLError as error:
        raise TemplateError(f"{path.name} is not valid YAML: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError(f"{path.name} has no Resources")
    return document


def parameter_values(declared: Mapping[str, Node], given: Mapping[str, str]) -> dict[str, str | list[str]]:
    """Give defaults and overrides, with lists split; ``TemplateError``: a name or value is not allowed."""
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise TemplateError(f"the template has no parameter {', '.join(unknown)}")
    values: dict[str, str | list[str]] = {}
    for name, description in declared.items():
        if name in given:
            text = str(given[name])
        elif "Default" in description:
            text = as_text(description["Default"])
        else:
            raise TemplateError(f"parameter {name} has no default and no value was given")
        allowed = [as_text(value) for value in description.get("AllowedValues", [])]
        if allowed and text not in allowed:
            raise TemplateError(f"parameter {name} has to be one of {', '.join(allowed)}, not {text!r}")
        pattern = description.get("AllowedPattern")
        if pattern and not re.fullmatch(pattern, text):
            raise TemplateError(f"parameter {name} does not match {pattern}")
        kind = str(description.get("Type", "String"))
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            values[name] = [part.strip() for part in text.split(",")] if text else []
        else:
            values[name] = text
    return values


class Evaluator:
    """Works out the value of any part of a template.

    ``pseudo`` has the values of ``AWS::Region`` and its like, without those that are lists; ``attribute``
    gives ``Ref`` (attribute None) and ``Fn::GetAtt`` of a resource, by its logical id.
    """

    def __init__(
        self,
        document: Mapping[str, Node],
        *,
        parameters: Mapping[str, str],
        pseudo: Mapping[str, str],
        attribute: Callable[[str, str | None], Node],
        imports: Mapping[str, str] | None = None,
    ) -> None:
        self._parameters = parameter_values(document.get("Parameters") or {}, parameters)
        self._conditions: Mapping[str, Node] = document.get("Conditions") or {}
        self._mappings: Mapping[str, Node] = document.get("Mappings") or {}
        self._resources: Mapping[str, Node] = document["Resources"]
        self._pseudo: dict[str, Node] = {**pseudo, "AWS::NoValue": NO_VALUE, "AWS::NotificationARNs": []}
        self._attribute = attribute
        self._imports = imports or {}
        self._functions: dict[str, Callable[[Node], Node]] = {
            "Ref": self._ref,
            "Condition": self.condition,
            "Fn::Sub": self._sub,
            "Fn::GetAtt": self._get_att,
            "Fn::If": self._if,
            "Fn::Equals": lambda node: self._pair(node, "Fn::Equals")[0] == self._pair(node, "Fn::Equals")[1],
            "Fn::Not": lambda node: not self._truth(node[0]),
            "Fn::And": lambda node: all(self._truth(part) for part in node),
            "Fn::Or": lambda node: any(self._truth(part) for part in node),
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": lambda node: as_text(self.value(node[1])).split(node[0]),
            "Fn::FindInMap": self._find_in_map,
            "Fn::ImportValue": self._import_value,
            "Fn::Base64": lambda node: base64.b64encode(as_text(self.value(node)).encode()).decode(),
            "Fn::ToJsonString": lambda node: json.dumps(self.value(node), separators=(",", ":")),
            "Fn::Length": lambda node: len(self.value(node)),
        }

    def value(self, node: Node) -> Node:
        """The value of a node, everything inside it included; ``TemplateError`` for what is unknown."""
        if isinstance(node, dict):
            if len(node) == 1:
                ((name, argument),) = node.items()
                if name in self._functions and not (name == "Condition" and isinstance(argument, dict)):
                    return self._functions[name](argument)
                if isinstance(name, str) and name.startswith("Fn::"):
                    raise TemplateError(f"the local stack does not know the function {name}")
            return {key: got for key, part in node.items() if (got := self.value(part)) is not NO_VALUE}
        if isinstance(node, list):
            return [got for part in node if (got := self.value(part)) is not NO_VALUE]
        if isinstance(node, str) and "{{resolve:" in node:
            raise TemplateError(f"the local stack does not resolve dynamic references: {node}")
        return node

    def condition(self, name: str) -> bool:
        """Whether a named condition holds."""
        if name not in self._conditions:
            raise TemplateError(f"there is no condition {name}")
        return self._truth(self._conditions[name])

    def _truth(self, node: Node) -> bool:
        if isinstance(node, dict) and set(node) == {"Condition"}:
            return self.condition(node["Condition"])
        return bool(self.value(node))

    def _ref(self, name: Node) -> Node:
        if name in self._parameters:
            return self._parameters[name]
        if name in self._pseudo:
            return self._pseudo[name]
        # SAM's names for what it makes of a function: `FunctionName.Alias`, `FunctionName.Version`.
        resource, _, made = str(name).partition(".")
        return self._resource(resource, made or None)

    def _get_att(self, node: Node) -> Node:
        parts = node if isinstance(node, list) else str(node).split(".", 1)
        if len(parts) != 2:
            raise TemplateError(f"Fn::GetAtt takes a resource and an attribute, not {node!r}")
        return self._resource(str(parts[0]), as_text(self.value(parts[1])))

    def _resource(self, name: str, attribute: str | None) -> Node:
        if name not in self._resources:
            raise TemplateError(f"{name} is neither a parameter nor a resource of the template")
        return self._attribute(name, attribute)

    def _sub(self, node: Node) -> str:
        text, own = (node, {}) if isinstance(node, str) else self._sub_with_values(node)

        def replaced(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in own:
                return as_text(self.value(own[name]))
            if "." in name:
                return as_text(self._get_att(name.split(".", 1)))
            return as_text(self._ref(name))

        return re.sub(r"\$\{([^}]*)\}", replaced, text)

    def _sub_with_values(self, node: Node) -> tuple[str, Mapping[str, Node]]:
        if not isinstance(node, list) or len(node) != 2:
            raise TemplateError(f"Fn::Sub takes a text, or a text and a mapping, not {node!r}")
        return node[0], node[1]

    def _if(self, node: Node) -> Node:
        if not isinstance(node, list) or len(node) != 3:
            raise TemplateError(f"Fn::If takes a condition and two values, not {node!r}")
        return self.value(node[1] if self.condition(node[0]) else node[2])

    def _pair(self, node: Node, name: str) -> tuple[str, str]:
        if not isinstance(node, list) or len(node) != 2:
            raise TemplateError(f"{name} takes two values, not {node!r}")
        first, second = (self.value(part) for part in node)
        return as_text(first), as_text(second)

    def _join(self, node: Node) -> str:
        separator, parts = node
        return str(separator).join(as_text(part) for part in self.value(parts))

    def _select(self, node: Node) -> Node:
        index, choices = int(self.value(node[0])), self.value(node[1])
        if not 0 <= index < len(choices):
            raise TemplateError(f"Fn::Select: there is no item {index} in {choices!r}")
        return choices[index]

    def _find_in_map(self, node: Node) -> Node:
        keys = [as_text(self.value(part)) for part in node[:3]]
        found: Node = self._mappings
        for key in keys:
            if not isinstance(found, Mapping) or key not in found:
                raise TemplateError(f"Fn::FindInMap finds nothing at {' / '.join(keys)}")
            found = found[key]
        return found

    def _import_value(self, node: Node) -> str:
        name = as_text(self.value(node))
        if name not in self._imports:
            raise TemplateError(f"Fn::ImportValue: nothing is exported here as {name}")
        return self._imports[name]


def as_text(value: Node) -> str:
    """A value as CloudFormation passes it on: everything is text, lists joined by commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(as_text(part) for part in value)
    return str(value)

"""Policies allow what they name. What cannot be named is listed with its reason (``accepted/iam.yaml``)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.template.cloudformation import read_yaml

ACCEPTED = Path(__file__).parent / "accepted/iam.yaml"
TEMPLATES = ("template.yaml", "templates/aurora.yaml", "templates/pooler.yaml")


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A statement that allows something by a pattern."""

    where: str
    """Logical id of the role or policy."""
    actions: frozenset[str]
    resource: str
    """As the template writes it, without the function around it."""

    def __str__(self) -> str:
        return f"{self.where} allows {', '.join(sorted(self.actions))} on {self.resource}"


def findings(root: Path) -> list[str]:
    """Every wildcard that is not accepted, and everything accepted that is not there."""
    found = {wildcard for name in TEMPLATES for wildcard in wildcards(read_yaml(root / name)["Resources"])}
    listed = set(accepted(yaml.safe_load(ACCEPTED.read_text())))
    where = ACCEPTED.relative_to(Path(__file__).resolve().parents[2])
    return [
        *(f"template: {one}, which {where} does not explain" for one in sorted(found - listed, key=str)),
        *(f"{where}: nothing says that {one}" for one in sorted(listed - found, key=str)),
    ]


def accepted(entries: list[Mapping[str, Any]]) -> Iterator[Wildcard]:
    """Read what the list explains; ``ValueError``: an entry has no reason to speak of."""
    for entry in entries:
        if len(str(entry.get("reason", "")).split()) < 4:
            raise ValueError(f"no reason is given for {entry}")
        for where in entry["in"]:
            yield Wildcard(where, frozenset(entry["actions"]), entry["resource"])


def wildcards(resources: Mapping[str, Any]) -> Iterator[Wildcard]:
    """Every pattern in an action or a resource that a policy of the template allows."""
    for name, resource in resources.items():
        for statement in _statements(resource.get("Properties") or {}):
            if statement.get("Effect") != "Allow":
                continue
            actions = frozenset(_listed(statement.get("Action", [])))
            if "NotAction" in statement or "NotResource" in statement:
                yield Wildcard(name, actions, "everything but what it names")
            # What trusts somebody to take a role on names no resource.
            for target in _listed(statement.get("Resource", [])):
                text = _text(target)
                if "*" in text or any("*" in action for action in actions):
                    yield Wildcard(name, actions, text)


def _statements(node: Any) -> Iterator[Mapping[str, Any]]:
    """Statements of policies, wherever they are in a resource."""
    if isinstance(node, Mapping):
        if "Effect" in node and ("Action" in node or "NotAction" in node):
            yield node
        else:
            for part in node.values():
                yield from _statements(part)
    elif isinstance(node, list):
        for part in node:
            yield from _statements(part)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(target: Any) -> str:
    if isinstance(target, Mapping) and isinstance(target.get("Fn::Sub"), str):
        return str(target["Fn::Sub"])
    return target if isinstance(target, str) else json.dumps(target, sort_keys=True)

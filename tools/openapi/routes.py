"""The routes of the functions, and the types that their handlers are bound to."""

import importlib
import inspect
import re
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from local.template.cloudformation import read_yaml
from musicconnect.api import app, responses

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Operation:
    """A route and the types that its handler is bound to."""

    route: app.Route
    body: type[BaseModel] | None
    text: Any
    """Annotation of a body that the handler reads by itself; None if there is none."""
    query: type[BaseModel] | None
    path: Mapping[str, Any]
    """Annotations of the path parameters."""
    may_repeat: bool
    """Whether it takes an ``Idempotency-Key``."""
    result: type[BaseModel] | None
    accepted: type[BaseModel] | None
    """What a 202 says, where the route has another status, too."""
    documented: bool
    """Whether ``result`` says everything about the answer: not so for a `responses.Reply`."""


def template_functions(template: Path = ROOT / "template.yaml") -> list[str]:
    """Packages of the functions that have routes, in the order of the template."""
    resources: dict[str, Any] = read_yaml(template)["Resources"]
    return [
        properties["Handler"].split(".", 1)[0]
        for properties in (resource.get("Properties") or {} for resource in resources.values())
        if any(event["Type"] == "HttpApi" for event in properties.get("Events", {}).values())
    ]


def registered_routes(capabilities: Iterable[str]) -> list[app.Route]:
    """The routes of these functions; a function without an ``api`` (the pages) has none to describe."""
    modules = [importlib.import_module(f"{capability}.app") for capability in capabilities]
    return [route for module in modules if hasattr(module, "api") for route in module.api.routes]


def operation_of(route: app.Route) -> Operation:
    """Read a handler's signature.

    Raises:
        ValueError: it does not say what it answers, or a route that makes something does not say where.
    """
    hints = typing.get_type_hints(route.handler)
    result = hints.get("return", inspect.Signature.empty)
    if result is inspect.Signature.empty:
        raise ValueError(f"{route.method} {route.path}: the handler has no return annotation")
    if route.status in {201, 202} and route.location is None:
        raise ValueError(f"{route.method} {route.path}: a {route.status} needs a location")
    members = typing.get_args(result) or (result,)
    models = [kind for kind in members if isinstance(kind, type) and issubclass(kind, BaseModel)]
    later = [kind for kind in models if issubclass(kind, responses.Accepted)] if len(models) > 1 else []
    return Operation(
        route=route,
        body=hints.get("body"),
        text=hints.get("text"),
        query=hints.get("query"),
        path={name: hints[name] for name in re.findall(r"\{(\w+)\+?\}", route.path)},
        may_repeat="repeat" in hints,
        result=models[0] if models else None,
        accepted=later[0] if later else None,
        documented=responses.Reply not in members,
    )

"""What a provider of the registry needs everywhere else: ``python -m tools.checks providers`` lists it.

Adding one is a package, an entry, a simulator, and what stands here (docs/adding-a-provider.md).
"""

import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.stack.provider_apps import APPLICATIONS, Application
from local.template.cloudformation import read_yaml

if TYPE_CHECKING:
    from musicconnect.providers.registry import Provider

_REVISIONS = "functions/schema_migrate/alembic/versions"
_PACKAGE = "layers/musicconnect/musicconnect/providers"
_MODULES = ("__init__.py", "entry.py", "client.py", "errors.py", "responses.py")
_SIMULATOR = ("__main__.py", "app.py", "settings.py", "state.py")


def findings(root: Path) -> list[str]:
    """List what is missing for every provider."""
    layer = str(root / "layers/musicconnect")
    if layer not in sys.path:
        sys.path.append(layer)
    from musicconnect.providers.registry import PROVIDERS  # noqa: PLC0415 - found by the line above

    template = read_yaml(root / "template.yaml")
    return [line for entry in PROVIDERS.values() for line in missing(root, template, entry, PROVIDERS)]


def missing(root: Path, template: dict[str, Any], entry: "Provider", names: Collection[str]) -> Iterator[str]:
    """List what one provider lacks, one line each, with the place where it belongs."""

    def lacks(where: str, what: str) -> str:
        return f"{entry.name}: {where} lacks {what}"

    for folder, files in (
        (f"{_PACKAGE}/{entry.name}", _MODULES),
        (f"local/simulators/{entry.name}", _SIMULATOR),
    ):
        for name in files:
            if not (root / folder / name).is_file():
                yield lacks(folder, name)
    application = next((one for one in APPLICATIONS if one.name == entry.name), None)
    if application is None:
        yield lacks("local/stack/provider_apps.py", "its application")
        return
    if entry.linked_by == "consent":
        yield from _application(template, entry, application, names, lacks)
    if not _has_group(root, entry.name):
        yield lacks(_REVISIONS, f"a revision that creates the group mc_{entry.name}")
    if (
        f'provider="{entry.name}"'
        not in (root / "layers/musicconnect/musicconnect/music/links.py").read_text()
    ):
        yield lacks("musicconnect/music/links.py", "the forms of its links")
    if f"## {entry.title}" not in (root / "docs/compliance.md").read_text(encoding="utf-8"):
        yield lacks("docs/compliance.md", f"the section {entry.title}")
    fixture = (root / "tests/integration/providers/conftest.py").read_text(encoding="utf-8")
    if f'"{entry.name}"' not in fixture:
        yield lacks("tests/integration/providers/conftest.py", "it among the fixture's providers")


def _application(
    template: dict[str, Any], entry: "Provider", application: Application, names: Collection[str], lacks: Any
) -> Iterator[str]:
    """List what is missing for a provider that knows a deployment by a client id."""
    wanted = {f"{application.title}ClientId", f"{application.title}ClientSecret", *application.paths}
    for parameter in sorted(wanted - template["Parameters"].keys()):
        yield lacks("template.yaml", f"the parameter {parameter}")
    resources = template["Resources"]
    if f"{application.title}Secret" not in resources:
        yield lacks("template.yaml", f"the secret {application.title}Secret")
    if f"{application.title}ConsentsRefused" not in resources:
        yield lacks("template.yaml", f"the alarm {application.title}ConsentsRefused")
    if f"{application.title}RedirectUri" not in template["Outputs"]:
        yield lacks("template.yaml", f"the output {application.title}RedirectUri")
    yield from _environments(resources, entry, names, lacks)


def _has_group(root: Path, name: str) -> bool:
    """Whether the first revision or a later one creates the provider's group, with what it may do."""
    first = root / _REVISIONS / "sql_0001"
    if all(
        f"mc_{name}" in (first / file).read_text(encoding="utf-8")
        for file in ("roles.sql", "providers.sql", "maintenance.sql")
    ):
        return True
    later = (path.read_text(encoding="utf-8") for path in (root / _REVISIONS).glob("*.py"))
    return any("provider_groups.create(" in text and f'"{name}"' in text for text in later)


def _environments(
    resources: dict[str, Any], entry: "Provider", names: Collection[str], lacks: Any
) -> Iterator[str]:
    """List functions that know the other providers' secrets and not this one's."""
    secret = f"{entry.name.upper()}_SECRET_ARN"
    for name, resource in resources.items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        variables = resource["Properties"].get("Environment", {}).get("Variables", {})
        others = {f"{other.upper()}_SECRET_ARN" for other in names} - {secret}
        if others & variables.keys():
            wanted = {secret} | ({entry.switch_variable} if entry.switch_variable else set())
            for variable in sorted(wanted - variables.keys()):
                yield lacks(f"template.yaml, {name}", variable)

"""What is said to be missing of a provider."""

from pathlib import Path

import pytest

from local.template.cloudformation import read_yaml
from musicconnect.providers.registry import PROVIDERS
from tools.checks import providers

ROOT = Path(__file__).resolve().parents[4]


def test_nothing_is_missing() -> None:
    assert providers.findings(ROOT) == []


@pytest.mark.parametrize("name", [name for name, one in PROVIDERS.items() if one.linked_by == "consent"])
def test_everything_that_goes_is_missed(name: str, tmp_path: Path) -> None:
    entry, template = PROVIDERS[name], read_yaml(ROOT / "template.yaml")
    title = {"spotify": "Spotify", "youtube": "YouTube", "tidal": "Tidal"}[name]
    for kind, key in [
        ("Parameters", f"{title}ClientId"),
        ("Resources", f"{title}Secret"),
        ("Resources", f"{title}ConsentsRefused"),
        ("Outputs", f"{title}RedirectUri"),
    ]:
        less = {**template, kind: {other: what for other, what in template[kind].items() if other != key}}
        (line,) = providers.missing(ROOT, less, entry, PROVIDERS)
        assert key in line
    worker = template["Resources"]["MigrationsWorkerFunction"]["Properties"]["Environment"]["Variables"]
    del worker[f"{name.upper()}_SECRET_ARN"]
    (line,) = providers.missing(ROOT, template, entry, PROVIDERS)
    assert "MigrationsWorkerFunction" in line


def test_a_provider_without_anything_lacks_everything(tmp_path: Path) -> None:
    for file in (
        "functions/schema_migrate/alembic/versions/sql_0001/roles.sql",
        "functions/schema_migrate/alembic/versions/sql_0001/providers.sql",
        "functions/schema_migrate/alembic/versions/sql_0001/maintenance.sql",
        "layers/musicconnect/musicconnect/music/links.py",
        "docs/compliance.md",
        "tests/integration/providers/conftest.py",
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")
    empty = {"Parameters": {}, "Resources": {}, "Outputs": {}}
    lines = list(providers.missing(tmp_path, empty, PROVIDERS["tidal"], PROVIDERS))
    assert len(lines) > 12
    assert all(line.startswith("tidal: ") for line in lines)

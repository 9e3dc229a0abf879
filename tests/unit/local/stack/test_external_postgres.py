"""A database that somebody else runs, named by its address."""

import pytest

from local.stack.postgres import ExternalPostgres
from local.stack.stack import ROOT
from local.template.loader import load

ADDRESS = "postgresql://me:secret@{}/music"


@pytest.fixture(autouse=True)
def no_word_about_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)


@pytest.mark.parametrize(
    ("at", "mode"),
    [
        ("127.0.0.1:5433", "disable"),
        ("localhost", "disable"),
        ("[::1]:5433", "disable"),
        ("db.example.org", "require"),
        ("db.example.org/music?sslmode=verify-full#", "verify-full"),
    ],
)
def test_nothing_goes_over_a_network_without_tls_unasked(at: str, mode: str) -> None:
    external = ExternalPostgres(ADDRESS.format(at))
    assert external.ssl_mode == mode
    parameters = {
        "DatabaseHost": external.host,
        "DatabaseAdminSecretArn": "arn:aws:secretsmanager:::x",
    }
    load(
        ROOT / "template.yaml", {**parameters, "DatabaseSslMode": external.ssl_mode}
    )  # the template takes it


def test_the_environment_is_asked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "verify-ca")
    assert ExternalPostgres(ADDRESS.format("localhost")).ssl_mode == "verify-ca"

"""Generated secrets, and their keeping."""

import json
import string
from pathlib import Path

import pytest

from local.stack.aws import SavedSecrets, generated
from local.template.cloudformation import TemplateError
from local.template.model import Secret


def test_a_password_has_every_kind_of_character_and_the_length_asked_for() -> None:
    password = generated({"PasswordLength": 20})
    assert len(password) == 20
    for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation):
        assert set(password) & set(kind)


def test_what_is_excluded_does_not_appear() -> None:
    password = generated({"PasswordLength": 500, "ExcludePunctuation": True, "ExcludeCharacters": "abc0"})
    assert set(password) <= (set(string.ascii_letters + string.digits) - set("abc0"))


def test_the_password_joins_the_template() -> None:
    text = generated({"SecretStringTemplate": '{"username": "mc"}', "GenerateStringKey": "password"})
    secret = json.loads(text)
    assert set(secret) == {"username", "password"}
    assert len(secret["password"]) == 32


@pytest.mark.parametrize(
    "rules",
    [
        {
            "ExcludeLowercase": True,
            "ExcludeUppercase": True,
            "ExcludeNumbers": True,
            "ExcludePunctuation": True,
        },
        {"SecretStringTemplate": "nonsense", "GenerateStringKey": "k"},
        {"SecretStringTemplate": "[]", "GenerateStringKey": "k"},
    ],
)
def test_impossible_rules_are_refused(rules: dict[str, object]) -> None:
    with pytest.raises(TemplateError):
        generated(rules)


def test_a_generated_secret_is_the_same_after_a_restart_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    secret = Secret(id="Keys", name="keys", text=None, generate={})
    first = SavedSecrets(path).text(secret)
    assert SavedSecrets(path).text(secret) == first
    assert path.stat().st_mode & 0o077 == 0


def test_a_given_secret_follows_the_template(tmp_path: Path) -> None:
    kept = SavedSecrets(tmp_path / "secrets.json")
    assert kept.text(Secret(id="S", name="s", text="one", generate=None)) == "one"
    assert kept.text(Secret(id="S", name="s", text="two", generate=None)) == "two"

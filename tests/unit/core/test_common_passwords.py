"""Passwords that are tried first are refused, and others are not."""

import pytest
from pydantic import ValidationError

from musicconnect.core.common_passwords import is_common
from musicconnect.core.schemas import SignUp


@pytest.mark.parametrize(
    "password",
    [
        "password123", "Password123!", "QWERTYUIOP", "1234567890", "12345678910", "manchester", "Liverpool1!",
        "passwordpassword", "aaaaaaaaaaaaaa", "abcabcabcabc", "!!password!!", "1qaz2wsx3edc",
    ],
)  # fmt: skip
def test_common_ones_and_those_in_disguise_are_refused(password: str) -> None:
    assert is_common(password)
    with pytest.raises(ValidationError, match="tried first"):
        SignUp.model_validate({"email": "ada@example.org", "password": password})


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple", "wrong donkey charger paperclip", "Tr0ub4dor&3x9", "пароль-и-ещё-слово"],
)
def test_others_are_taken(password: str) -> None:
    assert not is_common(password)
    SignUp.model_validate({"email": "ada@example.org", "password": password})


@pytest.mark.parametrize(
    "password", [" " * 12, "\u200b" * 12, "a" + "\u2060" * 12, "\u3000" * 12, "short    \u202e"]
)
def test_what_is_not_seen_is_no_password(password: str) -> None:
    with pytest.raises(ValidationError):
        SignUp.model_validate({"email": "ada@example.org", "password": password})

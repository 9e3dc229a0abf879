"""People who export."""

import pytest

from musicconnect.platform import passwords
from tests.support.functions import FunctionRunner, Person


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "ARGON2_ITERATIONS", 1)
    monkeypatch.setattr(passwords, "ARGON2_LANES", 1)
    monkeypatch.setattr(passwords, "ARGON2_MEMORY_KIB", 64)


@pytest.fixture
def person(core_harness: FunctionRunner) -> Person:
    return core_harness.sign_up(display_name="Ada Lovelace", time_zone="Europe/Berlin")


@pytest.fixture
def other(core_harness: FunctionRunner) -> Person:
    return core_harness.sign_up(display_name="Somebody else")

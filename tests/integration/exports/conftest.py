"""People who export."""

import pytest

from tests.support.functions import FunctionRunner, Person


@pytest.fixture
def person(core_harness: FunctionRunner) -> Person:
    return core_harness.sign_up(display_name="Ada Lovelace", time_zone="Europe/Berlin")


@pytest.fixture
def other(core_harness: FunctionRunner) -> Person:
    return core_harness.sign_up(display_name="Somebody else")

"""Property tests here look at what comes out, not at how long it takes on a busy machine."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("patient", deadline=None)


@pytest.fixture(scope="package", autouse=True)
def _patient() -> Iterator[None]:
    before = settings.get_current_profile_name()
    settings.load_profile("patient")
    yield
    settings.load_profile(before)

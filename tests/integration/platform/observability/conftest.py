"""What the functions write while something happens."""

from collections.abc import Iterator

import pytest

from tests.support.logs import Written, written


@pytest.fixture
def log() -> Iterator[Written]:
    """Lines and metrics of the functions of this process."""
    with written() as caught:
        yield caught

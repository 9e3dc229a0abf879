"""What a new key is called."""

import pytest

from local.operations.rotate_keys import next_key


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        ({"current": "k1", "k1": "x"}, "k2"),
        ({"current": "k9", "k9": "x", "k10": "x"}, "k11"),
        ({"old": "x"}, "k1"),
    ],
)
def test_it_counts_on(keys: dict[str, str], name: str) -> None:
    assert next_key(keys) == name

"""Text that can be stored, whatever a provider sends."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from musicconnect.platform.text import storable_value


@given(st.recursive(st.text() | st.integers() | st.none(), st.lists))
def test_whatever_a_provider_sends_can_be_stored(value: Any) -> None:
    text = repr(storable_value(value))
    assert "\x00" not in text
    text.encode()


def test_halves_of_surrogate_pairs_are_replaced() -> None:
    assert storable_value({"a": ["x\ud800y\x00z"]}) == {"a": ["x?yz"]}

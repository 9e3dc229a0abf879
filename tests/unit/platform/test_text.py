"""Text that can be stored, whatever a provider sends."""

from typing import Any

import regex
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.platform.text import storable_value, truncate


@given(st.recursive(st.text() | st.integers() | st.none(), st.lists))
def test_whatever_a_provider_sends_can_be_stored(value: Any) -> None:
    text = repr(storable_value(value))
    assert "\x00" not in text
    text.encode()


def test_halves_of_surrogate_pairs_are_replaced() -> None:
    assert storable_value({"a": ["x\ud800y\x00z"]}) == {"a": ["x?yz"]}


CLUSTERS = st.sampled_from(
    ["a", " ", "e\u0301", "👨‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇨🇭", "🇬", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "각", "1️⃣", "می", "ी"]
)


@given(st.lists(CLUSTERS, max_size=12).map("".join), st.integers(1, 20))
def test_what_is_seen_as_one_character_is_not_cut(text: str, length: int) -> None:
    cut = truncate(text, length)
    assert len(cut) <= max(length, 1)
    if cut == text:
        return
    whole = regex.findall(r"\X", text)
    kept = cut.removesuffix("…")
    assert any("".join(whole[:count]).rstrip() == kept for count in range(len(whole) + 1))

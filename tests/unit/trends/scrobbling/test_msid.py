"""Given the key of a track, then its message id names it and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from musicconnect.trends.plays.model import key_of_msid, msid


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_message_id_is_read_back(key: int) -> None:
    assert key_of_msid(msid(key)) == key
    assert key_of_msid(msid(key).upper()) == key


@given(st.uuids() | st.text())
def test_any_other_text_is_none_or_exactly_ours(text: object) -> None:
    key = key_of_msid(str(text))
    assert key is None or msid(key) == str(text).lower()

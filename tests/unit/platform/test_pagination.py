"""Cursors."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.platform import pagination
from musicconnect.platform.problems import Problem

BIGINT = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))


@given(BIGINT, TEXT)
def test_gives_back_what_was_packed(number: int, text: str) -> None:
    cursor = pagination.encode([number, text])

    assert pagination.decode(cursor, int, str) == (number, text)
    assert cursor.isascii()
    assert "=" not in cursor


def test_no_cursor_is_the_beginning() -> None:
    assert pagination.decode(None, int) is None


def packed(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "a",
        "é",
        "!" * 8,
        "\ud800",
        packed(1),
        packed({}),
        packed([]),
        packed(["1"]),
        packed([1, 2]),
        packed([True]),
        packed([1.0]),
        packed([None]),
        packed([2**63]),
        packed([-(2**63) - 1]),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
        base64.urlsafe_b64encode(b"[" + b"9" * 10_000 + b"]").decode(),
        base64.urlsafe_b64encode(b"[NaN]").decode(),
    ],
    ids=lambda cursor: ascii(cursor[:12]),
)
def test_refuses_what_it_did_not_pack(cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        pagination.decode(cursor, int)

    assert (refused.value.status, refused.value.slug) == (400, "invalid-cursor")


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_refuses_text_that_postgres_cannot_hold(text: str) -> None:
    with pytest.raises(Problem):
        pagination.decode(packed([text]), str)


@given(BIGINT, st.binary())
def test_survives_anything(number: int, raw: bytes) -> None:
    """A cursor of the caller's making gives a key of the right types or a problem, nothing else."""
    try:
        key = pagination.decode(base64.urlsafe_b64encode(raw).decode(), int)
    except Problem:
        return
    assert key is not None
    assert type(key[0]) is int


def test_cuts_a_page_and_names_its_last_row() -> None:
    assert pagination.page([1, 2, 3], 3, lambda row: [row]) == ([1, 2, 3], None)
    assert pagination.page([], 3, lambda row: [row]) == ([], None)
    rows, cursor = pagination.page([1, 2, 3, 4], 3, lambda row: [row])
    assert rows == [1, 2, 3]
    assert pagination.decode(cursor, int) == (3,)


class TestLongRows:
    def test_a_page_ends_before_it_is_too_large_and_goes_on_with_the_next(self) -> None:
        rows = [(number, "ü" * 10_000) for number in range(501)]
        seen: list[int] = []
        while rows:
            shown, cursor = pagination.page(rows[:501], 500, lambda row: (row[0],))
            assert sum(len(text.encode()) for _, text in shown) <= pagination.MAX_PAGE_BYTES
            seen += [number for number, _ in shown]
            key = pagination.decode(cursor, int)
            rows = [row for row in rows if key and row[0] > key[0]]
        assert seen == list(range(501))

    def test_one_row_is_shown_however_long(self) -> None:
        shown, cursor = pagination.page([(1, "x" * 3_000_000), (2, "")], 50, lambda row: (row[0],))
        assert ([number for number, _ in shown], pagination.decode(cursor, int)) == ([1], (1,))

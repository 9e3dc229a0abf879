"""Cells that a spreadsheet would run are made harmless, and reading undoes it exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.playlist_files import csv_safety

SIGNS = "=+-@＝＋－＠\t\r\n'\"  ﻿\x00−"


@given(st.text(st.sampled_from(SIGNS + "aB1,;")) | st.text(st.characters(codec=None)))
def test_reading_undoes_it_for_every_text(text: str) -> None:
    assert csv_safety.unescape_formula(csv_safety.escape_formula(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "﻿=1", "＝1+1", "＋1", "－1", "＠a",
        "=cmd|' /C calc'!A0", "\x00=1", " @x", "\tx", "\rx", "\nx",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(text: str) -> None:
    assert csv_safety.escape_formula(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Song", "'Heroes'", "1=1", "a+b", "'74-'75", "(=)", "…and you", "3-2"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert csv_safety.escape_formula(text) == text
    assert csv_safety.unescape_formula(text) == text


def test_an_apostrophe_that_was_there_before_is_told_from_ours() -> None:
    assert csv_safety.escape_formula("'=1") == "''=1"
    assert csv_safety.unescape_formula("''=1") == "'=1"

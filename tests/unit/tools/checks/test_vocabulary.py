"""Words that were given up."""

import pytest

from tools.checks.vocabulary import given_up


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("def keep" + "_names() -> None:", ["keep" + "_names"]),
        ("MOST" + "_ENDS = 3", ["MOST" + "_ENDS"]),
        ("the pur" + "se of a person", ["pur" + "se"]),
        ("plays.most_common(10)", []),
        ("at most 3 of them, kept", []),
    ],
)
def test_a_word_that_was_given_up_is_found(line: str, words: list[str]) -> None:
    assert given_up(line) == words

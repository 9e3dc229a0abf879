"""What is not searched for because it cannot be there: a quick question says so only where that is true."""

import re

from hypothesis import given
from hypothesis import strategies as st

from musicconnect.matching import artists, normalization, versions
from musicconnect.matching.data.version_phrases import FIRST_WORDS, PHRASES
from musicconnect.matching.titles import parsing, title_words
from musicconnect.matching.versions import FACT_WORD, OPEN_WORD, TITLE_WORD
from tests.support.properties import examples

NAMES = (
    "Ola Fen", "The Fens", "Ola Fen & Mira Tolk", "Ола Фен", "さくら組", "Fen (2)", "Ola and the Fens",
    "B B Fen", "A$H",
)  # fmt: skip
WORDS = (
    "slow", "river", "the", "fens", "ola", "fen", "mira", "tolk", "live", "and", "feat.", "(with", "river)",
    "B", "J.", "II.", "1,000", "1.5", "12", "inch", '12"', "7''", "mix", "Single", "R.E.M.", "song.mp3", "-",
    "|", "камень", "雨",
    "Slow River and the Longest Road of Them All", "Slow River and the Long...",
)  # fmt: skip

texts = st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)
names = st.text(max_size=20) | st.sampled_from(NAMES)
phrases = st.lists(
    st.sampled_from(
        ["slow", "river", "1987", "ola", *sorted({word for phrase in PHRASES for word in phrase})]
    ),
    max_size=10,
)


@examples(100)
@given(texts, st.lists(names, max_size=3), texts)
def test_names_and_titles_are_searched_for_wherever_they_may_be(title, artists, other):
    reference = parsing.read_reference(title, tuple(artists), None)
    text = parsing.read_text(other)

    if reference.telling.isdisjoint(text.wordset):
        found = [
            name
            for name in (*reference.names, *reference.featured)
            for variant, _ in name.variants
            if variant in text.flat
        ]
        assert not found
    if reference.title_words.isdisjoint(text.wordset):
        assert title_words.in_one_piece(reference, text) is None
        assert title_words.cut_short(reference, text) is None


@examples(100)
@given(phrases, st.data())
def test_versions_are_searched_for_wherever_a_phrase_may_begin(words, data):
    segments = sorted(data.draw(st.lists(st.integers(0, 2), min_size=len(words), max_size=len(words))))
    before = bytearray(
        data.draw(
            st.lists(st.sampled_from((OPEN_WORD, TITLE_WORD)), min_size=len(words), max_size=len(words))
        )
    )
    marks, all_marks = bytearray(before), bytearray(before)
    everywhere = versions._Finder(words, segments, all_marks)
    starts = [at for at, word in enumerate(words) if word in FIRST_WORDS and before[at] != TITLE_WORD]
    everywhere.phrases(starts, frozenset())
    everywhere.whole_segments(frozenset())

    assert versions.find(words, segments, marks) == everywhere.facts()
    assert marks == all_marks


def test_a_phrase_marks_its_words():
    marks = bytearray(4)

    versions.find(["slow", "river", "radio", "edit"], [0, 0, 1, 1], marks)

    assert list(marks) == [OPEN_WORD, OPEN_WORD, FACT_WORD, FACT_WORD]


@examples(100)
@given(texts)
def test_patterns_that_begin_with_what_is_found_fast_find_the_same(text):
    for pattern, plain in (
        (normalization._THOUSANDS, r"(?<=\d)[,.](?=\d{3}(?!\d))"),
        (normalization._ROMAN_NUMBER, r"\b([IVX]{1,5})\.(?=\s)"),
    ):
        assert [found.span() for found in pattern.finditer(text)] == [
            found.span() for found in re.finditer(plain, text)
        ]


@examples(100)
@given(texts)
def test_what_is_not_looked_for_is_not_there(text):
    if not normalization._may_tell_inches(text):
        assert not normalization._INCHES.search(text)
    if not normalization._INNER_DOT.search(text):
        assert not normalization._FILE.search(text)
        assert not normalization._ACRONYM.search(text)
    if "(" not in text and "[" not in text:
        assert not artists._SAME_NAME.search(text)
        assert not artists._BRACKETED.search(text)
    if "-" not in text:
        assert not artists._TOPIC.search(text)
    if text.isalnum():
        assert artists._COLLABORATION.split(text) == [text]


@examples(100)
@given(
    st.lists(
        st.sampled_from(sorted({word for pair in normalization._CONTRACTIONS for word in pair})), max_size=8
    )
)
def test_words_are_contracted_from_left_to_right(words):
    expected: list[str] = []
    for word in words:
        joined = normalization._CONTRACTIONS.get((expected[-1], word)) if expected else None
        if joined is None:
            expected.append(word)
        else:
            expected[-1] = joined

    assert normalization._contract(words) == expected

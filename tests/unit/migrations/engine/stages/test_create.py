"""Names and descriptions of targets."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.migrations.engine.stages.create import description_of, name_of
from musicconnect.providers.protocol import Limits

LIMITS = Limits(
    add_batch=1, remove_batch=1, removes_by_track=False, lookup_batch=50, page_size=50,
    search_limit=50, playlist_size=5000, name_length=100, description_length=300,
)  # fmt: skip


@given(st.text())
def test_every_name_fits_in_one_line(name: str) -> None:
    made = name_of(name, LIMITS)
    assert 0 < len(made) <= LIMITS.name_length
    assert made == made.strip()
    assert not any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in made)


NAMES = [
    "family 👨‍👩‍👧‍👦 night",
    "🏳️‍🌈 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇨🇭",
    "می‌خواهم",
    "two  blanks, a non-breaking\u00a0one",
    "\u200fשירים\u200f",
    "not known to this Unicode: \U0003ffff",
    "क्‍ष",
    "e\u0301 decomposed",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stays_as_it_is(name: str) -> None:
    assert name_of(name, LIMITS) == name


@pytest.mark.parametrize("name", ["", "   ", "\n", "\u200d", "\u200b\ufe0f", "\x00"])
def test_what_nobody_would_see_is_no_name(name: str) -> None:
    assert name_of(name, LIMITS) == "Untitled playlist"


def test_line_ends_and_controls_become_blanks() -> None:
    assert name_of("Road\ntrip\t2\u2028three", LIMITS) == "Road trip 2 three"


@given(st.text(max_size=6000))
def test_every_description_fits_and_carries_the_marker(description: str) -> None:
    made = description_of(description, "mc-0123456789abcdef", "spotify", LIMITS)
    assert len(made) <= LIMITS.description_length
    assert "mc-0123456789abcdef" in made
    assert "\n" not in made


def test_where_there_is_room_for_nothing_else_the_marker_stands_alone() -> None:
    tiny = Limits(
        add_batch=1, remove_batch=1, removes_by_track=False, lookup_batch=1, page_size=1,
        search_limit=1, playlist_size=1, name_length=5, description_length=20,
    )  # fmt: skip
    assert description_of("text", "mc-0123456789abcdef", "spotify", tiny) == "mc-0123456789abcdef"
    assert name_of("Road trip", tiny) == "Road…"

"""Codes with parameters, and how sentences write times, lengths and names."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.platform import status
from musicconnect.platform.status import Reader, Status, duration, plural, quoted, render, sentence

NOW = datetime(2026, 11, 29, 20, 30, tzinfo=UTC)  # a Sunday
BERLIN = Reader.of("Europe/Berlin", NOW)
AUCKLAND = Reader.of("Pacific/Auckland", NOW)


def test_a_status_comes_back_from_json() -> None:
    state = Status("waiting-for-quota", {"provider": "youtube", "until": NOW.isoformat()})
    assert Status.from_json(state.to_json()) == state
    assert Status("done").to_json() == {"code": "done", "params": {}}


def test_a_code_without_a_text_is_a_fault_of_ours() -> None:
    texts: dict[str, status.Text] = {"counted": lambda params, _reader: plural(params["rows"], "row")}
    assert render(texts, Status("counted", {"rows": 1}), BERLIN) == "1 row"
    with pytest.raises(KeyError):
        render(texts, Status("unheard-of"), BERLIN)


@pytest.mark.parametrize(
    ("reader", "after", "text"),
    [
        (Reader.of(None, NOW), timedelta(0), "20:30 UTC"),
        (Reader.of("UTC", NOW), timedelta(hours=4), "Mon 30 Nov, 00:30 UTC"),
        (BERLIN, timedelta(0), "21:30"),
        (BERLIN, timedelta(hours=2, minutes=29), "23:59"),
        (BERLIN, timedelta(hours=3), "Mon 30 Nov, 00:30"),
        (BERLIN, timedelta(days=35), "Sun 3 Jan 2027, 21:30"),
        (AUCKLAND, timedelta(0), "09:30"),
        (AUCKLAND, timedelta(hours=-10), "Sun 29 Nov, 23:30"),
    ],
)
def test_times_are_those_of_the_readers_zone_and_day(reader: Reader, after: timedelta, text: str) -> None:
    assert reader.time(NOW + after) == text
    assert reader.time((NOW + after).isoformat()) == text
    assert reader.is_today(NOW + after) == ("," not in text)


def test_a_zone_is_known_by_its_name() -> None:
    assert BERLIN.zone == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("count", "words", "text"),
    [
        (0, ("track",), "0 tracks"),
        (1, ("track",), "1 track"),
        (1234, ("track",), "1,234 tracks"),
        (2, ("entry", "entries"), "2 entries"),
        (1, ("entry", "entries"), "1 entry"),
    ],
)
def test_numbers_of_things(count: int, words: tuple[str, ...], text: str) -> None:
    assert plural(count, *words) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1 second"), (45, "45 seconds"), (89, "89 seconds"), (90, "2 minutes"), (180, "3 minutes"),
        (89 * 60, "89 minutes"), (7200, "2 hours"), (35.4 * 3600, "35 hours"), (36 * 3600, "2 days"),
        (4 * 86_400, "4 days"),
    ],
)  # fmt: skip
def test_lengths_of_time_have_one_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(st.text(max_size=200))
def test_quoted_names_stay_short(name: str) -> None:
    text = quoted(name)
    assert (text[0], text[-1]) == ("“", "”")
    assert text[1:-1] == name or (text.endswith("…”") and len(text) <= 62 and len(name) > 60)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("  spotify refused ", "Spotify refused."), ("Why?", "Why?"), ("wait …", "Wait …"), ("éa", "Éa.")],
)
def test_texts_end_as_sentences(text: str, expected: str) -> None:
    assert sentence(text) == expected

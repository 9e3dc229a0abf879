"""Times as exporters write them, in the languages of their users."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.trends.imports.formats import times
from musicconnect.trends.imports.formats.time_words import MONTHS
from tests.unit.trends.imports.files import written

NOON = "2024-05-01 12:00:00"


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01T12:00:00Z", "2024-05-01 12:00:00 UTC", "2024-05-01T14:00:00+02:00",
        "2024-05-01T07:00:00-0500",
        "2024-05-01 12:00:00+00", "Wed, 01 May 2024 12:00:00 +0000", "01.05.2024 14:00:00 +02:00",
        "5/1/2024 12:00:00 PM +00:00", "May 1, 2024, 8:00:00 AM EDT", "May 1, 2024, 8:00:00\u202fAM EDT",
        "1 May 2024, 13:00:00 BST", "1 may 2024, 14:00:00 CEST", "2024. 5. 1. 오후 9:00:00 KST",
        "2024/05/01 21:00:00 JST", "01.05.2024, 14:00:00 MESZ", "1. Mai 2024 um 14:00:00 MESZ",
        "1 mai 2024, 14:00:00 CEST", "1er mai 2024 à 14:00:00 UTC+2", "1 mag 2024, 14:00:00 CEST",
        "1 de mai. de 2024, 09:00:00 BRT", "1 mei 2024 14:00:00 CEST", "1 maj 2024, 14:00:00 CEST",
        "1 May 2024 15:00:00 TRT", "1 May 2024 15:00:00 GMT+03:00", "1 мая 2024 г., 15:00:00 MSK",
        "1 трав. 2024 р., 15:00:00 EEST", "2024年5月1日 下午9:00:00 JST", "1 Μαΐ 2024, 3:00:00 μ.μ. EEST",
        "01\u200f/05\u200f/2024، 14:00:00 غرينتش+2", "٠١/٠٥/٢٠٢٤ ١٤:٠٠:٠٠ UTC+2",
        "2024. máj. 1. 14:00:00 CEST",
        "1 พ.ค. 2024 19:00:00 ICT", "1. května 2024 14:00:00 SELČ UTC+2", "1 Mei 2024 19.00.00 WIB",
    ],
)  # fmt: skip
def test_the_same_moment_in_many_forms(text: str) -> None:
    found = times.read(text, day_first=None if text.startswith("5/") else True)
    assert found is not None
    assert (written(found.at("America/New_York")), found.precision_s) == (NOON, 1)
    assert not found.is_local


@pytest.mark.parametrize(
    "text",
    ["2024-05-01 14:00", "01 May 2024, 14:00", "01 Mai 2024 14:00", "01.05.2024 14:00", "5/1/2024 2:00 PM"],
)
def test_a_clock_without_a_zone_is_the_persons(text: str) -> None:
    found = times.read(text)
    assert found is not None
    assert (written(found.at("Europe/Berlin")), found.precision_s, found.is_local) == (NOON, 60, True)


def test_an_abbreviation_of_several_zones_is_the_persons_own() -> None:
    for zone, at in (
        ("Asia/Shanghai", "2024-05-01 04:00:00"),
        ("America/Chicago", "2024-05-01 18:00:00"),
        ("Europe/Berlin", "2024-05-01 18:00:00"),
    ):
        found = times.read("1 May 2024, 12:00:00 CST")
        assert found is not None
        assert written(found.at(zone)) == at


def test_an_abbreviation_is_one_offset_all_year() -> None:
    """Takeout writes the zone of the day of the export."""
    found = times.read("1 Jan 2024, 12:00:00 CEST")
    assert found is not None
    assert written(found.at("Europe/Berlin")) == "2024-01-01 10:00:00"


def test_a_date_that_may_be_either_is_not_guessed() -> None:
    with pytest.raises(times.AmbiguousDateError):
        times.read("05/06/2024 12:00")
    for day_first, month in ((True, 6), (False, 5)):
        found = times.read("05/06/2024 12:00", day_first=day_first)
        assert found is not None
        assert found.clock.month == month
    assert times.is_day_first(["05/06/2024 12:00", "31/01/2024 12:00"]) is True
    assert times.is_day_first(["05/06/2024", "1/31/2024"]) is False
    assert times.is_day_first(["05/06/2024", "31.01.2024"]) is None


@pytest.mark.parametrize(
    "text",
    ["2024-05-01", "01 May 2024", "12:00:00", "", "soon", "32.01.2024 12:00", "31 Feb 2024 12:00",
     "2024-05-01 25:00",
     "216000", "May", "x" * 200, "٣" * 90],
)  # fmt: skip
def test_what_tells_no_time_of_day_is_none(text: str) -> None:
    assert times.read(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1714564800", 1714564800), ("1714564800.0", 1714564800), ("1714564800.75", 1714564800),
        ("1714564800000", 1714564800), ("1714564800123456", 1714564800), ("1,714,564,800", 1714564800),
        ("1.714.564.800", 1714564800), ("1.7145648E9", 1714564800), ("1.714564800E+09", 1714564800),
        ("1.71E+09", None), ("1,71456E+09", None), ("12", None), ("", None), ("-1714564800", None),
        ("1" * 5000, None), ("NaN", None),
    ],
)  # fmt: skip
def test_numbers_of_unix_time(text: str, seconds: int | None) -> None:
    found = times.number_ms(text)
    assert (found // 1000 if found is not None else None) == seconds


@given(
    st.text(max_size=60)
    | st.from_regex(r"\d{1,4}[-/. ]\w{1,5}[-/. ,]{1,2}\d{1,4},? \d{1,2}:\d{2}(:\d{2})?.{0,9}")
)
def test_any_text_is_a_time_or_none(text: str) -> None:
    times.number_ms(text)
    try:
        found = times.read(text)
    except times.AmbiguousDateError:
        return
    if found is not None:
        found.at("Europe/Berlin")


def test_months_of_all_languages_are_told_apart() -> None:
    assert set(MONTHS.values()) == set(range(1, 13))
    assert all(name == name.casefold() for name in MONTHS)

from datetime import date, timedelta
from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.trends.reports import svg_chart

SVG = "{http://www.w3.org/2000/svg}"
HEADING = svg_chart.ChartHeading("Plays over time", "March", "12 plays in March.")
MARCH = date(2026, 3, 1)
names = st.text(max_size=80)


def _drawn(svg: str) -> Element:
    root: Element = fromstring(svg)
    width, height = (float(root.attrib[side]) for side in ("width", "height"))
    for shape in root.iter(f"{SVG}rect"):
        assert 0 <= float(shape.get("x", 0)) <= width
        assert float(shape.get("x", 0)) + float(shape.attrib["width"]) <= width + 0.5
        assert float(shape.get("y", 0)) + float(shape.attrib["height"]) <= height
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.attrib["x"]) <= width
        assert 0 <= float(text.attrib["y"]) <= height
    return root


@given(name=names, artist=st.none() | names, value=st.floats(0, 1e9))
def test_whatever_a_track_is_called_the_picture_is_well_formed(
    name: str, artist: str | None, value: float
) -> None:
    heading = svg_chart.ChartHeading(name, name, name)
    root = _drawn(svg_chart.ranking(heading, [svg_chart.ChartEntry(1, name, artist, value)], "plays"))
    assert root.find(f"{SVG}title") is not None


def test_names_are_text_and_nothing_else() -> None:
    hostile = '</title><script>alert(1)</script>&"'
    svg = svg_chart.ranking(HEADING, [svg_chart.ChartEntry(1, hostile, hostile, 3)], "plays")
    root = _drawn(svg)
    assert not list(root.iter(f"{SVG}script"))
    assert hostile in next(title.text or "" for title in root.findall(f".//{SVG}g/{SVG}title"))


def test_a_picture_can_be_read_out() -> None:
    root = _drawn(svg_chart.by_hour(HEADING, [list(range(24))] * 7, "plays"))
    assert root.attrib["role"] == "img"
    parts = {element.get("id"): element.text for element in root}
    assert [parts[name] for name in root.attrib["aria-labelledby"].split()] == [
        "Plays over time",
        "12 plays in March.",
    ]
    cells = [e for e in root.iter(f"{SVG}rect") if e.get("class", "").startswith("cell")]
    assert len(cells) == 7 * 24
    assert (cells[-1].find(f"{SVG}title").text or "") == "Sun 23:00 to 00:00: 23 plays"  # type: ignore[union-attr]
    assert "cell s0" in cells[0].attrib["class"]
    assert "cell s5" in cells[-1].attrib["class"]


def test_it_follows_the_systems_light_or_dark() -> None:
    assert "@media (prefers-color-scheme:dark)" in svg_chart.empty(HEADING)


@given(st.lists(st.floats(0, 1e7), min_size=1, max_size=1500), st.integers(0, 365))
def test_bars_of_any_number_fit(values: list[float], offset: int) -> None:
    first = MARCH + timedelta(days=offset)
    last = first + timedelta(days=len(values) - 1)
    days = [(first + timedelta(days=n), value) for n, value in enumerate(values)]
    bars = svg_chart.buckets(first, last, days)
    assert sum(bar.value for bar in bars) == pytest.approx(sum(values))
    assert len(bars) <= 110
    assert all(a.first < b.first for a, b in pairwise(bars))
    _drawn(svg_chart.over_time(HEADING, bars, "plays"))


@given(st.floats(0, 1e12))
def test_an_axis_has_round_numbers_and_holds_the_highest_value(highest: float) -> None:
    ticks = svg_chart.scale(highest)
    assert ticks[0] == 0
    assert ticks[-1] >= highest
    assert 2 <= len(ticks) <= 6
    assert len({round(b - a, 6) for a, b in pairwise(ticks)}) == 1


def test_long_names_are_cut_and_wide_ones_sooner() -> None:
    assert svg_chart.shortened("short", 100) == "short"
    latin, wide = svg_chart.shortened("a" * 100, 100), svg_chart.shortened("宇" * 100, 100)
    assert latin.endswith("…")
    assert wide.endswith("…")
    assert len(wide) < len(latin)

"""Given a table of any program's, then its rows come with their lines, and none hides another."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicconnect.files import headers, tables
from musicconnect.files.tables import Dialect, HeaderLine, Row


def score(cells: object) -> int:
    return len(headers.meanings_of(cells))  # type: ignore[arg-type]


def found(text: str) -> HeaderLine:
    header = tables.find_header(text, score)
    assert header is not None
    return header


def rows(data: bytes, dialect: Dialect | None = None) -> list[Row]:
    return list(tables.read_rows(io.BytesIO(data), dialect or Dialect()))


@pytest.mark.parametrize("separator", list(",;\t|"))
def test_what_stands_between_cells_is_found_out(separator: str) -> None:
    header = found(separator.join(["Title", "Artist", "Album"]) + "\n")
    assert (header.dialect.separator, header.cells) == (separator, ["Title", "Artist", "Album"])


@pytest.mark.parametrize(
    ("text", "line", "cells"),
    [
        ("sep=;\r\nTitle;Artist\r\n", 2, ["Title", "Artist"]),
        ('sep="\r\nTitle,Artist\n', 2, ["Title", "Artist"]),  # no sign that can stand between cells
        ("\n\nTitle,Artist\n", 3, ["Title", "Artist"]),
        ("A library\nIndex,Title,Artist\n", 2, ["Index", "Title", "Artist"]),
        ('"Made by","me, myself"\n\nDate-time,Artist,Song\n', 3, ["Date-time", "Artist", "Song"]),
        ('TITLE, "ARTIST"\n', 1, ["TITLE", "ARTIST"]),
    ],
)
def test_a_header_is_found_below_what_stands_before_it(text: str, line: int, cells: list[str]) -> None:
    header = found(text)
    assert (header.line, header.cells) == (line, cells)


def test_blanks_behind_separators_belong_to_them_where_quotes_follow() -> None:
    text = 'Title, Artist\n"The Look, of Love", "Diana Krall"\n'
    assert [row.cells for row in rows(text.encode(), found(text).dialect)][1] == [
        "The Look, of Love",
        "Diana Krall",
    ]


def test_quotes_are_doubled_or_have_a_backslash_before_them() -> None:
    doubled = 'Title,Artist\n"Say ""it""",A\\, B\n'
    backslashed = 'Title,Artist\n"Say \\"it\\"",A\n"C:\\Music\\",B\n'
    assert rows(doubled.encode(), found(doubled).dialect)[1].cells == ['Say "it"', "A\\", " B"]
    assert rows(backslashed.encode(), found(backslashed).dialect)[1].cells == ['Say "it"', "A"]


def test_a_quote_that_nobody_closes_costs_its_own_row_at_most() -> None:
    data = b'a,"b\n' + b"c,d\n" * 200 + b"e,f\n"
    found = rows(data)
    assert [found[0].cells, found[1].cells, found[-1].cells] == [["a", "b"], ["c", "d"], ["e", "f"]]
    assert len(found) == 202
    assert [row.line for row in found] == list(range(1, 203))
    assert rows(b'a,b\n"c,d')[-1].cells == ["c", "d"]


def test_a_cell_of_several_lines_is_one_row() -> None:
    assert rows(b'a,"b\nc"\n\nd,e\n') == [Row(1, ["a", "b\nc"], 8), Row(4, ["d", "e"], 13)]


def test_a_row_that_cannot_be_read_does_not_hide_the_next_one() -> None:
    endless = b"x" * 140_000
    found = rows(b'a,b\n"' + endless + b'",c\nd\re,f\ng,h\n')
    assert [row.cells for row in found] == [["a", "b"], None, ["d e", "f"], ["g", "h"]]


@given(
    st.lists(
        st.lists(st.text(st.sampled_from("ab ö,;\"\n\r\\'="), max_size=6), min_size=1, max_size=4).map(
            lambda cells: ["x", *cells]
        ),
        max_size=8,
    )
)
def test_rows_of_rfc_4180_come_back_and_reading_goes_on_at_any_of_them(table: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(table)
    data = text.getvalue().encode()
    whole = rows(data)
    assert [row.cells for row in whole] == table
    for at, row in enumerate(whole):
        line = whole[at + 1].line - 1 if at + 1 < len(whole) else 0
        again = list(tables.read_rows(io.BytesIO(data[row.end :]), Dialect(), offset=row.end, line=line))
        assert again == whole[at + 1 :]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_to_their_end(data: bytes) -> None:
    found = rows(data)
    assert all(row.end <= len(data) for row in found)

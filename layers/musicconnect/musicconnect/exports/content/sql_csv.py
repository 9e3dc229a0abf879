"""CSV written by Postgres itself: millions of cells are not to pass through Python one by one.

Not by COPY, which ends its lines with LF, where RFC 4180 wants CR LF. What a spreadsheet would run as a
formula is the matter of `musicconnect.playlist_files.csv_safety`; here is the same in SQL, and a test
compares both for every character.
"""

from typing import Final

# `cells` in the words of Postgres' regular expressions, with every blank that Python knows spelled out.
_BLANK: Final = r"[\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]"
_SIGN: Final = r"[=+@\-\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212\u207a\u207b\u207c]"
FORMULA: Final = rf"^''*(?:[\t\r\n]|{_BLANK}*{_SIGN})"


def escape_formula(value: str) -> str:
    """An SQL expression for the harmless form of a text, itself an SQL expression."""
    return (
        # Most texts begin with a letter or a digit, and need no closer look; nor does what stands between the
        # upper case and the lower case of ASCII.
        f"CASE WHEN ascii({value}) BETWEEN 65 AND 122 OR ascii({value}) BETWEEN 48 AND 57 THEN {value} "
        f"WHEN {value} ~ '{FORMULA}' THEN '''' || {value} ELSE {value} END"
    )


type Cell = tuple[str, str, str]
"""What stands before an SQL expression, the expression, what stands behind it."""


def text(value: str) -> Cell:
    """A text's cell, in quotes; empty where it is null."""
    return '"', f"coalesce({escaped(value)}, '')", '"'


def escaped(value: str) -> str:
    """An SQL expression for what stands between the quotes of a text's cell."""
    return f"""replace({escape_formula(value)}, '"', '""')"""


def plain(value: str) -> Cell:
    """A cell of what needs no quotes: a number, a time, a word of ours; nothing where it is null."""
    return "", f"coalesce(({value})::text, '')", ""


def line(*cells: Cell) -> str:
    """An SQL expression for a line, its end included."""
    parts, between = [], ""
    for before, value, behind in cells:
        parts += [f"'{between}{before}'", value] if between or before else [value]
        between = f"{behind},"
    return " || ".join([*parts, f"E'{between.removesuffix(',')}\\r\\n'"])

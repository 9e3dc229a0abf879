"""CSV written by Postgres itself: millions of cells are not to pass through Python one by one.

COPY ends its lines with LF, where RFC 4180 wants CR LF: `musicconnect.exports.content.store` changes that,
line by line. What a spreadsheet would run as a formula is the matter of
`musicconnect.playlist_files.csv_safety`; here is the same in SQL, and a test compares both, character by
character.
"""

from collections.abc import Collection, Sequence
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


def cells(columns: Sequence[str], *, texts: Collection[str], words: Collection[str]) -> str:
    """SQL expressions for the cells of a line, to be copied with quotes forced on the texts.

    Args:
        columns: Names, in order.
        texts: Of those that are escaped; the cell of one that is null is empty, and in quotes all the same.
        words: Of those that may be empty texts or truth values, whose cells are empty, ``true``, ``false``.
            All others are numbers, times and words of ours.
    """
    return ", ".join(
        f"coalesce({escape_formula(name)}, '') AS {name}"
        if name in texts
        else f"nullif({name}::text, '') AS {name}"
        if name in words
        else name
        for name in columns
    )

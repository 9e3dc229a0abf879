"""Cells of a table that a spreadsheet would run, made harmless so that reading undoes it exactly.

A spreadsheet takes a cell for a formula when it begins with one of a few characters, quoted or not
(https://owasp.org/www-community/attacks/CSV_Injection). An apostrophe in front makes it text. So that an
apostrophe of ours can be told from one that was there before, cells that begin with apostrophes and go on
like a formula get one more, too: then taking one away from whatever looks like that is right every time.
"""

import re
from typing import Final

MARK: Final = "'"
# Spreadsheets trim what is blank, and some take full-width and other forms of the signs for the signs.
# Tabs, carriage returns and line feeds are signs of their own: they can begin another cell.
_FORMULA: Final = re.compile(
    r"'*(?:[\t\r\n]|[\s\u0000-\u001f\u007f-\u00a0\u200b-\u200f\u2060\ufeff]*[=+\-@"
    r"\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212\u207a\u207b\u207c])"
)


def escape_formula(text: str) -> str:
    """The text as a cell that no spreadsheet runs."""
    return MARK + text if _FORMULA.match(text) else text


def unescape_formula(cell: str) -> str:
    """Give the text that `escape_formula` was given, for every text."""
    return cell[1:] if cell.startswith(MARK) and _FORMULA.match(cell, 1) else cell

"""Cells of a CSV, written by Postgres itself: millions of them are not to pass through Python one by one.

What they look like is the matter of `musicconnect.exchange.cells`; here is the same in SQL, and a test
compares both for every character.
"""

from typing import Final

# `cells` in the words of Postgres' regular expressions, with every blank that Python knows spelled out.
_BLANK: Final = r"[\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]"
_SIGN: Final = r"[=+@\-\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212\u207a\u207b\u207c]"
FORMULA: Final = rf"^''*(?:[\t\r\n]|{_BLANK}*{_SIGN})"


def harmless(text: str) -> str:
    """An SQL expression for the harmless form of a text, which is an SQL expression, too."""
    return (
        # Most texts begin with a letter or a digit, and need no closer look.
        f"CASE WHEN ascii({text}) BETWEEN 97 AND 122 OR ascii({text}) BETWEEN 65 AND 90 "
        f"OR ascii({text}) BETWEEN 48 AND 57 THEN {text} "
        f"WHEN {text} ~ '{FORMULA}' THEN '''' || {text} ELSE {text} END"
    )


def quoted(text: str) -> str:
    """An SQL expression for a text's cell, in quotes; of a text that is not null."""
    return f"""'"' || replace({harmless(text)}, '"', '""') || '"'"""


def maybe(text: str) -> str:
    """As `quoted`, and nothing at all where the text is null."""
    return f"CASE WHEN {text} IS NULL THEN '' ELSE {quoted(text)} END"


def number(value: str) -> str:
    """An SQL expression for a number's or a truth value's cell; nothing where it is null."""
    return f"coalesce({value}::text, '')"


def moment(value: str) -> str:
    """An SQL expression for a time's cell, ISO 8601 with the offset of the session's time zone."""
    return f"coalesce(to_json({value})::text, '')"


def line(*cells: str) -> str:
    """An SQL expression for a line, its end included."""
    return " || ',' || ".join(f"({cell})" for cell in cells) + r" || E'\r\n'"


def header(names: tuple[str, ...]) -> bytes:
    """The first line."""
    return ",".join(names).encode() + b"\r\n"

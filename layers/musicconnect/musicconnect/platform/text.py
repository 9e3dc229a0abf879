"""Make text storable in Postgres (UTF-8 without the NUL character), one line, and as long as it may be."""

import unicodedata
from itertools import takewhile
from typing import Any, Final

ELLIPSIS: Final = "…"
_BREAKING: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of characters that do not belong into a line: controls, halves of surrogate pairs, line ends."""
_INVISIBLE: Final = _BREAKING | {"Cf", "Zs", "Mn", "Me"}
_JOINER: Final = "\u200d"


def is_storable(text: str) -> bool:
    """Whether Postgres can hold a text: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and encodable(text) == text


def encodable(text: str) -> str:
    """Replace every half of a surrogate pair, which UTF-8 does not have, by a question mark."""
    return text.encode("utf-8", "replace").decode()


def storable(text: str) -> str:
    """Remove what Postgres cannot hold."""
    if text.isascii() and "\x00" not in text:  # as most texts are, thirty of them to an entry
        return text
    return encodable(text.replace("\x00", ""))


def storable_value(value: Any) -> Any:
    """Make every text in a JSON value storable."""
    match value:
        case str():
            return storable(value)
        case list():
            return [storable_value(part) for part in value]
        case dict():
            return {storable_value(name): storable_value(part) for name, part in value.items()}
        case _:
            return value


def one_line(text: str) -> str:
    """Write a text in one line: blanks for what breaks it, and nothing else changed but blanks at the ends.

    Joiners, direction marks and characters that Python's Unicode does not know yet are part of names.
    """
    return "".join(" " if unicodedata.category(char) in _BREAKING else char for char in text).strip()


def is_visible(text: str) -> bool:
    """Whether a reader would see anything of a text."""
    return any(unicodedata.category(char) not in _INVISIBLE for char in text)


def truncate(text: str, length: int) -> str:
    """Cut a text to ``length`` characters, an ellipsis included, but not inside what is seen as one."""
    if len(text) <= length:
        return text
    end = length - len(ELLIPSIS)
    while end > 0 and _belongs_together(text, end):
        end -= 1
    return text[:end].rstrip() + ELLIPSIS


def _belongs_together(text: str, index: int) -> bool:
    """Whether the character at ``index`` continues what stands before it.

    After the extended grapheme clusters of Unicode Standard Annex 29; scripts' own syllables may be cut.
    """
    before, char = text[index - 1], text[index]
    if _JOINER in (before, char):
        return True
    if unicodedata.category(char) in {"Mn", "Me", "Mc"} or _is_modifier(char):
        return True
    if _is_regional(char):  # Two of them are a flag.
        return len(list(takewhile(_is_regional, reversed(text[:index])))) % 2 == 1
    return False


def _is_modifier(char: str) -> bool:
    """Whether it is a colour of skin, a tag (the flag of Scotland) or a jamo that ends a syllable."""
    return "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f" or "ᅠ" <= char <= "ᇿ"


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"

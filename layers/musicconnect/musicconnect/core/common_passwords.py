"""Know the passwords that are tried first."""

import re
from functools import cache
from pathlib import Path
from typing import Final

LIST: Final = Path(__file__).parent / "data/common_passwords.txt"
MIN_REPEATED: Final = 4
"""Characters; what is less of them again and again is guessed at once."""
_ENDS: Final = re.compile(r"^[\d\W_]{0,4}(?=.{5})|[\d\W_]{1,4}$")
"""What people add to a password to make it another one: a few digits or signs at its ends."""


def is_common(password: str) -> bool:
    """Whether a password is among the most common ones, or one of them in disguise.

    In disguise: in capitals, with a few digits or signs around it, or several times in a row.
    """
    text = password.casefold()
    unit = _unit(text)
    candidates = {text, unit, _ENDS.sub("", text), re.sub(r"[\d\W_]{1,4}$", "", text), _ENDS.sub("", unit)}
    return len(unit) < MIN_REPEATED or not candidates.isdisjoint(_known())


def _unit(text: str) -> str:
    """Find what a text repeats; the text itself if it repeats nothing."""
    return text[: (text + text).index(text, 1)]


@cache
def _known() -> frozenset[str]:
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line.casefold() for line in lines if not line.startswith("# "))

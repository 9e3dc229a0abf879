"""Find where in a title a version is stated, so that it can be shown. Pure."""

import re
from collections.abc import Collection

from musicconnect.matching.data.version_phrases import PHRASES, Fact
from musicconnect.matching.normalization import words

_WORD = re.compile(r"[\w'’]+")
MAX_PHRASE_WORDS = 4
"""Longer phrases are found by their first words."""


def find(title: str, versions: Collection[str]) -> list[tuple[int, int]]:
    """Find the words that state versions, named as in reasons: ``live``, ``radio edit``.

    Returns:
        Start and end in characters of the title, in order, none inside another.
    """
    names = (version.upper().replace(" ", "_") for version in versions)
    wanted = sum({int(Fact[name]) for name in names if name in Fact.__members__})
    found: list[tuple[int, int]] = []
    tokens = [(match.start(), match.end(), tuple(words(match[0]))) for match in _WORD.finditer(title)]
    index = 0
    while index < len(tokens):
        size = next(
            (
                size
                for size in range(min(MAX_PHRASE_WORDS, len(tokens) - index), 0, -1)
                if _meaning(sum((token[2] for token in tokens[index : index + size]), ())) & wanted
            ),
            0,
        )
        if size:
            found.append((tokens[index][0], tokens[index + size - 1][1]))
        index += max(1, size)
    return found


def _meaning(phrase: tuple[str, ...]) -> int:
    return PHRASES.get(phrase, 0)

"""Throw random pairs at the matcher: some thousands each time, a million with ``make fuzz``."""

import os
import random
import sys

import pytest

from musicconnect.matching import Outcome, choose, parse_upload, queries, score
from musicconnect.music.model import Track
from tests.unit.matching.policies import SPOTIFY

IS_FUZZ = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
PAIRS = 1_000_000 if IS_FUZZ else 3_000

PIECES = (
    "Slow River", "Ola Fen", "live", "at", "(", ")", "[", " - ", "|", "feat.", "with", "remix", "demo 2",
    "take", "3", "version", "Spanish", "twenty", "one", "hundred", "1987", "12.05.2014", "f**k", "10,000",
    "“", "「", "」", "Official Video", "cover by", "くつ", "紅蓮華", "река", "נהר", "نهر", "강물",
    "๙", "፩", "𑁒", "٣", "²", "½", "Ⅷ", "★", "🖤", "\u200d", "\x00", "\ud800", "ǆ", "İ", "ß", "ﬁ",
    "e\u0301" * 9, "&amp;", "\\u0041", "***", "...", "'", '"', "A.B.C.", "www.x.com",
)  # fmt: skip
LENGTHS = (None, 0, 1, 200_000, 201_000, 204_000, 230_000, 400_000_000)


def text(rng):
    kind = rng.random()
    if kind < 0.02:
        return rng.choice(("", " ", rng.choice(PIECES) * 3_000))
    if kind < 0.2:
        return "".join(chr(rng.randrange(sys.maxunicode + 1)) for _ in range(rng.randrange(1, 12)))
    return " ".join(rng.choices(PIECES, k=rng.randrange(1, 8)))


def track(rng, number):
    stated = f"Provided to YouTube by L\n\n{text(rng)} · {text(rng)}\n\n{text(rng)}"
    return Track(
        provider=rng.choice(("spotify", "youtube")),
        id=str(number),
        title=text(rng),
        artists=tuple(text(rng) for _ in range(rng.choice((0, 0, 1, 1, 2)))),
        album=rng.choice((None, text(rng))),
        duration_ms=rng.choice(LENGTHS),
        explicit=rng.choice((None, True, False)),
        channel=rng.choice((None, text(rng))),
        description=rng.choice((None, None, None, stated)),
    )


@pytest.mark.hypothesis
def test_any_two_entries_get_one_decision_whichever_comes_first():
    rng = random.Random() if IS_FUZZ else random.Random(13)
    tracks = [track(rng, number) for number in range(max(2, int((2 * PAIRS) ** 0.5)))]
    for one in tracks:
        parse_upload(one.title, one.channel, one.description)
        queries(one, SPOTIFY)
    for _ in range(PAIRS):
        one, other = rng.choice(tracks), rng.choice(tracks)
        found = score(one, other)
        assert 0.0 <= found.total <= 100.0, (one, other)
        if rng.random() < 0.1:
            assert score(other, one) == found, (one, other)
            assert choose(one, [other]).outcome in Outcome, (one, other)

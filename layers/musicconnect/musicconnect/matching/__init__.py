"""Is this the same recording? Pure functions over tracks of two providers: no I/O, no clock, no chance.

``score`` says how sure it is about one pair, ``choose`` decides among candidates, ``queries`` says what to
search for, ``parse_upload`` reads artist and title out of a YouTube entry, ``normal_form`` gives a key under
which a recording is found again.
"""

from musicconnect.matching.caches import forget
from musicconnect.matching.choosing import choose
from musicconnect.matching.cleaning import Featured, clean_title
from musicconnect.matching.keys import SAME_LENGTH_MS, normal_form, same_edition
from musicconnect.matching.model import ChannelKind, Choice, Outcome, Score, Scored, Upload
from musicconnect.matching.querying import queries
from musicconnect.matching.scoring import score
from musicconnect.matching.uploads import parse_upload

MATCHER_VERSION: int = 1
"""Goes into the match store with every answer. Raise it whenever a decision can come out differently."""

__all__ = [
    "MATCHER_VERSION",
    "SAME_LENGTH_MS",
    "ChannelKind",
    "Choice",
    "Featured",
    "Outcome",
    "Score",
    "Scored",
    "Upload",
    "choose",
    "clean_title",
    "forget",
    "normal_form",
    "parse_upload",
    "queries",
    "same_edition",
    "score",
]

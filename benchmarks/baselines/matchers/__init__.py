"""Other ways to tell recordings apart, to compare the matcher with.

Each published rule is written anew from its description; names and thresholds are those of its authors.
"""

from benchmarks.baselines.matchers.rules import RuleMatcher
from benchmarks.baselines.matchers.similarity import difflib_ratio, token_set_ratio, token_set_within_2_s
from benchmarks.baselines.matchers.spotdl import spotdl
from benchmarks.baselines.matchers.spotify_to_tidal import spotify_to_tidal
from benchmarks.baselines.matchers.syncdisboi import syncdisboi

BASELINES = (
    RuleMatcher("difflib_ratio", difflib_ratio, 80.0),
    RuleMatcher("token_set_ratio", token_set_ratio, 80.0),
    RuleMatcher("token_set_ratio within 2 s", token_set_within_2_s, 80.0, needs_lengths=True),
    RuleMatcher("spotDL", spotdl, 80.0),
    RuleMatcher("spotify_to_tidal", spotify_to_tidal, 100.0, needs_lengths=True),
    RuleMatcher("SyncDisBoi", syncdisboi, 80.0),
)

__all__ = ["BASELINES", "RuleMatcher"]

"""Find which of the target's albums a saved album is.

By its barcode first, which is one call; by words where that finds nothing, and then everything that is told
of the likeliest hits is compared (`matching.same_album`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, cast

from psycopg import Connection

from musicconnect.matching import Outcome, same_album
from musicconnect.matching.candidate_search import CandidateSearch, Decision
from musicconnect.migrations.engine.context import StepContext
from musicconnect.music.barcodes import LENGTHS
from musicconnect.music.model import Track
from musicconnect.providers.errors import RejectedError
from musicconnect.providers.library import AlbumClient
from musicconnect.providers.protocol import Albums

MAX_COMPARED: Final = 3
"""Albums of one name that are looked at more closely."""


class AlbumFinder:
    """Finds albums; see `match_library.Finder`."""

    calls = len(LENGTHS) + 2 + 2 * MAX_COMPARED

    def __init__(self, context: StepContext) -> None:
        self._albums: Albums = cast("AlbumClient", context.target).albums

    def load(self, connection: Connection[Any], searches: Sequence[CandidateSearch]) -> None:
        """Load nothing: only the services know albums."""

    def decide(self, search: CandidateSearch) -> Decision:
        """Look for the barcode, and for the words where no album has it."""
        source = search.source
        coded = self._complete(search, self._by_barcode(source))
        decision = same_album.choose(source, coded)
        if decision.outcome is not Outcome.MATCHED and source.title:
            hits = self._albums.search(source.artists[0] if source.artists else "", source.title)
            named = [hit for hit in hits if same_album.is_namesake(source, hit)]
            known = {one.id: one for one in [*coded, *self._complete(search, named)]}
            decision = same_album.choose(source, list(known.values()))
        return replace(decision, found_by="search")

    def _by_barcode(self, source: Track) -> list[Track]:
        try:
            return [] if source.barcode is None else self._albums.by_barcode(source.barcode)
        except RejectedError:
            return []  # Labels give what is no barcode: the words are left.

    def _complete(self, search: CandidateSearch, hits: Sequence[Track]) -> list[Track]:
        """Give the first hits that are there, with everything that is known of them."""
        there = [hit for hit in hits if hit.id not in search.gone][:MAX_COMPARED]
        found = [hit if hit.barcode is not None else self._albums.album(hit.id) for hit in there]
        return [one for one in found if one is not None]

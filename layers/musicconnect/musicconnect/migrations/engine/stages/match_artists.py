"""Find whom of the target's artists a followed artist is.

A name is searched for, and what both have published is compared (`matching.same_artist`). Where recordings of
an artist of that name are known to be on a channel, that channel needs no search.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from psycopg import Connection

from musicconnect.matching import Outcome, same_artist
from musicconnect.matching.candidate_search import CandidateSearch, Decision
from musicconnect.matching.learned_names import name_key
from musicconnect.matching.same_artist import ArtistCandidate
from musicconnect.migrations.engine.context import StepContext
from musicconnect.music.model import ItemKind, ItemType, Track
from musicconnect.providers import registry
from musicconnect.providers.candidates import channels
from musicconnect.providers.candidates.channels import KnownChannel
from musicconnect.providers.library import LibraryClient
from musicconnect.providers.protocol import Client, Library

HITS: Final = 10
MAX_COMPARED: Final = 3
"""Artists of one name that are looked at more closely."""


class ArtistFinder:
    """Finds artists; see `match_library.Finder`."""

    calls = 2 + MAX_COMPARED

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._known: Mapping[str, Sequence[KnownChannel]] = {}

    def load(self, connection: Connection[Any], searches: Sequence[CandidateSearch]) -> None:
        """Load the channels on which recordings of artists of these names are known to be."""
        keys = sorted({key for search in searches if (key := name_key(search.source.title))})
        found: dict[str, list[KnownChannel]] = {}
        for channel in channels.find(
            connection, self._context.row.target_provider, keys, self._context.now()
        ):
            found.setdefault(channel.artist, []).append(channel)
        self._known = found

    def decide(self, search: CandidateSearch) -> Decision:
        """Compare what the artists of that name have published with what this one has."""
        context, source = self._context, search.source
        known = self._known.get(name_key(source.title), ())
        candidates = [one for one in _known(context, source, known) if one.track.id not in search.gone]
        if not candidates and name_key(source.title):
            hits = _hits(context, source)
            named = [hit for hit in hits if same_artist.is_namesake(source.title, hit.title)]
            candidates = [ArtistCandidate(track=hit) for hit in named if hit.id not in search.gone]
        candidates = candidates[:MAX_COMPARED]
        titles = _library(context.source).titles_by(source.id) if candidates else []
        if titles:
            there = _library(context.target)
            candidates = [
                one if one.titles else replace(one, titles=there.titles_by(one.track.id))
                for one in candidates
            ]
        choice = same_artist.choose(source, titles, candidates)
        best = choice.best
        is_matched = choice.outcome is Outcome.MATCHED and best is not None
        return Decision(
            outcome=choice.outcome,
            target=best.track if is_matched and best is not None else None,
            score=choice.score,
            parts=None if not choice.candidates else choice.candidates[0]["parts"],
            reasons=choice.reasons,
            candidates=None if is_matched else choice.candidates,
            found_by="channel" if best is not None and best.is_known else "search",
        )


def _known(context: StepContext, source: Track, known: Sequence[KnownChannel]) -> list[ArtistCandidate]:
    """Give the channels on which recordings of an artist of this name are."""
    policy = registry.get(context.row.target_provider).search.channels
    suffix = policy.suffix if policy is not None else ""
    return [
        ArtistCandidate(
            track=_artist(context, channel.channel_id, source.title, f"{source.title}{suffix}"),
            titles=[title for _, title in channel.listing.uploads] if channel.listing else (),
            is_known=True,
        )
        for channel in known
    ]


def _hits(context: StepContext, source: Track) -> list[Track]:
    """Search for artists of a name; of channels, those that are generated for artists stand first."""
    policy = registry.get(context.row.target_provider).search.channels
    limit = min(HITS, context.target.limits.search_limit)
    page = context.target.search(source.title, {ItemType.ARTIST}, limit)
    if policy is None:
        return [_artist(context, item.id, item.title) for item in page.items]
    hits = [
        _artist(context, item.id, item.title.removesuffix(policy.suffix), item.title) for item in page.items
    ]
    return sorted(hits, key=lambda hit: not (hit.channel or "").endswith(policy.suffix))


def _artist(context: StepContext, artist_id: str, name: str, channel: str | None = None) -> Track:
    return Track(
        provider=context.row.target_provider, id=artist_id, title=name, channel=channel, kind=ItemKind.ARTIST
    )


def _library(client: Client) -> Library:
    return cast("LibraryClient", client).library

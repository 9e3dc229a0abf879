"""Find what of the target's library an entry of a library is: the second stage of artists and albums.

How, the kind of library says (`Finder`). What is decided is saved as with tracks; nothing of it goes into the
match store, which knows tracks.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any, Final, Protocol

from psycopg import Connection

from musicconnect.matching import candidate_search
from musicconnect.matching.candidate_search import CandidateSearch, Decision
from musicconnect.migrations import rules, rules_store
from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.stages import albums_as_playlists
from musicconnect.migrations.engine.stages.match_albums import AlbumFinder
from musicconnect.migrations.engine.stages.match_artists import ArtistFinder
from musicconnect.migrations.engine.stages.match_tracks import save
from musicconnect.migrations.engine.transitions import Advance, Continue, Stage
from musicconnect.music.codec import decode
from musicconnect.music.model import ListKind, Track
from musicconnect.providers import registry
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError, RejectedError
from musicconnect.providers.library import ITEM_KINDS

MAX_GROUPS: Final = 100

type _Found = tuple[CandidateSearch, Decision | BaseException | None]
"""A decision, why there is none, or None where there was no time."""


class Finder(Protocol):
    """Finds counterparts of one kind of entry."""

    calls: int
    """Of one entry, at most."""

    def load(self, connection: Connection[Any], searches: Sequence[CandidateSearch]) -> None:
        """Load what is known already about entries that `decide` is asked about next."""

    def decide(self, search: CandidateSearch) -> Decision:
        """In a thread: ask the services and decide about one entry. Raises `ProviderError`."""


_FINDERS: Final[Mapping[ListKind, type[ArtistFinder | AlbumFinder]]] = {
    ListKind.ARTISTS: ArtistFinder,
    ListKind.ALBUMS: AlbumFinder,
}


def find(context: StepContext) -> Advance | Continue:
    """Decide about every entry. Raises `ProviderError` once what was decided is saved."""
    row = context.row
    if row.kind is ListKind.ALBUMS and not registry.get(row.target_provider).has_library(row.kind):
        return albums_as_playlists.make(context)
    try:
        with (
            context.reservation.reserve_batch(),
            ThreadPoolExecutor(context.target.limits.reads_at_once) as pool,
        ):
            if not _decide_all(context, _FINDERS[context.row.kind](context), pool):
                return Continue()
    except QuotaExhaustedError:
        # As with tracks: what is found already can be written meanwhile.
        row = context.row
        if row.dry_run or row.is_update or all(t.write_state != "none" for t in context.target_tracks()):
            raise
        return context.advance(to=Stage.CREATE)
    return context.advance(to=Stage.DONE if context.row.dry_run else None, searches_left=None)


def _decide_all(context: StepContext, finder: Finder, pool: ThreadPoolExecutor) -> bool:
    """Decide about entries, some at a time; False when the step has to end."""
    after = -1
    at_once = 4 * context.target.limits.reads_at_once
    while True:
        with context.database.transaction(context.row.user_id) as connection:
            groups = store.open_groups(connection, context.row.id, min(MAX_GROUPS, at_once), after)
            searches = [_search_of(context, group) for group in groups]
            ruled = rules_store.find_rules(
                connection,
                [replace(one.source, id=rules.rule_id(one.source)) for one in searches],
                context.row.target_provider,
            )
            finder.load(connection, searches)
        if not groups:
            return True
        after = groups[-1]["first"]
        context.reservation.expect(2 * len(searches))
        answers = pool.map(partial(_ask, context, finder, ruled=ruled), searches)
        if not _save(context, list(answers)):
            return False


def _search_of(context: StepContext, group: Mapping[str, Any]) -> CandidateSearch:
    search = CandidateSearch(
        row_ids=group["ids"], source=decode(context.row.source_provider, group["source"])
    )
    if group["search"] is not None:
        search.restore(group["search"], context.row.target_provider)
        search.gone |= {track.id for track in search.incomplete}
    return search


def _ask(
    context: StepContext,
    finder: Finder,
    search: CandidateSearch,
    *,
    ruled: Mapping[str, Mapping[str, Any]],
) -> _Found:
    """In a thread: decide about one entry."""
    try:
        rule = ruled.get(rules.rule_id(search.source))
        if rule is not None and (rule["target_id"] is None or rule["target_id"] not in search.gone):
            return search, _ruled(context.row.kind, search.source, rule)
        if context.budget.reserve(finder.calls) < finder.calls:
            return search, None
        return search, finder.decide(search)
    except RejectedError as error:
        return search, candidate_search.refused(error.message)
    except BaseException as error:  # noqa: BLE001 - raised again when the others are saved
        return search, error


def _ruled(kind: ListKind, source: Track, rule: Mapping[str, Any]) -> Decision:
    decision = rules.decision(source, rule)
    if decision.target is None:
        return decision
    artists = () if kind is ListKind.ARTISTS else decision.target.artists
    return replace(decision, target=replace(decision.target, kind=ITEM_KINDS[kind], artists=artists))


def _save(context: StepContext, answers: Sequence[_Found]) -> bool:
    """Save what was decided; False when the step has to end. Raises the first error after that."""
    decided = [(search, found, None) for search, found in answers if isinstance(found, Decision)]
    save(context, decided)
    errors = [found for _, found in answers if isinstance(found, BaseException)]
    for error in errors:
        if not isinstance(error, ProviderError):
            raise error
    if errors:
        raise errors[0]
    return all(found is not None for _, found in answers)

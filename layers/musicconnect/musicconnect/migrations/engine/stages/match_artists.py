"""Find whom of the target's artists a followed artist is: the second stage of followed artists.

A name is searched for, and what both have published is compared (`matching.same_artist`). Where recordings of
an artist of that name are known to be on a channel, that channel needs no search.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any, Final, cast

from musicconnect.matching import Outcome, candidate_search, same_artist
from musicconnect.matching.candidate_search import CandidateSearch, Decision
from musicconnect.matching.learned_names import name_key
from musicconnect.matching.same_artist import ArtistCandidate
from musicconnect.migrations import rules, rules_store
from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.stages.match_tracks import save
from musicconnect.migrations.engine.transitions import Advance, Continue, Stage
from musicconnect.music.codec import decode
from musicconnect.music.model import ItemKind, ItemType, Track
from musicconnect.providers import registry
from musicconnect.providers.candidates import channels
from musicconnect.providers.candidates.channels import KnownChannel
from musicconnect.providers.errors import ProviderError, QuotaExhaustedError, RejectedError
from musicconnect.providers.library import LibraryClient
from musicconnect.providers.protocol import Client, Library

MAX_GROUPS: Final = 100
HITS: Final = 10
MAX_COMPARED: Final = 3
"""Artists of one name that are looked at more closely."""
CALLS: Final = 2 + MAX_COMPARED
"""Of one artist, at most."""

type _Found = tuple[CandidateSearch, Decision | BaseException | None]
"""A decision, why there is none, or None where there was no time."""


def find(context: StepContext) -> Advance | Continue:
    """Decide about every artist. Raises `ProviderError` once what was decided is saved."""
    try:
        with (
            context.reservation.reserve_batch(),
            ThreadPoolExecutor(context.target.limits.reads_at_once) as pool,
        ):
            if not _decide_all(context, pool):
                return Continue()
    except QuotaExhaustedError:
        # As with tracks: what is found already can be written meanwhile.
        row = context.row
        if row.dry_run or row.is_update or all(t.write_state != "none" for t in context.target_tracks()):
            raise
        return context.advance(to=Stage.CREATE)
    return context.advance(to=Stage.DONE if context.row.dry_run else None, searches_left=None)


def _decide_all(context: StepContext, pool: ThreadPoolExecutor) -> bool:
    """Decide about artists, some at a time; False when the step has to end."""
    after = -1
    at_once = 4 * context.target.limits.reads_at_once
    while True:
        with context.database.transaction(context.row.user_id) as connection:
            groups = store.open_groups(connection, context.row.id, min(MAX_GROUPS, at_once), after)
            searches = [_search_of(context, group) for group in groups]
            keys = sorted({key for search in searches if (key := name_key(search.source.title))})
            ruled = rules_store.find_rules(
                connection,
                [replace(one.source, id=rules.rule_id(one.source)) for one in searches],
                context.row.target_provider,
            )
            known = channels.find(connection, context.row.target_provider, keys, context.now())
        if not groups:
            return True
        after = groups[-1]["first"]
        by_name: dict[str, list[KnownChannel]] = {}
        for channel in known:
            by_name.setdefault(channel.artist, []).append(channel)
        context.reservation.expect(2 * len(searches))
        ask = partial(_ask, context, ruled=ruled, known=by_name)
        answers = pool.map(ask, searches)
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
    search: CandidateSearch,
    *,
    ruled: Mapping[str, Mapping[str, Any]],
    known: Mapping[str, Sequence[KnownChannel]],
) -> _Found:
    """In a thread: decide about one artist."""
    try:
        rule = ruled.get(rules.rule_id(search.source))
        if rule is not None and (rule["target_id"] is None or rule["target_id"] not in search.gone):
            return search, _ruled(search.source, rule)
        if context.budget.reserve(CALLS) < CALLS:
            return search, None
        return search, _decide(context, search, known.get(name_key(search.source.title), ()))
    except RejectedError as error:
        return search, candidate_search.refused(error.message)
    except BaseException as error:  # noqa: BLE001 - raised again when the others are saved
        return search, error


def _ruled(source: Track, rule: Mapping[str, Any]) -> Decision:
    decision = rules.decision(source, rule)
    if decision.target is None:
        return decision
    return replace(decision, target=replace(decision.target, kind=ItemKind.ARTIST, artists=()))


def _decide(context: StepContext, search: CandidateSearch, known: Sequence[KnownChannel]) -> Decision:
    source = search.source
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
            one if one.titles else replace(one, titles=there.titles_by(one.track.id)) for one in candidates
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

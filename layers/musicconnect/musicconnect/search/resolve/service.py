"""Resolve links: what they lead to, and the same recording on the other providers.

Cheapest first: the match store by id, then by what else is known of the recording, and only then the other
provider's search. The matcher's decisions are saved for everybody.
"""

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import batched

from musicconnect.api import binding
from musicconnect.core.preferences import load_matching
from musicconnect.matching import Choice, Outcome, Preferences, reason_codes, score
from musicconnect.matching.candidate_search import FoundBy
from musicconnect.music import links
from musicconnect.music.links import Link, LinkError
from musicconnect.music.model import ItemType, ProviderName, Track
from musicconnect.platform import clock, problems
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader
from musicconnect.providers import registry
from musicconnect.providers.accounts import clients
from musicconnect.providers.errors import NotFoundError, ProviderError
from musicconnect.providers.match_store import names
from musicconnect.providers.match_store import service as match_store
from musicconnect.providers.match_store.model import Finding, StoredMatch, finding_of
from musicconnect.providers.protocol import Client
from musicconnect.search import errors, presentation, store
from musicconnect.search.resolve.concurrent_calls import ConcurrentCalls
from musicconnect.search.resolve.counterparts import find_counterparts
from musicconnect.search.schemas import (
    Counterpart,
    CounterpartCandidate,
    LinkOut,
    Resolved,
    ResolvedList,
    SearchItem,
)

MAX_RESOLVE_S = 18.0
"""For all links of a request; the rest is unanswered."""
MAX_CANDIDATES = 3
MIN_AGREEMENT = 70.0
"""Of 100: from here on a part of the evidence is a reason. 50 says nothing either way."""
AGREEMENT = {
    "title": "the titles agree",
    "artist": "the artists agree",
    "duration": "the lengths agree",
    "album": "the albums agree",
    "isrc": "they have the same ISRC",
    "channel": "it is on the artist's own channel",
}


@dataclass(slots=True, kw_only=True)
class _LinkState:
    link: Link
    track: Track | None = None
    """Set where it is a recording."""
    item: SearchItem | None = None
    error: ProviderError | None = None
    counterparts: dict[ProviderName, Counterpart] = field(default_factory=dict)

    @property
    def is_recording(self) -> bool:
        return self.link.type in (ItemType.TRACK, ItemType.VIDEO)


def resolve_one(database: Database, caller: binding.Caller, url: str) -> Resolved:
    """Resolve a link.

    Raises:
        Problem: 422, it is none.
        ProviderError: what it leads to could not be looked up.
    """
    try:
        link = links.parse(url)
    except LinkError as error:
        raise problems.invalid("query.url", error.message) from None
    reader = Reader.of(caller.time_zone, clock.now())
    (state,), _ = _resolve(database, caller.user_id, [link], reader)
    if state.error is not None:
        raise state.error
    return _resolved(url, state, link, reader)


def resolve_all(database: Database, caller: binding.Caller, urls: Sequence[str]) -> ResolvedList:
    """Resolve up to 100 links; each fails for itself."""
    parsed: list[Link | LinkError] = []
    for url in urls:
        try:
            parsed.append(links.parse(url))
        except LinkError as error:
            parsed.append(error)
    distinct = {_key(link): link for link in parsed if isinstance(link, Link)}
    reader = Reader.of(caller.time_zone, clock.now())
    states, spent = _resolve(database, caller.user_id, list(distinct.values()), reader)
    by_key = dict(zip(distinct, states, strict=True))
    items = [
        Resolved(url=url, error=errors.of_link(link))
        if isinstance(link, LinkError)
        else _resolved(url, by_key[_key(link)], link, reader)
        for url, link in zip(urls, parsed, strict=True)
    ]
    return ResolvedList(items=items, searches_spent=spent)


def _resolve(
    database: Database, user_id: int, wanted: Sequence[Link], reader: Reader
) -> tuple[list[_LinkState], dict[ProviderName, int]]:
    until = time.monotonic() + MAX_RESOLVE_S
    states = [_LinkState(link=link) for link in wanted]
    with database.transaction(user_id) as connection:
        preferences = load_matching(connection)
        targets = _targets(clients.linked_providers(connection))
    calls_by_provider = {
        name: ConcurrentCalls(clients.client_for(database, user_id, name), until)
        for name in registry.PROVIDERS
    }
    recordings = [state for state in states if state.is_recording]
    _use_store(database, recordings, targets, preferences, settled_only=True)
    _look_up(database, calls_by_provider, states)
    identified = [state for state in recordings if state.track is not None]
    _use_store(database, identified, targets, preferences, settled_only=False)
    spent: dict[ProviderName, int] = {}
    for target in targets:
        open_states = [
            state
            for state in identified
            if state.link.provider != target and target not in state.counterparts
        ]
        if open_states:
            spent[target] = _search(
                database,
                user_id,
                calls_by_provider[target],
                open_states,
                preferences=preferences,
                reader=reader,
            )
    return states, spent


def _targets(linked: Collection[ProviderName]) -> list[ProviderName]:
    """List where counterparts are looked for: optional providers only for those who have them."""
    return [name for name, entry in registry.offered().items() if name in linked or not entry.is_optional]


def _use_store(
    database: Database,
    states: Iterable[_LinkState],
    targets: Sequence[ProviderName],
    preferences: Preferences,
    *,
    settled_only: bool,
) -> None:
    """Use what the store knows: first by id alone, then by everything that was found out."""
    now = clock.now()
    grouped: dict[tuple[ProviderName, ProviderName], list[_LinkState]] = {}
    for state in states:
        for target in targets:
            if target != state.link.provider and target not in state.counterparts:
                grouped.setdefault((state.link.provider, target), []).append(state)
    if not grouped:
        return
    with database.transaction() as connection:
        for (_, target), group in grouped.items():
            tracks = [
                state.track or Track(provider=state.link.provider, id=state.link.id, title="")
                for state in group
            ]
            found = match_store.find(connection, tracks, target, now, preferences)
            for state in group:
                match = found.get(state.link.id)
                if match is None or not match.settled:
                    continue
                if match.source is not None:
                    state.track = state.track or match.source
                # A miss, or a match of which only the id is known, needs the facts first.
                if match.target is not None or not settled_only:
                    state.counterparts[target] = _stored(state.track, match)


def _look_up(
    database: Database, calls_by_provider: dict[ProviderName, ConcurrentCalls], states: Sequence[_LinkState]
) -> None:
    """Look up what the links lead to: in searches of the last day, or at the provider."""
    now = clock.now()
    with database.transaction() as connection:
        for name in calls_by_provider:
            others = [state for state in states if state.link.provider == name and not state.is_recording]
            refs = [(state.link.type, state.link.id) for state in others]
            seen = store.find_cached_items(connection, name, refs, now) if refs else {}
            for state in others:
                if (state.link.type, state.link.id) in seen:
                    item, _ = seen[state.link.type, state.link.id]
                    state.item = presentation.of_dict(registry.get(name), item)
    for name, calls in calls_by_provider.items():
        unknown = [
            state
            for state in states
            if state.link.provider == name and state.track is None and state.item is None
        ]
        for kind in dict.fromkeys(state.link.type for state in unknown):
            group = [state for state in unknown if state.link.type is kind]
            # A call to YouTube takes one handle only.
            by_id = [state for state in group if not state.link.id.startswith("@")]
            batches = list(batched(by_id, calls.client.limits.lookup_batch, strict=False))
            batches += [(state,) for state in group if state.link.id.startswith("@")]
            answers = calls.ask(partial(_ask, calls.client, kind), batches)
            for batch, answer in zip(batches, answers, strict=True):
                if isinstance(answer, ProviderError):
                    for state in batch:
                        state.error = answer


def _ask(client: Client, kind: ItemType, batch: Sequence[_LinkState]) -> None:
    ids = [state.link.id for state in batch]
    if batch[0].is_recording:
        tracks = {track.id: track for track in client.tracks(ids)}
        for state in batch:
            state.track = tracks.get(state.link.id)
    else:
        items = {item.id: item for item in client.items(kind, ids)}
        for state in batch:
            found = items.get(state.link.id)
            if found is None and state.link.id.startswith("@") and items:
                found = next(iter(items.values()))
            state.item = None if found is None else presentation.of_item(found)
    for state in batch:
        if state.track is None and state.item is None:
            state.error = NotFoundError(
                "The link leads nowhere (any more).", provider=client.name, reason="link"
            )


def _search(
    database: Database,
    user_id: int,
    calls: ConcurrentCalls,
    states: Sequence[_LinkState],
    *,
    preferences: Preferences,
    reader: Reader,
) -> int:
    """Search for what the store does not know; give the number of searches.

    What is found is saved even where the search has to stop before its end.
    """
    target = calls.client.name
    tracks = {state.link.id: state.track for state in states if state.track is not None}
    with database.transaction(user_id) as connection:
        learned = names.find(connection, list(tracks.values()))
        disputed = match_store.disputed(connection, list(tracks.values()), target)
    person = (database, user_id, preferences)
    result = find_counterparts(calls, list(tracks.values()), person, learned, disputed)
    findings = [finding_of(tracks[source_id], target, choice) for source_id, choice in result.shared.items()]
    if findings:
        with database.transaction(user_id) as connection:
            match_store.upsert(connection, findings, clock.now())
    for state in states:
        source = tracks[state.link.id]
        choice = result.choices.get(source.id)
        if choice is not None:
            state.counterparts[target] = _found(
                source, finding_of(source, target, choice), choice, result.found_by.get(source.id)
            )
        else:
            state.counterparts[target] = Counterpart(
                provider=target,
                outcome="unanswered",
                error=errors.to_group_error(result.failures[source.id], reader),
            )
    return result.searches


def _stored(source: Track | None, match: StoredMatch) -> Counterpart:
    target = match.target
    if target is None and match.target_id is not None:
        target = Track(provider=match.target_provider, id=match.target_id, title="")
    return Counterpart(
        provider=match.target_provider,
        outcome=match.outcome.value,
        item=None if target is None else presentation.of_track(target),
        score=None if match.score is None else round(match.score, 2),
        parts=match.parts,
        reasons=match.reasons or _agreement(match.parts),
        reason_codes=reason_codes.codes(match.reasons),
        candidates=_candidates(source, match.candidates),
        source="match_store",
        confirmed_by=match.confirmed_by,
        fetched_at=match.fetched_at,
    )


def _found(source: Track, finding: Finding, choice: Choice, found_by: FoundBy | None) -> Counterpart:
    return Counterpart(
        provider=finding.target_provider,
        outcome=finding.outcome.value,
        item=None if finding.target is None else presentation.of_track(finding.target),
        score=None if finding.score is None else round(finding.score, 2),
        parts=finding.parts,
        reasons=list(finding.reasons) or _agreement(finding.parts),
        reason_codes=reason_codes.codes(finding.reasons),
        candidates=[]
        if choice.outcome is Outcome.MATCHED
        else _candidates(source, [scored.track for scored in choice.ranked]),
        source=found_by if found_by in ("seed", "channel") else "search",
        confirmed_by="score",
        fetched_at=clock.now(),
    )


def _agreement(parts: dict[str, float]) -> list[str]:
    """Say what speaks for a match that nothing speaks against."""
    return [text for part, text in AGREEMENT.items() if parts.get(part, 0.0) >= MIN_AGREEMENT]


def _candidates(source: Track | None, tracks: Sequence[Track]) -> list[CounterpartCandidate]:
    if source is None:
        return []
    scored = sorted(((score(source, track), track) for track in tracks), key=lambda pair: -pair[0].evidence)
    return [
        CounterpartCandidate(
            item=presentation.of_track(track), score=round(rated.total, 2), reasons=rated.reasons
        )
        for rated, track in scored[:MAX_CANDIDATES]
    ]


def _resolved(url: str, state: _LinkState, link: Link, reader: Reader) -> Resolved:
    item = state.item
    if item is None and state.track is not None:
        item = presentation.of_track(state.track, link.type)
    return Resolved(
        url=url,
        link=LinkOut(
            provider=link.provider,
            type=link.type.value,
            id=link.id,
            url=item.url if item is not None else registry.get(link.provider).address(link.type, link.id),
            start_seconds=link.start_seconds,
            playlist_id=link.playlist_id,
        ),
        item=item,
        counterparts=list(state.counterparts.values()),
        error=None if state.error is None else errors.to_group_error(state.error, reader),
    )


def _key(link: Link) -> tuple[ProviderName, ItemType, str]:
    return link.provider, link.type, link.id

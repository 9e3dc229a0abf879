"""Links: what they lead to, and its counterpart on the other side.

Cheapest first: the match store by id, then by what else is known of the recording, and only then the other
provider's search, as few as the matcher needs. What it decides is remembered for everybody.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from musicconnect.api import binding
from musicconnect.matching import Choice, Outcome, score
from musicconnect.music import links
from musicconnect.music.links import Link, LinkError
from musicconnect.music.model import ItemType, ProviderName, Track
from musicconnect.platform import clock, problems
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.accounts import clients
from musicconnect.providers.errors import NotFoundError, ProviderError
from musicconnect.providers.match_store import service as match_store
from musicconnect.providers.match_store.model import Finding, StoredMatch, finding_of
from musicconnect.providers.protocol import Client
from musicconnect.search import errors, presentation, store
from musicconnect.search.resolve import counterparts as resolve_counterparts
from musicconnect.search.resolve.concurrent_calls import ConcurrentCalls
from musicconnect.search.schemas import (
    Candidate,
    Counterpart,
    GroupError,
    LinkOut,
    Resolved,
    ResolvedList,
    SearchItem,
)

MAX_RESOLVE_S = 18.0
"""Seconds for all links of a request; what is not reached by then is told as unanswered."""
MAX_CANDIDATES = 3
MIN_AGREEMENT = 70.0
"""Of 100: from here on a part of the evidence is told as a reason. 50 says nothing either way."""
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
    """One distinct link while it is being resolved."""

    link: Link
    track: Track | None = None
    """Its facts, if it is a recording."""
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
        ProviderError: what it leads to cannot be told.
    """
    try:
        link = links.parse(url)
    except LinkError as error:
        raise problems.invalid("query.url", error.message) from None
    case, _ = _resolve(database, caller.user_id, [link])
    if case[0].error is not None:
        raise case[0].error
    return _resolved(url, case[0])


def resolve_all(database: Database, caller: binding.Caller, urls: Sequence[str]) -> ResolvedList:
    """Resolve up to 100 links; each fails for itself."""
    parsed: list[Link | LinkError] = []
    for url in urls:
        try:
            parsed.append(links.parse(url))
        except LinkError as error:
            parsed.append(error)
    distinct = {_key(link): link for link in parsed if isinstance(link, Link)}
    cases, spent = _resolve(database, caller.user_id, list(distinct.values()))
    by_key = dict(zip(distinct, cases, strict=True))
    items = [
        Resolved(url=url, error=_link_error(link))
        if isinstance(link, LinkError)
        else _resolved(url, by_key[_key(link)], link)
        for url, link in zip(urls, parsed, strict=True)
    ]
    return ResolvedList(items=items, searches_spent=spent)


def _resolve(
    database: Database, user_id: int, wanted: Sequence[Link]
) -> tuple[list[_LinkState], dict[ProviderName, int]]:
    until = time.monotonic() + MAX_RESOLVE_S
    cases = [_LinkState(link=link) for link in wanted]
    askers = {
        name: ConcurrentCalls(clients.client_for(database, user_id, name), until)
        for name in registry.PROVIDERS
    }
    recordings = [case for case in cases if case.is_recording]
    _look_into_store(database, recordings, settled_only=True)
    _look_up(database, askers, cases)
    told = [case for case in recordings if case.track is not None]
    _look_into_store(database, told, settled_only=False)
    spent: dict[ProviderName, int] = {}
    for target, asker in askers.items():
        open_cases = [
            case for case in told if case.link.provider != target and target not in case.counterparts
        ]
        if open_cases:
            spent[target] = _seek(database, asker, open_cases)
    return cases, spent


def _look_into_store(database: Database, cases: Iterable[_LinkState], *, settled_only: bool) -> None:
    """Take what the store knows: by id alone at first, then by everything that was found out."""
    now = clock.now()
    grouped: dict[tuple[ProviderName, ProviderName], list[_LinkState]] = {}
    for case in cases:
        for target in registry.PROVIDERS:
            if target != case.link.provider and target not in case.counterparts:
                grouped.setdefault((case.link.provider, target), []).append(case)
    if not grouped:
        return
    with database.transaction() as connection:
        for (_, target), group in grouped.items():
            tracks = [case.track or _bare(case.link) for case in group]
            found = match_store.find(connection, tracks, target, now)
            for case in group:
                match = found.get(case.link.id)
                if match is None or not match.settled:
                    continue
                if match.source is not None:
                    case.track = case.track or match.source
                # A miss, or a match of which only the id may be told, needs the facts first.
                if match.target is not None or not settled_only:
                    case.counterparts[target] = _stored(case.track, match)


def _bare(link: Link) -> Track:
    return Track(provider=link.provider, id=link.id, title="")


def _look_up(
    database: Database, askers: dict[ProviderName, ConcurrentCalls], cases: Sequence[_LinkState]
) -> None:
    """Find out what the links lead to: from searches of the last day, or from the provider."""
    now = clock.now()
    with database.transaction() as connection:
        for name in askers:
            others = [case for case in cases if case.link.provider == name and not case.is_recording]
            refs = [(case.link.type, case.link.id) for case in others]
            seen = store.find_cached_items(connection, name, refs, now) if refs else {}
            for case in others:
                if (case.link.type, case.link.id) in seen:
                    item, _ = seen[case.link.type, case.link.id]
                    case.item = presentation.of_dict(registry.get(name), item)
    for name, asker in askers.items():
        unknown = [
            case for case in cases if case.link.provider == name and case.track is None and case.item is None
        ]
        for kind in dict.fromkeys(case.link.type for case in unknown):
            group = [case for case in unknown if case.link.type is kind]
            # A handle stands for itself: YouTube takes no several of them.
            batches = _batches([case for case in group if not case.link.id.startswith("@")], asker.client)
            batches += [[case] for case in group if case.link.id.startswith("@")]
            answers = asker.ask(partial(_ask, asker.client, kind), batches)
            for batch, answer in zip(batches, answers, strict=True):
                if isinstance(answer, ProviderError):
                    for case in batch:
                        case.error = answer


def _batches(cases: Sequence[_LinkState], client: Client) -> list[list[_LinkState]]:
    size = client.limits.lookup_batch
    return [list(cases[start : start + size]) for start in range(0, len(cases), size)]


def _ask(client: Client, kind: ItemType, batch: Sequence[_LinkState]) -> None:
    ids = [case.link.id for case in batch]
    if batch[0].is_recording:
        tracks = {track.id: track for track in client.tracks(ids)}
        for case in batch:
            case.track = tracks.get(case.link.id)
    else:
        items = {item.id: item for item in client.items(kind, ids)}
        for case in batch:
            found = items.get(case.link.id)
            if found is None and case.link.id.startswith("@") and items:
                found = next(iter(items.values()))
            case.item = None if found is None else presentation.of_item(found)
    for case in batch:
        if case.track is None and case.item is None:
            case.error = NotFoundError(
                f"{registry.title(client.name)} has nothing under this link (any more).",
                provider=client.name,
                reason="link",
            )


def _seek(database: Database, asker: ConcurrentCalls, cases: Sequence[_LinkState]) -> int:
    """Search for what the store does not know; gives the number of searches.

    What is found is remembered even where the search has to stop before its end.
    """
    target = asker.client.name
    tracks = {case.link.id: case.track for case in cases if case.track is not None}
    result = resolve_counterparts.find_counterparts(asker, list(tracks.values()))
    findings = [finding_of(tracks[source_id], target, choice) for source_id, choice in result.choices.items()]
    if findings:
        with database.transaction() as connection:
            match_store.upsert(connection, findings, clock.now())
    told = {finding.source.id: finding for finding in findings}
    for case in cases:
        finding, source = told.get(case.link.id), tracks[case.link.id]
        if finding is not None:
            case.counterparts[target] = _found(source, finding, result.choices[source.id])
        else:
            case.counterparts[target] = _unanswered(target, result.failures[source.id])
    return result.searches


def _stored(source: Track | None, match: StoredMatch) -> Counterpart:
    target = match.target
    if target is None and match.target_id is not None:
        target = Track(provider=match.target_provider, id=match.target_id, title="")
    return Counterpart(
        provider=match.target_provider,  # type: ignore[arg-type]
        outcome=match.outcome.value,
        item=None if target is None else presentation.of_track(target),
        score=None if match.score is None else round(match.score, 2),
        parts=match.parts,
        reasons=match.reasons or _agreement(match.parts),
        candidates=_candidates(source, match.candidates),
        source="match_store",
        confirmed_by=match.confirmed_by,
        fetched_at=match.fetched_at,
    )


def _found(source: Track, finding: Finding, choice: Choice) -> Counterpart:
    return Counterpart(
        provider=finding.target_provider,  # type: ignore[arg-type]
        outcome=finding.outcome.value,
        item=None if finding.target is None else presentation.of_track(finding.target),
        score=None if finding.score is None else round(finding.score, 2),
        parts=finding.parts,
        reasons=list(finding.reasons) or _agreement(finding.parts),
        candidates=[]
        if choice.outcome is Outcome.MATCHED
        else _candidates(source, [scored.track for scored in choice.ranked]),
        source="search",
        confirmed_by="score",
        fetched_at=clock.now(),
    )


def _agreement(parts: dict[str, float]) -> list[str]:
    """What speaks for a match that nothing speaks against."""
    return [text for part, text in AGREEMENT.items() if parts.get(part, 0.0) >= MIN_AGREEMENT]


def _candidates(source: Track | None, tracks: Sequence[Track]) -> list[Candidate]:
    if source is None:
        return []
    scored = sorted(((score(source, track), track) for track in tracks), key=lambda pair: -pair[0].evidence)
    return [
        Candidate(item=presentation.of_track(track), score=round(told.total, 2), reasons=told.reasons)
        for told, track in scored[:MAX_CANDIDATES]
    ]


def _unanswered(provider: ProviderName, error: ProviderError) -> Counterpart:
    return Counterpart(
        provider=provider,  # type: ignore[arg-type]
        outcome="unanswered",
        error=errors.to_group_error(error),
    )


def _resolved(url: str, case: _LinkState, link: Link | None = None) -> Resolved:
    link = link or case.link
    item = case.item
    if item is None and case.track is not None:
        item = presentation.of_track(case.track, link.type)
    return Resolved(
        url=url,
        link=LinkOut(
            provider=link.provider,  # type: ignore[arg-type]
            type=link.type.value,
            id=link.id,
            url=item.url if item is not None else registry.get(link.provider).address(link.type, link.id),
            start_seconds=link.start_seconds,
            playlist_id=link.playlist_id,
        ),
        item=item,
        counterparts=list(case.counterparts.values()),
        error=None if case.error is None else errors.to_group_error(case.error),
    )


def _link_error(error: LinkError) -> GroupError:
    return GroupError(reason=error.reason, title="The link cannot be resolved", what_to_do=error.message)


def _key(link: Link) -> tuple[ProviderName, ItemType, str]:
    return link.provider, link.type, link.id

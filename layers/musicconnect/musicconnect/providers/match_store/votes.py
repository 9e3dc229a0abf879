"""Count what people chose as a recording's counterpart: what one says is nobody else's match.

A choice counts for others only where the matcher itself would have asked. A counterpart that somebody
replaced is *disputed*: nobody gets it any more without being asked. The same choice of two different people
settles it. So one person can neither plant a match nor tear one down, however often they choose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from musicconnect.matching import Outcome, score
from musicconnect.music.codec import decode
from musicconnect.music.model import ProviderName, Track
from musicconnect.providers.match_store import names, votes_store
from musicconnect.providers.match_store.model import MIN_PERSON_SCORE, Finding, is_shareable
from musicconnect.providers.match_store.service import upsert

MIN_PEOPLE: Final = 2
"""Different people whose same choice settles what the counterpart is."""
CHOSEN_BY_PEOPLE: Final = "people chose it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What a person chose."""

    source: Track
    """At least its id."""
    target_provider: ProviderName
    target: Track | None
    """At least its id; None: there is none."""
    instead_of: str | None = None
    """The counterpart that was there before; None: none, or the store's."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What different people said of one counterpart."""

    chosen: int
    replaced: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all that was said amounts to."""

    settled: str | None
    """The counterpart that is everybody's."""
    disputed: frozenset[str]
    """Those that nobody gets without being asked."""


def judge(tallies: Mapping[str, Tally]) -> Verdict:
    """Decide what votes amount to. Pure."""
    by_chosen = sorted(tallies.items(), key=lambda item: (-item[1].chosen, item[0]))
    settled: str | None = None
    if by_chosen:
        target_id, best = by_chosen[0]
        others = max((tally.chosen for _, tally in by_chosen[1:]), default=0)
        if best.chosen >= MIN_PEOPLE and best.chosen > max(others, best.replaced):
            settled = target_id
    disputed = {target_id for target_id, tally in tallies.items() if tally.replaced and target_id != settled}
    return Verdict(settled, frozenset(disputed))


def cast(connection: Connection[Any], votes: Sequence[Vote], now: datetime) -> None:
    """Count votes of the transaction's person, and draw the conclusions for everybody.

    Args:
        connection: Of a role with rights to the store.
        votes: About tracks of the providers' own; what a file calls a track is its owner's word.
        now: The current time.
    """
    # Always in one order, so that two people do not wait for each other in a circle.
    for vote in sorted(votes, key=lambda one: (one.source.provider, one.source.id)):
        if vote.source.id and vote.source.is_public and (vote.target is None or vote.target.is_public):
            _cast(connection, vote, now)


def _cast(connection: Connection[Any], vote: Vote, now: datetime) -> None:
    key = (vote.source.provider, vote.source.id, vote.target_provider)
    votes_store.lock(connection, key)
    stored = votes_store.find_row(connection, key)
    source, target = _with_facts(vote, stored)
    before = vote.instead_of or (stored["target_id"] if stored else None)
    if target is not None and before == target.id:
        before = None
    total = score(source, target).total if target is not None and source.title and target.title else None
    is_eligible = total is not None and total >= MIN_PERSON_SCORE
    votes_store.save(
        connection, key, target_id=target.id if target else None, instead_of=before,
        is_eligible=is_eligible, now=now,
    )  # fmt: skip
    verdict = judge(
        {row[0]: Tally(chosen=row[1], replaced=row[2]) for row in votes_store.tally(connection, key)}
    )
    finding = None
    if target is not None and is_eligible:
        finding = Finding(
            source=source,
            target_provider=vote.target_provider,
            outcome=Outcome.MATCHED,
            target=target,
            score=total,
            reasons=[CHOSEN_BY_PEOPLE],
            confirmed_by="person",
        )
        if verdict.settled == target.id:
            upsert(connection, [finding], now)
        elif is_shareable(finding):
            names.report(connection, [finding], now)
    if before is not None and stored is not None and stored["target_id"] == before and stored["target"]:
        names.deny(connection, source, decode(vote.target_provider, stored["target"]), now)
    votes_store.save_disputes(connection, key, sorted(verdict.disputed), now)


def _with_facts(vote: Vote, stored: Mapping[str, Any] | None) -> tuple[Track, Track | None]:
    """Complete what only ids are known of by what the store knows."""
    source, target = vote.source, vote.target
    if stored is None:
        return source, target
    if not source.title and stored["source"]:
        source = replace(decode(source.provider, stored["source"]), id=source.id)
    if target is not None and not target.title:
        for facts in (stored["target"], *stored["candidates"]):
            if facts and facts["id"] == target.id:
                target = decode(vote.target_provider, facts)
                break
    return source, target

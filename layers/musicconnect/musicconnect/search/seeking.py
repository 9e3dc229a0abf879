"""Searching a catalogue for recordings, with as few calls as the matcher needs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from musicconnect.matching import Choice
from musicconnect.migrations import counterparts
from musicconnect.migrations.counterparts import Decided, Lookup, Quest, Search
from musicconnect.providers.base import Client, ProviderError, ProviderName, RejectedError, Track
from musicconnect.search import failures

MOST_SEARCHES = {"youtube": 20}
"""Per request: YouTube's hundred searches a day are everybody's."""


@dataclass(slots=True)
class Result:
    """What came of it."""

    choices: dict[str, Choice] = field(default_factory=dict)
    """By source id: what the matcher decided."""
    failures: dict[str, ProviderError] = field(default_factory=dict)
    """By source id: why it could not decide."""
    searches: int = 0


class BudgetError(ProviderError):
    """This request has searched as often as one request may."""


def seek(client: Client, sources: Sequence[Track], until: float) -> Result:
    """Find the counterparts of recordings in a catalogue.

    Searches come first, one per recording as a rule; details of their hits are looked up together, as many
    as a call takes.

    Args:
        client: Of the catalogue.
        sources: What is looked for.
        until: Monotonic time after which nothing more is asked.
    """
    result = Result()
    quests = {track.id: Quest(row_ids=[], source=track) for track in sources}
    most = MOST_SEARCHES.get(client.name)
    under_way = list(quests)
    while under_way:
        thin: list[str] = []
        for source_id in under_way:
            try:
                if _search(client, quests[source_id], result, most, until):
                    thin.append(source_id)
            except ProviderError as error:
                result.failures[source_id] = error
        under_way = _look_up(client, quests, thin, result, until)
    return result


def _search(client: Client, quest: Quest, result: Result, most: int | None, until: float) -> bool:
    """Search until the matcher has decided, or needs details: whether it does."""
    while True:
        step = counterparts.next_step(quest, client.name)
        match step:
            case Decided(choice):
                result.choices[quest.source.id] = choice
                return False
            case Lookup():
                return True
            case Search(query):
                if most is not None and result.searches >= most:
                    raise _budget(client.name)
                if time.monotonic() >= until:
                    raise failures.slow(client.name)
                limit = min(counterparts.SEARCH_HITS, client.limits.search_limit)
                result.searches += 1
                try:
                    quest.take_hits(client.search_tracks(query, limit))
                except RejectedError:
                    # The next query may be one that the provider takes.
                    if quest.tried + 1 >= counterparts.MOST_QUERIES_ELSEWHERE:
                        raise
                    quest.take_hits([])


def _look_up(
    client: Client, quests: dict[str, Quest], thin: Sequence[str], result: Result, until: float
) -> list[str]:
    """Complete the hits of all quests, full batches at a time; gives those that can go on."""
    wanted = list(dict.fromkeys(hit.id for source_id in thin for hit in quests[source_id].thin))
    details: list[Track] = []
    size = client.limits.lookup_batch
    try:
        for start in range(0, len(wanted), size):
            if time.monotonic() >= until:
                raise failures.slow(client.name)
            details += client.tracks(wanted[start : start + size])
    except ProviderError as error:
        result.failures |= dict.fromkeys(thin, error)
        return []
    for source_id in thin:
        quests[source_id].take_details(wanted, details)
    return list(thin)


def _budget(provider: ProviderName) -> BudgetError:
    return BudgetError(
        "One request may search only so often. Send what is unanswered again.",
        provider=provider,
        reason=failures.BUDGET,
    )

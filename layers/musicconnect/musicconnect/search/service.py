"""One question, both catalogues, in groups that stand apart."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.api import binding
from musicconnect.music.model import ItemType, ProviderName, Track
from musicconnect.platform import clock, pagination
from musicconnect.platform.config import SearchSettings
from musicconnect.platform.database import Database
from musicconnect.providers import errors as providers_errors
from musicconnect.providers import registry
from musicconnect.providers.accounts import tokens
from musicconnect.search import errors, presentation, query_plan, retention, single_flight, store
from musicconnect.search.query_plan import Place
from musicconnect.search.schemas import GroupError, SearchAnswer, SearchGroup, SearchQuery, Source
from musicconnect.search.store import Page


@dataclass(slots=True, kw_only=True)
class _Part:
    """One provider's part of an answer while it comes together."""

    provider: ProviderName
    places: list[Place]
    """What is wanted of it."""
    pages: list[tuple[Place, Page]] = field(default_factory=list)
    source: Source | None = None
    error: GroupError | None = None


def search(database: Database, caller: binding.Caller, query: SearchQuery) -> SearchAnswer:
    """Search both providers at once; what is not cached is asked for live.

    Raises:
        Problem: 400, the cursor belongs to another search.
    """
    settings, now = SearchSettings.from_environment(), clock.now()
    parts = _parts(query)
    fetches = [place.fetch for part in parts for place in part.places]
    flight = uuid.uuid4()
    ((linked, cached),) = database.pipeline(caller.user_id, store.look(fetches, now))
    missing = [fetch for fetch in fetches if fetch.provider in linked and fetch.key not in cached]
    if not missing:
        _take(parts, linked, cached, {})
        answer = _answer(parts, query, now)
        logged = _log(database, caller, query, answer, now)
    else:
        until = now + single_flight.flight_until(settings)
        known, claimed = database.pipeline(
            caller.user_id, tokens.linked_accounts(), store.take_off(missing, flight, until=until, now=now)
        )
        with single_flight.fetching(
            user_id=caller.user_id,
            known=known,
            fetches=missing,
            claimed=claimed,
            flight=flight,
            settings=settings,
        ) as arrivals:
            _take(parts, linked, cached, arrivals)
            now = clock.now()
            if any(part.error for part in parts):
                with database.transaction() as connection:
                    for part in parts:
                        _stand_in(connection, part, query, now)
            answer = _answer(parts, query, now)
            logged = _log(database, caller, query, answer, now)
    if logged is not None and logged % retention.EVERY == 0:
        retention.tidy(database, now)
    return answer


def _parts(query: SearchQuery) -> list[_Part]:
    chosen = [entry for entry in registry.PROVIDERS.values() if query.provider in ("both", entry.name)]
    if query.cursor is not None:
        name = query_plan.provider_of(query.cursor)
        chosen = [entry for entry in chosen if entry.name == name]
        if not chosen:
            raise pagination.invalid()
        return [
            _Part(provider=entry.name, places=query_plan.decode(query.cursor, entry, query.types, query.q))
            for entry in chosen
        ]
    return [
        _Part(provider=entry.name, places=query_plan.first_places(entry, query.types, query.q))
        for entry in chosen
    ]


def _take(
    parts: Sequence[_Part],
    linked: set[ProviderName],
    cached: dict[bytes, Page],
    arrivals: dict[bytes, single_flight.Arrival],
) -> None:
    """Give each part what there is for it."""
    for part in parts:
        if not part.places:
            part.error = errors.not_offered(part.provider)
            continue
        if part.provider not in linked:
            name = registry.title(part.provider)
            part.error = errors.explained(
                providers_errors.NotLinkedError(f"No {name} account is linked.", provider=part.provider)
            )
            continue
        for place in part.places:
            arrival = arrivals.get(place.fetch.key)
            page = cached.get(place.fetch.key) or (arrival.page if arrival else None)
            if page is not None:
                part.pages.append((place, page))
            elif arrival is not None and arrival.error is not None:
                part.error = errors.explained(arrival.error)
        if part.pages:
            is_live = all(place.fetch.key in arrivals for place, _ in part.pages)
            part.source = "live" if is_live else "cache"


def _stand_in(connection: Connection[Any], part: _Part, query: SearchQuery, now: datetime) -> None:
    """Where a provider could not be asked, take what is known all the same, and say where it comes from."""
    if part.error is None or part.pages or query.cursor is not None or not part.places:
        return
    if part.error.reason == "not-linked":
        return
    types = {kind for place in part.places for kind in place.fetch.types}
    first = part.places[0].fetch
    for kinds, page in store.related(connection, part.provider, first.words, now):
        if types & set(kinds):
            common = tuple(kind for kind in first.types if kind in kinds) or tuple(types & set(kinds))
            place = Place(fetch=replace(first, types=common), offset=0)
            # No going on from here: the page after it belongs to another search.
            part.pages = [(place, replace(page, cursor=None))]
            part.source = "cache"
            return
    recording = registry.get(part.provider).item_types[0]
    if recording in types:
        from musicconnect.providers.match_store import store as match_store  # noqa: PLC0415 - takes the matcher along

        known = match_store.search_titles(connection, query.q, part.provider, now, query.limit)
        if known:
            oldest = min(fetched_at for _, fetched_at in known)
            items = [_item_of(track, recording) for track, _ in known]
            place = Place(fetch=replace(first, types=(recording,)), offset=0)
            part.pages = [(place, Page(items=items, cursor=None, fetched_at=oldest))]
            part.source = "match_store"


def _item_of(track: Track, kind: ItemType) -> dict[str, Any]:
    item = presentation.of_track(track, kind)
    return item.model_dump(mode="json", exclude={"provider", "attribution"}, exclude_none=True)


def _answer(parts: Sequence[_Part], query: SearchQuery, now: datetime) -> SearchAnswer:
    return SearchAnswer(query=query.q, groups=[_group(part, query.limit, now) for part in parts])


def _group(part: _Part, limit: int, now: datetime) -> SearchGroup:
    entry = registry.get(part.provider)
    items: list[dict[str, Any]] = []
    further: list[Place] = []
    for place, page in part.pages:
        hits, place_after = query_plan.following(place, page.items, limit, page.cursor)
        items += hits
        if place_after is not None:
            further.append(place_after)
    oldest = min((page.fetched_at for _, page in part.pages), default=None)
    return SearchGroup(
        provider=entry.name,  # type: ignore[arg-type]
        title=entry.title,
        items=[presentation.of_dict(entry, item) for item in items],
        # What stands in for an answer has no continuation.
        next_cursor=None if part.error is not None and part.source != "live" else query_plan.encode(further),
        source=part.source,
        fetched_at=oldest,
        age_seconds=None if oldest is None else max(0, int((now - oldest).total_seconds())),
        error=part.error,
    )


def _log(
    database: Database, caller: binding.Caller, query: SearchQuery, answer: SearchAnswer, now: datetime
) -> int | None:
    """Write the search down; going on with one is none of its own."""
    if query.cursor is not None:
        return None
    logged: list[int] = database.pipeline(
        caller.user_id,
        store.log_query(
            user_id=caller.user_id,
            text=query.q,
            provider_filter=query.provider,
            type_filter=",".join(query.types),
            results=sum(len(group.items) for group in answer.groups),
            now=now,
        ),
    )
    return logged[0]

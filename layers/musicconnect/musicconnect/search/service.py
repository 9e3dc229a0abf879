"""Search all catalogues with one query, in groups that stand apart."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from musicconnect.api import binding
from musicconnect.music.model import ItemType, ProviderName, Track
from musicconnect.platform import clock, pagination
from musicconnect.platform.config import SearchSettings
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader
from musicconnect.providers import registry
from musicconnect.providers.errors import NotLinkedError
from musicconnect.providers.schemas import EVERY
from musicconnect.search import errors, presentation, query_plan, retention, store
from musicconnect.search.query_plan import Offset
from musicconnect.search.schemas import GroupError, SearchAnswer, SearchGroup, SearchQuery, SearchSource
from musicconnect.search.store import Page

if TYPE_CHECKING:
    from musicconnect.search.single_flight import FetchResult


@dataclass(slots=True, kw_only=True)
class _Part:
    provider: ProviderName
    offsets: list[Offset]
    pages: list[tuple[Offset, Page]] = field(default_factory=list)
    source: SearchSource | None = None
    error: GroupError | None = None


def search(database: Database, caller: binding.Caller, query: SearchQuery) -> SearchAnswer:
    """Search every provider at once; what is not cached is fetched. Another search's cursor is a 400."""
    from musicconnect.providers.accounts import tokens  # noqa: PLC0415 - pins and history need none

    settings, now = SearchSettings.from_environment(), clock.now()
    reader = Reader.of(caller.time_zone, now)
    parts = _parts(query)
    requests = [offset.request for part in parts for offset in part.offsets]
    linked, cached = database.pipeline(
        caller.user_id, tokens.linked_accounts(), store.load_pages(requests, now)
    )
    if query.provider == EVERY:
        parts = [
            part for part in parts if part.provider in linked or not registry.get(part.provider).is_optional
        ]
        requests = [offset.request for part in parts for offset in part.offsets]
    missing = [request for request in requests if request.provider in linked and request.key not in cached]
    if not missing:
        _fill(parts, linked, cached, {}, reader)
        answer = _answer(parts, query, now)
        logged = _log(database, caller, query, answer, now)
    else:
        from musicconnect.search import single_flight  # noqa: PLC0415 - takes the providers' clients along

        with single_flight.fetch_pages(
            user_id=caller.user_id, accounts=linked, requests=missing, settings=settings
        ) as results:
            _fill(parts, linked, cached, results, reader)
            now = clock.now()
            if any(part.error for part in parts):
                with database.transaction() as connection:
                    for part in parts:
                        _add_fallback(connection, part, query, now)
            answer = _answer(parts, query, now)
            logged = _log(database, caller, query, answer, now)
    if logged is not None and logged % retention.RUN_EVERY == 0:
        retention.delete_due(database, now)
    return answer


def _parts(query: SearchQuery) -> list[_Part]:
    chosen = [entry for entry in registry.offered().values() if query.provider in (EVERY, entry.name)]
    if query.cursor is None:
        return [
            _Part(provider=entry.name, offsets=query_plan.first_offsets(entry, query.types, query.q))
            for entry in chosen
        ]
    name = query_plan.provider_of(query.cursor)
    parts = [
        _Part(provider=name, offsets=query_plan.decode(query.cursor, entry, query.types, query.q))
        for entry in chosen
        if entry.name == name
    ]
    if not parts:
        raise pagination.invalid()
    return parts


def _fill(
    parts: Sequence[_Part],
    linked: Collection[ProviderName],
    cached: dict[bytes, Page],
    results: dict[bytes, "FetchResult"],
    reader: Reader,
) -> None:
    for part in parts:
        if not part.offsets:
            part.error = errors.not_offered(part.provider, reader)
            continue
        if part.provider not in linked:
            part.error = errors.to_group_error(NotLinkedError("", provider=part.provider), reader)
            continue
        for offset in part.offsets:
            result = results.get(offset.request.key)
            page = cached.get(offset.request.key) or (result.page if result else None)
            if page is not None:
                part.pages.append((offset, page))
            elif result is not None and result.error is not None:
                part.error = errors.to_group_error(result.error, reader)
        if part.pages:
            is_live = all(offset.request.key in results for offset, _ in part.pages)
            part.source = "live" if is_live else "cache"


def _add_fallback(connection: Connection[Any], part: _Part, query: SearchQuery, now: datetime) -> None:
    """Use saved entries where the provider could not be asked, and say where they come from."""
    if part.error is None or part.pages or query.cursor is not None or not part.offsets:
        return
    if part.error.code == "not-linked":
        return
    types = {kind for offset in part.offsets for kind in offset.request.types}
    first = part.offsets[0].request
    for kinds, page in store.load_related_pages(connection, part.provider, first.words, now):
        if types & set(kinds):
            common = tuple(kind for kind in first.types if kind in kinds) or tuple(types & set(kinds))
            offset = Offset(request=replace(first, types=common), skip=0)
            # Without a cursor: the page after it belongs to another search.
            part.pages = [(offset, replace(page, cursor=None))]
            part.source = "cache"
            return
    recording = registry.get(part.provider).item_types[0]
    if recording in types:
        from musicconnect.providers.match_store import service as match_store  # noqa: PLC0415 - takes the matcher along

        matches = match_store.search_titles(connection, query.q, part.provider, now, query.limit)
        if matches:
            oldest = min(fetched_at for _, fetched_at in matches)
            items = [_item_of(track, recording) for track, _ in matches]
            offset = Offset(request=replace(first, types=(recording,)), skip=0)
            part.pages = [(offset, Page(items=items, cursor=None, fetched_at=oldest))]
            part.source = "match_store"


def _item_of(track: Track, kind: ItemType) -> dict[str, Any]:
    item = presentation.of_track(track, kind)
    return item.model_dump(mode="json", exclude={"provider", "attribution"}, exclude_none=True)


def _answer(parts: Sequence[_Part], query: SearchQuery, now: datetime) -> SearchAnswer:
    return SearchAnswer(query=query.q, groups=[_group(part, query, now) for part in parts])


def _group(part: _Part, query: SearchQuery, now: datetime) -> SearchGroup:
    entry = registry.get(part.provider)
    items: list[dict[str, Any]] = []
    further: list[Offset] = []
    for offset, page in part.pages:
        hits, next_offset = query_plan.slice_page(offset, page.items, query.limit, page.cursor)
        items += hits
        if next_offset is not None:
            further.append(next_offset)
    oldest = min((page.fetched_at for _, page in part.pages), default=None)
    return SearchGroup(
        provider=entry.name,
        title=entry.title,
        url=entry.search_address(query.q, query.types),
        items=[presentation.of_dict(entry, item) for item in items],
        # Saved entries have no further page.
        next_cursor=None if part.error is not None and part.source != "live" else query_plan.encode(further),
        source=part.source,
        fetched_at=oldest,
        age_seconds=None if oldest is None else max(0, int((now - oldest).total_seconds())),
        error=part.error,
    )


def _log(
    database: Database, caller: binding.Caller, query: SearchQuery, answer: SearchAnswer, now: datetime
) -> int | None:
    """Record the search; a further page is no search of its own."""
    if query.cursor is not None:
        return None
    logged: list[int] = database.pipeline(
        caller.user_id,
        store.insert_query(
            user_id=caller.user_id,
            text=query.q,
            provider_filter=query.provider,
            type_filter=",".join(query.types),
            results=sum(len(group.items) for group in answer.groups),
            failures={group.provider: group.error.code for group in answer.groups if group.error},
            now=now,
        ),
    )
    return logged[0]

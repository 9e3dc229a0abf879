"""Run the SQL of searching: cached pages and their claims, history, pins; in the caller's transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from musicconnect.music.model import ItemType, ProviderName
from musicconnect.platform.database import Query
from musicconnect.platform.text import encodable, storable, storable_value
from musicconnect.search.query_plan import PageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a provider's search as it is cached."""

    items: list[dict[str, Any]]
    cursor: str | None
    fetched_at: datetime


class PageStatus(NamedTuple):
    """A page and its claims, for somebody who waits for it."""

    page: Page | None
    claim_id: UUID | None
    """None: nobody fetches it (any more)."""
    failed_claim_id: UUID | None
    failure: dict[str, Any] | None


def load_pages(requests: Sequence[PageRequest], now: datetime) -> Query[dict[bytes, Page]]:
    """Load cached pages, by key."""
    return Query(
        """
        SELECT key, page, fetched_at FROM search.cache
        WHERE key = ANY(%s) AND page IS NOT NULL AND expires_at > %s""",
        [[request.key for request in requests], now],
        lambda rows: {key: _page(page, fetched_at) for key, page, fetched_at in rows},
    )


def claim_page(request: PageRequest, claim_id: UUID, *, until: datetime, now: datetime) -> Query[bool]:
    """Claim a page that nobody requests; tell whether it is ours to request now."""
    return Query(
        """
        INSERT INTO search.cache AS c
            (key, provider, words, types, is_first, claim_id, claimed_until, expires_at)
        VALUES (%(key)s, %(provider)s, %(words)s, %(types)s, %(first)s, %(claim_id)s, %(until)s, %(now)s)
        ON CONFLICT (key) DO UPDATE SET claim_id = excluded.claim_id, claimed_until = excluded.claimed_until
        WHERE (c.claim_id IS NULL OR c.claimed_until <= %(now)s)
          AND (c.page IS NULL OR c.expires_at <= %(now)s)
        RETURNING c.key""",
        {
            "key": request.key,
            "provider": request.provider,
            "words": request.words,
            "types": list(request.types),
            "first": request.cursor is None,
            "claim_id": claim_id,
            "until": until,
            "now": now,
        },
        bool,
    )


def complete_page(
    connection: Connection[Any], request: PageRequest, claim_id: UUID, page: Page, *, expires_at: datetime
) -> None:
    """Cache a fetched page and release its claim."""
    connection.execute(
        """
        UPDATE search.cache
        SET page = %(page)s, refs = %(refs)s, fetched_at = %(fetched)s, expires_at = %(expires)s,
            claim_id = CASE WHEN claim_id = %(claim_id)s THEN NULL ELSE claim_id END
        WHERE key = %(key)s""",
        {
            "key": request.key,
            "page": _storable_json({"items": page.items, "cursor": page.cursor}),
            "refs": [storable(f"{item['type']}:{item['id']}") for item in page.items],
            "fetched": page.fetched_at,
            "expires": expires_at,
            "claim_id": claim_id,
        },
    )


def fail_page(
    connection: Connection[Any], request: PageRequest, claim_id: UUID, failure: dict[str, Any] | None
) -> None:
    """Release the claim of a page; ``failure`` is for those who wait, where it holds for them as well."""
    connection.execute(
        """
        UPDATE search.cache SET claim_id = NULL, failed_claim_id = claim_id, failure = %(failure)s
        WHERE key = %(key)s AND claim_id = %(claim_id)s""",
        {"key": request.key, "claim_id": claim_id, "failure": failure and _storable_json(failure)},
    )


def page_status(connection: Connection[Any], request: PageRequest, now: datetime) -> PageStatus:
    """Load a page and its claims."""
    row = connection.execute(
        """
        SELECT CASE WHEN expires_at > %(now)s THEN page END, fetched_at,
               CASE WHEN claimed_until > %(now)s THEN claim_id END, failed_claim_id, failure
        FROM search.cache WHERE key = %(key)s""",
        {"key": request.key, "now": now},
    ).fetchone()
    if row is None:  # deleted meanwhile
        return PageStatus(None, None, None, None)
    page, fetched_at, *claims = row
    return PageStatus(page and _page(page, fetched_at), *claims)


def load_related_pages(
    connection: Connection[Any], provider: ProviderName, words: bytes, now: datetime
) -> list[tuple[list[ItemType], Page]]:
    """Load the first pages of the same words for any types, the latest first."""
    rows = connection.execute(
        """
        SELECT types, page, fetched_at FROM search.cache
        WHERE words = %s AND provider = %s AND is_first AND page IS NOT NULL AND expires_at > %s
        ORDER BY fetched_at DESC""",
        [words, provider, now],
    )
    return [([ItemType(kind) for kind in types], _page(page, at)) for types, page, at in rows]


def find_cached_items(
    connection: Connection[Any], provider: ProviderName, refs: Sequence[tuple[ItemType, str]], now: datetime
) -> dict[tuple[ItemType, str], tuple[dict[str, Any], datetime]]:
    """Find items on cached pages of anybody's searches; give each with when it was fetched."""
    wanted = {f"{kind.value}:{item_id}": (kind, item_id) for kind, item_id in refs}
    rows = connection.execute(
        """
        SELECT page -> 'items', fetched_at FROM search.cache
        WHERE refs && %s AND provider = %s AND expires_at > %s ORDER BY fetched_at DESC LIMIT %s""",
        [[storable(ref) for ref in wanted], provider, now, max(10, 2 * len(wanted))],
    )
    found: dict[tuple[ItemType, str], tuple[dict[str, Any], datetime]] = {}
    for items, fetched_at in rows:
        for item in items:
            if (ref := f"{item['type']}:{item['id']}") in wanted:
                found.setdefault(wanted[ref], (item, fetched_at))
    return found


def delete_expired_pages(connection: Connection[Any], before: datetime, limit: int) -> int:
    """Delete cached pages that expired before a time, and whose claims did."""
    return connection.execute(
        """
        DELETE FROM search.cache WHERE key IN (
            SELECT key FROM search.cache WHERE expires_at < %(before)s
              AND (claimed_until IS NULL OR claimed_until < %(before)s)
            ORDER BY expires_at LIMIT %(limit)s)""",
        {"before": before, "limit": limit},
    ).rowcount


def delete_old_queries(connection: Connection[Any], before: datetime, limit: int) -> int:
    """Delete everybody's searches from before a time."""
    row = connection.execute("SELECT search.delete_old_queries(%s, %s)", [before, limit]).fetchone()
    return int(row[0]) if row else 0


def clear_old_pin_titles(
    connection: Connection[Any], provider: ProviderName, before: datetime, limit: int
) -> int:
    """Clear what a provider said about anybody's pins before a time."""
    row = connection.execute(
        "SELECT search.clear_old_pin_titles(%s, %s, %s)", [provider, before, limit]
    ).fetchone()
    return int(row[0]) if row else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRow:
    """A search of the history."""

    id: int
    query: str
    provider: str
    type: str
    results_count: int
    failures: dict[str, str]
    searched_at: datetime


def insert_query(
    *,
    user_id: int,
    text: str,
    provider_filter: str,
    type_filter: str,
    results: int,
    failures: Mapping[str, str],
    now: datetime,
) -> Query[int]:
    """Record a search; give its id. ``failures`` are codes of errors, by provider."""
    return Query(
        """
        INSERT INTO search.queries
            (user_id, query_text, provider_filter, type_filter, results_count, failures, created_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id""",
        [user_id, text, provider_filter, type_filter, results, Jsonb(dict(failures)), now],
        lambda rows: int(rows[0][0]),
    )


def list_queries(
    connection: Connection[Any], *, since: datetime, before_id: int | None, limit: int
) -> list[QueryRow]:
    """List the user's searches, the latest first."""
    with connection.cursor(row_factory=class_row(QueryRow)) as cursor:
        return cursor.execute(
            """
            SELECT id, query_text AS query, provider_filter AS provider, type_filter AS type, results_count,
                   failures, created_at AS searched_at
            FROM search.queries
            WHERE user_id = core.current_user_id() AND created_at >= %(since)s
              AND (%(before)s::bigint IS NULL OR id < %(before)s)
            ORDER BY id DESC LIMIT %(limit)s""",
            {"since": since, "before": before_id, "limit": limit},
        ).fetchall()


def delete_query(connection: Connection[Any], query_id: int) -> bool:
    """Delete one of the user's searches; False where they have no such search."""
    deleted = connection.execute(
        "DELETE FROM search.queries WHERE id = %s AND user_id = core.current_user_id()", [query_id]
    )
    return deleted.rowcount > 0


def delete_queries(connection: Connection[Any]) -> int:
    """Delete the user's searches; give how many there were."""
    return connection.execute("DELETE FROM search.queries WHERE user_id = core.current_user_id()").rowcount


@dataclass(frozen=True, slots=True, kw_only=True)
class PinRow:
    """A pinned item."""

    id: int
    provider: ProviderName
    item_type: str
    provider_item_id: str
    title: str
    subtitle: str | None
    pinned_at: datetime
    fetched_at: datetime


_PIN = "id, provider, item_type, provider_item_id, title, subtitle, pinned_at, fetched_at"


def find_pin(
    connection: Connection[Any], provider: ProviderName, kind: ItemType, item_id: str
) -> PinRow | None:
    """Find the user's pin of an item."""
    with connection.cursor(row_factory=class_row(PinRow)) as cursor:
        return cursor.execute(
            f"""
            SELECT {_PIN} FROM search.pinned_items
            WHERE user_id = core.current_user_id() AND provider = %s AND item_type = %s
              AND provider_item_id = %s""",  # noqa: S608 - a constant
            [provider, kind.value, item_id],
        ).fetchone()


def insert_pin(
    connection: Connection[Any],
    *,
    user_id: int,
    provider: ProviderName,
    kind: ItemType,
    item_id: str,
    title: str,
    subtitle: str | None,
    fetched_at: datetime,
    now: datetime,
) -> PinRow | None:
    """Pin an item; None where it is pinned already."""
    with connection.cursor(row_factory=class_row(PinRow)) as cursor:
        return cursor.execute(
            f"""
            INSERT INTO search.pinned_items
                (user_id, provider, item_type, provider_item_id, title, subtitle, fetched_at, pinned_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (user_id, provider, item_type, provider_item_id) DO NOTHING
            RETURNING {_PIN}""",  # noqa: S608 - a constant
            [user_id, provider, kind.value, item_id, storable(title), subtitle and storable(subtitle),
             fetched_at, now],
        ).fetchone()  # fmt: skip


def list_pins(
    connection: Connection[Any],
    *,
    provider: ProviderName | None,
    kind: ItemType | None,
    before_id: int | None,
    limit: int,
) -> list[PinRow]:
    """List the user's pins, the latest first."""
    with connection.cursor(row_factory=class_row(PinRow)) as cursor:
        return cursor.execute(
            f"""
            SELECT {_PIN} FROM search.pinned_items
            WHERE user_id = core.current_user_id()
              AND (%(provider)s::text IS NULL OR provider = %(provider)s)
              AND (%(kind)s::text IS NULL OR item_type = %(kind)s)
              AND (%(before)s::bigint IS NULL OR id < %(before)s)
            ORDER BY id DESC LIMIT %(limit)s""",  # noqa: S608 - a constant
            {"provider": provider, "kind": kind and kind.value, "before": before_id, "limit": limit},
        ).fetchall()


def refresh_pins(
    connection: Connection[Any], titles: Sequence[tuple[int, str, str | None]], now: datetime
) -> None:
    """Save what a provider says about the user's pins now: id, title, subtitle."""
    connection.execute(
        """
        UPDATE search.pinned_items p SET title = f.title, subtitle = f.subtitle, fetched_at = %s
        FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS f (id, title, subtitle)
        WHERE p.id = f.id AND p.user_id = core.current_user_id()""",
        [
            now,
            [pin_id for pin_id, _, _ in titles],
            [storable(title) for _, title, _ in titles],
            [subtitle and storable(subtitle) for _, _, subtitle in titles],
        ],
    )


def delete_pin(connection: Connection[Any], pin_id: int) -> bool:
    """Unpin; False where the user has no such pin."""
    deleted = connection.execute(
        "DELETE FROM search.pinned_items WHERE id = %s AND user_id = core.current_user_id()", [pin_id]
    )
    return deleted.rowcount > 0


def _storable_json(value: dict[str, Any]) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in text or encodable(text) != text:
        text = json.dumps(storable_value(value), ensure_ascii=False)
    return text


def _page(page: dict[str, Any], fetched_at: datetime) -> Page:
    return Page(items=page["items"], cursor=page["cursor"], fetched_at=fetched_at)

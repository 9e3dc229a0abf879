"""What a search amounts to: which pages of which provider's search, and where in them. Pure."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from musicconnect.music.model import ItemType, ProviderName
from musicconnect.platform import pagination
from musicconnect.providers.registry import Provider

_OPERATORS = frozenset({"AND", "OR", "NOT"})
"""Words that mean something else in capitals."""
_CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")
"""Unicode's category Cc, as blanks."""
_MOST_PLACES = 5
_LAST_OFFSET = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One page of a provider's search: what one call of it brings, and what is cached."""

    provider: ProviderName
    types: tuple[ItemType, ...]
    query: str
    """As the first who asked typed it."""
    cursor: str | None
    """The provider's, of the page before."""
    words: bytes = field(init=False)
    """Digest of the query alone."""
    key: bytes = field(init=False)
    """Digest of everything that the page depends on."""

    def __post_init__(self) -> None:
        """Work out the digests."""
        words = normalised(self.query)
        object.__setattr__(self, "words", digest(words))
        object.__setattr__(self, "key", digest(self.provider, ",".join(self.types), words, self.cursor or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an answer begins within a fetched page."""

    fetch: Fetch
    offset: int
    """Of each type's hits."""


def tidy(query: str) -> str:
    """A query without what nobody typed on purpose: odd blanks, control characters. May become empty."""
    return " ".join(unicodedata.normalize("NFC", query.translate(_CONTROLS)).split())


def normalised(query: str) -> str:
    """The same text for queries that ask for the same."""
    return " ".join(word if word in _OPERATORS else word.casefold() for word in tidy(query).split(" "))


def digest(*parts: str) -> bytes:
    """A key of 16 bytes."""
    return blake2b(json.dumps(parts).encode(), digest_size=16).digest()


def types_of(provider: Provider, wanted: Sequence[ItemType]) -> tuple[ItemType, ...]:
    """What a provider is asked for. A track is whatever the provider calls a recording."""
    meant = {provider.item_types[0] if kind is ItemType.TRACK else kind for kind in wanted}
    return tuple(kind for kind in provider.item_types if kind in meant)


def first_places(provider: Provider, wanted: Sequence[ItemType], query: str) -> list[Place]:
    """Where a search begins: one page for as many types as one call covers."""
    types, most = types_of(provider, wanted), provider.types_per_search
    groups = [types[start : start + most] for start in range(0, len(types), most)]
    return [
        Place(fetch=Fetch(provider=provider.name, types=group, query=query, cursor=None), offset=0)
        for group in groups
    ]


def following(
    place: Place, items: Sequence[dict[str, object]], limit: int, cursor: str | None
) -> tuple[list[dict[str, object]], Place | None]:
    """The hits of a page from a place on, at most ``limit`` of each type, and where to go on.

    Args:
        place: Where to begin.
        items: Of the whole page.
        limit: Of each type.
        cursor: The provider's, of the page after it.
    """
    shown: list[dict[str, object]] = []
    has_more = False
    for kind in place.fetch.types:
        hits = [item for item in items if item["type"] == kind]
        shown += hits[place.offset : place.offset + limit]
        has_more = has_more or len(hits) > place.offset + limit
    if has_more:
        return shown, Place(fetch=place.fetch, offset=place.offset + limit)
    if cursor is None:
        return shown, None
    fetch = place.fetch
    after = Fetch(provider=fetch.provider, types=fetch.types, query=fetch.query, cursor=cursor)
    return shown, Place(fetch=after, offset=0)


def encode(places: Sequence[Place]) -> str | None:
    """A cursor that leads to places of one provider's answer; None where there are none."""
    if not places:
        return None
    where = [[",".join(place.fetch.types), place.fetch.cursor, place.offset] for place in places]
    fetch = places[0].fetch
    return pagination.encode((fetch.provider, fetch.words.hex(), json.dumps(where, separators=(",", ":"))))


def provider_of(cursor: str) -> ProviderName:
    """Whose answer a cursor goes on with.

    Raises:
        Problem: 400, it is none of ours.
    """
    key = pagination.decode(cursor, str, str, str)
    assert key is not None
    return str(key[0])


def decode(cursor: str, provider: Provider, wanted: Sequence[ItemType], query: str) -> list[Place]:
    """The places that a cursor leads to.

    Raises:
        Problem: 400, it is none of ours, or another query's.
    """
    key = pagination.decode(cursor, str, str, str)
    assert key is not None
    allowed = types_of(provider, wanted)
    try:
        where = json.loads(key[2])
        places = [
            Place(
                fetch=Fetch(
                    provider=provider.name,
                    types=tuple(ItemType(kind) for kind in types.split(",")),
                    query=query,
                    cursor=page,
                ),
                offset=offset,
            )
            for types, page, offset in where
        ]
        is_ours = (
            key[0] == provider.name
            and bytes.fromhex(key[1]) == digest(normalised(query))
            and 0 < len(places) <= _MOST_PLACES
            and all(_is_ours(place, allowed, provider.types_per_search) for place in places)
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        is_ours = False
    if not is_ours:
        raise pagination.invalid()
    return places


def _may_be_theirs(cursor: object) -> bool:
    return isinstance(cursor, str) and len(cursor) <= 1000 and cursor.isascii() and cursor.isprintable()


def _is_ours(place: Place, allowed: Sequence[ItemType], most: int) -> bool:
    fetch = place.fetch
    return (
        set(fetch.types) <= set(allowed)
        and len(set(fetch.types)) == len(fetch.types) <= most
        and (fetch.cursor is None or _may_be_theirs(fetch.cursor))
        and type(place.offset) is int
        and 0 <= place.offset <= _LAST_OFFSET
    )

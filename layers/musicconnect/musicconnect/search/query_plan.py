"""Plan a search: which pages of which provider's search, and where in them an answer begins. Pure."""

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
_MAX_OFFSETS = 5
_MAX_SKIP = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """A page of a provider's search: what one call gives, and what is cached."""

    provider: ProviderName
    types: tuple[ItemType, ...]
    query: str
    """As the first user typed it."""
    cursor: str | None
    """The provider's, from the page before."""
    words: bytes = field(init=False)
    """Digest of the query alone."""
    key: bytes = field(init=False)
    """Digest of everything that the page depends on."""

    def __post_init__(self) -> None:
        """Compute the digests."""
        words = normalised(self.query)
        object.__setattr__(self, "words", digest(words))
        object.__setattr__(self, "key", digest(self.provider, ",".join(self.types), words, self.cursor or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """Where an answer begins within a page."""

    request: PageRequest
    skip: int
    """How many hits of each type come before it."""


def tidy(query: str) -> str:
    """Remove odd blanks and control characters from a query; it may become empty."""
    return " ".join(unicodedata.normalize("NFC", query.translate(_CONTROLS)).split())


def normalised(query: str) -> str:
    """Normalise a query, so that equal queries have one text."""
    return " ".join(word if word in _OPERATORS else word.casefold() for word in tidy(query).split(" "))


def digest(*parts: str) -> bytes:
    """Hash texts into a key of 16 bytes."""
    return blake2b(json.dumps(parts).encode(), digest_size=16).digest()


def types_of(provider: Provider, wanted: Sequence[ItemType]) -> tuple[ItemType, ...]:
    """Give the types that a provider is asked for; a track is whatever it calls a recording."""
    meant = {provider.item_types[0] if kind is ItemType.TRACK else kind for kind in wanted}
    return tuple(kind for kind in provider.item_types if kind in meant)


def first_offsets(provider: Provider, wanted: Sequence[ItemType], query: str) -> list[Offset]:
    """Give where a search begins: one page for as many types as one call covers."""
    types, size = types_of(provider, wanted), provider.types_per_search
    groups = [types[start : start + size] for start in range(0, len(types), size)]
    return [
        Offset(request=PageRequest(provider=provider.name, types=group, query=query, cursor=None), skip=0)
        for group in groups
    ]


def slice_page(
    offset: Offset, items: Sequence[dict[str, object]], limit: int, cursor: str | None
) -> tuple[list[dict[str, object]], Offset | None]:
    """Give the hits from an offset on, at most ``limit`` of each type, and the offset after them.

    ``items`` are those of the whole page, ``cursor`` is the provider's for the page after it.
    """
    request, end = offset.request, offset.skip + limit
    sliced: list[dict[str, object]] = []
    has_more = False
    for kind in request.types:
        hits = [item for item in items if item["type"] == kind]
        sliced += hits[offset.skip : end]
        has_more = has_more or len(hits) > end
    if has_more:
        return sliced, Offset(request=request, skip=end)
    if cursor is None:
        return sliced, None
    after = PageRequest(provider=request.provider, types=request.types, query=request.query, cursor=cursor)
    return sliced, Offset(request=after, skip=0)


def encode(offsets: Sequence[Offset]) -> str | None:
    """Encode offsets in one provider's answer as a cursor; None where there are none."""
    if not offsets:
        return None
    where = [[",".join(offset.request.types), offset.request.cursor, offset.skip] for offset in offsets]
    first = offsets[0].request
    return pagination.encode((first.provider, first.words.hex(), json.dumps(where, separators=(",", ":"))))


def provider_of(cursor: str) -> ProviderName:
    """Read the provider out of a cursor; raises a 400 if it is none of ours."""
    key = pagination.decode(cursor, str, str, str)
    assert key is not None
    return str(key[0])


def decode(cursor: str, provider: Provider, wanted: Sequence[ItemType], query: str) -> list[Offset]:
    """Decode a cursor; raises a 400 if it is none of ours, or another query's."""
    key = pagination.decode(cursor, str, str, str)
    assert key is not None
    allowed = types_of(provider, wanted)
    try:
        offsets = [
            Offset(
                request=PageRequest(
                    provider=provider.name,
                    types=tuple(ItemType(kind) for kind in types.split(",")),
                    query=query,
                    cursor=page,
                ),
                skip=skip,
            )
            for types, page, skip in json.loads(key[2])
        ]
        is_ours = (
            key[0] == provider.name
            and bytes.fromhex(key[1]) == digest(normalised(query))
            and 0 < len(offsets) <= _MAX_OFFSETS
            and all(_is_valid(offset, allowed, provider.types_per_search) for offset in offsets)
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        is_ours = False
    if not is_ours:
        raise pagination.invalid()
    return offsets


def _is_valid(offset: Offset, allowed: Sequence[ItemType], max_types: int) -> bool:
    types, cursor = offset.request.types, offset.request.cursor
    return (
        set(types) <= set(allowed)
        and len(set(types)) == len(types) <= max_types
        and (cursor is None or _may_be_cursor(cursor))
        and type(offset.skip) is int
        and 0 <= offset.skip <= _MAX_SKIP
    )


def _may_be_cursor(cursor: object) -> bool:
    return isinstance(cursor, str) and len(cursor) <= 1000 and cursor.isascii() and cursor.isprintable()

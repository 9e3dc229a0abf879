"""Limit attempts to sign in, and pages that nobody signs in for, by token buckets in Postgres.

Three buckets stand in the way of guessing:

* per source (an IPv4 address, or the 64 bits of an IPv6 network that one customer gets): whoever tries many
  addresses from one place runs dry, whatever the addresses;
* per address and source: whoever tries one account from one place;
* per address: whoever tries one account from many places. This one alone could be used to lock a person out,
  by keeping it empty; so it does not count for a source from which that person has signed in before, and a
  source that is not known takes no more of it than its share. To keep somebody out of new places takes
  half a dozen places at once.

A right password gives back what the attempt took, and fills the pair's bucket. All buckets treat addresses
that exist and those that do not alike, so that being refused tells nothing.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from musicconnect.core import rate_limit_store as store
from musicconnect.platform.problems import Problem

KNOWN_SOURCE_LIFETIME = timedelta(days=180)
"""A source from which the person has not signed in for this long is a stranger again."""
CLEANUP_ROWS = 100
"""Rows deleted along the way by one sign-in."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A kind of bucket."""

    name: str
    capacity: int
    seconds_per_token: float

    def key(self, *who: str) -> str:
        """Make the key of one bucket of this kind."""
        return f"{self.name}:{hashlib.sha256('\n'.join(who).encode()).hexdigest()}"


SOURCE = Limit("source", capacity=50, seconds_per_token=30)
PAIR = Limit("pair", capacity=10, seconds_per_token=60)
EMAIL = Limit("address", capacity=20, seconds_per_token=300)
SHARE = Limit("share", capacity=10, seconds_per_token=1800)
"""What one unknown source may take of EMAIL: 48 a day of the 288 that come back."""
SIGN_UP = Limit("sign-up", capacity=100, seconds_per_token=30)
MAIL_SOURCE = Limit("mail-source", capacity=30, seconds_per_token=120)
MAIL_PAIR = Limit("mail-pair", capacity=4, seconds_per_token=900)
"""What one source may have sent to one address; less than MAIL_EMAIL, so that nobody alone uses that up."""
MAIL_EMAIL = Limit("mail-address", capacity=10, seconds_per_token=600)
PROOF = Limit("proof", capacity=60, seconds_per_token=10)
"""Links and codes that one source may try."""
CODE = Limit("code", capacity=15, seconds_per_token=7200)
"""Codes that may be tried for one address, wherever from: 12 a day, of a million. Links have no such limit,
so that trying keeps nobody out."""
PAGE = Limit("page", capacity=120, seconds_per_token=1)
"""Public pages that one source may look at: all behind an address, and programs that draw previews."""

TAKEN_EMAIL_COST = 20
"""Tokens of SIGN_UP for asking for an address that is taken: that is how one finds out who is here."""


def source_of(ip_address: str) -> str:
    """Reduce an address to what counts as one place: all of IPv4, the first 64 bits of IPv6."""
    import ipaddress  # noqa: PLC0415 - only signing in needs it

    try:
        ip = ipaddress.ip_address(ip_address)
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(ip), 64), strict=False))
        ip = ip.ipv4_mapped
    return str(ip)


def consume_sign_in(
    connection: Connection[Any], address: str, source: str, *, is_known_source: bool, at: datetime
) -> dict[str, str]:
    """Count one attempt to sign in; give the headers that say what is left.

    The order of the buckets is always the same, so that two attempts never wait for each other in a circle.

    Raises:
        Problem: 429, to be raised out of the transaction so that nothing is counted.
    """
    left = {SOURCE: _consume(connection, SOURCE, SOURCE.key(source), at)}
    if not is_known_source:
        # Not among the headers: whether they count says whether the address has signed in from here.
        _consume(connection, SHARE, SHARE.key(address, source), at)
    left[PAIR] = _consume(connection, PAIR, PAIR.key(address, source), at)
    if not is_known_source:
        _consume(connection, EMAIL, EMAIL.key(address), at)
    return headers(left)


def refund_sign_in(connection: Connection[Any], address: str, source: str, *, is_known_source: bool) -> None:
    """Refund what an attempt with the right password has cost."""
    store.add_tokens(connection, SOURCE.key(source), +1, capacity=SOURCE.capacity)
    store.reset_bucket(connection, PAIR.key(address, source))
    if not is_known_source:
        store.reset_bucket(connection, SHARE.key(address, source))
        store.add_tokens(connection, EMAIL.key(address), +1, capacity=EMAIL.capacity)


def consume_sign_up(connection: Connection[Any], source: str, at: datetime) -> dict[str, str]:
    """Count one attempt to sign up; give what is left as headers. `Problem` 429 if there were too many."""
    return headers({SIGN_UP: _consume(connection, SIGN_UP, SIGN_UP.key(source), at)})


def consume_mail(connection: Connection[Any], address: str, source: str, at: datetime) -> dict[str, str]:
    """Count one request for a mail, alike for every address; give what is left as headers. `Problem` 429."""
    left = {MAIL_SOURCE: _consume(connection, MAIL_SOURCE, MAIL_SOURCE.key(source), at)}
    left[MAIL_PAIR] = _consume(connection, MAIL_PAIR, MAIL_PAIR.key(address, source), at)
    _consume(connection, MAIL_EMAIL, MAIL_EMAIL.key(address), at)
    return headers(left)


def consume_proof(connection: Connection[Any], source: str, at: datetime) -> dict[str, str]:
    """Count one link or code that is tried; give what is left as headers. `Problem` 429."""
    return headers({PROOF: _consume(connection, PROOF, PROOF.key(source), at)})


def consume_code(connection: Connection[Any], address: str, at: datetime) -> None:
    """Count one code that is tried for an address; `Problem` 429: then the link is left."""
    _consume(connection, CODE, CODE.key(address), at)


def consume_page(connection: Connection[Any], source: str, at: datetime) -> None:
    """Count one public page that a source asks for; `Problem` 429 if there were too many."""
    source_hash = hashlib.sha256(source.encode()).hexdigest()
    bucket = {"capacity": PAGE.capacity, "seconds_per_token": PAGE.seconds_per_token}
    if store.take_page_token(connection, source_hash, **bucket, at=at) is None:
        raise Problem(
            429,
            "too-many-pages",
            "Too many pages at once",
            "Wait a few seconds, then load the page again.",
            retry_after=math.ceil(PAGE.seconds_per_token),
        )


def charge_taken_email(connection: Connection[Any], source: str) -> None:
    """Charge for asking for a taken address what finding out who is here costs."""
    store.add_tokens(connection, SIGN_UP.key(source), 1 - TAKEN_EMAIL_COST, capacity=SIGN_UP.capacity)


def clear(connection: Connection[Any], address: str, sources: list[str]) -> None:
    """Delete what was counted about an address."""
    pairs = [limit.key(address, source) for source in sources for limit in (PAIR, SHARE, MAIL_PAIR)]
    for key in (EMAIL.key(address), MAIL_EMAIL.key(address), CODE.key(address), *pairs):
        store.reset_bucket(connection, key)


def delete_full(connection: Connection[Any], at: datetime) -> None:
    """Delete some of the rows that say nothing any more."""
    store.delete_full_buckets(connection, at, CLEANUP_ROWS)


def headers(left: Mapping[Limit, float]) -> dict[str, str]:
    """Say what limits there are and what is left of them, as the IETF's draft of RateLimit headers does."""
    return {
        "RateLimit-Policy": ", ".join(
            f'"{limit.name}";q={limit.capacity};w={math.ceil(limit.capacity * limit.seconds_per_token)}'
            for limit in left
        ),
        "RateLimit": ", ".join(
            f'"{limit.name}";r={math.floor(tokens)};'
            f"t={math.ceil((limit.capacity - tokens) * limit.seconds_per_token)}"
            for limit, tokens in left.items()
        ),
    }


def _consume(connection: Connection[Any], limit: Limit, key: str, at: datetime) -> float:
    bucket = {"capacity": limit.capacity, "seconds_per_token": limit.seconds_per_token}
    left = store.consume_token(connection, key, **bucket, at=at)
    if left is None:
        left = store.tokens_left(connection, key, **bucket, at=at)
        raise Problem(
            429,
            "too-many-attempts",
            "Too many attempts",
            "Wait for the time given in Retry-After, then try again.",
            retry_after=max(1, math.ceil((1 - left) * limit.seconds_per_token)),
        )
    return left

"""The ledger of the providers' allowances: booked before every call, corrected by what the provider says.

Most allowances belong to the whole deployment: every function of every person draws from the same rows. Each
booking is one atomic statement and a transaction by itself, committed before the call is made; nothing that
takes a ``Database`` may be called inside a transaction of it. A few are every person's own: those are booked
in the transaction that stores what they are for.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from musicconnect.music.model import ProviderName
from musicconnect.platform import clock, metrics
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.errors import RateLimitedError, exhausted_error
from musicconnect.providers.quota import store
from musicconnect.providers.registry import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketStatus:
    """What is left of one allowance."""

    bucket: str
    title: str
    unit: str
    used: int
    """In the provider's current day, as booked by us."""
    limit: int | None
    remaining: int | None
    """None where the provider publishes no limit and has not said that it is spent."""
    resets_at: datetime | None
    """None where nothing is known to end."""


def reserve(database: Database, provider: ProviderName, bucket: str, cost: int) -> None:
    """Book the cost of one call.

    Raises:
        QuotaExhaustedError: the bucket has not got that much left before ``until``. Nothing is booked.
        RateLimitedError: it is a bucket of tokens, and holds too few at the moment.
    """
    entry, now = registry.get(provider), clock.now()
    day, limit, rate = day_of(entry, now), entry.bucket(bucket).limit, entry.bucket(bucket).rate
    if rate is not None:
        _take_tokens(database, provider, bucket, cost, rate)
        return
    with database.statement() as connection:
        calls, spent_until = store.booking(
            provider=provider, bucket=bucket, day=day, cost=cost, limit=limit, now=now
        ).run(connection)
    if not calls:
        raise exhausted_error(provider, bucket, spent_until or next_reset(entry, now))


def _take_tokens(
    database: Database, provider: ProviderName, bucket: str, cost: int, rate: registry.Rate
) -> None:
    """Take the tokens of one call out of a bucket that fills again while it is used."""
    now, (size, per_s) = clock.now(), rate.current
    with database.statement() as connection:
        wait_s = store.take_tokens(
            connection,
            provider=provider,
            bucket=bucket,
            day=day_of(registry.get(provider), now),
            cost=cost,
            size=max(size, cost),
            per_s=per_s,
            now=now,
        )
    if wait_s > 0:
        raise RateLimitedError(
            f"{registry.title(provider)} takes calls only so fast.",
            provider=provider,
            reason="own_rate",
            retry_after=wait_s,
        )


def mark_exhausted(database: Database, provider: ProviderName, bucket: str, until: datetime | None) -> None:
    """Record that the provider said the bucket is empty; ``until`` is None where it did not say how long."""
    entry, now = registry.get(provider), clock.now()
    day, until = day_of(entry, now), until or next_reset(entry, now)
    with database.statement() as connection:
        store.mark_exhausted(connection, provider=provider, bucket=bucket, day=day, until=until, now=now)


def reserve_personal(
    connection: Connection[Any], provider: ProviderName, bucket: str, user_id: int, now: datetime
) -> None:
    """Book one of a person's own allowance, in the transaction that says what for.

    Raises:
        QuotaExhaustedError: it is spent until ``until``. Nothing is booked.
    """
    entry = registry.get(provider)
    limit = entry.bucket(bucket).limit
    assert limit is not None
    if not store.book_personal(
        connection,
        provider=provider,
        bucket=bucket,
        user_id=user_id,
        day=day_of(entry, now),
        limit=limit,
        now=now,
    ):
        raise exhausted_error(provider, bucket, next_reset(entry, now))


def refund_personal(
    connection: Connection[Any], provider: ProviderName, bucket: str, user_id: int, booked_at: datetime
) -> None:
    """Give back what `reserve_personal` booked at a time and was not used."""
    day = day_of(registry.get(provider), booked_at)
    store.refund_personal(connection, provider=provider, bucket=bucket, user_id=user_id, day=day)


def personal_status(database: Database, provider: ProviderName, user_id: int) -> list[BucketStatus]:
    """Get what is left of a person's own allowances at a provider."""
    with database.transaction() as connection:
        return read_personal_status(connection, provider, user_id)


def read_personal_status(
    connection: Connection[Any], provider: ProviderName, user_id: int
) -> list[BucketStatus]:
    """Get what is left of a person's own allowances at a provider, in the caller's transaction."""
    entry, now = registry.get(provider), clock.now()
    if not entry.personal_buckets:
        return []
    used = store.personal_usage(connection, provider=provider, user_id=user_id, day=day_of(entry, now))
    return [
        _bucket_status(entry, bucket, used.get(bucket.name, 0), None, now)
        for bucket in entry.personal_buckets
    ]


def status(database: Database, provider: ProviderName) -> list[BucketStatus]:
    """Get what is left of every allowance of a provider that all people share."""
    with database.transaction() as connection:
        return read_status(connection, provider)


def read_status(connection: Connection[Any], provider: ProviderName) -> list[BucketStatus]:
    """Get what is left of every allowance that all people share, in the caller's transaction."""
    entry, now = registry.get(provider), clock.now()
    usage = store.usage(connection, provider=provider, day=day_of(entry, now), now=now)
    return [
        _bucket_status(entry, bucket, *usage.get(bucket.name, (0, None)), now) for bucket in entry.buckets
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one person has of an allowance that people share."""

    used: int
    """In the provider's current day."""
    part: int
    """Of a whole day, if all who want some now were to use up theirs."""
    sharers: int
    """Who want some now, the person among them."""


def read_parts(connection: Connection[Any], provider: ProviderName, user_id: int) -> dict[str, Part]:
    """Get, by allowance, what a person has of those with a limit, in the caller's transaction."""
    entry, now = registry.get(provider), clock.now()
    limits = {bucket.name: bucket.limit for bucket in entry.buckets}
    if not any(limits.values()):
        return {}
    held = store.parts(connection, provider=provider, user_id=user_id, day=day_of(entry, now), now=now)
    parts = {}
    for name, limit in limits.items():
        if limit is not None:
            used, others = held.get(name, (0, 0))
            parts[name] = Part(used=used, part=limit // (others + 1), sharers=others + 1)
    return parts


def emit_usage(database: Database) -> None:
    """Measure how much of every allowance is spent, for the alarms."""
    for provider in registry.PROVIDERS:
        for bucket in status(database, provider):
            metrics.emit(metrics.QUOTA_USED, spent_percent(bucket), provider=provider, bucket=bucket.bucket)


def spent_percent(bucket: BucketStatus) -> float:
    """Give 0 to 100. Where no limit is known, nothing is spent until the provider says that all is."""
    if bucket.remaining is None:
        return 0.0
    return 100.0 * (1 - bucket.remaining / bucket.limit) if bucket.limit else 100.0


def _bucket_status(
    entry: Provider, bucket: registry.Bucket, used: int, spent_until: datetime | None, now: datetime
) -> BucketStatus:
    limit = bucket.limit
    left = None if limit is None else max(0, limit - used)
    return BucketStatus(
        bucket=bucket.name,
        title=bucket.title,
        unit=bucket.unit,
        used=used,
        limit=limit,
        remaining=left if spent_until is None else 0,
        resets_at=spent_until or (next_reset(entry, now) if entry.day_zone else None),
    )


def day_of(entry: Provider, moment: datetime) -> date:
    """Get the provider's day at a moment."""
    return entry.day_of(moment)


def next_reset(entry: Provider, moment: datetime) -> datetime:
    """Get when there will be more of an allowance, in UTC."""
    return entry.next_reset(moment)

"""Show a little of everything: one transaction, some ten statements however much there is."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from psycopg import Connection

from musicconnect.api.binding import Caller
from musicconnect.home import status_text
from musicconnect.home.schemas import Day, Home, Need, NeedCode, ProviderQuota, Week
from musicconnect.migrations.api import queries
from musicconnect.migrations.schemas import Migration
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader, Status
from musicconnect.providers import linking
from musicconnect.providers.accounts.schemas import ProviderStatus
from musicconnect.providers.quota import service as quota
from musicconnect.sync import service as sync
from musicconnect.sync.schemas import Pair
from musicconnect.trends.reports import personal

MAX_UNDER_WAY: Final = 20
MAX_PAIRS: Final = 10
FAILED_FOR: Final = timedelta(days=7)
"""How long a failed migration is called to mind."""
WEEK: Final = timedelta(days=7)
_URGENT: Final = ("consent-needed", "no-channel", "consent-ends")


def show(database: Database, caller: Caller) -> Home:
    """Show what needs a person, what is under way, what is left of allowances, and their week."""
    reader = queries.reader_of(caller)
    with database.transaction(caller.user_id) as connection:
        accounts = linking.read_statuses(connection, reader)
        current = queries.current(
            connection, caller, reader, failed_since=reader.now - FAILED_FOR, limit=2 * MAX_UNDER_WAY
        )
        reviews = queries.open_reviews(connection)
        quotas = [
            ProviderQuota(
                provider=account.provider,
                title=account.title,
                items=quota.read(connection, caller.user_id, account.provider),
            )
            for account in accounts
            if account.linked
        ]
        pairs, asking = sync.urgent(connection, reader, limit=MAX_PAIRS)
        week = _week(connection, caller, reader)
    failed = [migration for migration in current if migration.status == "failed"]
    under_way = [migration for migration in current if migration.status != "failed"][:MAX_UNDER_WAY]
    needs = [
        *_of_accounts(accounts, reader),
        *_of_pairs(pairs, asking, reader),
        *_of_reviews(reviews, reader),
        *_of_failures(failed),
    ]
    return Home(needs_you=needs, under_way=under_way, pairs=pairs, quotas=quotas, week=week)


def _of_accounts(accounts: Sequence[ProviderStatus], reader: Reader) -> list[Need]:
    if not any(account.linked for account in accounts):
        return [_need("nothing-linked", {}, reader)]
    return [
        Need(
            code=step.code,
            params=step.params,
            message=step.message,
            provider=account.provider,
            migration_id=None,
            pair_id=None,
            count=None,
        )
        for account in accounts
        if account.linked and (step := account.next_step) is not None and step.code in _URGENT
    ]


def _of_reviews(reviews: Sequence[tuple[int, int, str]], reader: Reader) -> list[Need]:
    if not reviews:
        return []
    count = sum(tracks for _, tracks, _ in reviews)
    params = {"count": count, "name": reviews[0][2], "others": len(reviews) - 1}
    return [_need("tracks-to-review", params, reader, migration_id=reviews[0][0], count=count)]


def _of_pairs(pairs: Sequence[Pair], asking: int, reader: Reader) -> list[Need]:
    if not asking:
        return []
    params = {"name": pairs[0].left.name, "others": asking - 1}
    return [_need("pairs-ask", params, reader, pair_id=pairs[0].id, count=asking)]


def _of_failures(failed: Sequence[Migration]) -> list[Need]:
    return [
        Need(
            code="migration-failed",
            params={"code": migration.code, "params": migration.params},
            message=migration.status_message,
            provider=None,
            migration_id=migration.id,
            pair_id=None,
            count=None,
        )
        for migration in failed
    ]


def _need(
    code: NeedCode,
    params: dict[str, Any],
    reader: Reader,
    *,
    migration_id: int | None = None,
    pair_id: int | None = None,
    count: int | None = None,
) -> Need:
    message = status_text.render(Status(code, params), reader)
    return Need(
        code=code,
        params=params,
        message=message,
        provider=None,
        migration_id=migration_id,
        pair_id=pair_id,
        count=count,
    )


def _week(connection: Connection[Any], caller: Caller, reader: Reader) -> Week:
    last = reader.now.astimezone(ZoneInfo(caller.time_zone)).date()
    first = last - WEEK + timedelta(days=1)
    known = personal.own_days(connection, first - WEEK, last)
    days = [first + timedelta(days=number) for number in range(WEEK.days)]
    before = [first - WEEK + timedelta(days=number) for number in range(WEEK.days)]
    return Week(
        first=first,
        last=last,
        plays=sum(known.get(day, (0, 0))[0] for day in days),
        minutes=_minutes(sum(known.get(day, (0, 0))[1] for day in days)),
        minutes_before=_minutes(sum(known.get(day, (0, 0))[1] for day in before)),
        days=[
            Day(date=day, plays=known.get(day, (0, 0))[0], minutes=_minutes(known.get(day, (0, 0))[1]))
            for day in days
        ],
    )


def _minutes(ms: int) -> int:
    return round(ms / 60_000)

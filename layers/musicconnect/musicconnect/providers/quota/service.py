"""Show what is left of allowances, the caller's part among it."""

from dataclasses import asdict
from typing import Any

from psycopg import Connection

from musicconnect.api.binding import Caller
from musicconnect.music.model import ProviderName
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.quota import ledger
from musicconnect.providers.quota.ledger import BucketStatus, Part
from musicconnect.providers.quota.schemas import Quota, QuotaList


def show(database: Database, caller: Caller, provider: ProviderName) -> QuotaList:
    """Show the allowances of a provider. Raises `Problem` 404."""
    registry.get(provider)
    with database.transaction(caller.user_id) as connection:
        return QuotaList(items=read(connection, caller.user_id, provider))


def read(connection: Connection[Any], user_id: int, provider: ProviderName) -> list[Quota]:
    """Read the allowances of a provider, those that everybody shares first; three statements."""
    parts = ledger.read_parts(connection, provider, user_id)
    shared = [
        _quota(provider, row, parts.get(row.bucket)) for row in ledger.read_status(connection, provider)
    ]
    personal = ledger.read_personal_status(connection, provider, user_id)
    return [*shared, *(_quota(provider, row, None, is_personal=True) for row in personal)]


def _quota(
    provider: ProviderName, row: BucketStatus, part: Part | None, *, is_personal: bool = False
) -> Quota:
    cost = registry.get(provider).bucket(row.bucket).units_per_write
    return Quota(
        **asdict(row),
        is_personal=is_personal,
        remaining_tracks=row.remaining // cost if cost and row.remaining is not None else None,
        my_used=part.used if part else None,
        my_part=part.part if part else None,
        sharers=part.sharers if part else None,
    )

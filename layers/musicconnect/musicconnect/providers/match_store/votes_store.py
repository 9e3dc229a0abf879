"""The SQL of votes and disputes. Each function is one statement in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from musicconnect.platform.text import storable

type Key = tuple[str, str, str]
"""Source provider, source id, target provider."""


def lock(connection: Connection[Any], key: Key) -> None:
    """Wait for whoever votes about the same track: the second one sees the first one's vote."""
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", ["\n".join(map(storable, key))]
    )


def find_row(connection: Connection[Any], key: Key) -> DictRow | None:
    """Give what the match store has of a track."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            """
            SELECT target_id, source, target, candidates FROM providers.match_store
            WHERE (source_provider, source_id, target_provider) = (%s, %s, %s)""",
            [storable(part) for part in key],
        ).fetchone()


def save(
    connection: Connection[Any],
    key: Key,
    *,
    target_id: str | None,
    instead_of: str | None,
    is_eligible: bool,
    now: datetime,
) -> None:
    """Save a vote of the transaction's person, in place of an earlier one about the same track."""
    connection.execute(
        """
        INSERT INTO providers.match_votes AS v (user_id, source_provider, source_id, target_provider,
            target_id, instead_of, is_eligible, accounts, voted_at)
        SELECT core.current_user_id(), %(provider)s, %(id)s, %(target)s, %(target_id)s, %(instead_of)s,
            %(is_eligible)s, coalesce((
                SELECT array_agg(encode(sha256(convert_to(a.provider || ':' || a.provider_user_id, 'UTF8')),
                                        'hex'))
                FROM providers.accounts a WHERE a.user_id = core.current_user_id()), '{}'), %(now)s
        WHERE core.current_user_id() IS NOT NULL
        ON CONFLICT (user_id, source_provider, source_id, target_provider) DO UPDATE
        SET target_id = excluded.target_id, is_eligible = excluded.is_eligible,
            -- Who thinks again has still replaced what they replaced.
            instead_of = nullif(coalesce(excluded.instead_of, v.instead_of), excluded.target_id),
            accounts = ARRAY(SELECT DISTINCT unnest(v.accounts || excluded.accounts)),
            voted_at = excluded.voted_at""",
        {
            "provider": storable(key[0]), "id": storable(key[1]), "target": key[2],
            "target_id": target_id and storable(target_id),
            "instead_of": instead_of and storable(instead_of),
            "is_eligible": is_eligible, "now": now,
        },
    )  # fmt: skip


def tally(connection: Connection[Any], key: Key) -> list[tuple[str, int, int]]:
    """Count different people: counterpart, how many chose it, how many replaced it."""
    return connection.execute(
        "SELECT target_id, chosen, replaced FROM providers.tally_votes(%s, %s, %s)",
        [storable(part) for part in key],
    ).fetchall()


def save_disputes(connection: Connection[Any], key: Key, disputed: Sequence[str], now: datetime) -> None:
    """Make these the disputed counterparts of a track, and no others."""
    connection.execute(
        """
        WITH settled AS (
            DELETE FROM providers.match_disputes
            WHERE (source_provider, source_id, target_provider) = (%(provider)s, %(id)s, %(target)s)
              AND target_id <> ALL (%(disputed)s::text[]))
        INSERT INTO providers.match_disputes
            (source_provider, source_id, target_provider, target_id, disputed_at)
        SELECT %(provider)s, %(id)s, %(target)s, d.id, %(now)s FROM unnest(%(disputed)s::text[]) AS d (id)
        ON CONFLICT DO NOTHING""",
        {
            "provider": storable(key[0]), "id": storable(key[1]), "target": key[2],
            "disputed": list(disputed), "now": now,
        },
    )  # fmt: skip


def find_disputes(
    connection: Connection[Any], sources: Sequence[tuple[str, str]], target_provider: str
) -> list[tuple[str, str]]:
    """List source ids and disputed counterparts of tracks, which are named by provider and id."""
    return connection.execute(
        """
        SELECT d.source_id, d.target_id
        FROM unnest(%s::text[], %s::text[]) AS w (provider, id)
        JOIN providers.match_disputes d ON d.source_provider = w.provider AND d.source_id = w.id
        WHERE d.target_provider = %s""",
        [[provider for provider, _ in sources], [storable(one) for _, one in sources], target_provider],
    ).fetchall()

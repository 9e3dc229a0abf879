"""Run the SQL of rules, in transactions of their owner."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb

from musicconnect.music.model import Track

_RULES: LiteralString = """
    SELECT id, source_provider, source_id, source_title, source_artist, target_provider, target_id,
           target_title, target_artist, created_at
    FROM migrations.rules WHERE user_id = core.current_user_id()"""


def find_rules(
    connection: Connection[Any], sources: Iterable[Track], target_provider: str
) -> dict[str, DictRow]:
    """Give the person's rules about tracks, by source id."""
    asked = {(source.provider, source.id) for source in sources}
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            _RULES + " AND target_provider = %s AND source_id = ANY (%s)",
            [target_provider, [source_id for _, source_id in asked]],
        ).fetchall()
    return {row["source_id"]: row for row in rows if (row["source_provider"], row["source_id"]) in asked}


def save_rule(connection: Connection[Any], rule: Mapping[str, Any], now: datetime) -> DictRow:
    """Save a rule, in place of an earlier one about the same track."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            """
            INSERT INTO migrations.rules AS r (user_id, source_provider, source_id, source_title,
                source_artist, target_provider, target_id, target_title, target_artist, created_at)
            VALUES (core.current_user_id(), %(source_provider)s, %(source_id)s, %(source_title)s,
                %(source_artist)s, %(target_provider)s, %(target_id)s, %(target_title)s, %(target_artist)s,
                %(now)s)
            ON CONFLICT (user_id, source_provider, source_id, target_provider) DO UPDATE
            SET target_id = excluded.target_id, target_title = excluded.target_title,
                target_artist = excluded.target_artist, source_title = excluded.source_title,
                source_artist = excluded.source_artist, created_at = excluded.created_at
            RETURNING id, source_provider, source_id, source_title, source_artist, target_provider, target_id,
                target_title, target_artist, created_at
            """,
            {**rule, "now": now},
        ).fetchone()
    assert row is not None
    return row


def get_rule(connection: Connection[Any], rule_id: int) -> DictRow | None:
    """Give a rule; None if there is none."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_RULES + " AND id = %s", [rule_id]).fetchone()


def list_rules(connection: Connection[Any], *, before: int | None, limit: int) -> list[DictRow]:
    """List rules, the latest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            _RULES + " AND (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s",
            {"before": before, "limit": limit},
        ).fetchall()


def delete_rule(connection: Connection[Any], rule_id: int) -> bool:
    """Delete a rule; False if there is none."""
    return connection.execute("DELETE FROM migrations.rules WHERE id = %s", [rule_id]).rowcount == 1


def replace_rules(
    connection: Connection[Any], rules: Sequence[Mapping[str, Any]], now: datetime
) -> list[dict[str, Any] | None]:
    """Save rules at once; gives those that each replaces, as `encoded`, to be brought back one day.

    Of several about one track the last holds, and each of them replaces the one before it.
    """
    keys = [_key(rule) for rule in rules]
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            _RULES + " AND source_id = ANY (%s)", [[source_id for _, source_id, _ in keys]]
        ).fetchall()
    last = {_key(row): encoded(row) for row in found}
    replaced = []
    for key, rule in zip(keys, rules, strict=True):
        replaced.append(last.get(key))
        last[key] = encoded({**rule, "created_at": now})
    connection.execute(
        """
        INSERT INTO migrations.rules AS r (user_id, source_provider, source_id, source_title,
            source_artist, target_provider, target_id, target_title, target_artist, created_at)
        SELECT core.current_user_id(), source_provider, source_id, source_title, source_artist,
            target_provider, target_id, target_title, target_artist, %(now)s
        FROM jsonb_to_recordset(%(rules)s) AS n (source_provider text, source_id text, source_title text,
            source_artist text, target_provider text, target_id text, target_title text, target_artist text)
        ON CONFLICT (user_id, source_provider, source_id, target_provider) DO UPDATE
        SET target_id = excluded.target_id, target_title = excluded.target_title,
            target_artist = excluded.target_artist, source_title = excluded.source_title,
            source_artist = excluded.source_artist, created_at = excluded.created_at
        """,
        {"rules": Jsonb([last[key] for key in dict.fromkeys(keys)]), "now": now},
    )
    return replaced


def _key(rule: Mapping[str, Any]) -> tuple[str, str, str]:
    return (rule["source_provider"], rule["source_id"], rule["target_provider"])


def restore_rule(
    connection: Connection[Any], key: tuple[str, str, str], before: Mapping[str, Any] | None
) -> None:
    """Bring back the rule that there was about a track; none, if there was none.

    Args:
        connection: In a transaction of the rule's owner.
        key: Source provider, source id and target provider.
        before: As `encoded` gave it.
    """
    if before is not None:
        save_rule(connection, before, datetime.fromisoformat(before["created_at"]))
        return
    connection.execute(
        "DELETE FROM migrations.rules WHERE user_id = core.current_user_id() "
        "AND (source_provider, source_id, target_provider) = (%s, %s, %s)",
        list(key),
    )


def encoded(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Encode a rule as JSON, to bring it back one day."""
    values = {name: value for name, value in rule.items() if name != "id"}
    return values | {"created_at": rule["created_at"].isoformat()}

"""The SQL of passkeys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

COLUMNS = "id, name, created_at, last_used_at"


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey as it is listed."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class FoundPasskey:
    """What signing in needs to know of a passkey."""

    passkey_id: int
    user_id: int
    public_key: bytes
    sign_count: int


def insert_ceremony(
    connection: Connection[Any],
    user_id: int | None,
    *,
    handle_hash: str,
    challenge: bytes,
    at: datetime,
    expires_at: datetime,
) -> None:
    """Record what was asked; of nobody where somebody wants to sign in."""
    connection.execute(
        """
        INSERT INTO core.passkey_ceremonies (handle_hash, user_id, challenge, created_at, expires_at)
        VALUES (%s, %s, %s, %s, %s)""",
        [handle_hash, user_id, challenge, at, expires_at],
    )


def take_ceremony(connection: Connection[Any], handle_hash: str, at: datetime) -> bytes | None:
    """Use up what was asked, once; None if it was used, is old, or is another person's."""
    row = connection.execute(
        """
        DELETE FROM core.passkey_ceremonies WHERE handle_hash = %s
            AND user_id IS NOT DISTINCT FROM core.current_user_id()
        RETURNING challenge, expires_at > %s""",
        [handle_hash, at],
    ).fetchone()
    return bytes(row[0]) if row and row[1] else None


def list_passkeys(connection: Connection[Any], user_id: int) -> list[PasskeyRow]:
    """List a user's passkeys, oldest first."""
    with connection.cursor(row_factory=class_row(PasskeyRow)) as cursor:
        return cursor.execute(
            f"SELECT {COLUMNS} FROM core.passkeys WHERE user_id = %s ORDER BY id",  # noqa: S608 - a constant
            [user_id],
        ).fetchall()


def credential_ids(connection: Connection[Any], user_id: int) -> list[bytes]:
    """List by what a user's authenticators know their keys."""
    rows = connection.execute(
        "SELECT credential_id FROM core.passkeys WHERE user_id = %s ORDER BY id", [user_id]
    ).fetchall()
    return [bytes(row[0]) for row in rows]


def insert(connection: Connection[Any], user_id: int, values: dict[str, Any]) -> PasskeyRow | None:
    """Add a passkey; None if there is one of that credential, or as many as anybody may have."""
    # One at a time for each user, or two requests at once would both see room for one more.
    connection.execute("SELECT FROM core.users WHERE id = %s FOR UPDATE", [user_id])
    with connection.cursor(row_factory=class_row(PasskeyRow)) as cursor:
        return cursor.execute(
            f"""
            INSERT INTO core.passkeys (user_id, credential_id, public_key, sign_count, name, created_at)
            SELECT %(user_id)s, %(credential_id)s, %(public_key)s, %(sign_count)s, %(name)s, %(at)s
            WHERE (SELECT count(*) FROM core.passkeys WHERE user_id = %(user_id)s) < %(limit)s
            ON CONFLICT (credential_id) DO NOTHING
            RETURNING {COLUMNS}""",  # noqa: S608 - a constant
            {"user_id": user_id, **values},
        ).fetchone()


def rename(connection: Connection[Any], user_id: int, passkey_id: int, name: str) -> PasskeyRow | None:
    """Give a passkey another name; None if there is no such one."""
    with connection.cursor(row_factory=class_row(PasskeyRow)) as cursor:
        return cursor.execute(
            f"""
            UPDATE core.passkeys SET name = %s WHERE user_id = %s AND id = %s
            RETURNING {COLUMNS}""",  # noqa: S608 - a constant
            [name, user_id, passkey_id],
        ).fetchone()


def delete(connection: Connection[Any], user_id: int, passkey_id: int) -> bool:
    """Delete a passkey; False if there is no such one."""
    cursor = connection.execute(
        "DELETE FROM core.passkeys WHERE user_id = %s AND id = %s", [user_id, passkey_id]
    )
    return cursor.rowcount == 1


def find(connection: Connection[Any], credential_id: bytes) -> FoundPasskey | None:
    """Find the passkey of a credential, whoever's, if its owner may sign in."""
    with connection.cursor(row_factory=class_row(FoundPasskey)) as cursor:
        return cursor.execute(
            "SELECT passkey_id, user_id, public_key, sign_count FROM core.find_passkey(%s)", [credential_id]
        ).fetchone()


def record_use(connection: Connection[Any], found: FoundPasskey, *, sign_count: int, at: datetime) -> bool:
    """Record that a passkey signed; False if it is gone, or signed something else meanwhile."""
    cursor = connection.execute(
        """
        UPDATE core.passkeys SET sign_count = %s, last_used_at = %s
        WHERE id = %s AND sign_count = %s""",
        [sign_count, at, found.passkey_id, found.sign_count],
    )
    return cursor.rowcount == 1

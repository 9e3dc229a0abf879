"""The SQL of the schema ``core``.

The authorizer imports it on every cold start: psycopg and the standard library only.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row, scalar_row, tuple_row

USER_COLUMNS = """id, email, email_confirmed_at, display_name, time_zone, match_content, match_strictness,
    created_at, updated_at"""


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user's profile."""

    id: int
    email: str
    email_confirmed_at: datetime | None
    display_name: str
    time_zone: str
    match_content: str
    match_strictness: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """An entry of the register of services."""

    name: str
    base_url: str
    description: str
    routes: list[str]
    is_active: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SignInAccount:
    """What signing in needs to know about an account."""

    user_id: int
    email: str
    password_hash: str
    is_active: bool
    is_known_source: bool


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as it is kept."""

    id: int
    ip_address: str | None
    user_agent: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


def insert_user(
    connection: Connection[Any],
    *,
    email: str,
    password_hash: str,
    display_name: str,
    time_zone: str,
    at: datetime,
    email_confirmed_at: datetime | None = None,
) -> UserRow | None:
    """Add a user, as whom the transaction goes on; None if the address is taken."""
    # The row can be written only by its own user, so the id comes first.
    (user_id,) = connection.execute(
        "SELECT set_config('app.user_id', nextval('core.users_id_seq')::text, true)"
    ).fetchone() or ("",)
    with connection.cursor(row_factory=class_row(UserRow)) as cursor:
        return cursor.execute(
            f"""
            INSERT INTO core.users
                (id, email, email_confirmed_at, password_hash, display_name, time_zone, created_at,
                 updated_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (email) DO NOTHING
            RETURNING {USER_COLUMNS}""",  # noqa: S608 - a constant
            [int(user_id), email, email_confirmed_at, password_hash, display_name, time_zone, at, at],
        ).fetchone()


def find_account(connection: Connection[Any], email: str, source: str) -> SignInAccount | None:
    """Find the account of an address, whoever asks."""
    with connection.cursor(row_factory=class_row(SignInAccount)) as cursor:
        return cursor.execute(
            """
            SELECT user_id, %(email)s::text AS email, password_hash, is_active, is_known_source
            FROM core.find_sign_in(%(email)s, %(source)s)""",
            {"email": email, "source": source},
        ).fetchone()


def own_account(
    connection: Connection[Any], user_id: int, session_id: int, source: str, at: datetime
) -> SignInAccount | None:
    """Get the account of the user who asks; None if their session has ended in the meantime."""
    with connection.cursor(row_factory=class_row(SignInAccount)) as cursor:
        return cursor.execute(
            """
            SELECT u.id AS user_id, u.email, u.password_hash, u.is_active, EXISTS (
                SELECT FROM core.known_sources k
                WHERE k.user_id = u.id AND k.source = %(source)s) AS is_known_source
            FROM core.users u JOIN core.user_sessions s ON s.user_id = u.id
            WHERE u.id = %(user_id)s AND s.id = %(session_id)s AND s.expires_at > %(at)s AND u.is_active""",
            {"user_id": user_id, "session_id": session_id, "source": source, "at": at},
        ).fetchone()


def get_user(connection: Connection[Any], user_id: int) -> UserRow | None:
    """Get a user's profile."""
    with connection.cursor(row_factory=class_row(UserRow)) as cursor:
        return cursor.execute(
            f"SELECT {USER_COLUMNS} FROM core.users WHERE id = %s",  # noqa: S608 - a constant
            [user_id],
        ).fetchone()


def lock_if_unchanged(connection: Connection[Any], user_id: int, password_hash: str) -> bool:
    """Whether the verified password still holds; if so, it holds until this transaction ends."""
    row = connection.execute(
        "SELECT FROM core.users WHERE id = %s AND password_hash = %s AND is_active FOR SHARE",
        [user_id, password_hash],
    ).fetchone()
    return row is not None


def replace_password(connection: Connection[Any], user_id: int, *, old: str, new: str, at: datetime) -> bool:
    """Change the password; False, and nothing changed, if somebody else just did."""
    cursor = connection.execute(
        "UPDATE core.users SET password_hash = %s, updated_at = %s "
        "WHERE id = %s AND password_hash = %s AND is_active",
        [new, at, user_id, old],
    )
    return cursor.rowcount == 1


def set_password(connection: Connection[Any], user_id: int, password_hash: str, at: datetime) -> bool:
    """Set the password, whatever it was; False if the account is gone or not active."""
    cursor = connection.execute(
        "UPDATE core.users SET password_hash = %s, updated_at = %s WHERE id = %s AND is_active",
        [password_hash, at, user_id],
    )
    return cursor.rowcount == 1


def confirm_email(connection: Connection[Any], user_id: int, at: datetime) -> None:
    """Record that the address is read, if that is not known yet."""
    connection.execute(
        "UPDATE core.users SET email_confirmed_at = %s WHERE id = %s AND email_confirmed_at IS NULL",
        [at, user_id],
    )


def replace_email(connection: Connection[Any], user_id: int, email: str, at: datetime) -> bool:
    """Set a confirmed address; False, and the transaction is lost, if it is taken or nobody's."""
    try:
        cursor = connection.execute(
            """
            UPDATE core.users SET email = %s, email_confirmed_at = %s, updated_at = %s
            WHERE id = %s AND is_active""",
            [email, at, at, user_id],
        )
    except UniqueViolation:
        return False
    return cursor.rowcount == 1


def update_user(
    connection: Connection[Any],
    user_id: int,
    *,
    display_name: str | None,
    time_zone: str | None,
    match_content: str | None,
    match_strictness: str | None,
    at: datetime,
) -> UserRow | None:
    """Change what is not None."""
    with connection.cursor(row_factory=class_row(UserRow)) as cursor:
        return cursor.execute(
            f"""
            UPDATE core.users SET display_name = coalesce(%s, display_name),
                time_zone = coalesce(%s, time_zone), match_content = coalesce(%s, match_content),
                match_strictness = coalesce(%s, match_strictness), updated_at = %s
            WHERE id = %s RETURNING {USER_COLUMNS}""",  # noqa: S608 - a constant
            [display_name, time_zone, match_content, match_strictness, at, user_id],
        ).fetchone()


def delete_user(connection: Connection[Any], user_id: int) -> None:
    """Delete a user; everything that is theirs goes by cascade."""
    connection.execute("DELETE FROM core.users WHERE id = %s", [user_id])


def email_and_sources(connection: Connection[Any], user_id: int) -> tuple[str, list[str]] | None:
    """Get a user's address, and from where they have signed in; None if the user is gone."""
    return connection.execute(
        """
        SELECT u.email, array(SELECT k.source FROM core.known_sources k WHERE k.user_id = u.id)
        FROM core.users u WHERE u.id = %s""",
        [user_id],
    ).fetchone()


def insert_session(
    connection: Connection[Any],
    user_id: int,
    *,
    token_hash: str,
    ip_address: str,
    user_agent: str,
    at: datetime,
    expires_at: datetime,
) -> int:
    """Add a session; return its id."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        session_id: int | None = cursor.execute(
            """
            INSERT INTO core.user_sessions
                (user_id, session_token, ip_address, user_agent, created_at, last_used_at, expires_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id""",
            [user_id, token_hash, ip_address, user_agent, at, at, expires_at],
        ).fetchone()
    assert session_id is not None  # INSERT without a conflict clause returns its row
    return session_id


def find_session(
    connection: Connection[Any], token_hash: str, at: datetime
) -> tuple[int, int, str, dict[str, str] | None] | None:
    """Find a live session of an active user: session id, user id, time zone, and services switched off."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            "SELECT session_id, user_id, time_zone, switched_off FROM core.find_session(%s, %s)",
            [token_hash, at],
        ).fetchone()


def list_sessions(
    connection: Connection[Any], user_id: int, *, at: datetime, before: int | None, limit: int
) -> list[SessionRow]:
    """List live sessions with ids below ``before``, newest first: ``limit`` and one more."""
    with connection.cursor(row_factory=class_row(SessionRow)) as cursor:
        return cursor.execute(
            """
            SELECT id, ip_address, user_agent, created_at, last_used_at, expires_at FROM core.user_sessions
            WHERE user_id = %(user_id)s AND expires_at > %(at)s
              AND id < coalesce(%(before)s, 9223372036854775807)  -- the largest bigint
            ORDER BY id DESC LIMIT %(limit)s + 1""",
            {"user_id": user_id, "at": at, "before": before, "limit": limit},
        ).fetchall()


def delete_session(connection: Connection[Any], user_id: int, session_id: int, at: datetime) -> bool:
    """End one session; False if it was not there, or dead."""
    cursor = connection.execute(
        "DELETE FROM core.user_sessions WHERE user_id = %s AND id = %s RETURNING expires_at > %s",
        [user_id, session_id, at],
    )
    return cursor.fetchone() == (True,)


def delete_other_sessions(connection: Connection[Any], user_id: int, keep: int) -> int:
    """End all sessions but one; return their number."""
    return connection.execute(
        "DELETE FROM core.user_sessions WHERE user_id = %s AND id <> %s", [user_id, keep]
    ).rowcount


def delete_expired_sessions(connection: Connection[Any], at: datetime, limit: int) -> None:
    """Delete dead sessions, anybody's, the oldest first. A few along the way; the rest is maintenance's."""
    connection.execute("SELECT core.delete_expired_sessions(%s, %s)", [at, limit])


def upsert_source(
    connection: Connection[Any], user_id: int, source: str, *, at: datetime, delete_before: datetime
) -> bool:
    """Record that the user signed in from here; delete sources not used for long. Whether it is a new one."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        is_new = cursor.execute(
            """
            INSERT INTO core.known_sources (user_id, source, last_sign_in_at) VALUES (%s, %s, %s)
            ON CONFLICT (user_id, source) DO UPDATE SET last_sign_in_at = excluded.last_sign_in_at
            RETURNING xmax = 0  -- inserted, not updated""",
            [user_id, source, at],
        ).fetchone()
    connection.execute(
        "DELETE FROM core.known_sources WHERE user_id = %s AND last_sign_in_at < %s", [user_id, delete_before]
    )
    return bool(is_new)


def has_other_source(connection: Connection[Any], user_id: int, source: str) -> bool:
    """Whether the user has signed in from another place."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        found = cursor.execute(
            "SELECT EXISTS (SELECT FROM core.known_sources WHERE user_id = %s AND source <> %s)",
            [user_id, source],
        ).fetchone()
    return bool(found)


def list_services(connection: Connection[Any]) -> list[ServiceRow]:
    """List the register of services."""
    with connection.cursor(row_factory=class_row(ServiceRow)) as cursor:
        return cursor.execute(
            "SELECT name, base_url, description, routes, is_active, nullif(reason, '') AS reason "
            "FROM core.services ORDER BY id"
        ).fetchall()


def upsert_service(connection: Connection[Any], service: ServiceRow) -> None:
    """Register a service; one that is registered and the same is not touched, nor whether it is active."""
    connection.execute(
        """
        INSERT INTO core.services AS s (name, base_url, description, routes, is_active)
        VALUES (%(name)s, %(base_url)s, %(description)s, %(routes)s, %(is_active)s)
        ON CONFLICT (name) DO UPDATE SET
            base_url = excluded.base_url, description = excluded.description, routes = excluded.routes,
            updated_at = now()
        WHERE (s.base_url, s.description, s.routes)
            IS DISTINCT FROM (excluded.base_url, excluded.description, excluded.routes)""",
        asdict(service),
    )


def switch_service(connection: Connection[Any], name: str, *, is_active: bool, reason: str) -> bool:
    """Switch a service on or off; False if there is none of that name."""
    cursor = connection.execute(
        "UPDATE core.services SET is_active = %s, reason = %s, updated_at = now() WHERE name = %s",
        [is_active, reason, name],
    )
    return cursor.rowcount == 1


def switched_off(connection: Connection[Any]) -> dict[str, str]:
    """Get the services that are switched off, with the reasons."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute("SELECT name, reason FROM core.services WHERE NOT is_active").fetchall()
    return dict(rows)


def ping(connection: Connection[Any]) -> None:
    """Check that the database answers."""
    connection.execute("SELECT 1")

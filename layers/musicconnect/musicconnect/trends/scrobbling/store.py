"""The SQL of what scrobbling clients keep with us beside plays."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

type IdKind = Literal["msid", "mbid"]


@dataclass(frozen=True, slots=True)
class NowPlayingRow:
    """What somebody is listening to."""

    recording: UUID
    metadata: dict[str, Any]
    started_at: datetime


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """Love or hate."""

    id: int
    recording: UUID
    id_kind: IdKind
    score: int
    title: str | None
    artist: str | None
    album: str | None
    created_at: datetime


_FEEDBACK: Final = "id, recording, id_kind, score, title, artist, album, created_at"


# -- Sharing -----------------------------------------------------------------------------------------------


def is_public(connection: Connection[Any], user_id: int) -> bool:
    """Whether anybody may read this user's plays, whoever asks."""
    return connection.execute("SELECT trends.is_public(%s)", [user_id]).fetchone() == (True,)


def get_sharing(connection: Connection[Any], user_id: int) -> tuple[bool, datetime] | None:
    """Get whether a user's plays are public, and since when it is so; None if they never said."""
    return connection.execute(
        "SELECT is_public, changed_at FROM trends.sharing WHERE user_id = %s", [user_id]
    ).fetchone()


def set_sharing(connection: Connection[Any], user_id: int, *, is_public: bool, at: datetime) -> None:
    """Say whether a user's plays are public."""
    connection.execute(
        """
        INSERT INTO trends.sharing (user_id, is_public, changed_at) VALUES (%s, %s, %s)
        ON CONFLICT (user_id) DO UPDATE SET
            is_public = excluded.is_public,
            changed_at = CASE WHEN sharing.is_public = excluded.is_public
                         THEN sharing.changed_at ELSE excluded.changed_at END""",
        [user_id, is_public, at],
    )


# -- Now playing -------------------------------------------------------------------------------------------


def set_now_playing(
    connection: Connection[Any],
    user_id: int,
    *,
    recording: str,
    metadata: dict[str, Any],
    at: datetime,
    expires_at: datetime,
) -> None:
    """Say what a user is listening to. The same recording again does not last longer."""
    connection.execute(
        """
        INSERT INTO trends.now_playing AS n (user_id, recording, metadata, started_at, expires_at)
        VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (user_id) DO UPDATE SET
            recording = excluded.recording, metadata = excluded.metadata,
            started_at = excluded.started_at, expires_at = excluded.expires_at
        WHERE n.recording <> excluded.recording OR n.expires_at <= excluded.started_at""",
        [user_id, recording, json.dumps(metadata, ensure_ascii=False), at, expires_at],
    )


def get_now_playing(connection: Connection[Any], user_id: int, at: datetime) -> NowPlayingRow | None:
    """Get what a user is listening to."""
    with connection.cursor(row_factory=class_row(NowPlayingRow)) as cursor:
        return cursor.execute(
            "SELECT recording, metadata, started_at FROM trends.now_playing "
            "WHERE user_id = %s AND expires_at > %s",
            [user_id, at],
        ).fetchone()


def delete_now_playing(connection: Connection[Any], user_id: int, recording: str | None = None) -> None:
    """Say that a user no longer listens: to this recording, or to anything."""
    connection.execute(
        "DELETE FROM trends.now_playing WHERE user_id = %(user)s "
        "AND (%(recording)s::uuid IS NULL OR recording = %(recording)s)",
        {"user": user_id, "recording": recording},
    )


# -- Feedback ----------------------------------------------------------------------------------------------


def set_feedback(
    connection: Connection[Any],
    user_id: int,
    *,
    recording: str,
    id_kind: IdKind,
    score: int,
    names: tuple[str, str, str | None] | None,
    at: datetime,
) -> None:
    """Love (1) or hate (-1) a recording; ``names`` are title, artist and album where they are known."""
    title, artist, album = names or (None, None, None)
    connection.execute(
        """
        INSERT INTO trends.feedback AS f
            (user_id, recording, id_kind, score, title, artist, album, created_at)
        VALUES (%(user)s, %(recording)s, %(kind)s, %(score)s, %(title)s, %(artist)s, %(album)s, %(at)s)
        ON CONFLICT (user_id, recording, id_kind) DO UPDATE SET
            score = excluded.score, title = coalesce(excluded.title, f.title),
            artist = coalesce(excluded.artist, f.artist), album = coalesce(excluded.album, f.album),
            created_at = CASE WHEN f.score = excluded.score THEN f.created_at ELSE excluded.created_at END""",
        {
            "user": user_id, "recording": recording, "kind": id_kind, "score": score, "title": title,
            "artist": artist, "album": album, "at": at,
        },
    )  # fmt: skip


def delete_feedback(connection: Connection[Any], user_id: int, recording: str, id_kind: IdKind) -> None:
    """Take love or hate back."""
    connection.execute(
        "DELETE FROM trends.feedback WHERE user_id = %s AND recording = %s AND id_kind = %s",
        [user_id, recording, id_kind],
    )


def list_feedback(
    connection: Connection[Any], user_id: int, *, score: int | None, limit: int, offset: int
) -> list[FeedbackRow]:
    """List feedback, newest first."""
    with connection.cursor(row_factory=class_row(FeedbackRow)) as cursor:
        return cursor.execute(
            f"""
            SELECT {_FEEDBACK} FROM trends.feedback
            WHERE user_id = %s AND (%s::smallint IS NULL OR score = %s)
            ORDER BY created_at DESC, id DESC LIMIT %s OFFSET %s""",  # noqa: S608 - a constant
            [user_id, score, score, limit, offset],
        ).fetchall()


def count_feedback(connection: Connection[Any], user_id: int, *, score: int | None) -> int:
    """Count feedback."""
    row = connection.execute(
        "SELECT count(*) FROM trends.feedback WHERE user_id = %s AND (%s::smallint IS NULL OR score = %s)",
        [user_id, score, score],
    ).fetchone()
    return int(row[0]) if row else 0


def find_feedback(
    connection: Connection[Any], user_id: int, recordings: list[str], id_kind: IdKind
) -> dict[str, FeedbackRow]:
    """Find the feedback on these recordings, by their id."""
    with connection.cursor(row_factory=class_row(FeedbackRow)) as cursor:
        rows = cursor.execute(
            f"SELECT {_FEEDBACK} FROM trends.feedback "  # noqa: S608 - a constant
            "WHERE user_id = %s AND id_kind = %s AND recording = ANY (%s::uuid[])",
            [user_id, id_kind, recordings],
        ).fetchall()
    return {str(row.recording): row for row in rows}


# -- Marks of importers ------------------------------------------------------------------------------------


def get_import_mark(connection: Connection[Any], user_id: int, service: str) -> int:
    """Get up to when (Unix seconds) a service's history was brought; 0 if never."""
    row = connection.execute(
        "SELECT latest_s FROM trends.import_marks WHERE user_id = %s AND service = %s", [user_id, service]
    ).fetchone()
    return int(row[0]) if row else 0


def set_import_mark(
    connection: Connection[Any], user_id: int, service: str, latest_s: int, at: datetime
) -> None:
    """Say up to when a service's history was brought; an earlier time changes nothing."""
    connection.execute(
        """
        INSERT INTO trends.import_marks AS m (user_id, service, latest_s, marked_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (user_id, service) DO UPDATE
            SET latest_s = excluded.latest_s, marked_at = excluded.marked_at
        WHERE m.latest_s < excluded.latest_s""",
        [user_id, service, latest_s, at],
    )

"""The data model that the database has to have, transcribed: at least these tables, columns and constraints.

A type with a question mark may be null. Further columns and tables are welcome; none of these may be missing,
renamed, or of another kind.
"""

from dataclasses import dataclass, field

STATUSES = ("pending", "running", "completed", "failed")


@dataclass(frozen=True)
class Expected:
    """What a table has at the least."""

    columns: dict[str, str]
    unique: tuple[tuple[str, ...], ...] = ()
    nulls_not_distinct: tuple[tuple[str, ...], ...] = ()
    references: dict[str, str] = field(default_factory=dict)
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The only values that a column takes."""


MOMENT = "timestamp with time zone"
KEY = {"id": "bigint"}
CREATED = {"created_at": MOMENT}
CREATED_UPDATED = {"created_at": MOMENT, "updated_at": MOMENT}
OF_USER = {"user_id": "core.users"}

OVERVIEW: dict[str, Expected] = {
    "core.users": Expected(
        {
            **KEY,
            "email": "text",
            "password_hash": "text",
            "display_name": "text",
            **CREATED_UPDATED,
            "is_active": "boolean",
        },
        unique=(("email",),),
    ),
    "core.user_sessions": Expected(
        {
            **KEY,
            "user_id": "bigint",
            "session_token": "text",
            **CREATED,
            "expires_at": MOMENT,
            "ip_address": "text?",
            "user_agent": "text?",
        },
        unique=(("session_token",),),
        references=OF_USER,
    ),
    "core.services": Expected(
        {
            **KEY,
            "name": "text",
            "base_url": "text",
            "description": "text",
            "is_active": "boolean",
            **CREATED_UPDATED,
        },
        unique=(("name",),),
    ),
    "providers.accounts": Expected(
        {
            **KEY,
            "user_id": "bigint",
            "provider": "text",
            "provider_user_id": "text",
            "display_name": "text",
            "linked_at": MOMENT,
        },
        unique=(("user_id", "provider"),),
        references=OF_USER,
    ),
    "providers.tokens": Expected(
        {
            **KEY,
            "account_id": "bigint",
            "access_token": "text",
            "refresh_token": "text?",
            "scope": "text",
            "expires_at": MOMENT,
            **CREATED_UPDATED,
        },
        references={"account_id": "providers.accounts"},
    ),
    "providers.playlist_snapshots": Expected(
        {
            **KEY,
            "account_id": "bigint",
            "provider_playlist_id": "text",
            "name": "text",
            "track_count": "integer",
            "last_synced_at": MOMENT,
            **CREATED,
        },
        unique=(("account_id", "provider_playlist_id"),),
        references={"account_id": "providers.accounts"},
    ),
    "search.queries": Expected(
        {
            **KEY,
            "user_id": "bigint?",
            "query_text": "text",
            "provider_filter": "text",
            **CREATED,
            "results_count": "integer",
        },
        references=OF_USER,
    ),
    "search.pinned_items": Expected(
        {
            **KEY,
            "user_id": "bigint",
            "provider": "text",
            "item_type": "text",
            "provider_item_id": "text",
            "title": "text",
            "pinned_at": MOMENT,
        },
        unique=(("user_id", "provider", "item_type", "provider_item_id"),),
        references=OF_USER,
    ),
    "migrations.jobs": Expected(
        {
            **KEY,
            "user_id": "bigint",
            "source_provider": "text",
            "target_provider": "text",
            "status": "text",
            "status_message": "text",
            **CREATED,
            "started_at": f"{MOMENT}?",
            "finished_at": f"{MOMENT}?",
        },
        references=OF_USER,
        values={"status": STATUSES},
    ),
    "migrations.playlists": Expected(
        {
            **KEY,
            "job_id": "bigint",
            "source_playlist_id": "text",
            "source_name": "text",
            "target_playlist_id": "text?",
            "target_name": "text?",
            "status": "text",
            "error_message": "text?",
            **CREATED,
        },
        references={"job_id": "migrations.jobs"},
        values={"status": STATUSES},
    ),
    "migrations.tracks": Expected(
        {
            **KEY,
            "playlist_migration_id": "bigint",
            "source_track_id": "text?",
            "source_title": "text",
            "source_artist": "text",
            "target_track_id": "text?",
            "target_title": "text?",
            "target_artist": "text?",
            "match_score": "numeric(5,2)?",
            "status": "text",
            "error_message": "text?",
            **CREATED,
        },
        references={"playlist_migration_id": "migrations.playlists"},
        values={"status": ("pending", "matched", "failed")},
    ),
    "exports.jobs": Expected(
        {
            **KEY,
            "user_id": "bigint",
            "export_type": "text",
            "status": "text",
            "status_message": "text",
            "requested_at": MOMENT,
            "started_at": f"{MOMENT}?",
            "completed_at": f"{MOMENT}?",
        },
        references=OF_USER,
        values={"status": STATUSES},
    ),
    "exports.files": Expected(
        {
            **KEY,
            "export_job_id": "bigint",
            "storage_bucket": "text",
            "storage_key": "text",
            "mime_type": "text",
            "size_bytes": "bigint",
            **CREATED,
            "expires_at": MOMENT,
        },
        references={"export_job_id": "exports.jobs"},
    ),
    "trends.user_daily": Expected(
        {
            **KEY,
            "user_id": "bigint",
            "date": "date",
            "provider": "text?",
            "plays_count": "integer",
            "unique_tracks": "integer",
            "unique_artists": "integer",
            **CREATED_UPDATED,
        },
        nulls_not_distinct=(("user_id", "date", "provider"),),
        references=OF_USER,
    ),
    "trends.track_daily": Expected(
        {
            **KEY,
            "date": "date",
            "provider": "text",
            "provider_track_id": "text",
            "title": "text",
            "artist": "text",
            "plays_count": "integer",
            "unique_users": "integer",
            **CREATED_UPDATED,
        },
        unique=(("date", "provider", "provider_track_id"),),
    ),
    "trends.global_daily": Expected(
        {
            **KEY,
            "date": "date",
            "total_users": "integer",
            "total_plays": "bigint",
            "top_track_ids": "text",
            "top_artist_ids": "text",
            **CREATED_UPDATED,
        },
        unique=(("date",),),
    ),
}

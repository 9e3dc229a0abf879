"""Migrations: starting and watching them."""

from musicconnect import db, http, settings
from musicconnect.migrations import starting, watching
from musicconnect.migrations.models import (
    ListQuery,
    MigratedPlaylistList,
    MigratedTrackList,
    Migration,
    MigrationList,
    NewMigration,
    TracksQuery,
)

api = http.Api("Migrations")


@api.post("/v1/migrations", status=202, problems=(404, 409, 429))
def start(body: NewMigration, caller: http.Caller, request: http.Request) -> Migration:
    """Start a migration of chosen playlists, or of all.

    With an `Idempotency-Key` header, sending the same request again answers with the same migration.
    """
    return starting.start(
        db.shared(),
        caller.user_id,
        body,
        idempotency_key=request.headers.get("idempotency-key"),
        queue_url=settings.require("MIGRATION_QUEUE_URL"),
    )


@api.get("/v1/migrations", problems=(400,))
def list_migrations(query: ListQuery, caller: http.Caller) -> MigrationList:
    """List your migrations, the latest first."""
    return watching.migrations(db.shared(), caller.user_id, query)


@api.get("/v1/migrations/{migration_id}", problems=(404,))
def show_migration(migration_id: int, caller: http.Caller) -> Migration:
    """Show a migration and how far it is."""
    return watching.migration(db.shared(), caller.user_id, migration_id)


@api.get("/v1/migrations/{migration_id}/playlists", problems=(400, 404))
def list_playlists(migration_id: int, query: ListQuery, caller: http.Caller) -> MigratedPlaylistList:
    """List the playlists of a migration."""
    return watching.playlists(db.shared(), caller.user_id, migration_id, query)


@api.get("/v1/migrations/{migration_id}/tracks", problems=(400, 404))
def list_tracks(migration_id: int, query: TracksQuery, caller: http.Caller) -> MigratedTrackList:
    """List the tracks of a migration with their matches, scores and candidates."""
    return watching.tracks(db.shared(), caller.user_id, migration_id, query)


handler = api.handle

# ruff: noqa: PLC0415
"""Migrations: starting and watching them; files of playlists that become migrations.

Use cases are imported by the requests that need them: a start loads what requests and answers are made of, no
more.
"""

from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Repeat
from musicconnect.home.schemas import Home
from musicconnect.migrations.imports.schemas import (
    NewPlaylistImport,
    PlaylistImport,
    PlaylistImportCreate,
    PlaylistImportList,
    PlaylistImportQuery,
)
from musicconnect.migrations.review.schemas import (
    ChoiceResults,
    CountsQuery,
    MigratedTrack,
    MigratedTrackList,
    MigratedTracksQuery,
    Resolution,
    TrackChoices,
    TrackTally,
)
from musicconnect.migrations.schemas import (
    ListQuery,
    MigratedPlaylistList,
    Migration,
    MigrationCreate,
    MigrationList,
    Rule,
    RuleCreate,
    RuleList,
    WaitingOrder,
    WaitingPlaylistList,
)
from musicconnect.platform import database

api = Api("Migrations", "playlist-migration")


@api.get("/v1/home", tag="Home")
def show_home(caller: Caller) -> Home:
    """Show in one answer what needs you, what is under way, what is left of allowances, and your week."""
    from musicconnect.home import service

    return service.show(database.shared(), caller)


@api.post("/v1/migrations", status=202, problems=(404, 409), location="/v1/migrations/{id}")
def start(body: MigrationCreate, caller: Caller, repeat: Repeat | None) -> Migration:
    """Start a migration of chosen playlists, or of all."""
    from musicconnect.migrations.api import create

    return create.start(database.shared(), caller, body, repeat)


@api.get("/v1/migrations", problems=(400,))
def list_migrations(query: ListQuery, caller: Caller) -> MigrationList:
    """List your migrations, the latest first."""
    from musicconnect.migrations.api import queries

    return queries.migrations(database.shared(), caller, query)


@api.get("/v1/migrations/order")
def show_order(caller: Caller) -> WaitingPlaylistList:
    """List your unfinished playlists in the order in which they get what an allowance gives."""
    from musicconnect.migrations.api import order

    return order.show(database.shared(), caller)


@api.post("/v1/migrations/order", problems=(404, 409))
def change_order(caller: Caller, body: WaitingOrder) -> WaitingPlaylistList:
    """Put some of your unfinished playlists before all others."""
    from musicconnect.migrations.api import order

    return order.change(database.shared(), caller, body)


@api.get("/v1/migrations/rules", problems=(400,))
def list_rules(query: ListQuery, caller: Caller) -> RuleList:
    """List your own choices of counterparts, the latest first."""
    from musicconnect.migrations.api import rules

    return rules.list_rules(database.shared(), caller.user_id, query)


@api.post("/v1/migrations/rules", status=201, problems=(409,), location="/v1/migrations/rules/{id}")
def make_rule(body: RuleCreate, caller: Caller, repeat: Repeat | None) -> Rule:
    """Say what a track is to become in every migration of yours, or that it does not exist there."""
    from musicconnect.migrations.api import rules

    return rules.create(database.shared(), caller.user_id, body, repeat)


@api.delete("/v1/migrations/rules/{rule_id}", status=204, problems=(404,))
def delete_rule(rule_id: int, caller: Caller) -> None:
    """Delete one of your choices."""
    from musicconnect.migrations.api import rules

    rules.delete(database.shared(), caller.user_id, rule_id)


@api.post("/v1/migrations/{migration_id}/pause", problems=(404, 409))
def pause(migration_id: int, caller: Caller) -> Migration:
    """Pause a migration. What is under way is finished first, within seconds."""
    from musicconnect.migrations.api import control

    return control.stop(database.shared(), caller, migration_id, "pause")


@api.post("/v1/migrations/{migration_id}/resume", problems=(404, 409))
def resume(migration_id: int, caller: Caller) -> Migration:
    """Resume a paused migration."""
    from musicconnect.migrations.api import control

    return control.resume(database.shared(), caller, migration_id)


@api.post("/v1/migrations/{migration_id}/cancel", problems=(404, 409))
def cancel(migration_id: int, caller: Caller) -> Migration:
    """Cancel a migration. What was written stays; a rollback takes it out."""
    from musicconnect.migrations.api import control

    return control.stop(database.shared(), caller, migration_id, "cancel")


@api.post(
    "/v1/migrations/{migration_id}/retry", status=202, problems=(404, 409), location="/v1/migrations/{id}"
)
def retry(migration_id: int, caller: Caller, repeat: Repeat | None) -> Migration:
    """Try again what failed: playlists that ended early, tracks without a counterpart."""
    from musicconnect.migrations.api import control

    return control.retry(database.shared(), caller, migration_id, repeat)


@api.post(
    "/v1/migrations/{migration_id}/rollback", status=202, problems=(404, 409), location="/v1/migrations/{id}"
)
def roll_back(migration_id: int, caller: Caller, repeat: Repeat | None) -> Migration:
    """Take out what an ended migration wrote, and nothing else. The playlist itself stays."""
    from musicconnect.migrations.api import control

    return control.roll_back(database.shared(), caller, migration_id, repeat)


@api.get("/v1/migrations/tracks", problems=(400,))
def list_all_tracks(query: MigratedTracksQuery, caller: Caller) -> MigratedTrackList:
    """List the tracks of all your migrations, by what became of them or the least sure first."""
    from musicconnect.migrations.review import tracks

    return tracks.list_tracks(database.shared(), caller, query)


@api.get("/v1/migrations/tracks/counts", problems=(404,))
def count_tracks(query: CountsQuery, caller: Caller) -> TrackTally:
    """Count tracks by what became of them and why."""
    from musicconnect.migrations.review import tracks

    return tracks.tally(database.shared(), caller, query)


@api.post("/v1/migrations/tracks/resolve", problems=(409,))
def resolve_tracks(body: TrackChoices, caller: Caller, repeat: Repeat | None) -> ChoiceResults:
    """Decide about many tracks at once: the best candidate of each, another one, a link, or leave it out."""
    from musicconnect.migrations.review import decide

    return decide.resolve_many(database.shared(), caller, body, repeat)


@api.post(
    "/v1/migrations/{migration_id}/tracks/{track_id}/resolve",
    status=202,
    problems=(404, 409),
    location="/v1/migrations/{id}",
)
def resolve(
    migration_id: int, track_id: int, body: Resolution, caller: Caller, repeat: Repeat | None
) -> Migration:
    """Decide about a track: a candidate, a link, or leave it out. It is written at its place in the order."""
    from musicconnect.migrations.review import decide

    return decide.resolve(database.shared(), caller, migration_id, track_id, body, repeat=repeat)


@api.post(
    "/v1/migrations/{migration_id}/tracks/{track_id}/undo",
    status=202,
    problems=(404, 409),
    location="/v1/migrations/{id}",
)
def undo_decision(migration_id: int, track_id: int, caller: Caller, repeat: Repeat | None) -> Migration:
    """Take your last decision about a track back."""
    from musicconnect.migrations.review import decide

    return decide.undo(database.shared(), caller, migration_id, track_id, repeat)


@api.post(
    "/v1/migrations/{migration_id}/playlists/{playlist_id}/confirm",
    status=202,
    problems=(404, 409),
    location="/v1/migrations/{id}",
)
def confirm_cost(migration_id: int, playlist_id: int, caller: Caller, repeat: Repeat | None) -> Migration:
    """Accept what putting a track into its place costs in a playlist that sorts itself."""
    from musicconnect.migrations.review import decide

    return decide.confirm(database.shared(), caller, migration_id, playlist_id, repeat)


@api.get("/v1/migrations/{migration_id}/tracks/{track_id}", problems=(404,))
def show_track(migration_id: int, track_id: int, caller: Caller) -> MigratedTrack:
    """Show one track with its match, scores, reasons and candidates."""
    from musicconnect.migrations.review import tracks

    return tracks.show_track(database.shared(), caller, migration_id, track_id)


@api.get("/v1/migrations/{migration_id}", problems=(404,))
def show_migration(migration_id: int, caller: Caller) -> Migration:
    """Show a migration and how far it is."""
    from musicconnect.migrations.api import queries

    return queries.migration(database.shared(), caller, migration_id)


@api.get("/v1/migrations/{migration_id}/playlists", problems=(400, 404))
def list_playlists(migration_id: int, query: ListQuery, caller: Caller) -> MigratedPlaylistList:
    """List the playlists of a migration."""
    from musicconnect.migrations.api import queries

    return queries.playlists(database.shared(), caller, migration_id, query)


@api.get("/v1/migrations/{migration_id}/tracks", problems=(400, 404))
def list_tracks(migration_id: int, query: MigratedTracksQuery, caller: Caller) -> MigratedTrackList:
    """List the tracks of a migration with their matches, scores and candidates."""
    from musicconnect.migrations.review import tracks

    return tracks.list_tracks(database.shared(), caller, query, migration_id)


@api.post(
    "/v1/imports/playlists",
    tag="Imports",
    status=201,
    problems=(409,),
    location="/v1/imports/playlists/{id}",
)
def create_playlist_import(
    caller: Caller, body: PlaylistImportCreate, repeat: Repeat | None
) -> NewPlaylistImport:
    """Get a link to upload a file of playlists with; start the import when the file is there."""
    from musicconnect.migrations.imports import service as imports

    return imports.create(database.shared(), caller, body, repeat)


@api.post(
    "/v1/imports/playlists/{import_id}/start",
    tag="Imports",
    status=202,
    problems=(404, 409),
    location="/v1/imports/playlists/{id}",
)
def start_playlist_import(caller: Caller, import_id: int) -> PlaylistImport:
    """Read the file that was uploaded, and migrate its playlists."""
    from musicconnect.migrations.imports import service as imports

    return imports.start(database.shared(), caller, import_id)


@api.get("/v1/imports/playlists", tag="Imports", problems=(400,))
def list_playlist_imports(caller: Caller, query: PlaylistImportQuery) -> PlaylistImportList:
    """List your imports of playlists, newest first."""
    from musicconnect.migrations.imports import service as imports

    return imports.list_imports(database.shared(), caller, query)


@api.get("/v1/imports/playlists/{import_id}", tag="Imports", problems=(404,))
def get_playlist_import(caller: Caller, import_id: int) -> PlaylistImport:
    """Get an import, what could not be read of it, and its migration."""
    from musicconnect.migrations.imports import service as imports

    return imports.get(database.shared(), caller, import_id)


@api.delete("/v1/imports/playlists/{import_id}", tag="Imports", status=204, problems=(404,))
def delete_playlist_import(caller: Caller, import_id: int) -> None:
    """Delete an import and its file. The migration that came of it goes on; cancel it, or roll it back."""
    from musicconnect.migrations.imports import service as imports

    imports.delete(database.shared(), caller, import_id)


handler = api.handle

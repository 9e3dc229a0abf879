"""Playlists in: files that people upload become migrations."""

from musicconnect.api import app
from musicconnect.migrations.imports import service
from musicconnect.migrations.imports.schemas import (
    NewPlaylistImport,
    PlaylistImport,
    PlaylistImportList,
    PlaylistImportQuery,
    PlaylistImportWanted,
)
from musicconnect.platform import database

api = app.Api("Imports")


@api.post("/v1/imports/playlists", status=201, problems=(409,))
def create_playlist_import(caller: app.Caller, body: PlaylistImportWanted) -> NewPlaylistImport:
    """Get a link to upload a file of playlists with; start the import when the file is there."""
    return service.create(database.shared(), caller, body)


@api.post("/v1/imports/playlists/{import_id}/start", status=202, problems=(404, 409))
def start_playlist_import(caller: app.Caller, import_id: int) -> PlaylistImport:
    """Read the file that was uploaded, and migrate its playlists."""
    return service.start(database.shared(), caller, import_id)


@api.get("/v1/imports/playlists", problems=(400,))
def list_playlist_imports(caller: app.Caller, query: PlaylistImportQuery) -> PlaylistImportList:
    """List your imports of playlists, newest first."""
    return service.list_imports(database.shared(), caller, query)


@api.get("/v1/imports/playlists/{import_id}", problems=(404,))
def get_playlist_import(caller: app.Caller, import_id: int) -> PlaylistImport:
    """Get an import, what could not be read of it, and its migration."""
    return service.get(database.shared(), caller, import_id)


@api.delete("/v1/imports/playlists/{import_id}", status=204, problems=(404,))
def delete_playlist_import(caller: app.Caller, import_id: int) -> None:
    """Forget an import and its file. The migration that came of it goes on; cancel it, or roll it back."""
    service.delete(database.shared(), caller, import_id)


handler = api.handle

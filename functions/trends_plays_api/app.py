# ruff: noqa: PLC0415
"""Plays in and out: imports of histories, polling, the list of plays, and who may read it.

Services are imported by the requests that need them: a start loads what requests and answers are made of, no
more.
"""

from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Repeat
from musicconnect.platform import database
from musicconnect.trends.imports import schemas as imports
from musicconnect.trends.plays import schemas as plays
from musicconnect.trends.polling.schemas import Polling, PollingUpdate
from musicconnect.trends.scrobbling.schemas import Sharing, SharingUpdate

api = Api("Plays", "user-trends")


@api.get("/v1/plays", problems=(400,))
def list_plays(caller: Caller, query: plays.PlayQuery) -> plays.PlayList:
    """List your plays, newest first."""
    from musicconnect.trends.plays import service

    return service.list_plays(database.shared(), caller, query)


@api.delete("/v1/plays")
def delete_plays(caller: Caller, query: plays.PlayDeletion) -> plays.DeletionResult:
    """Delete a period, what a source reports, or everything, for good: no poll and no import adds it again.

    A period has both ends; everything is `all=true`. One end alone is a 422, so that no slip deletes all.
    """
    from musicconnect.trends.plays import service

    return service.delete_plays(database.shared(), caller, query)


@api.delete("/v1/plays/{play_id}", status=204, problems=(404,))
def delete_play(caller: Caller, play_id: str) -> None:
    """Delete one play for good."""
    from musicconnect.trends.plays import service

    service.delete_play(database.shared(), caller, play_id)


@api.post("/v1/plays/imports", status=201, problems=(409,), location="/v1/plays/imports/{id}")
def create_import(
    caller: Caller, body: imports.HistoryImportCreate, repeat: Repeat | None
) -> imports.NewHistoryImport:
    """Get a link to upload a history with; start the import when the file is there."""
    from musicconnect.trends.imports import service

    return service.create(database.shared(), caller, body, repeat)


@api.post(
    "/v1/plays/imports/{import_id}/start", status=202, problems=(404, 409), location="/v1/plays/imports/{id}"
)
def start_import(caller: Caller, import_id: int) -> imports.HistoryImport:
    """Read the file that was uploaded."""
    from musicconnect.trends.imports import service

    return service.start(database.shared(), caller, import_id)


@api.get("/v1/plays/imports", problems=(400,))
def list_imports(caller: Caller, query: imports.HistoryImportQuery) -> imports.HistoryImportList:
    """List your imports, newest first."""
    from musicconnect.trends.imports import service

    return service.list_imports(database.shared(), caller, query)


@api.get("/v1/plays/imports/{import_id}", problems=(404,))
def get_import(caller: Caller, import_id: int) -> imports.HistoryImport:
    """Get an import and the counts of its records."""
    from musicconnect.trends.imports import service

    return service.get(database.shared(), caller, import_id)


@api.delete("/v1/plays/imports/{import_id}", problems=(404,))
def delete_import(caller: Caller, import_id: int) -> plays.DeletionResult:
    """Delete an import with exactly the plays that only it reports."""
    from musicconnect.trends.imports import service

    return service.delete(database.shared(), caller, import_id)


@api.get("/v1/plays/polling")
def get_polling(caller: Caller) -> Polling:
    """See whether Spotify is polled for your plays, and how that goes."""
    from musicconnect.trends.polling import service

    return service.get(database.shared(), caller)


@api.post("/v1/plays/polling", problems=(409,))
def switch_polling(caller: Caller, body: PollingUpdate) -> Polling:
    """Switch polling of Spotify on or off."""
    from musicconnect.trends.polling import service

    return service.update(database.shared(), caller, body)


@api.get("/v1/plays/sharing")
def get_sharing(caller: Caller) -> Sharing:
    """See whether others may read your plays, and your name in their addresses."""
    from musicconnect.trends.scrobbling import service

    return service.get_sharing(database.shared(), caller)


@api.post("/v1/plays/sharing")
def set_sharing(caller: Caller, body: SharingUpdate) -> Sharing:
    """Let others read your plays through ListenBrainz's API and Last.fm's, or no longer."""
    from musicconnect.trends.scrobbling import service

    return service.set_sharing(database.shared(), caller, body)


handler = api.handle

# ruff: noqa: PLC0415
"""Plays in and out: ListenBrainz's endpoints, imports of histories, polling, and the list of plays.

Services are imported by the requests that need them: a start loads what requests and answers are made of, no
more.
"""

from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Repeat, Request
from musicconnect.api.responses import Reply
from musicconnect.platform import database
from musicconnect.trends.imports import schemas as imports
from musicconnect.trends.listenbrainz import schemas as listenbrainz
from musicconnect.trends.plays import schemas as plays
from musicconnect.trends.polling.schemas import Polling, PollingUpdate

api = Api("Plays", "user-trends")


@api.post(
    "/1/submit-listens", public=True, problems=(400, 401), foreign_errors=listenbrainz.ListenBrainzErrorBody
)
def submit_listens(text: listenbrainz.SubmissionText, request: Request) -> listenbrainz.SubmitResult | Reply:
    """Submit listens, as to ListenBrainz, with a personal token."""
    from musicconnect.trends.listenbrainz import service

    return service.submit(database.shared(), text, request)


@api.get("/1/validate-token", public=True, problems=(400,), foreign_errors=listenbrainz.ListenBrainzErrorBody)
def validate_token(
    query: listenbrainz.TokenValidationQuery, request: Request
) -> listenbrainz.TokenValidation | Reply:
    """Check a personal token, as ListenBrainz does."""
    from musicconnect.trends.listenbrainz import service

    return service.validate(database.shared(), query.token, request)


@api.get(
    "/1/user/{name}/listens",
    public=True,
    problems=(400, 401, 404),
    foreign_errors=listenbrainz.ListenBrainzErrorBody,
)
def get_listens(
    name: str, query: listenbrainz.ListenQuery, request: Request
) -> listenbrainz.ListenList | Reply:
    """Read your own plays back, as from ListenBrainz, newest first."""
    from musicconnect.trends.listenbrainz import service

    return service.listens(database.shared(), name, query.given(), request)


@api.get(
    "/1/user/{name}/listen-count",
    public=True,
    problems=(401, 404),
    foreign_errors=listenbrainz.ListenBrainzErrorBody,
)
def get_listen_count(name: str, request: Request) -> listenbrainz.ListenCount | Reply:
    """Count your plays, as ListenBrainz does."""
    from musicconnect.trends.listenbrainz import service

    return service.listen_count(database.shared(), name, request)


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


handler = api.handle

"""Plays in: ListenBrainz's endpoints, uploads of histories, and the list of plays."""

from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Request
from musicconnect.api.responses import Reply
from musicconnect.platform import database
from musicconnect.trends.imports import service
from musicconnect.trends.imports.schemas import (
    DeletionResult,
    HistoryImport,
    HistoryImportList,
    HistoryImportQuery,
    ImportCreate,
    NewHistoryImport,
)
from musicconnect.trends.listenbrainz import service as listenbrainz_service
from musicconnect.trends.listenbrainz.schemas import (
    ListenCount,
    ListenList,
    ListenQuery,
    PlayFilter,
    PlayList,
    PlayQuery,
    SubmitResult,
    TokenQuery,
    TokenValidation,
)
from musicconnect.trends.polling import service as polling_service
from musicconnect.trends.polling.schemas import Polling, PollingUpdate

api = Api("Plays")


@api.post("/1/submit-listens", public=True)
def submit_listens(text: str, request: Request) -> SubmitResult | Reply:
    """Submit listens, as to ListenBrainz, with a personal token."""
    return listenbrainz_service.submit(database.shared(), text, request)


@api.get("/1/validate-token", public=True)
def validate_token(query: TokenQuery, request: Request) -> TokenValidation | Reply:
    """Check a personal token, as ListenBrainz does."""
    return listenbrainz_service.validate(database.shared(), query.token, request)


@api.get("/1/user/{name}/listens", public=True)
def get_listens(name: str, query: ListenQuery, request: Request) -> ListenList | Reply:
    """Read your plays back, as from ListenBrainz, newest first. Everybody's own only."""
    return listenbrainz_service.listens(database.shared(), name, query.given(), request)


@api.get("/1/user/{name}/listen-count", public=True)
def get_listen_count(name: str, request: Request) -> ListenCount | Reply:
    """Count your plays, as ListenBrainz does."""
    return listenbrainz_service.listen_count(database.shared(), name, request)


@api.get("/v1/plays", problems=(400,))
def list_plays(caller: Caller, query: PlayQuery) -> PlayList:
    """List your plays, newest first."""
    return listenbrainz_service.list_plays(database.shared(), caller, query)


@api.delete("/v1/plays")
def delete_plays(caller: Caller, query: PlayFilter) -> DeletionResult:
    """Delete a period or what a source told, for good: no poll and no import brings it back."""
    return listenbrainz_service.delete_plays(database.shared(), caller, query)


@api.delete("/v1/plays/{play_id}", status=204, problems=(404,))
def delete_play(caller: Caller, play_id: str) -> None:
    """Delete one play for good."""
    listenbrainz_service.delete_play(database.shared(), caller, play_id)


@api.post("/v1/plays/imports", status=201, problems=(409,))
def create_import(caller: Caller, body: ImportCreate) -> NewHistoryImport:
    """Get a link to upload a history with; start the import when the file is there."""
    return service.create(database.shared(), caller, body)


@api.post("/v1/plays/imports/{import_id}/start", status=202, problems=(404, 409))
def start_import(caller: Caller, import_id: int) -> HistoryImport:
    """Read the file that was uploaded."""
    return service.start(database.shared(), caller, import_id)


@api.get("/v1/plays/imports", problems=(400,))
def list_imports(caller: Caller, query: HistoryImportQuery) -> HistoryImportList:
    """List your imports, newest first."""
    return service.list_imports(database.shared(), caller, query)


@api.get("/v1/plays/imports/{import_id}", problems=(404,))
def get_import(caller: Caller, import_id: int) -> HistoryImport:
    """Get an import and its ledger."""
    return service.get(database.shared(), caller, import_id)


@api.delete("/v1/plays/imports/{import_id}", problems=(404,))
def delete_import(caller: Caller, import_id: int) -> DeletionResult:
    """Take back exactly what an import alone brought."""
    return service.delete(database.shared(), caller, import_id)


@api.get("/v1/plays/polling")
def get_polling(caller: Caller) -> Polling:
    """See whether Spotify is asked what you played, and how that goes."""
    return polling_service.get(database.shared(), caller)


@api.post("/v1/plays/polling", problems=(409,))
def switch_polling(caller: Caller, body: PollingUpdate) -> Polling:
    """Have Spotify asked what you played, or no longer."""
    return polling_service.update(database.shared(), caller, body)


handler = api.handle

# ruff: noqa: PLC0415
"""Exports: ask for one, watch it, download it.

The service is imported by the first request: a start loads what requests and answers are made of, no more.
"""

from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Repeat
from musicconnect.api.responses import Reply
from musicconnect.exports.schemas import DownloadQuery, Export, ExportCreate, ExportList, ExportQuery
from musicconnect.platform import database

api = Api("Exports", "data-exports")


@api.post("/v1/exports", status=202, problems=(409,), location="/v1/exports/{id}")
def start_export(body: ExportCreate, caller: Caller, repeat: Repeat | None) -> Export:
    """Ask for an export of what is yours."""
    from musicconnect.exports import service

    return service.create(database.shared(), caller, body, repeat)


@api.get("/v1/exports", problems=(400,))
def list_exports(query: ExportQuery, caller: Caller) -> ExportList:
    """List your exports, the latest first."""
    from musicconnect.exports import service

    return service.list_exports(database.shared(), caller, query)


@api.get("/v1/exports/{export_id}", problems=(404,))
def get_export(export_id: int, caller: Caller) -> Export:
    """Get an export: how far it is, its files."""
    from musicconnect.exports import service

    return service.get(database.shared(), caller, export_id)


@api.get("/v1/exports/{export_id}/download", status=302, problems=(404, 409, 410))
def download_export(export_id: int, query: DownloadQuery, caller: Caller) -> Reply:
    """Download a file: a redirect to a link that is signed now and good for five minutes."""
    from musicconnect.exports import service

    return service.download(database.shared(), caller, export_id, query)


@api.post("/v1/exports/{export_id}/cancel", problems=(404, 409))
def cancel_export(export_id: int, caller: Caller) -> Export:
    """Cancel an export that is under way; what it has stored so far is deleted."""
    from musicconnect.exports import service

    return service.cancel(database.shared(), caller, export_id)


@api.delete("/v1/exports/{export_id}", status=204, problems=(404,))
def delete_export(export_id: int, caller: Caller) -> None:
    """Delete an export and its files."""
    from musicconnect.exports import service

    service.delete(database.shared(), caller, export_id)


handler = api.handle

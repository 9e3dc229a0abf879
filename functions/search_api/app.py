# ruff: noqa: PLC0415
"""Search in both catalogues, what was searched, pins, and links with their counterparts.

The use cases are imported by the first request: a start loads what requests and answers are made of, no more.
"""

from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Repeat
from musicconnect.api.responses import Reply
from musicconnect.platform import database
from musicconnect.search import schemas as out

api = Api("Search", "unified-search")


@api.get("/v1/search", problems=(400,))
def search(caller: Caller, query: out.SearchQuery) -> out.SearchAnswer:
    """Search every service at once.

    One group for each, never one list. A provider that fails, or is slow, costs its own group only: its
    `error` says why and what to do.
    """
    from musicconnect.search import service

    return service.search(database.shared(), caller, query)


@api.get("/v1/search/history", problems=(400,))
def list_history(caller: Caller, query: out.HistoryQuery) -> out.History:
    """List what you searched for, the latest first."""
    from musicconnect.search import history

    return history.list_queries(database.shared(), caller, query)


@api.delete("/v1/search/history")
def clear_history(caller: Caller) -> out.Cleared:
    """Delete what you searched for."""
    from musicconnect.search import history

    return history.delete_queries(database.shared(), caller)


@api.delete("/v1/search/history/{query_id}", status=204)
def delete_query(caller: Caller, query_id: int) -> None:
    """Delete one of your searches."""
    from musicconnect.search import history

    history.delete_query(database.shared(), caller, query_id)


@api.post("/v1/pins", status=201, also=(200,), problems=(404, 409), location="/v1/pins/{id}")
def add_pin(caller: Caller, body: out.PinCreate, repeat: Repeat | None) -> out.Pin | Reply:
    """Pin an item that a search returned. Pinning it again changes nothing and answers 200."""
    from musicconnect.search import pins

    pin, is_new = pins.add_pin(database.shared(), caller, body, repeat)
    return pin if is_new else Reply(pin, 200)


@api.get("/v1/pins", problems=(400,))
def list_pins(caller: Caller, query: out.PinsQuery) -> out.PinList:
    """List your pins, the latest first."""
    from musicconnect.search import pins

    return pins.list_pins(database.shared(), caller, query)


@api.delete("/v1/pins/{pin_id}", status=204, problems=(404,))
def remove_pin(caller: Caller, pin_id: int) -> None:
    """Unpin an item."""
    from musicconnect.search import pins

    pins.remove_pin(database.shared(), caller, pin_id)


@api.get("/v1/resolve", problems=(404, 409, 429))
def resolve(caller: Caller, query: out.ResolveQuery) -> out.Resolved:
    """See what a link leads to, and the same recording on the other side."""
    from musicconnect.search.resolve import service as resolve_service

    return resolve_service.resolve_one(database.shared(), caller, query.url)


@api.post("/v1/resolve")
def resolve_all(caller: Caller, body: out.ResolveRequest) -> out.ResolvedList:
    """Resolve up to 100 links; each of them fails for itself."""
    from musicconnect.search.resolve import service as resolve_service

    return resolve_service.resolve_all(database.shared(), caller, body.urls)


handler = api.handle
